"""The Elman cell forwards: the word's row, the state's product, their sum, the squash; a late bias after."""

from app.stage.formulas import display, op, row, units, var, vector
from app.stage.frame import Frame
from app.stage.lanes import Lane
from app.stage.matrix import matrix_of
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import N_, _

FUNCTION = {"tanh": "tanh", "sigmoid": "\u03c3", "relu": "ReLU", "identity": "id"}
SQUASHED = {
    "tanh": N_("tanh lets small numbers through and flattens large ones towards −1 and 1."),
    "sigmoid": N_("The sigmoid presses every number between 0 and 1; its slope is never above a quarter."),
    "relu": N_("ReLU keeps what is positive and cuts the rest to 0."),
    "identity": N_("The identity changes nothing: this network is linear."),
}
# With the bias among the addends, and without.
_ADDED = {
    True: N_(
        "The word's row and the state's product, and the bias b<sub>h</sub>, add up, unit by unit, to {a_t}."
    ),
    False: N_("The word's row and the state's product add up, unit by unit, to {a_t}."),
}


def _f(shape: Shape, inside: str) -> str:
    return row(var(FUNCTION[shape.activation]), op("("), inside, op(")"))


def recurrence(shape: Shape, lane: Lane, late: bool, t: str | int, before: str | int) -> str:
    """h_t = f(…), the bias where it stands."""
    sums = row(var("x", t), lane.weight("W", "xh"), op("+"), lane.var("h", before), lane.weight("W", "hh"))
    if not shape.has_bias:
        return lane.var("h", t) + op("=") + _f(shape, sums)
    if late:
        return lane.var("h", t) + op("=") + _f(shape, sums) + op("+") + lane.weight("b", "h")
    return lane.var("h", t) + op("=") + _f(shape, row(sums, op("+"), lane.weight("b", "h")))


def rule(shape: Shape, lane: Lane) -> str:
    """The equation of the cell; two where the bias does not stand in the same place at every step."""
    before = "t+1" if lane.reverse else "t\u22121"
    late, mixed = not any(shape.inside), any(shape.inside) and not all(shape.inside)
    found = display(recurrence(shape, lane, late, "t", before))
    if mixed:  # the notes' forward page
        found += display(recurrence(shape, lane, True, lane.start, lane.origin))
    return found


