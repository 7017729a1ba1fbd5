"""The scenes before the gradient: unfold, forward through the sentence, output, loss."""

from collections.abc import Iterator

from app.stage.formulas import display, frac, hat_y, mn, op, row, units, upright, var, vector
from app.stage.frame import Frame
from app.stage.matrix import matrix_of
from app.stage.phrases import sub
from app.stage.shape import Shape
from app.stage.sheet import Sheet

FUNCTION = {"tanh": "tanh", "sigmoid": "\u03c3", "relu": "ReLU", "identity": "id"}
SQUASHED = {
    "tanh": "tanh lets small numbers through and flattens large ones towards \u22121 and 1.",
    "sigmoid": "The sigmoid presses every number between 0 and 1; its slope is never above a quarter.",
    "relu": "ReLU keeps what is positive and cuts the rest to 0.",
    "identity": "The identity changes nothing: this network is linear.",
}
STRIDES = 64  # a longer sentence is told a step a frame: nobody watches a thousand


def _f(shape: Shape, inside: str) -> str:
    return row(var(FUNCTION[shape.activation]), op("("), inside, op(")"))


def _recurrence(shape: Shape, late: bool, t: str | int = "t", before: str | int = "t\u22121") -> str:
    """h_t = f(…), the bias where it stands."""
    sums = row(var("x", t), var("W", "xh"), op("+"), var("h", before), var("W", "hh"))
    if not shape.has_bias:
        return var("h", t) + op("=") + _f(shape, sums)
    if late:
        return var("h", t) + op("=") + _f(shape, sums) + op("+") + var("b", "h")
    return var("h", t) + op("=") + _f(shape, row(sums, op("+"), var("b", "h")))


