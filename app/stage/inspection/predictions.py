"""Where every step predicts the next word: its logits, its probabilities, its loss and their gradients."""

import math

from app.experiments.run import Run
from app.numerals import long
from app.stage.chains import chains_of
from app.stage.formulas import d, num, op, times, var
from app.stage.inspection import nudging
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Line,
    Names,
    at,
    code,
    display,
    line,
    named,
    quoted,
    sub,
    summands,
)
from app.stage.inspection.part import Part
from app.stage.ledger_cells import cells
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE

SHOWN = 16
TITLES = {"z_t": "z", "y_t": "ŷ", "dz_t": "∂L/∂z", "dy_t": "∂L/∂ŷ"}
SAYS = {
    "z_t": "the logit: all that the state has to say for this word as the next one",
    "y_t": "the probability that this word comes next: the softmax of all logits",
    "dz_t": "what the logit is blamed for: the probability, less 1 where the word is the one that comes",
    "dy_t": "the slope of the loss at this probability; only the word that comes counts",
}


def prediction(run: Run, part: Part) -> Inspection:
    """z_t, ŷ_t, dL/dz_t or dL/dŷ_t of one word of the vocabulary, or of all when none is named."""
    t, k, kind = part.t, part.column, part.kind
    symbol = sub(TITLES[kind], t)
    if k < 0:
        return _all(run, part, symbol)
    word = named(run.vocabulary[k])
    return Inspection(
        part.text,
        f"{symbol}, {word}",
        f"After {quoted(run, t)}, {SAYS[kind]}.",
        when=at(run, t),
        formulas=_formulas(run, kind, t, k),
        blocks=(_forward(run, t, k), _backward(run, t, k)),
        proof=_proof(run, kind, t, k),
        names=_names(run, kind, t, k),
        notes=(_asked(run, t),),
    )


def _arrays(run: Run, kind: str):  # type: ignore[no-untyped-def]
    forward, back = run.forward, run.backward
    return {"z_t": forward.logit, "y_t": forward.y_hat, "dz_t": back.d_logit, "dy_t": back.d_y_hat}[kind]


def _all(run: Run, part: Part, symbol: str) -> Inspection:
    values = _arrays(run, part.kind)[part.t - 1]
    shown = values[:SHOWN]
    scale = FORWARD_SCALE if part.kind in ("z_t", "y_t") else GRADIENT_SCALE
    grid = cells([f"{part.text}.{k}" for k in range(len(shown))], shown, min(4, len(shown)), part.text, scale)
    rest = len(values) - len(shown)
    return Inspection(
        part.text,
        f"{symbol} after {quoted(run, part.t)}",
        f"An entry for each word of the vocabulary: {SAYS[part.kind]}.",
        when=at(run, part.t),
        blocks=(Block(f"{len(values)} words", "", (), grid),),
        notes=(_asked(run, part.t), *((f"{rest} words more are in the JSON answer.",) if rest > 0 else ())),
    )


def _asked(run: Run, t: int) -> str:
    found = (run.next_words or ())[t - 1]
    if found is None:
        return "After the last word nothing is asked, so this step has no loss."
    return f"The word that comes is {named(found)}."


def _share(run: Run) -> int:
    """How many losses the mean is over."""
    return sum(word is not None for word in run.next_words or ())


def _forward(run: Run, t: int, k: int) -> Block:
    weights, bias = run.parameters["readout"]["W_hy"][:, k], run.parameters["readout"].get("b_y")
    terms: list[tuple[str, float, str]] = []
    for chain in chains_of(run):
        for i in range(chain.hidden):
            row = chain.reads_out.start + i
            terms.append((
                f"{'+ ' if terms else ''}{chain.lane.said('h', f'{t},{i + 1}')} · W<sub>hy</sub>[{row + 1}, "
                f"{k + 1}]",
                float(run.forward.readout_input[t - 1, row] * weights[row]), f"W_hy-{row}.{k}"))  # fmt: skip
    lines = list(summands(terms))
    if bias is not None:
        lines.append(line("+ b<sub>y</sub>", float(bias[k]), f"b_y-0.{k}"))
    lines.append(line(sub("z", t), float(run.forward.logit[t - 1, k]), f"z-{t}.{k}", strong=True))
    probability = line(
        f"{sub('ŷ', t)} = softmax", float(run.forward.y_hat[t - 1, k]), f"y-{t}.{k}", strong=True
    )
    return Block("Forward", "fw", (*lines, probability))


