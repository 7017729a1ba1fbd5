"""What stands still in an opened cell: the road, where lanes meet, and the wires between its parts."""

from collections.abc import Iterable

from app.stage.cells.gates_cell import BED, BOX, WIDTH, View, note
from app.stage.marks import junction
from app.wording.catalogue import _


def bed(view: View) -> str:
    """The road itself, a lane for each unit."""
    lines = "".join(f"M30 {y:g}H1074" for y in view.lanes())
    size = f'width="1056" height="{view.shore - BED:g}"'
    return f'<rect class="roadbed" x="24" y="{BED:g}" {size} rx="10"/><path class="roadline" d="{lines}"/>'


def plus(view: View, x: float) -> str:
    """Where the lanes are added to."""
    return "".join(junction(x, y, 9) for y in view.lanes())


def heads(view: View, x: float, way: int) -> str:
    """The ends of the lanes: 1 to the right, -1 to the left."""
    return "".join(f'<path class="tip" d="M{x:g} {y:g}l{-10 * way} -6v12z"/>' for y in view.lanes())


def times(x: float, y: float) -> str:
    return (
        f'<circle class="plus" cx="{x:g}" cy="{y:g}" r="10"/>'
        f'<path class="plus" d="M{x - 4:g} {y - 4:g}l8 8m0 -8l-8 8"/>'
    )


def box(view: View) -> str:
    """The frame above the right card."""
    size = f'width="218" height="{view.span + 16:g}"'
    return f'<rect class="outbed" x="{BOX:g}" y="{view.box - 8:g}" {size} rx="8"/>'


def wire(*points: str, kind: str = "") -> str:
    """An arrow along points, pointed at its last one by a marker of the style sheet."""
    return f'<path class="wire {kind}" d="{"".join(points)}"/>'


def up(x: float, y: float, kind: str = "") -> str:
    return f'<path class="tip {kind}" d="M{x:g} {y:g}l-4 8h8z"/>'


def down(x: float, y: float, kind: str = "") -> str:
    return f'<path class="tip {kind}" d="M{x:g} {y:g}l-4 -8h8z"/>'


def enters(view: View, cards: Iterable[float]) -> str:
    """What enters every gate, from below. cards : their middles."""
    y, before = view.floor, view.lane.before(view.t)
    arrows = "".join(wire(f"M{x:g} {y + 18:g}V{y + 10:g}") + up(x, y + 2) for x in cards)
    state = f'h<tspan class="sub" dy="3.5">{before}</tspan><tspan dy="-3.5">'
    told = _("every gate reads the same two things, the word and {state}, each through its own weights",
             state=state)  # fmt: skip
    told += (_(", and its own bias") if view.shape.has_bias else "") + "</tspan>"
    return arrows + note(WIDTH / 2, y + 34, told, anchor="middle")


def returns(view: View, cards: Iterable[float], valve: str) -> str:
    """What the gates send on to the state before. valve : what the road is multiplied by"""
    floor, places = view.floor, list(cards)
    out = wire(
        *(f"M{x:g} {floor:g}V{floor + 16:g}" for x in places),
        f"M{max(places):g} {floor + 16:g}H64",
        kind="loop",
    )
    if view.t == view.lane.start:
        onwards = _("every δ would go on through its W⊤, but no step is left before this one")
    else:
        before = f'h<tspan class="sub" dy="3.5">{view.lane.before(view.t)}</tspan>'
        onwards = _("every δ through its W⊤, added up: the blame on {before}", before=before)
    tip = f'<path class="tip bw" d="M56 {floor + 16:g}l10 -5v10z"/>'
    apart = _("the road passes {valve} alone; these loops are the rest of the gradient", valve=valve)
    return out + tip + note(56, floor + 33, onwards, "bw") + note(1080, floor + 33, apart, "bw", "end")