def read(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """The frames of a step."""
    parts = 5 if shape.late(lane, t) else 4
    frames = [make(shape, sheet, lane, t, parts) for make in (_row, _memory, _sum, _squash)]
    return [*frames, _late_bias(sheet, lane, t)] if parts == 5 else frames


def _row(shape: Shape, sheet: Sheet, lane: Lane, t: int, parts: int) -> Frame:
    nth, (source, labels) = sheet.line("nth", t - 1), row_of_word(shape, sheet, lane, t)
    term = lane.name("xw", t)
    return Frame(
        "forward",
        t,
        1,
        parts,
        _("The word picks its row."),
        _(
            "{word} is word {nth} of {words} in the vocabulary. Its one-hot code has a single 1, "
            "so {x_t}&#8202;W<sub>xh</sub> is row {nth} of W<sub>xh</sub>; no other row takes "
            "part.",
            word=sheet.line("quoted", t - 1),
            nth=nth,
            words=sheet.line("entries"),
            x_t=lane.said("x", t),
        ),
        display(var("x", t), lane.weight("W", "xh"), op("="), vector(lane.step(sheet, "xw", t), "f")),
        lit=(f"x-{t}", source, *labels, term),
        new=(*lane.fresh_word(t), term),
        fly=((f"{source},{source},{term}",),),
        below=_(
            "{word} picks row {nth} of {x}",
            word=sheet.line("quoted", t - 1),
            nth=nth,
            x=lane.said_weight("xh"),
        ),
    )


def row_of_word(
    shape: Shape, sheet: Sheet, lane: Lane, t: int, kind: str = "W_xh"
) -> tuple[str, tuple[str, ...]]:
    """The row of a weight that step t picks, and its label; the whole matrix when rows are not told apart."""
    weight = shape.weights[f"{kind}{lane.suffix}"]
    if not matrix_of(shape, weight.key).numbered:
        return f"{weight.key}-all", ()
    row = sheet.line("row", t - 1)
    return f"{weight.key}-{row}", (f"{weight.labels}-{row}",)


def _memory(shape: Shape, sheet: Sheet, lane: Lane, t: int, parts: int) -> Frame:
    source, state = lane.name("h", lane.before(t)), lane.said("h", lane.before(t))
    return Frame(
        "forward",
        t,
        2,
        parts,
        _("The first state.") if lane.before(t) == lane.origin else _("The state comes along."),
        sheet.line(f"memory{lane.suffix}", t - 1),
        display(
            lane.var("h", lane.before(t)),
            lane.weight("W", "hh"),
            op("="),
            vector(lane.step(sheet, "h", lane.before(t)), "f"),
            lane.weight("W", "hh"),
            op("="),
            vector(lane.step(sheet, "hw", t), "f"),
        ),
        lit=(source, lane.name("edge", t), f"W_hh{lane.suffix}-all", lane.name("hw", t)),
        new=(lane.name("hw", t), lane.name("edge", t)),
        fly=((f"{source},{source},{lane.name('hw', t)}",),),
    ).of_chain(
        _("{state} brings unit 1 of step {t} {size}", state=state, t=t, size=lane.step(sheet, "hw", t)[0])
    )


def _sum(shape: Shape, sheet: Sheet, lane: Lane, t: int, parts: int) -> Frame:
    inside = shape.has_bias and not shape.late(lane, t)
    terms = [
        var("x", t),
        lane.weight("W", "xh"),
        op("+"),
        lane.var("h", lane.before(t)),
        lane.weight("W", "hh"),
    ]
    values = [units(lane.step(sheet, "xw", t), "f"), op("+"), units(lane.step(sheet, "hw", t), "f")]
    if inside:
        terms += [op("+"), lane.weight("b", "h")]
        values += [op("+"), units(sheet.step(f"b{lane.suffix}", 1))]
    said = _ADDED[inside]
    late = " " + _("The bias waits: here it stands outside f.") if shape.late(lane, t) else ""
    bias = (lane.name("bb", t),) if inside else ()
    addends = (lane.name("xw", t), lane.name("hw", t), *bias)
    moves = tuple(f"{part},{part},{lane.name('a', t)}" for part in addends)
    return Frame(
        "forward",
        t,
        3,
        parts,
        _("Add them up."),
        _(said, a_t=lane.said("a", t)) + late,
        display(lane.var("a", t), op("="), *terms)
        + display(op("="), *values, op("="), units(lane.step(sheet, "a", t), "f")),
        lit=(*addends, lane.name("a", t)),
        new=(lane.name("a", t), *bias),
        fly=(moves,),
    ).of_chain(lane.first(sheet, lane.said("a", t), "a", t))


def _squash(shape: Shape, sheet: Sheet, lane: Lane, t: int, parts: int) -> Frame:
    late = shape.late(lane, t)
    out = _f(shape, lane.var("a", t)) if late else lane.var("h", t)
    ready = (
        ""
        if late
        else " "
        + _("{h_t} is the state after {word}.", h_t=lane.said("h", t), word=sheet.line("quoted", t - 1))
    )
    return Frame(
        "forward",
        t,
        4,
        parts,
        _("Through the activation."),
        _(SQUASHED[shape.activation]) + ready,
        display(
            out,
            op("="),
            var(FUNCTION[shape.activation]),
            units(lane.step(sheet, "a", t), "f"),
            op("="),
            units(lane.step(sheet, "f", t), "f"),
        ),
        lit=(lane.name("a", t), lane.name("f", t), lane.name("h", t)),
        new=(lane.name("f", t), *(() if late else (lane.name("h", t),))),
        slide=(lane.name("f", t),),
    ).of_chain(lane.first(sheet, f"f({lane.said('a', t)})" if late else lane.said("h", t), "f", t))


def _late_bias(sheet: Sheet, lane: Lane, t: int) -> Frame:
    return Frame(
        "forward",
        t,
        5,
        5,
        _("The bias lands after f."),
        _(
            "With the bias outside, {h_t} is f({a_t}) plus b<sub>h</sub>, and may leave the range of f.",
            h_t=lane.said("h", t),
            a_t=lane.said("a", t),
        ),
        display(
            lane.var("h", t),
            op("="),
            units(lane.step(sheet, "f", t), "f"),
            op("+"),
            units(sheet.step(f"b{lane.suffix}", 1)),
            op("="),
            units(lane.step(sheet, "h", t), "f"),
        ),
        lit=(lane.name("f", t), lane.name("bb", t), lane.name("h", t)),
        new=(lane.name("bb", t), lane.name("h", t)),
        fly=((f"{lane.name('bb', t)},{lane.name('bb', t)},{lane.name('h', t)}",),),
    ).of_chain(lane.first(sheet, lane.said("h", t), "h", t))


def read_at_once(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """A whole step of a long sentence in one frame."""
    source, labels = row_of_word(shape, sheet, lane, t)
    before, terms = lane.name("h", lane.before(t)), [lane.name(kind, t) for kind in ("xw", "hw", "a", "h")]
    known = (
        *lane.fresh_word(t),
        lane.name("xw", t),
        lane.name("hw", t),
        lane.name("edge", t),
        *((lane.name("bb", t),) if shape.has_bias else ()),
        lane.name("a", t),
        lane.name("f", t),
        lane.name("h", t),
    )
    frame = Frame(
        "forward",
        t,
        1,
        1,
        _("Step {t}.", t=t),
        _(
            "{word} picks row {nth} of W<sub>xh</sub>; with {before} it becomes {h_t}.",
            word=sheet.line("quoted", t - 1),
            nth=sheet.line("nth", t - 1),
            before=lane.said("h", lane.before(t)),
            h_t=lane.said("h", t),
        ),
        display(
            recurrence(shape, lane, shape.late(lane, t), t, lane.before(t)),
            op("="),
            vector(lane.step(sheet, "h", t), "f"),
        ),
        lit=(f"x-{t}", *known, source, *labels, before, f"W_hh{lane.suffix}-all"),
        new=known,
        fly=(
            (f"{source},{source},{terms[0]}", f"{before},{before},{terms[1]}"),
            (f"{terms[2]},{terms[2]},{terms[3]}",),
        ),
    ).of_chain(lane.first(sheet, lane.said("h", t), "h", t))
    return [frame]