def _is_next(run: Run, t: int, k: int) -> bool:
    return (run.next_words or ())[t - 1] == run.vocabulary[k]


def _backward(run: Run, t: int, k: int) -> Block:
    y = 1.0 if _is_next(run, t, k) else 0.0
    asked = (run.next_words or ())[t - 1] is not None
    lines: list[Line] = []
    if asked:
        lines = [
            line(sub("ŷ", t), float(run.forward.y_hat[t - 1, k]), f"y-{t}.{k}"),
            line("− 1 where the word comes" if y else "− 0: another word comes", -y),
            line("× 1 / number of losses", 1.0 / _share(run)),
        ]
    value = float(run.backward.d_logit[t - 1, k])
    lines.append(line(f"= ∂L/∂{sub('z', t)}", value, f"dz-{t}.{k}", strong=True))
    return Block("Backward", "bw", tuple(lines))


def _formulas(run: Run, kind: str, t: int, k: int) -> tuple[str, ...]:
    index = f"{t},{k + 1}"
    value = float(_arrays(run, kind)[t - 1, k])
    z, y = var("z", index), var("ŷ", index)
    if kind == "y_t":
        power = f"<msup>{var('e')}{z}</msup>"
        below = f"<munder>{op('∑')}<mi>j</mi></munder><msup>{var('e')}{var('z', f'{t},j')}</msup>"
        fraction = f"<mfrac><mrow>{power}</mrow><mrow>{below}</mrow></mfrac>"
        return (display(y, op("="), fraction, op("="), num(value, "f")),)
    if kind == "dz_t" and (run.next_words or ())[t - 1] is not None:
        probability = num(float(run.forward.y_hat[t - 1, k]))
        one = "1" if _is_next(run, t, k) else "0"
        inside = (op("("), probability, op("−"), f"<mn>{one}</mn>", op(")"))
        return (
            display(
                d("<mi>L</mi>", z),
                op("="),
                *inside,
                op("·"),
                times(1.0 / _share(run)),
                op("="),
                num(value, "b"),
            ),
        )
    return ()


def _proof(run: Run, kind: str, t: int, k: int):  # type: ignore[no-untyped-def]
    if kind in ("y_t", "dy_t"):
        numeric = nudging.of_probability(run, t, k)
        value = float(run.backward.d_y_hat[t - 1, k])
        if numeric is None:
            return None
        return nudging.proof(
            f"∂L/∂{sub('ŷ', t)}", value, numeric, "this probability moved up and down, alone"
        )
    value = float(run.backward.d_logit[t - 1, k])
    return nudging.proof(
        f"∂L/∂{sub('z', t)}", value, nudging.of_logit(run, t, k), "this logit moved up and down"
    )


def _names(run: Run, kind: str, t: int, k: int) -> Names:
    torch = {
        "z_t": code(f"logits[{t - 1}, {k}]"),
        "y_t": code(f"torch.softmax(logits, -1)[{t - 1}, {k}]"),
        "dz_t": code(f"logits.grad[{t - 1}, {k}]") + ", after " + code("retain_grad()"),
        "dy_t": "not kept",
    }[kind]
    return Names("not in the notes: they predict once", f"{sub(TITLES[kind], t)}[{k + 1}]", torch)


