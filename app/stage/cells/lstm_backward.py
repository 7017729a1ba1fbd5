"""The LSTM cell on the way back: through the output valve to the road, into the gates, on along the road, and
through all gates to the state before."""

from app.stage import comeback
from app.stage.cells.gates_telling import (
    L,
    along_road,
    applied,
    blame_of_state,
    crossing,
    in_hand,
    numbered,
    out_of_gate,
    pays_at_once,
    reaches,
    roads_on,
    with_pulse,
)
from app.stage.cells.lstm_reading import CANDIDATE, FORGET, INPUT, OUTPUT
from app.stage.coins import move
from app.stage.formulas import d, display, op, row, units, var, vector
from app.stage.frame import Frame
from app.stage.lanes import Lane
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _


def blame(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """The frames of a step."""
    frames = [_through_valve(sheet, lane, t), _to_road(sheet, lane, t), *_gates(shape, sheet, lane, t)]
    frames[-1] = with_pulse(frames[-1], lane, t)
    if t != lane.start:
        frames += [along_road(sheet, lane, t, "c", "f"), _cross(shape, sheet, lane, t)]
    return numbered(frames, lane, t)


def _gates(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """Each gate is blamed for what it multiplied, times the blame on the product."""
    c, h = lane.name("same_dc", t), lane.name("same_dh", t)
    old, road = lane.said("c", lane.before(t)), f"\u2202L/\u2202{lane.said('c', t)}"
    on_c, on_h = (d(L, lane.var(name, t)) + op("\u2299") for name in "ch")
    kept, shown = on_c + lane.var("c", lane.before(t)), on_h + applied("tanh", lane.var("c", t))
    seen, whole = f"tanh({lane.said('c', t)})", f"\u2202L/\u2202{lane.said('h', t)}"
    told = (
        (FORGET, kept, _("f decided how much of {old} stays: {road} times that.", old=old, road=road), c),
        (INPUT, on_c + lane.var("g", t), _("i decided how much of g enters: {road} times g.", road=road), c),
        (
            CANDIDATE,
            on_c + lane.var("i", t),
            _("g entered as far as i let it: {road} times i.", road=road),
            c,
        ),
        (
            OUTPUT,
            shown,
            _("o decided how much of {seen} is seen: {whole} times that.", seen=seen, whole=whole),
            h,
        ),
    )
    return [out_of_gate(shape, sheet, lane, gate, t, *rest) for gate, *rest in told]


def _through_valve(sheet: Sheet, lane: Lane, t: int) -> Frame:
    h, same, factor, again, out = (lane.name(kind, t) for kind in ("dh", "same_dh", "oc", "same_oc", "out"))
    on_h = d(L, lane.var("h", t))
    slope = row(lane.var("o", t), op("\u2299"), var("tanh", "", "\u2032"), op("("), lane.var("c", t), op(")"))
    return Frame(
        "back",
        t,
        1,
        1,
        _("Back through the output valve."),
        _(
            "{h_t} was o of tanh({c_t}), so its blame comes down to the road times o and the slope of tanh.",
            h_t=lane.said("h", t),
            c_t=lane.said("c", t),
        ),
        display(
            on_h,
            op("\u2299"),
            slope,
            op("="),
            units(lane.step(sheet, "dh", t), "b"),
            op("\u2299"),
            units(lane.step(sheet, "oc", t)),
            op("="),
            units(lane.step(sheet, "out", t), "b"),
        ),
        lit=(h, same, factor, again, out),
        new=(same, factor, again, out),
        fly=((move(h, same),), (move(same, out),)),
    ).of_chain(_("unit 1 of step {t} sends down {sheet}", t=t, sheet=lane.step(sheet, "out", t)[0]))


def _to_road(sheet: Sheet, lane: Lane, t: int) -> Frame:
    last = t == lane.last
    out, c, same, later = (lane.name(kind, t) for kind in ("out", "dc", "same_dc", "later"))
    roads = () if last else (lane.name("road", t),)
    said = (
        _(
            "{c_t} is the last on the road: nothing comes from later steps, so this is all of its blame.",
            c_t=lane.said("c", t),
        )
        if last
        else _(
            "{c_t} is seen now and carried on: what came back along the road is added.", c_t=lane.said("c", t)
        )
    )
    terms = () if last else (units(lane.step(sheet, "later", t), "b"), op("+"))
    coming = () if last else (later,)
    return Frame(
        "back",
        t,
        1,
        1,
        _("Down to the road."),
        said,
        display(
            d(L, lane.var("c", t)),
            op("="),
            *terms,
            units(lane.step(sheet, "out", t), "b"),
            op("="),
            units(lane.step(sheet, "dc", t), "b"),
        ),
        lit=(out, *coming, same, c, *roads),
        new=(*coming, same, c),
        fly=(tuple(move(part, same) for part in (out, *coming)), (move(same, c),)),
    ).of_chain(lane.first(sheet, f"\u2202L/\u2202{lane.said('c', t)}", "dc", t))


def _cross(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> Frame:
    before, letters = lane.before(t), "figo"
    deltas = tuple(lane.name(f"da_{letter}", t) for letter in letters)
    terms: list[str] = []
    for letter in letters:
        terms += [op("+"), lane.var("\u03b4", t, letter), lane.weight("W", f"h{letter}", "\u22a4")]
    known = crossing(shape, lane, t)
    return Frame(
        "back",
        t,
        1,
        1,
        _("The side loops meet."),
        _(
            "Every gate had read {h_before}: each δ goes back through its own weights, and they "
            "add up. So the whole gradient is more than the road’s product.",
            h_before=lane.said("h", before),
        ),
        blame_of_state(shape, sheet, lane, before, terms[1:]),
        lit=(
            *deltas,
            *known[:2],
            *(f"W_h{letter}{lane.suffix}-all" for letter in letters),
            lane.name("col", before),
        ),
        new=known,
        grow=(known[0],),
    ).of_chain(reaches(shape, sheet, lane, before))


def blame_at_once(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """A whole step of a long sentence in one frame."""
    coins, paid = pays_at_once(shape, lane, t)
    before, known = lane.before(t), crossing(shape, lane, t)
    roads = roads_on(lane, t) if known else ()
    c, factor = lane.name("dc", t), lane.name("oc", t)
    norm = f"norm{lane.suffix}"
    on = (
        _(
            "Times {f_t} it goes on along the road; through the gates {size} reaches {h_before}.",
            f_t=lane.said("f", t),
            size=sheet.number(comeback.size(shape) + lane.suffix, before - 1),
            h_before=lane.said("h", before),
        )
        if known
        else _("No step is left before it.")
    )
    frame = Frame(
        "back",
        t,
        1,
        1,
        _("Step {t} pays in.", t=t),
        _(
            "The blame on {h_t}, {size}, comes down to the road. {on}",
            h_t=lane.said("h", t),
            size=sheet.number(norm, t - 1),
            on=on,
        ),
        display(d(L, lane.var("c", t)), op("="), vector(lane.step(sheet, "dc", t), "b")),
        lit=(lane.name("dh", t), factor, c, lane.name("pulse", t), *known[:2], *roads, *coins, *paid),
        new=(factor, c, lane.name("pulse", t), *known, *roads, *paid),
        on=coins,
        grow=(lane.name("pulse", t), *known[:1], *roads),
        at=in_hand(lane, t),
        below=_("{size} comes down to {c_t}", size=sheet.number(norm, t - 1), c_t=lane.said("c", t)),
    )
    return [frame]
