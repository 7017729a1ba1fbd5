"""Where two chains meet: the readout of [h_ltr(T); h_rtl(1)], and the roads that lead the lower one there.

The lower lane ends at the left, where the readout is not: its last state goes round below the columns, and
its gradient comes back the same way. One pulse leaves the loss and splits.
"""

from app.stage.column import ASIDE, bounds, height
from app.stage.lanes import Lane
from app.stage.layout import COLUMN, FORWARD, LEFT, ORIGIN, RIGHT, Geometry
from app.stage.marks import TRANSPOSE, symbol, upright
from app.stage.paths import ribbon
from app.stage.plot import plot
from app.stage.readout import after, blame, prediction, way
from app.stage.shape import Shape
from app.stage.sheet import Sheet

WIDTH, SHIFT = 350.0, 160.0  # of the readout; how far right of its usual place the prediction stands
JOINED = 135.0  # the middle of the joined states
DEPTH = 58.0  # the room of the roads under the lower lane
OUT, BACK = 16.0, 46.0  # how far from the left edge the two roads turn
ENTRY = ASIDE + COLUMN - RIGHT - 46  # from the left edge of the lower lane's first column to h


def _upper(shape: Shape) -> float:
    """Height of the upper lane."""
    return height(shape.geometry, shape.lanes[0])


def _whole(shape: Shape) -> float:
    """Height of both lanes and the roads."""
    return _upper(shape) + height(shape.geometry, shape.lanes[1]) + DEPTH


def drop(shape: Shape) -> float:
    """How far the prediction stands below its usual place: midway between two lanes."""
    if len(shape.lanes) == 1:
        return 0.0
    geo = shape.geometry
    return _upper(shape) - (geo.middle + geo.under) / 2 + 8


def turn(shape: Shape) -> str:
    """The room left of the lower lane, where the roads turn."""
    high = height(shape.geometry, shape.lanes[1]) + (0.0 if shape.per_step else DEPTH)
    return (
        f'<svg class="turn" width="{ORIGIN}" height="{high:g}" viewBox="0 0 {ORIGIN} {high:g}" '
        f'aria-hidden="true">{way("right", "to left", 20.0)}</svg>'
    )


def ending(shape: Shape, sheet: Sheet, lane: Lane) -> str:
    """The state that the lower lane starts from, at its right end, over the room of the readout."""
    geo = shape.geometry
    high, x = height(geo, lane), 68.0
    return (
        f'<svg class="ending" width="94" height="{high:g}" viewBox="0 {geo.skipped:g} 94 {high:g}" '
        'role="group" aria-label="the first state of the chain from right to left">'
        + symbol(x, FORWARD - 8, "h", lane.origin, lane.mark)
        + f'<g id="{lane.name("h", lane.origin)}" class="vec" transform="translate({x:g} {FORWARD})">'
        + upright(geo, sheet, f"h0{lane.suffix}")
        + "</g></svg>"
    )


def meeting(shape: Shape, sheet: Sheet) -> str:
    """The readout of two chains: their last states one below the other, the prediction beside them."""
    geo, high, down = shape.geometry, _whole(shape), drop(shape)
    upper, lower = shape.lanes
    tops = (float(FORWARD), _upper(shape) + FORWARD - geo.skipped)
    z = geo.middle + down
    pulse = ribbon(LEFT + SHIFT, bounds(sheet, " y", 0), 0, bounds(sheet, "", upper.last - 1))
    return "".join(
        (
            f'<svg id="readout" class="readout" width="{WIDTH:g}" height="{high:g}" '
            f'viewBox="0 0 {WIDTH:g} {high:g}" role="group" aria-label="the end of both chains">',
            f'<g id="loss" transform="translate({SHIFT:g} 0)">{plot(shape, sheet)}</g>',
            _joined(geo, sheet, upper, tops[0]),
            _joined(geo, sheet, lower, tops[1]),
            f'<path id="edge-y" class="edge" d="{_edges(geo, tops, z)}"/>',
            symbol(SHIFT + 22, FORWARD - 8, "W", "hy", classes="wt"),
            f'<g class="lower"><path id="pulse-y" class="pulse" d="{pulse}"/>',
            symbol(SHIFT - 4, geo.under + down - 34, "W", "hy", TRANSPOSE, classes="bw"),
            "</g>",
            f'<g transform="translate({SHIFT:g} {down:g})">{prediction(shape, sheet)}{blame(shape, sheet)}',
            after(geo, sheet) if shape.again else "",
            "</g>",
            _joined_again(shape, sheet, tops) if shape.again else "",
            "</svg>",
        )
    )


