"""The GRU cell opened: the old state on its road through the update valve, the candidate on the on-ramp
through what that valve leaves, and the reset valve on what the candidate sees of the past."""

from app.stage.cells.gates_cell import (
    BOX,
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
    card,
    drawing,
    forward,
    note,
    said,
    slope,
    valve,
    vector,
)
from app.stage.cells.gates_wires import bed, box, down, enters, heads, plus, returns, times, up, wire
from app.stage.cells.gru_reading import CANDIDATE, RESET, UPDATE
from app.stage.lanes import Lane
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

AT = {"z": 300.0, "n": MEET, "r": 964.0}  # the middles of the cards
SHARE = 480.0  # where the mixer's other share stands
VIEW = 620.0  # where the past comes down to the candidate


def opened(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> str:
    """The cell at step t."""
    view = View(shape, sheet, lane, t)
    return drawing(
        view,
        _("Inside the GRU"),
        bed(view),
        box(view),
        valve(view, GATE, view.road, "z"),
        valve(view, FACTOR, view.box, "r"),
        *(card(view, gate, AT[gate.letter], f"da_{gate.letter}") for gate in (UPDATE, CANDIDATE, RESET)),
        forward(_road(view), _ramp(view), _past(view), enters(view, AT.values())),
        backward(_road_back(view), _past_back(view), _loops(view), returns(view, AT.values(), "\u00d7 z")),
    )


def _road(view: View) -> str:
    """h_{t-1} -> x z -> + -> h_t."""
    lane, t, under = view.lane, view.t, view.shore + 17
    before = lane.before(t)
    return "".join(
        (
            note(1080, 22, _("the old state passes straight through, as far as z lets it"), anchor="end"),
            heads(view, 1074, 1),
            plus(view, MEET),
            vector(view, OLD, view.road, "hp"),
            vector(view, KEPT, view.road, "zh"),
            vector(view, NEW, view.road, "same_h", "h", lane.name("h", t)),
            said(view, OLD, under, "h", before),
            said(view, GATE, under, _("update valve z"), t),
            said(view, KEPT, under, "z \u2299 h", before),
            said(view, NEW, under, "h", t),
        )
    )


def _ramp(view: View) -> str:
    """The candidate drives up to the road, times what the update valve leaves."""
    y, gate, shore = view.box + view.span / 2, view.cards, view.shore
    below = view.box + view.span + 15
    path = f"M{MEET:g} {gate:g}V{shore:g}"
    return (
        f'<path class="ramp" d="{path}"/><path class="rampfill" d="{path}"/>'
        + wire(f"M{GATE:g} {gate:g}V{shore + 32:g}M{GATE:g} {y:g}H{MEET - 12:g}")
        + up(GATE, shore + 24)
        + times(MEET, y)
        + slope(view, SHARE, view.box, "same_mz", "mz")
        + said(view, SHARE, below, "1 \u2212 z", view.t)
        + vector(view, RAMP, view.box, "zn")
        + said(view, RAMP, below, "(1\u2212z) \u2299 n", view.t, kind="fw")
    )


def _past(view: View) -> str:
    """h_{t-1} W_hn -> x r -> into the candidate."""
    lane, t, under = view.lane, view.t, view.shore + 17
    middle = view.box + view.span / 2
    bias = " + b" if view.shape.has_bias else ""
    return "".join(
        (
            vector(view, OUT, view.box, "u_n"),
            vector(view, CURVE, view.box, "ru"),
            said(view, OUT, under, "h", lane.before(t), f"W{bias}"),
            said(view, FACTOR - 10, under, _("valve r"), t),
            said(view, CURVE - 10, under, "r \u2299 \u2026"),
            wire(f"M{AT['r']:g} {view.cards:g}V{view.box + view.span + 16:g}"),
            up(AT["r"], view.box + view.span + 8),
            wire(f"M{BOX:g} {middle:g}H{VIEW + 88:g}q-8 0 -8 8V{view.cards - 14:g}H{VIEW + 8:g}q-8 0 -8 8"),
            down(VIEW, view.cards),
            note(BOX - 8, middle - 8, _("what n sees of the past"), anchor="end"),
        )
    )


def _road_back(view: View) -> str:
    """z dL/dh_t on to h_{t-1} <- x z <- dL/dh_t."""
    lane, t, under = view.lane, view.t, view.shore + 17
    start = t == lane.start
    told = (
        note(OLD - 30, under, _("before the first word"), "bw")
        if start
        else said(view, OLD, under, _("on to h"), lane.before(t), kind="bw")
    )
    return "".join(
        (
            heads(view, 30, -1),
            "" if start else vector(view, OLD, view.road, "zdh"),
            vector(view, NEW, view.road, "same_dh", "dh", lane.name("dh", t)),
            told,
            said(view, GATE, under, "\u00d7 z", t, " alone", kind="bw"),
            said(view, NEW, under, "\u2202L/\u2202h", t, kind="bw"),
        )
    )


def _past_back(view: View) -> str:
    """delta_n -> x r -> through W_hn."""
    under, middle = view.shore + 17, view.box + view.span / 2
    return "".join(
        (
            vector(view, CURVE, view.box, "same_da_n", "da_n", view.name("da_n")),
            vector(view, OUT, view.box, "du_n"),
            said(view, CURVE, under, "\u03b4", "n", kind="bw"),
            said(view, FACTOR, under, "\u00d7 r", view.t, kind="bw"),
            said(view, OUT, under, _("to W"), "hn", kind="bw"),
            wire(
                f"M{VIEW:g} {view.cards:g}V{view.cards - 14:g}H{VIEW + 72:g}q8 0 8 -8V{middle + 8:g}q0 -8 "
                "8 -8"
                f"H{BOX - 8:g}",
                kind="loop",
            ),
            f'<path class="tip bw" d="M{BOX:g} {middle:g}l-9 -5v10z"/>',
        )
    )


def _loops(view: View) -> str:
    """Thin: what the gates are blamed for."""
    gate, shore = view.cards, view.shore
    loops = wire(
        f"M{GATE:g} {shore + 24:g}V{gate - 8:g}",
        f"M{MEET:g} {shore:g}V{gate - 8:g}",
        f"M{AT['r']:g} {view.box + view.span + 8:g}V{gate - 8:g}",
        kind="loop",
    )
    return loops + "".join(down(x, gate, "bw") for x in AT.values())