def unfold(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """The loop opens into T copies, each tied to the one set of weights."""
    count = sheet.line("count")
    columns = tuple(f"col-{t}" for t in range(1, shape.steps + 1))
    formula = display(_recurrence(shape, late=not any(shape.inside)))
    yield Frame(
        "unfold", 0, 1, 2, "One cell with a loop.",
        f"The network keeps a state h and reads one word at a time. The loop hands h back in with the next word. "
        f"It has {count} numbers to learn, however long the sentence is.",
        formula, lit=("fold",),
    )  # fmt: skip
    plural = "copy" if shape.steps == 1 else "copies"
    yield Frame(
        "unfold", 0, 2, 2, "Unrolled in time.",
        f"One word, one copy of the cell: {shape.steps} {plural} from left to right. The threads lead to one set of weights "
        f"below, shared by every copy, so there are still {count} parameters.",
        formula, lit=("fold", *columns), sweep=columns,
    )  # fmt: skip


def forward(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """Every step: the word's row, the state's product, their sum, the squash; the bias where the run has it."""
    for t in range(1, shape.steps + 1):
        if shape.steps > STRIDES:
            yield _stride(shape, sheet, t)
            continue
        parts = 5 if shape.late(t) else 4
        yield _row(shape, sheet, t, parts)
        yield _memory(sheet, t, parts)
        yield _sum(shape, sheet, t, parts)
        yield _squash(shape, sheet, t, parts)
        if parts == 5:
            yield _late_bias(sheet, t)


def before(sheet: Sheet, t: int) -> list[str]:
    """The texts of h_{t-1}."""
    return sheet.step("h", t - 1) if t > 1 else sheet.step("h0", 1)


def _row(shape: Shape, sheet: Sheet, t: int, parts: int) -> Frame:
    nth, (source, labels) = sheet.line("nth", t - 1), _row_of_word(shape, sheet, t)
    return Frame(
        "forward", t, 1, parts, "The word picks its row.",
        f"{sheet.line('quoted', t - 1)} is word {nth} of {shape.words} in the vocabulary. Its one-hot code has a single 1, "
        f"so {sub('x', t)}&#8202;W<sub>xh</sub> is row {nth} of W<sub>xh</sub>; no other row takes part.",
        display(var("x", t), var("W", "xh"), op("="), vector(sheet.step("xw", t), "f")),
        lit=(f"x-{t}", source, *labels, f"xw-{t}"), new=(f"x-{t}", f"xw-{t}"), fly=((f"{source},{source},xw-{t}",),),
    )  # fmt: skip


def _row_of_word(shape: Shape, sheet: Sheet, t: int) -> tuple[str, tuple[str, ...]]:
    """The row of W_xh that step t picks, and its label; the whole matrix when its rows are not told apart."""
    if not matrix_of(shape, "W_xh").numbered:
        return "W_xh-all", ()
    row = sheet.line("row", t - 1)
    return f"W_xh-{row}", (f"word-{row}",)


def _memory(sheet: Sheet, t: int, parts: int) -> Frame:
    source = f"h-{t - 1}"
    return Frame(
        "forward", t, 2, parts, "The state comes along." if t > 1 else "The first state.", sheet.line("memory", t - 1),
        display(var("h", t - 1), var("W", "hh"), op("="), vector(before(sheet, t), "f"), var("W", "hh"), op("="), vector(sheet.step("hw", t), "f")),
        lit=(source, f"edge-{t}", "W_hh-all", f"hw-{t}"), new=(f"hw-{t}", f"edge-{t}"),
        fly=((f"{source},{source},hw-{t}",),),
    )  # fmt: skip


def _sum(shape: Shape, sheet: Sheet, t: int, parts: int) -> Frame:
    inside = shape.has_bias and not shape.late(t)
    terms = [var("x", t), var("W", "xh"), op("+"), var("h", t - 1), var("W", "hh")]
    values = [units(sheet.step("xw", t), "f"), op("+"), units(sheet.step("hw", t), "f")]
    if inside:
        terms += [op("+"), var("b", "h")]
        values += [op("+"), units(sheet.step("b", 1))]
    said = "The word's row and the state's product" + (", and the bias b<sub>h</sub>," if inside else "")
    late = " The bias waits: here it stands outside f." if shape.late(t) else ""
    moves = tuple(f"{part}-{t},{part}-{t},a-{t}" for part in (("xw", "hw", "bb") if inside else ("xw", "hw")))
    bias = (f"bb-{t}",) if inside else ()
    return Frame(
        "forward", t, 3, parts, "Add them up.", f"{said} add up, unit by unit, to {sub('a', t)}.{late}",
        display(var("a", t), op("="), *terms) + display(op("="), *values, op("="), units(sheet.step("a", t), "f")),
        lit=(f"xw-{t}", f"hw-{t}", *bias, f"a-{t}"), new=(f"a-{t}", *bias), fly=(moves,),
    )  # fmt: skip


def _squash(shape: Shape, sheet: Sheet, t: int, parts: int) -> Frame:
    late = shape.late(t)
    out = _f(shape, var("a", t)) if late else var("h", t)
    ready = "" if late else f" {sub('h', t)} is the state after {sheet.line('quoted', t - 1)}."
    return Frame(
        "forward", t, 4, parts, "Through the activation.", SQUASHED[shape.activation] + ready,
        display(out, op("="), var(FUNCTION[shape.activation]), units(sheet.step("a", t), "f"), op("="), units(sheet.step("f", t), "f")),
        lit=(f"a-{t}", f"f-{t}", f"h-{t}"), new=(f"f-{t}", *(() if late else (f"h-{t}",))), slide=f"f-{t}",
    )  # fmt: skip


def _late_bias(sheet: Sheet, t: int) -> Frame:
    return Frame(
        "forward", t, 5, 5, "The bias lands after f.",
        f"With the bias outside, {sub('h', t)} is f({sub('a', t)}) plus b<sub>h</sub>, and may leave the range of f.",
        display(var("h", t), op("="), units(sheet.step("f", t), "f"), op("+"), units(sheet.step("b", 1)), op("="), units(sheet.step("h", t), "f")),
        lit=(f"f-{t}", f"bb-{t}", f"h-{t}"), new=(f"bb-{t}", f"h-{t}"), fly=((f"bb-{t},bb-{t},h-{t}",),),
    )  # fmt: skip


def _stride(shape: Shape, sheet: Sheet, t: int) -> Frame:
    """A whole step of a long sentence in one frame."""
    source, labels = _row_of_word(shape, sheet, t)
    known = (f"x-{t}", f"xw-{t}", f"hw-{t}", f"edge-{t}", *((f"bb-{t}",) if shape.has_bias else ()), f"a-{t}", f"f-{t}", f"h-{t}")
    return Frame(
        "forward", t, 1, 1, f"Step {t}.",
        f"{sheet.line('quoted', t - 1)} picks row {sheet.line('nth', t - 1)} of W<sub>xh</sub>; with {sub('h', t - 1)} it becomes {sub('h', t)}.",
        display(_recurrence(shape, shape.late(t), t, t - 1), op("="), vector(sheet.step("h", t), "f")),
        lit=(*known, source, *labels, f"h-{t - 1}", "W_hh-all"), new=known,
        fly=((f"{source},{source},xw-{t}", f"h-{t - 1},h-{t - 1},hw-{t}"), (f"a-{t},a-{t},h-{t}",)),
    )  # fmt: skip


def output(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """h_T W_hy -> logit -> sigmoid -> y_hat."""
    last = shape.steps
    has_bias, inside = "b_y" in shape.outer, "b_y" in shape.outer and shape.output_inside
    z, y_hat, bias = (sheet.line(f"long {name}") for name in ("z", "y", "b_y"))
    symbols, numbers = ((op("+"), var("b", "y")), (op("+"), mn(bias))) if inside else ((), ())
    yield Frame(
        "output", last, 1, 2, "One output, after the last word.",
        f"Many to one: only {sub('h', last)} reaches the output. Its {shape.units} units, each times its weight"
        f"{', and the bias' if inside else ''}, make the logit z = {z}.",
        display(var("z"), op("="), var("h", last), var("W", "hy"), *symbols, op("="),
                vector(sheet.step("h", last), "f"), upright(column(sheet, "W_hy")), *numbers, op("="), mn(z, "f")),
        lit=(f"h-{last}", "edge-y", "W_hy-all", "z"), new=("edge-y", "z"), fly=((f"h-{last},h-{last},z",),),
    )  # fmt: skip
    late = has_bias and not inside
    yield Frame(
        "output", last, 2, 2, "Squash it to a probability.",
        f"\u03c3 turns z into \u0177 = {y_hat}: how positive the network finds the sentence. The target is {shape.target}."
        + (f" b<sub>y</sub> = {bias} is added after \u03c3, so \u0177 may leave the range from 0 to 1." if late else ""),
        display(hat_y(), op("="), var("\u03c3"), op("("), mn(z), op(")"), *((op("+"), mn(bias)) if late else ()), op("="), mn(y_hat, "f")),
        lit=("z", "sigma", "y"), new=("sigma", "y"), slide="sigma",
    )  # fmt: skip


def column(sheet: Sheet, name: str) -> list[str]:
    """The texts of a matrix of one column."""
    return [line[0] for line in sheet.cells[name].matrix()]


def loss(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """The value of the loss, then its slope, where everything backward starts."""
    value, slope = mn(sheet.line("long L"), "f"), mn(sheet.line("long dy"), "b")
    y_hat = mn(sheet.line("long y"))
    yield Frame(
        "loss", shape.steps, 1, 2, "How wrong?", f"{_loss_words(shape, sheet.number('y'))} The loss is {sheet.line('long L')}.",
        display(var("L"), op("="), _loss_formula(shape, var("y"), hat_y()), op("="), _loss_formula(shape, f"<mn>{shape.target}</mn>", y_hat), op("="), value),
        lit=("loss", "y", "L"), new=("loss",),
    )  # fmt: skip
    yield Frame(
        "loss", shape.steps, 2, 2, "Which way is better?", f"{sheet.line('aim')}From here on everything runs backward.",
        display(frac("<mo>\u2202</mo><mi>L</mi>", f"<mo>\u2202</mo>{hat_y()}"), op("="), _slope_formula(shape, y_hat), op("="), slope),
        lit=("loss", "dy"), new=("dy",),
    )  # fmt: skip


def _loss_words(shape: Shape, y_hat: str) -> str:
    return {
        "bce": f"Cross-entropy asks how surprised the network is that the answer is {shape.target}, having said {y_hat}.",
        "mse": f"The squared distance of \u0177 = {y_hat} from the target {shape.target}.",
        "difference": f"The plain difference y \u2212 \u0177 of {shape.target} and {y_hat}. A demonstration only: it has no minimum, "
        "so descent pushes \u0177 up for ever, whatever the target is.",
    }[shape.loss]


def _loss_formula(shape: Shape, y: str, y_hat: str) -> str:
    if shape.loss == "difference":
        return row(y, op("\u2212"), y_hat)
    if shape.loss == "mse":
        return "".join(("<msup>", row(op("("), y, op("\u2212"), y_hat, op(")")), "<mn>2</mn></msup>"))
    inside = y_hat if shape.target == 1 else row(op("("), "<mn>1</mn>", op("\u2212"), y_hat, op(")"))
    return row(op("\u2212"), var("ln"), inside)


def _slope_formula(shape: Shape, y_hat: str) -> str:
    if shape.loss == "difference":
        return row(op("\u2212"), "<mn>1</mn>")
    if shape.loss == "mse":
        return row("<mn>2</mn>", op("("), y_hat, op("\u2212"), f"<mn>{shape.target}</mn>", op(")"))
    if shape.target == 1:
        return row(op("\u2212"), frac("<mn>1</mn>", y_hat))
    return frac("<mn>1</mn>", row("<mn>1</mn>", op("\u2212"), y_hat))
