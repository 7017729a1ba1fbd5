"""Where two chains meet: the readout of [h_ltr(T); h_rtl(1)], and the roads that lead the lower one there.

The upper lane ends beside the readout. The lower one ends at the left, where the readout is not: its last
state goes round below the columns and comes up to the readout from below, and its gradient goes back the same
way. One pulse leaves the loss and splits.
"""

from app.stage.column import ASIDE, height
from app.stage.lanes import Lane
from app.stage.layout import COLUMN, FORWARD, LEFT, ORIGIN, READOUT, RIGHT, Geometry
from app.stage.marks import symbol, upright
from app.stage.readout import answer, way
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

FIRST, JOINED = 68.0, 127.0  # the middles of the lower lane's first state, and of its last one at the readout
CLIMB = 93.0  # between what z and what the slope is blamed for
DEPTH = 58.0  # the room of the roads under the lower lane
OUT, BACK = 16.0, 46.0  # how far from the left edge the two roads turn
FORK, DOWN = 22.0, 170.0  # where the lower gradient leaves the pulse, and where it goes down
ENTRY = ASIDE + COLUMN - RIGHT - 46  # from the left edge of the lower lane's first column to h
WIDEST = 36.0  # of the road of the lower gradient: there is no room for more


def _upper(shape: Shape) -> float:
    """Height of the upper lane."""
    return height(shape.geometry, shape.lanes[0])


def _whole(shape: Shape) -> float:
    """Height of both lanes and the roads."""
    return _upper(shape) + height(shape.geometry, shape.lanes[1]) + DEPTH


def turn(shape: Shape) -> str:
    """The room left of the lower lane, where the roads turn."""
    high = height(shape.geometry, shape.lanes[1]) + (0.0 if shape.per_step else DEPTH)
    return (
        f'<svg class="turn" width="{ORIGIN}" height="{high:g}" viewBox="0 0 {ORIGIN} {high:g}" '
        'aria-hidden="true">'
        + way(_("right"), _("to left"), 20.0)
        + "</svg>"
    )


def ending(shape: Shape, sheet: Sheet, lane: Lane) -> str:
    """The state that the lower lane starts from, at its right end, over the room of the readout."""
    geo = shape.geometry
    high = height(geo, lane)
    return (
        f'<svg class="ending" width="94" height="{high:g}" viewBox="0 {geo.skipped:g} 94 {high:g}" '
        f'role="group" aria-label="'
        + _("the first state of the chain from right to left")
        + '">'
        + symbol(FIRST, FORWARD - 8, "h", lane.origin, lane.mark)
        + f'<g id="{lane.name("h", lane.origin)}" class="vec" transform="translate({FIRST:g} {FORWARD})">'
        + upright(geo, sheet, f"h0{lane.suffix}")
        + "</g></svg>"
    )


def meeting(shape: Shape, sheet: Sheet) -> str:
    """The readout of two chains: beside the end of the upper one, above the last state of the lower one."""
    high, lower = _whole(shape), shape.lanes[1]
    return "".join(
        (
            f'<svg id="readout" class="readout" width="{READOUT}" height="{high:g}" '
            f'viewBox="0 0 {READOUT} {high:g}" role="group" aria-label="'
            + _("the end of both chains")
            + '">',
            answer(shape, sheet, _edges(shape.geometry, _top(shape))),
            symbol(JOINED, _top(shape) - 8, "h", lower.last, lower.mark),
            _joined(shape, sheet, "end", "h"),
            f'<g class="again">{_joined(shape, sheet, "end2", "h2")}</g>' if shape.again else "",
            "</svg>",
        )
    )


def _top(shape: Shape) -> float:
    """Top of the lower lane's states."""
    return _upper(shape) + FORWARD - shape.geometry.skipped


def _joined(shape: Shape, sheet: Sheet, name: str, shows: str) -> str:
    """The last state of the lower chain, as the readout has it."""
    lower = shape.lanes[1]
    cells = upright(shape.geometry, sheet, f"{shows}{lower.suffix}", lower.last - 1)
    return (
        f'<g id="{lower.name(name, lower.last)}" class="vec joined" '
        f'data-shows="{lower.name(shows, lower.last)}" transform="translate({JOINED:g} {_top(shape):g})">'
        f"{cells}</g>"
    )


def _edges(geo: Geometry, top: float) -> str:
    """From the lower chain's last state up to the logit: together where there is little room."""
    under = geo.middle + 12  # of the logit
    rise = under + max(2.0, 0.7 * (geo.under - geo.middle - 45))
    rows = [top + geo.centre(unit) for unit in range(0, geo.units, -(-geo.units // 16))]
    left = JOINED - 24
    return (
        "".join(f"M{left:g} {y:g}Q{CLIMB:g} {y:g} {CLIMB:g} {y - 14:g}V{top - 20:g}" for y in rows)
        + f"M{CLIMB:g} {top - 20:g}V{rise + 8:g}Q{CLIMB:g} {rise:g} {CLIMB - 8:g} {rise:g}H{LEFT + 25:g}"
        f"Q{LEFT + 17:g} {rise:g} {LEFT + 17:g} {rise - 6:g}V{under:g}"
    )


def roads(shape: Shape, sheet: Sheet) -> str:
    """Round below the lower lane: its last state on the way to the readout, its gradient on the way back."""
    geo, upper, high = shape.geometry, _upper(shape), _whole(shape)
    start = ORIGIN + COLUMN * shape.steps
    width, suffix = start + READOUT, shape.lanes[1].suffix
    state, blamed = upper + geo.middle - geo.skipped, upper + geo.under - geo.skipped
    first, entry, up = ORIGIN + ENTRY, ORIGIN + ASIDE, start + JOINED
    forth = (
        f"M{first - 4:g} {state:g}H{OUT + 8:g}Q{OUT:g} {state:g} {OUT:g} {state + 8:g}V{high - 16:g}"
        f"Q{OUT:g} {high - 8:g} {OUT + 8:g} {high - 8:g}H{up - 8:g}Q{up:g} {high - 8:g} {up:g} {high - 16:g}"
        f"V{_top(shape) + geo.span + 3:g}"
    )
    back = (
        f"M{start + LEFT:g} {geo.under:g}H{start + FORK:g}V{upper + 8:g}H{start + DOWN:g}"
        f"V{high - DEPTH + 22:g}H{BACK:g}V{blamed:g}H{entry:g}"
    )
    return (
        f'<svg class="roads" width="{width:g}" height="{high:g}" viewBox="0 0 {width:g} {high:g}" '
        f'role="group" aria-label="' + _("the way round below the columns") + f'">'
        f'<path id="road{suffix}" class="edge road" d="{forth}"/>'
        f'<g class="lower"><path id="pulse-y{suffix}" class="pulse road" d="{back}" '
        f'stroke-width="{sheet.line("road width")}"/></g></svg>'
    )
