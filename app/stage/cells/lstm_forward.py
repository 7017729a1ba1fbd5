"""The LSTM cell forwards: its gates one by one, the road, and what is shown of it."""

from app.stage.cells.gates_telling import (
    applied,
    arrives,
    before_and_now,
    gate_rule,
    in_hand,
    into_gate,
    numbered,
)
from app.stage.cells.lstm_reading import CANDIDATE, FORGET, INPUT, OUTPUT
from app.stage.coins import move
from app.stage.formulas import display, op, units, vector
from app.stage.frame import Frame
from app.stage.lanes import Lane
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _


def road_rule(lane: Lane, t: int | str, before: int | str) -> str:
    """c_t = f_t c_{t-1} + i_t g_t."""
    kept = lane.var("f", t) + op("\u2299") + lane.var("c", before)
    return lane.var("c", t) + op("=") + kept + op("+") + lane.var("i", t) + op("\u2299") + lane.var("g", t)


def shown_rule(lane: Lane, t: int | str) -> str:
    """h_t = o_t tanh(c_t)."""
    return lane.var("h", t) + op("=") + lane.var("o", t) + op("\u2299") + applied("tanh", lane.var("c", t))


def rule(shape: Shape, lane: Lane) -> str:
    """The equations of the cell."""
    before, t = before_and_now(lane)
    gates = "".join(
        display(gate_rule(shape, lane, gate, t, before)) for gate in (FORGET, INPUT, CANDIDATE, OUTPUT)
    )
    return gates + display(road_rule(lane, t, before)) + display(shown_rule(lane, t))


def read(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """The frames of a step."""
    told = [into_gate(shape, sheet, lane, gate, t) for gate in (INPUT, CANDIDATE)]
    forget = into_gate(shape, sheet, lane, FORGET, t, "valve")
    output = into_gate(shape, sheet, lane, OUTPUT, t, "valve", "valves")
    frames = [arrives(forget, lane, t), *told, _road(sheet, lane, t), output, _show(sheet, lane, t)]
    return numbered(frames, lane, t)


def _road(sheet: Sheet, lane: Lane, t: int) -> Frame:
    before = lane.before(t)
    old, kept, ramp, c, same = (lane.name(kind, t) for kind in ("cp", "fc", "ig", "c", "same_c"))
    f, i, g = (lane.name(f"gate_{letter}", t) for letter in "fig")
    return Frame(
        "forward",
        t,
        1,
        1,
        _("Keep some, add some."),
        _(
            "The road keeps f of {c_before} and takes in i of g. {kept}",
            c_before=lane.said("c", before),
            kept=sheet.line(f"kept{lane.suffix}", t - 1),
        ),
        display(road_rule(lane, t, before))
        + display(
            op("="),
            units(lane.step(sheet, "gate_f", t)),
            op("\u2299"),
            units(lane.step(sheet, "cp", t)),
            op("+"),
            units(lane.step(sheet, "ig", t), "f"),
            op("="),
            units(lane.step(sheet, "c", t), "f"),
        ),
        lit=(old, lane.name("valve_f", t), f, i, g, kept, ramp, same, c),
        new=(old, kept, ramp, same, c),
        fly=(
            (move(old, kept), move(i, ramp), move(g, ramp)),
            (move(kept, same), move(ramp, same)),
            (move(same, c),),
        ),
        below=lane.first(sheet, lane.said("c", t), "c", t),
    )


def _show(sheet: Sheet, lane: Lane, t: int) -> Frame:
    c, o, curve, h, same = (lane.name(kind, t) for kind in ("c", "valve_o", "th", "h", "same_h"))
    return Frame(
        "forward",
        t,
        1,
        1,
        _("Through the output valve."),
        _(
            "tanh brings {c_t} between −1 and 1, and {o_t} lets some of it be seen: {h_t} is the "
            "state after {word}. The road itself goes on unchanged.",
            c_t=lane.said("c", t),
            o_t=lane.said("o", t),
            h_t=lane.said("h", t),
            word=sheet.line("quoted", t - 1),
        ),
        display(shown_rule(lane, t))
        + display(
            op("="),
            units(lane.step(sheet, "gate_o", t)),
            op("\u2299"),
            units(lane.step(sheet, "th", t), "f"),
            op("="),
            units(lane.step(sheet, "h", t), "f"),
        ),
        lit=(c, lane.name("same_c", t), curve, o, same, h),
        new=(curve, same, h),
        fly=((move(lane.name("same_c", t), same),), (move(same, h),)),
        slide=(curve,),
    ).of_chain(lane.first(sheet, lane.said("h", t), "h", t))


def read_at_once(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """A whole step of a long sentence in one frame."""
    before = lane.before(t)
    known = tuple(lane.name(kind, t) for kind in ("edge", "c", "valves_o", "h"))
    source, weights = lane.name("h", before), tuple(f"W_h{gate}{lane.suffix}-all" for gate in "figo")
    frame = Frame(
        "forward",
        t,
        1,
        1,
        _("Step {t}.", t=t),
        _(
            "{word} and {h_before} set the four gates; the road becomes {c_t}, and what {o_t} "
            "lets through is {h_t}.",
            word=sheet.line("quoted", t - 1),
            h_before=lane.said("h", before),
            c_t=lane.said("c", t),
            o_t=lane.said("o", t),
            h_t=lane.said("h", t),
        ),
        display(road_rule(lane, t, before), op("="), vector(lane.step(sheet, "c", t), "f"))
        + display(shown_rule(lane, t), op("="), vector(lane.step(sheet, "h", t), "f")),
        lit=(f"x-{t}", *known, source, *weights),
        new=(*lane.fresh_word(t), *known),
        fly=((move(source, lane.name("c", t)),), (move(lane.name("c", t), lane.name("h", t)),)),
        at=in_hand(lane, t),
    ).of_chain(lane.first(sheet, lane.said("h", t), "h", t))
    return [frame]
