"""The scenes before the gradient: unfold, forward through the sentence, output, loss."""

from collections.abc import Iterator
from html import escape

import numpy as np

from app.engine.activations import ACTIVATIONS
from app.experiments.run import Run
from app.stage.formulas import display, frac, hat_y, num, op, row, units, upright, var, vector
from app.stage.frame import Frame
from app.stage.numbers import long, short
from app.stage.sheet import Sheet

FUNCTION = {"tanh": "tanh", "sigmoid": "\u03c3", "relu": "ReLU", "identity": "id"}


def quoted(run: Run, t: int) -> str:
    """The word of step t in quotation marks, safe to stand in HTML and isolated from the text around it."""
    word = run.words[t - 1]
    shown = word if len(word) <= 40 else word[:39] + "\u2026"
    return f"\u201c<bdi>{escape(shown)}</bdi>\u201d"


def output_slope(run: Run) -> float:
    """The slope of sigma at the logit."""
    logit = run.forward.logit
    return float(ACTIVATIONS["sigmoid"].slope(logit, np.empty_like(logit))[0])


def sub(name: str, index: str | int) -> str:
    return f"{name}<sub>{index}</sub>"


def _f(run: Run, inside: str) -> str:
    return row(var(FUNCTION[run.experiment.activation]), op("("), inside, op(")"))


def _recurrence(run: Run) -> str:
    """The general equation, the bias where this run has it."""
    sums = row(var("x", "t"), var("W", "xh"), op("+"), var("h", "t\u22121"), var("W", "hh"))
    bias = run.experiment.bias
    if bias == "none":
        return display(var("h", "t"), op("="), _f(run, sums))
    if bias == "inside":
        return display(var("h", "t"), op("="), _f(run, row(sums, op("+"), var("b", "h"))))
    return display(var("h", "t"), op("="), _f(run, sums), op("+"), var("b", "h"))


def unfold(sheet: Sheet) -> Iterator[Frame]:
    """The loop opens into T copies, each tied to the one set of weights."""
    run = sheet.run
    steps, count = len(run.words), run.parameter_count["total"]
    columns = tuple(f"col-{t}" for t in range(1, steps + 1))
    yield Frame(
        "unfold", 0, 1, 2, "One cell with a loop.",
        f"The network keeps a state h and reads one word at a time. The loop hands h back in with the next word. "
        f"It has {count} numbers to learn, however long the sentence is.",
        _recurrence(run), lit=("fold",),
    )  # fmt: skip
    plural = "copy" if steps == 1 else "copies"
    yield Frame(
        "unfold", 0, 2, 2, "Unrolled in time.",
        f"One word, one copy of the cell: {steps} {plural} from left to right. The threads lead to one set of weights "
        f"below, shared by every copy, so there are still {count} parameters.",
        _recurrence(run), lit=("fold", *columns), sweep=columns,
    )  # fmt: skip


def forward(sheet: Sheet) -> Iterator[Frame]:
    """Every step: the word's row, the state's product, their sum, the squash; the bias where the run has it."""
    run = sheet.run
    for t in range(1, len(run.words) + 1):
        parts = 5 if not bool(run.forward.bias_inside[t - 1]) and "b_h" in run.parameters["left_to_right"] else 4
        yield _row(sheet, t, parts)
        yield _memory(sheet, t, parts)
        yield _sum(sheet, t, parts)
        yield _squash(sheet, t, parts)
        if parts == 5:
            yield _late_bias(sheet, t)


def _row(sheet: Sheet, t: int, parts: int) -> Frame:
    run = sheet.run
    i, row_id = run.ids[t - 1], f"W_xh-{run.ids[t - 1]}"
    return Frame(
        "forward", t, 1, parts, "The word picks its row.",
        f"{quoted(run, t)} is word {i + 1} of {len(run.vocabulary)} in the vocabulary. Its one-hot code has a single 1, "
        f"so {sub('x', t)}&#8202;W<sub>xh</sub> is row {i + 1} of W<sub>xh</sub>; no other row takes part.",
        display(var("x", t), var("W", "xh"), op("="), vector(sheet.input_term.texts[t - 1], "f")),
        lit=(f"x-{t}", row_id, f"word-{i}", f"xw-{t}"), new=(f"x-{t}", f"xw-{t}"),
        fly=((f"{row_id},{row_id},xw-{t}",),),
    )  # fmt: skip