def second(run: Run, part: Part) -> Inspection:
    """ŷ_t of one word, or of all, after the update."""
    again, t, k = run.update.forward, part.t, part.column
    assert again is not None
    if k < 0:
        values = again.y_hat[t - 1]
        grid = cells(
            [f"{part.text}.{n}" for n in range(min(SHOWN, len(values)))], values[:SHOWN], 4, part.text
        )
        said = f"{sub('ŷ', t)}, read again", "The same words through the new weights."
        return Inspection(part.text, *said, when=at(run, t), blocks=(Block("Forward", "fw", (), grid),))
    was, now = float(run.forward.y_hat[t - 1, k]), float(again.y_hat[t - 1, k])
    lines = (
        line("first reading", was, f"y-{t}.{k}"),
        line("second reading", now, strong=True),
        line("change", now - was),
    )
    return Inspection(
        part.text,
        f"{sub('ŷ', t)}, {named(run.vocabulary[k])}, read again",
        "The same words through the new weights.",
        when=at(run, t),
        blocks=(Block("Forward, twice", "fw", lines),),
        names=_names(run, "y_t", t, k),
        notes=(_asked(run, t),),
    )


def step_loss(run: Run, part: Part) -> Inspection:
    """L_t, the surprise of one step."""
    t, losses = part.t, run.losses
    assert losses is not None
    found = (run.next_words or ())[t - 1]
    lines = []
    if found is not None:
        k = run.vocabulary.index(found)
        lines.append(line(f"{sub('ŷ', t)}, {named(found)}", float(run.forward.y_hat[t - 1, k]), f"y-{t}.{k}"))
    lines.append(line(sub("L", t), float(losses[t - 1]), strong=True))
    return Inspection(
        part.text,
        f"{sub('L', t)}, the loss of step {t}",
        f"How surprised the network is by what comes after {quoted(run, t)}: −ln of its probability.",
        when=at(run, t),
        formulas=(
            display(
                var("L", t), op("="), op("−"), var("ln"), var("ŷ", t), op("="), num(float(losses[t - 1]), "f")
            ),
        )
        if found is not None
        else (),
        blocks=(Block("Forward", "fw", tuple(lines)), _reaches(run, t)),
        names=Names(
            "not in the notes",
            sub("L", t),
            code("F.cross_entropy(logits, targets, reduction='none')") + code(f"[{t - 1}]"),
        ),
        notes=(_asked(run, t),),
    )


def _reaches(run: Run, t: int) -> Block:
    """Which states this loss blames, and how much."""
    lines = []
    for chain in chains_of(run):
        row = run.credit[chain.lane.chain][t - 1]
        order = range(t, 0, -1) if not chain.lane.reverse else range(t, chain.lane.steps + 1)
        for k in list(order)[:8]:
            lines.append(
                line(
                    f"‖∂{sub('L', t)}/∂{chain.lane.said('h', k)}‖",
                    float(row[k - 1]),
                    chain.lane.name("norm", k),
                )
            )
    return Block("Which states it blames", "bw", tuple(lines))


def mean_loss(run: Run, part: Part) -> Inspection:
    """L, the mean of the losses."""
    losses, count = run.losses, _share(run)
    assert losses is not None
    asked = [t for t, word in enumerate(run.next_words or (), 1) if word is not None]
    terms = [(f"{'+ ' if n else ''}{sub('L', t)} / {count}", float(losses[t - 1]) / count, f"loss-{t}")
             for n, t in enumerate(asked)]  # fmt: skip
    after = run.update.loss
    again = () if after is None else (
        line("L after the update", after, strong=True),
        line("the gradient had promised", float(run.update.predicted_loss)),
        line("change", after - run.loss),
    )  # fmt: skip
    return Inspection(
        part.text,
        "L, the loss",
        f"The mean of {count} surprises, one for each word that was to be predicted.",
        formulas=(display(var("L"), op("="), num(run.loss, "f")),),
        blocks=(
            Block("Forward", "fw", (*summands(terms), line("L", run.loss, strong=True))),
            *((Block("After one update", "wt", again),) if again else ()),
        ),
        names=Names(
            "not in the notes",
            "L",
            code("nn.CrossEntropyLoss()(logits, targets)"),
            code("sparse_categorical_crossentropy"),
        ),
        notes=(
            f"A network that knew nothing would lose ln {len(run.vocabulary)} a word: "
            f"{long(_ignorance(run))}.",
        ),
    )


def _ignorance(run: Run) -> float:
    """The loss of one probability for all words."""
    return math.log(len(run.vocabulary))
