"""The words and phrases of a network that predicts at every step."""

import math
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from app.engine.finite import held
from app.engine.norms import row_norms
from app.experiments.run import Run
from app.numerals import long, short
from app.stage.formulas import THIN, hat_y, mn, op, row, var
from app.stage.lanes import Lane
from app.stage.next_word.options import all_shown, options, rows
from app.stage.next_word.reading import asked
from app.stage.shape import Shape
from app.stage.sheet import Numbers
from app.stage.words import fitted, quoted
from app.wording.catalogue import _

Array = NDArray[np.float64]
Lines = dict[str, list[str]]
ROOM, NAME = 7, 24  # characters of a word beside its bar, and in a sentence
NEAR_ONE = 1e-6  # so near to 1 a share's digits would hide what its logarithm is of
LISTED = 5  # losses that a formula lists


def lines(run: Run, shape: Shape, numbers: Numbers) -> Lines:
    """What stands beside the bars, and what is said of each step."""
    options_of = options(run, shape)
    words, coming = options_of.tolist(), [*run.ids[1:], -1]
    names = [fitted(word, ROOM) for word in run.vocabulary]
    lost = [long(loss) for loss in numbers.values("losses")]
    judged = map(partial(_judged, run), range(asked(run)), numbers.values("chances"), lost)
    return {
        "answers": names if all_shown(shape) else [],
        "option": [names[word] for step in words for word in step],
        "option id": [str(word) for step in words for word in step],
        "aim": [
            " aim" if word == next_word else ""
            for step, next_word in zip(words, coming, strict=True)
            for word in step
        ],
        "rest": _rest(run, options_of),
        "coming": [_quoted(run, word) for word in coming],
        "judged": [*judged, ""],
        "long loss": lost,
        "mean of losses": [_mean(lost[:-1])],
        "chance": [long(math.log(len(run.vocabulary)))],
        **{f"met{lane.suffix}": _met(run, shape, k, lane, numbers) for k, lane in enumerate(shape.lanes)},
    }


def _quoted(run: Run, word: int) -> str:
    return "" if word < 0 else quoted(fitted(run.vocabulary[word], NAME))


def _rest(run: Run, words: NDArray[np.intp]) -> list[str]:
    """What is left for the words that have no row."""
    hidden = len(run.vocabulary) - words.shape[1]
    if not hidden:
        return [""] * len(words)
    left = run.forward.y_hat.copy()
    left[rows(words), words] = 0.0
    return [
        _("{hidden} more words share {share}", hidden=hidden, share=short(share))
        for share in left.sum(axis=1).tolist()
    ]


def _judged(run: Run, t: int, chance: float, lost: str) -> str:
    """L_t with its numbers, as MathML; from the logits where the share rounds to 0 or to 1."""
    loss = mn(lost, "f")
    if 0.0 < chance < 1.0 - NEAR_ONE:
        return _share(t + 1) + op("=") + row(op("\u2212"), var("ln"), THIN, mn(long(chance))) + op("=") + loss
    z = long(float(run.forward.logit[t, run.ids[t + 1]]))
    powers = row(var("ln"), THIN, "<munder><mo>\u2211</mo><mi>k</mi></munder>",
                 f"<msup>{var('e')}<mrow>{var('z', f'{t + 1},k')}</mrow></msup>")  # fmt: skip
    return _share(t + 1) + op("=") + row(powers, op("\u2212"), op("("), mn(z), op(")")) + op("=") + loss


@lru_cache(maxsize=1024)
def _share(t: int) -> str:
    """Minus the logarithm of the share of the word that comes, in symbols."""
    share = f"<msub>{hat_y()}<mrow><mn>{t}</mn><mo>,</mo><mi>y</mi></mrow></msub>"
    return row(op("\u2212"), var("ln"), THIN, share)


def _mean(each: list[str]) -> str:
    """The sum of the losses with its numbers, as MathML."""
    shown = each if len(each) <= LISTED else [*each[:3], "", each[-1]]
    terms = op("+").join(mn(text) if text else op("\u22ef") for text in shown)
    return f"<mfrac><mrow>{terms}</mrow><mn>{len(each)}</mn></mfrac>"


@np.errstate(over="ignore")
def _met(run: Run, shape: Shape, k: int, lane: Lane, numbers: Numbers) -> list[str]:
    """How a state's own loss and what comes back go together, step by step."""
    own = held(row_norms(run.backward.d_input[:, k * shape.units : (k + 1) * shape.units])).tolist()
    later, both = f"norm owed{lane.suffix}", f"norm{lane.suffix}"
    sizes = zip(own, numbers.values(later), numbers.values(both), strict=True)
    texts = zip(numbers.texts(later), numbers.texts(both), strict=True)
    return [_meeting(lane, t, *of) for t, of in enumerate(zip(sizes, texts, strict=True), 1)]


def _meeting(lane: Lane, t: int, sizes: tuple[float, float, float], texts: tuple[str, str]) -> str:
    """sizes : of the state's own loss, of what comes back and of both together. texts : of the latter two"""
    (own, later, both), (later_text, both_text) = sizes, texts
    state = lane.said("h", t)
    if own == 0.0 and later == 0.0:
        return _("Nothing is asked here and nothing comes back: nobody blames {state}.", state=state)
    if later == 0.0:
        return _(
            "No loss of a step read later reaches {state}: its own loss is all its blame, {both}.",
            state=state,
            both=both_text,
        )
    if own == 0.0:
        return _(
            "{state} has no loss of its own: what comes back is all its blame, {both}.",
            state=state,
            both=both_text,
        )
    against = " " + _("They pull against each other.") if both < max(own, later) else ""
    return _(
        "{state} is blamed by its own loss with {own}, by later ones with {later}: together "
        "{both}, for vectors add and lengths do not.{against}",
        state=state,
        own=short(own),
        later=later_text,
        both=both_text,
        against=against,
    )