def _memory(sheet: Sheet, t: int, parts: int) -> Frame:
    run = sheet.run
    before, value = sheet.before(t), sheet.recurrent_term.texts[t - 1]
    source = f"h-{t - 1}"
    title = "The state comes along." if t > 1 else "The first state."
    if not run.forward.h_prev[t - 1].any():
        said = f"{sub('h', t - 1)} is all zeros, so it adds nothing yet: there is no past to remember."
    else:
        past = "everything the network remembers of the words before" if t > 1 else "where the network starts from"
        said = f"{sub('h', t - 1)} is {past}. Every old unit feeds every new one through W<sub>hh</sub>."
    return Frame(
        "forward", t, 2, parts, title, said,
        display(var("h", t - 1), var("W", "hh"), op("="), vector(before, "f"), var("W", "hh"), op("="), vector(value, "f")),
        lit=(source, f"edge-{t}", "W_hh-all", f"hw-{t}"), new=(f"hw-{t}", f"edge-{t}"),
        fly=((f"{source},{source},hw-{t}",),),
    )  # fmt: skip


def _sum(sheet: Sheet, t: int, parts: int) -> Frame:
    run = sheet.run
    forward, i = run.forward, t - 1
    inside = bool(forward.bias_inside[i]) and "b_h" in run.parameters["left_to_right"]
    terms = [var("x", t), var("W", "xh"), op("+"), var("h", t - 1), var("W", "hh")]
    values = [units(sheet.input_term.texts[i], "f"), op("+"), units(sheet.recurrent_term.texts[i], "f")]
    if inside:
        terms += [op("+"), var("b", "h")]
        values += [op("+"), units(sheet.bias.texts[0] if sheet.bias else [])]
    said = "The word's row and the state's product" + (", and the bias b<sub>h</sub>," if inside else "")
    late = "" if inside or "b_h" not in run.parameters["left_to_right"] else " The bias waits: here it stands outside f."
    moves = tuple(f"{p}-{t},{p}-{t},a-{t}" for p in (("xw", "hw", "bb") if inside else ("xw", "hw")))
    return Frame(
        "forward", t, 3, parts, "Add them up.", f"{said} add up, unit by unit, to {sub('a', t)}.{late}",
        display(var("a", t), op("="), *terms) + display(op("="), *values, op("="), units(sheet.preactivation.texts[i], "f")),
        lit=(f"xw-{t}", f"hw-{t}", f"bb-{t}", f"a-{t}") if inside else (f"xw-{t}", f"hw-{t}", f"a-{t}"),
        new=(f"a-{t}", f"bb-{t}") if inside else (f"a-{t}",), fly=(moves,),
    )  # fmt: skip


def _squash(sheet: Sheet, t: int, parts: int) -> Frame:
    run = sheet.run
    forward, i = run.forward, t - 1
    name = run.experiment.activation
    out = var("h", t) if parts == 4 else row(var(FUNCTION[name]), op("("), var("a", t), op(")"))
    said = {
        "tanh": "tanh lets small numbers through and flattens large ones towards \u22121 and 1.",
        "sigmoid": "The sigmoid presses every number between 0 and 1; its slope is never above a quarter.",
        "relu": "ReLU keeps what is positive and cuts the rest to 0.",
        "identity": "The identity changes nothing: this network is linear.",
    }[name]
    ready = f" {sub('h', t)} is the state after {quoted(run, t)}." if parts == 4 else ""
    return Frame(
        "forward", t, 4, parts, "Through the activation.", said + ready,
        display(out, op("="), var(FUNCTION[name]), units(sheet.preactivation.texts[i], "f"), op("="),
                units(sheet.activated.texts[i], "f")),
        lit=(f"a-{t}", f"f-{t}", f"h-{t}"), new=(f"f-{t}", *((f"h-{t}",) if parts == 4 else ())), slide=f"f-{t}",
    )  # fmt: skip


def _late_bias(sheet: Sheet, t: int) -> Frame:
    run = sheet.run
    forward, i = run.forward, t - 1
    bias = run.parameters["left_to_right"]["b_h"]
    return Frame(
        "forward", t, 5, 5, "The bias lands after f.",
        f"With the bias outside, {sub('h', t)} is f({sub('a', t)}) plus b<sub>h</sub>, and may leave the range of f.",
        display(var("h", t), op("="), units(sheet.activated.texts[i], "f"), op("+"), units(sheet.bias.texts[0] if sheet.bias else []), op("="), units(sheet.h.texts[i], "f")),
        lit=(f"f-{t}", f"bb-{t}", f"h-{t}"), new=(f"bb-{t}", f"h-{t}"), fly=((f"bb-{t},bb-{t},h-{t}",),),
    )  # fmt: skip


