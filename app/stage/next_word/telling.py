"""The words and phrases of a network that predicts at every step."""

import numpy as np
from numpy.typing import NDArray

from app.engine.finite import held
from app.engine.norms import row_norms
from app.experiments.run import Run
from app.numerals import long, short
from app.stage.formulas import THIN, hat_y, mn, op, row, var
from app.stage.lanes import Lane
from app.stage.next_word.options import all_shown, options
from app.stage.next_word.reading import asked, chances, losses
from app.stage.shape import Shape
from app.stage.words import fitted, quoted
from app.wording.catalogue import _

Array = NDArray[np.float64]
Lines = dict[str, list[str]]
ROOM, NAME = 7, 24  # characters of a word beside its bar, and in a sentence
NEAR_ONE = 1e-6  # so near to 1 a share's digits would hide what its logarithm is of
LISTED = 5  # losses that a formula lists


def lines(run: Run, shape: Shape) -> Lines:
    """What stands beside the bars, and what is said of each step."""
    words = options(run, shape)
    coming = [*run.ids[1:], -1]
    names = [fitted(word, ROOM) for word in run.vocabulary]
    lost = losses(run)
    return {
        "answers": names if all_shown(shape) else [],
        "option": [names[word] for step in words.tolist() for word in step],
        "option id": [str(word) for step in words.tolist() for word in step],
        "aim": [
            " aim" if word == next_word else ""
            for step, next_word in zip(words.tolist(), coming, strict=True)
            for word in step
        ],
        "rest": _rest(run, words),
        "coming": [_quoted(run, word) for word in coming],
        "judged": [_judged(run, t) for t in range(len(run.words))],
        "long loss": [long(loss) for loss in lost.tolist()],
        "mean of losses": [_mean(run)],
        "chance": [long(float(np.log(len(run.vocabulary))))],
        **{f"met{lane.suffix}": _met(run, shape, k, lane) for k, lane in enumerate(shape.lanes)},
    }


def _quoted(run: Run, word: int) -> str:
    return "" if word < 0 else quoted(fitted(run.vocabulary[word], NAME))


def _rest(run: Run, words: NDArray[np.intp]) -> list[str]:
    """What is left for the words that have no row."""
    hidden = len(run.vocabulary) - words.shape[1]
    if not hidden:
        return [""] * len(words)
    left = run.forward.y_hat.copy()
    np.put_along_axis(left, words, 0.0, axis=1)
    return [
        _("{hidden} more words share {share}", hidden=hidden, share=short(share))
        for share in left.sum(axis=1).tolist()
    ]


def _judged(run: Run, t: int) -> str:
    """L_t with its numbers, as MathML; from the logits where the share rounds to 0 or to 1."""
    if t == asked(run):
        return ""
    chance, loss = float(chances(run)[t]), mn(long(float(losses(run)[t])), "f")
    share = row(op("\u2212"), var("ln"), THIN, _share(t + 1))
    if 0.0 < chance < 1.0 - NEAR_ONE:
        return share + op("=") + row(op("\u2212"), var("ln"), THIN, mn(long(chance))) + op("=") + loss
    z = long(float(run.forward.logit[t, run.ids[t + 1]]))
    powers = row(var("ln"), THIN, "<munder><mo>\u2211</mo><mi>k</mi></munder>",
                 f"<msup>{var('e')}<mrow>{var('z', f'{t + 1},k')}</mrow></msup>")  # fmt: skip
    return share + op("=") + row(powers, op("\u2212"), op("("), mn(z), op(")")) + op("=") + loss


def _share(t: int) -> str:
    """The share of the word that comes, as a symbol."""
    return f"<msub>{hat_y()}<mrow><mn>{t}</mn><mo>,</mo><mi>y</mi></mrow></msub>"


def _mean(run: Run) -> str:
    """The sum of the losses with its numbers, as MathML."""
    each = [long(loss) for loss in losses(run)[:-1].tolist()]
    shown = each if len(each) <= LISTED else [*each[:3], "", each[-1]]
    terms = op("+").join(mn(text) if text else op("\u22ef") for text in shown)
    return f"<mfrac><mrow>{terms}</mrow><mn>{len(each)}</mn></mfrac>"


@np.errstate(over="ignore")
def _met(run: Run, shape: Shape, k: int, lane: Lane) -> list[str]:
    """How a state's own loss and what comes back go together, step by step."""
    back = run.backward.chains[lane.chain]
    own = run.backward.d_input[:, k * shape.units : (k + 1) * shape.units]
    sizes = [held(row_norms(array)).tolist() for array in (own, back.d_h_carried)]
    norms = back.d_h_norm.tolist()
    return [
        _meeting(lane, t, own, later, both)
        for t, (own, later, both) in enumerate(zip(*sizes, norms, strict=True), 1)
    ]


def _meeting(lane: Lane, t: int, own: float, later: float, both: float) -> str:
    state = lane.said("h", t)
    if own == 0.0 and later == 0.0:
        return _("Nothing is asked here and nothing comes back: nobody blames {state}.", state=state)
    if later == 0.0:
        return _(
            "No loss of a step read later reaches {state}: its own loss is all its blame, {both}.",
            state=state,
            both=short(both),
        )
    if own == 0.0:
        return _(
            "{state} has no loss of its own: what comes back is all its blame, {both}.",
            state=state,
            both=short(both),
        )
    against = " " + _("They pull against each other.") if both < max(own, later) else ""
    return _(
        "{state} is blamed by its own loss with {own}, by later ones with {later}: together "
        "{both}, for vectors add and lengths do not.{against}",
        state=state,
        own=short(own),
        later=short(later),
        both=short(both),
        against=against,
    )