def _joined(geo: Geometry, sheet: Sheet, lane: Lane, top: float) -> str:
    """The last state of a chain, as the readout has it."""
    cells = upright(geo, sheet, f"h{lane.suffix}", lane.last - 1)
    return (
        symbol(JOINED, top - 8, "h", lane.last, lane.mark)
        + f'<g id="{lane.name("end", lane.last)}" class="vec joined" '
        f'data-shows="{lane.name("h", lane.last)}" transform="translate({JOINED:g} {top:g})">{cells}</g>'
    )


def _joined_again(shape: Shape, sheet: Sheet, tops: tuple[float, float]) -> str:
    """The same of the second forward pass, over the first."""
    cells = (
        f'<g id="{lane.name("end2", lane.last)}" class="vec joined" '
        f'data-shows="{lane.name("h2", lane.last)}" transform="translate({JOINED:g} {top:g})">'
        f"{upright(shape.geometry, sheet, f'h2{lane.suffix}', lane.last - 1)}</g>"
        for lane, top in zip(shape.lanes, tops, strict=True)
    )
    return f'<g class="again">{"".join(cells)}</g>'


def _edges(geo: Geometry, tops: tuple[float, float], z: float) -> str:
    """From the upper lane to the joined states, and from all of them to the logit."""
    right, to = JOINED + 24, LEFT + SHIFT - 8
    rows = [top + geo.centre(unit) for top in tops for unit in range(0, geo.units, -(-geo.units // 16))]
    incoming = "".join(f"M0 {y:g}H{JOINED - 25:g}" for y in rows[: len(rows) // 2])
    return incoming + "".join(
        f"M{right:g} {y:g}C{right + 22:g} {y:g} {to - 22:g} {z:g} {to:g} {z:g}" for y in rows
    )


def roads(shape: Shape, sheet: Sheet) -> str:
    """Round below the lower lane: its last state on the way to the readout, its gradient on the way back."""
    geo, upper, high = shape.geometry, _upper(shape), _whole(shape)
    start = ORIGIN + COLUMN * shape.steps
    width, suffix = start + WIDTH, shape.lanes[1].suffix
    state, blamed = upper + geo.middle - geo.skipped, upper + geo.under - geo.skipped
    first, entry = ORIGIN + ENTRY, ORIGIN + ASIDE
    ground = high - DEPTH
    forth = (
        f"M{first - 4:g} {state:g}H{OUT + 8:g}Q{OUT:g} {state:g} {OUT:g} {state + 8:g}V{high - 16:g}"
        f"Q{OUT:g} {high - 8:g} {OUT + 8:g} {high - 8:g}H{start + 96:g}Q{start + 104:g} {high - 8:g} "
        f"{start + 104:g} {high - 16:g}V{state:g}H{start + JOINED - 26:g}"
    )
    fork = geo.under + drop(shape)
    back = (
        f"M{start + SHIFT + LEFT:g} {fork:g}H{start + SHIFT + 30:g}V{ground + 22:g}H{BACK:g}V{blamed:g}"
        f"H{entry:g}"
    )
    return (
        f'<svg class="roads" width="{width:g}" height="{high:g}" viewBox="0 0 {width:g} {high:g}" '
        'role="group" aria-label="the way round below the columns">'
        f'<path id="road{suffix}" class="edge road" d="{forth}"/>'
        f'<g class="lower"><path id="pulse-y{suffix}" class="pulse road" d="{back}" '
        f'stroke-width="{sheet.line("road width")}"/></g></svg>'
    )