def output(sheet: Sheet) -> Iterator[Frame]:
    """h_T W_hy -> logit -> sigmoid -> y_hat."""
    run = sheet.run
    steps, forward = len(run.words), run.forward
    has_bias = "b_y" in run.parameters["readout"]
    inside = has_bias and forward.output_bias_inside
    z, y_hat = float(forward.logit[0]), float(forward.y_hat[0])
    bias = float(run.parameters["readout"]["b_y"][0]) if has_bias else 0.0
    tail = (op("+"), num(bias)) if inside else ()
    weights = run.parameters["readout"]["W_hy"]
    yield Frame(
        "output", steps, 1, 2, "One output, after the last word.",
        f"Many to one: only {sub('h', steps)} reaches the output. Its {len(weights)} units, each times its weight"
        f"{', and the bias' if inside else ''}, make the logit z = {long(z)}.",
        display(var("z"), op("="), var("h", steps), var("W", "hy"), *((op("+"), var("b", "y")) if inside else ()), op("="),
                vector(sheet.h.texts[-1], "f"), upright(weights.ravel()), *tail, op("="), num(z, "f")),
        lit=(f"h-{steps}", "edge-y", "W_hy-all", "z"), new=("edge-y", "z"), fly=((f"h-{steps},h-{steps},z",),),
    )  # fmt: skip
    late = has_bias and not inside
    yield Frame(
        "output", steps, 2, 2, "Squash it to a probability.",
        f"\u03c3 turns z into \u0177 = {long(y_hat)}: how positive the network finds the sentence. The target is {run.experiment.target}."
        + (f" b<sub>y</sub> = {long(bias)} is added after \u03c3, so \u0177 may leave the range from 0 to 1." if late else ""),
        display(hat_y(), op("="), var("\u03c3"), op("("), num(z), op(")"), *((op("+"), num(bias)) if late else ()), op("="), num(y_hat, "f")),
        lit=("z", "sigma", "y"), new=("sigma", "y"), slide="sigma",
    )  # fmt: skip


def loss(sheet: Sheet) -> Iterator[Frame]:
    """The value of the loss, then its slope, where everything backward starts."""
    run = sheet.run
    steps, y_hat, target = len(run.words), float(run.forward.y_hat[0]), run.experiment.target
    slope = float(run.backward.d_y_hat[0])
    yield Frame(
        "loss", steps, 1, 2, "How wrong?", _loss_words(run),
        display(var("L"), op("="), _loss_formula(run, symbolic=True), op("="), _loss_formula(run), op("="), num(run.loss, "f")),
        lit=("loss", "y", "L"), new=("loss",),
    )  # fmt: skip
    way = "down" if slope > 0 else "up"
    aim = "towards" if (slope > 0) == (target < y_hat) else "away from"
    said = f"The slope of the loss at \u0177 is {long(slope)}: to lower the loss, \u0177 has to go {way}, {aim} the target. "
    yield Frame(
        "loss", steps, 2, 2, "Which way is better?", said + "From here on everything runs backward.",
        display(frac("<mo>\u2202</mo><mi>L</mi>", f"<mo>\u2202</mo>{hat_y()}"), op("="), _slope_formula(run), op("="), num(slope, "b")),
        lit=("loss", "dy"), new=("dy",),
    )  # fmt: skip


def _loss_words(run: Run) -> str:
    y_hat, target = short(float(run.forward.y_hat[0])), run.experiment.target
    said = {
        "bce": f"Cross-entropy asks how surprised the network is that the answer is {target}, having said {y_hat}.",
        "mse": f"The squared distance of \u0177 = {y_hat} from the target {target}.",
        "difference": f"The plain difference y \u2212 \u0177 of {target} and {y_hat}. A demonstration only: it has no minimum, "
        "so descent pushes \u0177 up for ever, whatever the target is.",
    }[run.experiment.loss]
    return f"{said} The loss is {long(run.loss)}."


def _loss_formula(run: Run, symbolic: bool = False) -> str:
    target = run.experiment.target
    y_hat = hat_y() if symbolic else num(float(run.forward.y_hat[0]))
    y = var("y") if symbolic else f"<mn>{target}</mn>"
    if run.experiment.loss == "difference":
        return row(y, op("\u2212"), y_hat)
    if run.experiment.loss == "mse":
        return "".join(("<msup>", row(op("("), y, op("\u2212"), y_hat, op(")")), "<mn>2</mn></msup>"))
    inside = y_hat if target == 1 else row(op("("), "<mn>1</mn>", op("\u2212"), y_hat, op(")"))
    return row(op("\u2212"), var("ln"), inside)


def _slope_formula(run: Run) -> str:
    y_hat, target = float(run.forward.y_hat[0]), run.experiment.target
    if run.experiment.loss == "difference":
        return row(op("\u2212"), "<mn>1</mn>")
    if run.experiment.loss == "mse":
        return row("<mn>2</mn>", op("("), num(y_hat), op("\u2212"), f"<mn>{target}</mn>", op(")"))
    if target == 1:
        return row(op("\u2212"), frac("<mn>1</mn>", num(y_hat)))
    return frac("<mn>1</mn>", row("<mn>1</mn>", op("\u2212"), num(y_hat)))


