"""The LSTM cell opened: c on its road through the forget valve and past the on-ramp, h behind the output
valve; on the way back the road's pulse through the valve alone, and thin loops through the gates."""

from app.stage.cells.gates_cell import (
    BED,
    CURVE,
    FACTOR,
    GATE,
    KEPT,
    MEET,
    NEW,
    OLD,
    OUT,
    RAMP,
    View,
    backward,
    beside,
    card,
    curves,
    drawing,
    forward,
    note,
    said,
    slope,
    valve,
    vector,
)
from app.stage.cells.gates_wires import bed, box, down, enters, heads, plus, returns, times, up, wire
from app.stage.cells.lstm_reading import CANDIDATE, FORGET, INPUT, OUTPUT
from app.stage.lanes import Lane
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

AT = {"f": 300.0, "i": 516.0, "g": 732.0, "o": 964.0}  # the middles of the cards


def opened(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> str:
    """The cell at step t."""
    view = View(shape, sheet, lane, t)
    return drawing(
        view,
        _("Inside the LSTM"),
        bed(view),
        box(view),
        valve(view, GATE, view.road, "f"),
        *(
            card(view, gate, AT[gate.letter], f"da_{gate.letter}")
            for gate in (FORGET, INPUT, CANDIDATE, OUTPUT)
        ),
        forward(_road(view), _ramp(view), _shown(view), enters(view, AT.values())),
        backward(_road_back(view), _shown_back(view), _loops(view), returns(view, AT.values(), "\u00d7 f")),
    )


def _road(view: View) -> str:
    """c_{t-1} -> x f -> + -> c_t."""
    lane, t, under = view.lane, view.t, view.shore + 17
    before = lane.before(t)
    return "".join(
        (
            note(1080, 22, _("the c-road: memory passes straight through, unit by unit"), anchor="end"),
            heads(view, 1074, 1),
            plus(view, MEET),
            vector(view, OLD, view.road, "cp"),
            vector(view, KEPT, view.road, "fc"),
            vector(view, NEW, view.road, "same_c", "c", lane.name("c", t)),
            said(view, OLD, under, "c", before),
            said(view, GATE, under, _("forget valve f"), t),
            said(view, KEPT, under, "f \u2299 c", before),
            said(view, NEW, under, "c", t),
        )
    )


def _ramp(view: View) -> str:
    """i and g meet and drive up to the road."""
    y, gate, shore = view.cards - 18, view.cards, view.shore
    path = (
        f"M{AT['i']:g} {gate:g}V{y + 10:g}q0 -10 10 -10H{MEET:g}V{shore:g}"
        f"M{AT['g']:g} {gate:g}V{y + 10:g}q0 -10 -10 -10H{MEET:g}"
    )
    return (
        f'<path class="ramp" d="{path}"/><path class="rampfill" d="{path}"/>{times(MEET, y)}'
        + beside(view, view.box + view.span / 2 + 5, _("on-ramp i ⊙ g"), view.t)
        + vector(view, RAMP, view.box, "ig")
        + wire(f"M{AT['f']:g} {gate:g}V{view.shore + 32:g}")
        + up(AT["f"], view.shore + 24)
    )


def _shown(view: View) -> str:
    """c_t -> tanh -> x o -> h_t."""
    lane, t, under = view.lane, view.t, view.shore + 17
    middle = view.box + view.span / 2
    return "".join(
        (
            wire(f"M{CURVE - 20:g} {view.shore:g}V{view.box - 16:g}"),
            down(CURVE - 20, view.box - 8),
            curves(view, CURVE, "th"),
            valve(view, FACTOR, view.box, "o"),
            vector(view, OUT, view.box, "same_h", "h", lane.name("h", t)),
            said(view, CURVE + 6, under, "tanh"),
            said(view, FACTOR, under, _("valve o"), t),
            said(view, OUT, under, "h", t),
            wire(f"M{AT['o']:g} {view.cards:g}V{view.box + view.span + 16:g}"),
            up(AT["o"], view.box + view.span + 8),
            wire(f"M1076 {middle:g}h14"),
            f'<path class="tip" d="M1098 {middle:g}l-9 -5v10z"/>',
        )
    )


def _road_back(view: View) -> str:
    """dL/dc_{t-1} <- x f <- dL/dc_t <- what comes from later."""
    lane, t, under = view.lane, view.t, view.shore + 17
    before, start, last = lane.before(t), t == lane.start, t == lane.last
    on = said(view, OLD, under, _("on to c"), before, kind="bw")
    coming = (
        note(1000, BED - 8, _("nothing comes from later"), "bw", "middle")
        if last
        else said(view, 1000, BED - 8, _("from c"), lane.at(lane.at(t) + 1), kind="bw")
    )
    return "".join(
        (
            heads(view, 30, -1),
            plus(view, CURVE),
            "" if start else vector(view, OLD, view.road, "fdc"),
            vector(view, NEW, view.road, "same_dc", "dc", lane.name("dc", t)),
            "" if last else vector(view, 1000, view.road, "later"),
            on if not start else note(OLD - 30, under, _("before the first word"), "bw"),
            said(view, GATE, under, "\u00d7 f", t, " alone", kind="bw"),
            said(view, NEW, under, "\u2202L/\u2202c", t, kind="bw"),
            coming,
        )
    )


def _shown_back(view: View) -> str:
    """dL/dh_t -> x o tanh' -> down to the road."""
    lane, t, under = view.lane, view.t, view.shore + 17
    return "".join(
        (
            wire(f"M{CURVE:g} {view.box - 8:g}V{view.shore + 8:g}", kind="bw"),
            up(CURVE, view.shore, "bw"),
            vector(view, CURVE, view.box, "out"),
            slope(view, FACTOR, view.box, "same_oc", "oc"),
            vector(view, OUT, view.box, "same_dh", "dh", lane.name("dh", t)),
            said(view, FACTOR, under, _("× o tanh′"), kind="bw"),
            said(view, OUT + 6, under, "\u2202L/\u2202h", t, kind="bw"),
        )
    )


def _loops(view: View) -> str:
    """Thin: what the gates are blamed for."""
    gate, y, shore = view.cards, view.cards - 18, view.shore
    loops = wire(
        f"M{GATE:g} {shore + 24:g}V{gate - 8:g}",
        f"M{MEET:g} {shore:g}V{y:g}M{AT['i']:g} {gate - 8:g}V{y + 8:g}q0 -8 8 -8H{AT['g'] - 8:g}q8 0 8 "
        f"8V{gate - 8:g}",
        f"M{AT['o']:g} {view.box + view.span + 8:g}V{gate - 8:g}",
        kind="loop",
    )
    return loops + "".join(down(x, gate, "bw") for x in AT.values())
