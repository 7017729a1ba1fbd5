"""The scenes that read the sentence: unfold, and forward step by step."""

from collections.abc import Iterator

from app.stage.formulas import display, op, row, units, var, vector
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
    mixed = any(shape.inside) and not all(shape.inside)
    formula = display(_recurrence(shape, late=not any(shape.inside)))
    if mixed:  # the notes' forward page
        formula += display(_recurrence(shape, True, 1, 0))
    yield Frame(
        "unfold",
        0,
        1,
        2,
        "One cell with a loop.",
        "The network keeps a state h and reads one word at a time. The loop hands h back in with the next "
        "word. "
        f"It has {count} numbers to learn; a longer sentence of the same words has no more.",
        formula,
        lit=("fold",),
    )
    plural = "copy" if shape.steps == 1 else "copies"
    yield Frame(
        "unfold",
        0,
        2,
        2,
        "Unrolled in time.",
        f"One word, one copy of the cell: {shape.steps} {plural} from left to right. The threads lead to one "
        "set of weights "
        f"below, shared by every copy, so there are still {count} parameters.",
        formula,
        lit=("fold", *columns),
        sweep=columns,
    )


def forward(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """Every step: the word's row, the state's product, their sum, the squash; a late bias after it."""
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
        "forward",
        t,
        1,
        parts,
        "The word picks its row.",
        f"{sheet.line('quoted', t - 1)} is word {nth} of {shape.words} in the vocabulary. Its one-hot code "
        "has a single 1, "
        f"so {sub('x', t)}&#8202;W<sub>xh</sub> is row {nth} of W<sub>xh</sub>; no other row takes part.",
        display(var("x", t), var("W", "xh"), op("="), vector(sheet.step("xw", t), "f")),
        lit=(f"x-{t}", source, *labels, f"xw-{t}"),
        new=(f"x-{t}", f"xw-{t}"),
        fly=((f"{source},{source},xw-{t}",),),
    )


def _row_of_word(shape: Shape, sheet: Sheet, t: int) -> tuple[str, tuple[str, ...]]:
    """The row of W_xh that step t picks, and its label; the whole matrix when its rows are not told apart."""
    if not matrix_of(shape, "W_xh").numbered:
        return "W_xh-all", ()
    row = sheet.line("row", t - 1)
    return f"W_xh-{row}", (f"word-{row}",)


def _memory(sheet: Sheet, t: int, parts: int) -> Frame:
    source = f"h-{t - 1}"
    return Frame(
        "forward",
        t,
        2,
        parts,
        "The state comes along." if t > 1 else "The first state.",
        sheet.line("memory", t - 1),
        display(
            var("h", t - 1),
            var("W", "hh"),
            op("="),
            vector(before(sheet, t), "f"),
            var("W", "hh"),
            op("="),
            vector(sheet.step("hw", t), "f"),
        ),
        lit=(source, f"edge-{t}", "W_hh-all", f"hw-{t}"),
        new=(f"hw-{t}", f"edge-{t}"),
        fly=((f"{source},{source},hw-{t}",),),
    )


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
        "forward",
        t,
        3,
        parts,
        "Add them up.",
        f"{said} add up, unit by unit, to {sub('a', t)}.{late}",
        display(var("a", t), op("="), *terms)
        + display(op("="), *values, op("="), units(sheet.step("a", t), "f")),
        lit=(f"xw-{t}", f"hw-{t}", *bias, f"a-{t}"),
        new=(f"a-{t}", *bias),
        fly=(moves,),
    )


def _squash(shape: Shape, sheet: Sheet, t: int, parts: int) -> Frame:
    late = shape.late(t)
    out = _f(shape, var("a", t)) if late else var("h", t)
    ready = "" if late else f" {sub('h', t)} is the state after {sheet.line('quoted', t - 1)}."
    return Frame(
        "forward",
        t,
        4,
        parts,
        "Through the activation.",
        SQUASHED[shape.activation] + ready,
        display(
            out,
            op("="),
            var(FUNCTION[shape.activation]),
            units(sheet.step("a", t), "f"),
            op("="),
            units(sheet.step("f", t), "f"),
        ),
        lit=(f"a-{t}", f"f-{t}", f"h-{t}"),
        new=(f"f-{t}", *(() if late else (f"h-{t}",))),
        slide=f"f-{t}",
    )


def _late_bias(sheet: Sheet, t: int) -> Frame:
    return Frame(
        "forward",
        t,
        5,
        5,
        "The bias lands after f.",
        f"With the bias outside, {sub('h', t)} is f({sub('a', t)}) plus b<sub>h</sub>"
        ", and may leave the range of f.",
        display(
            var("h", t),
            op("="),
            units(sheet.step("f", t), "f"),
            op("+"),
            units(sheet.step("b", 1)),
            op("="),
            units(sheet.step("h", t), "f"),
        ),
        lit=(f"f-{t}", f"bb-{t}", f"h-{t}"),
        new=(f"bb-{t}", f"h-{t}"),
        fly=((f"bb-{t},bb-{t},h-{t}",),),
    )


def _stride(shape: Shape, sheet: Sheet, t: int) -> Frame:
    """A whole step of a long sentence in one frame."""
    source, labels = _row_of_word(shape, sheet, t)
    known = (
        f"x-{t}",
        f"xw-{t}",
        f"hw-{t}",
        f"edge-{t}",
        *((f"bb-{t}",) if shape.has_bias else ()),
        f"a-{t}",
        f"f-{t}",
        f"h-{t}",
    )
    return Frame(
        "forward",
        t,
        1,
        1,
        f"Step {t}.",
        f"{sheet.line('quoted', t - 1)} picks row {sheet.line('nth', t - 1)} of W<sub>xh</sub>"
        f"; with {sub('h', t - 1)} it becomes {sub('h', t)}.",
        display(_recurrence(shape, shape.late(t), t, t - 1), op("="), vector(sheet.step("h", t), "f")),
        lit=(*known, source, *labels, f"h-{t - 1}", "W_hh-all"),
        new=known,
        fly=((f"{source},{source},xw-{t}", f"h-{t - 1},h-{t - 1},hw-{t}"), (f"a-{t},a-{t},h-{t}",)),
    )
