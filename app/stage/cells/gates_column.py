"""What the columns of cells with gates are made of: valves, the road that passes by, the sums of a gate."""

from app.stage.cells.gates import Gate
from app.stage.column import across, bounds, label, left, mirrored, vector
from app.stage.lanes import Lane
from app.stage.layout import COLUMN, FORWARD, LEFT, MIDDLE, RIGHT, Geometry
from app.stage.marks import junction, symbol, upright
from app.stage.paths import ribbon
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

ROAD_Y = 84.0  # the middle of the road, between the code and the cells
VALVE = 22.0  # where the road has its valve, in the gap
HALF = 0.5  # the road's pulse is drawn at half the width, to fit its band


def roadway(lane: Lane, joins: float, letter: str, t: int) -> str:
    """The road past a column: a valve in the gap, and where the cell joins it. joins : where that is."""
    bed = f'<path class="roadbed" d="M0 {ROAD_Y - 9:g}H{COLUMN}V{ROAD_Y + 9:g}H0z"/>'
    line = f'<path class="roadline" d="M0 {ROAD_Y:g}H{COLUMN}M{joins:g} {ROAD_Y:g}V{FORWARD - 22:g}"/>'
    tip = f'<path class="fhead" d="M{joins:g} {FORWARD - 18:g}l-4-7h8z"/>'
    box = f'<rect class="body" x="{VALVE - 19:g}" y="{ROAD_Y - 11:g}" width="38" height="22" rx="5"/>'
    name = label(lane, VALVE, ROAD_Y + 5, f"\u00d7 {letter}", t)
    return f'<g class="road">{mirrored(lane, bed + line + tip + junction(joins, ROAD_Y) + box)}{name}</g>'


def valves(geo: Geometry, sheet: Sheet, lane: Lane, letter: str, t: int) -> str:
    """A gate's numbers in the middle of the column, each in a cell that is filled to scale."""
    name, same, x = f"valves_{letter}", lane.name(f"gate_{letter}", t), across(lane, MIDDLE + 21)
    at = f'data-shows="{same}" transform="translate({x:g} {FORWARD})"'
    head = f'<g id="{lane.name(name, t)}" class="vec valves" {at}>'
    if not geo.numbered:
        return f"{head}{upright(geo, sheet, f'gate_{letter}{lane.suffix}', t - 1)}</g>"
    first, fill = (t - 1) * geo.units, f"fill_{letter}{lane.suffix}"
    text, middle = geo.cell_height / 2 + 4.5, geo.cell_height / 2
    cells = "".join(
        f'<g class="c" transform="translate(0 {geo.row(unit):g})"><rect class="body"/><path class="fillup" '
        f'transform="translate(-21)" d="M0 {middle:g}H{sheet.line(fill, first + unit)}"/>'
        f'<text y="{text:g}">{number}</text></g>'
        for unit, number in enumerate(gate_numbers(sheet, lane, letter, t))
    )
    return f"{head}{cells}</g>"


def gate_numbers(sheet: Sheet, lane: Lane, letter: str, t: int) -> list[str]:
    """The texts of a gate, one a unit."""
    return [number for _, number in sheet.cells[f"gate_{letter}{lane.suffix}"].row(t - 1)]


def sums(shape: Shape, sheet: Sheet, lane: Lane, gate: Gate, t: int) -> str:
    """What a gate's argument is the sum of, in the lower half while that gate is told."""
    geo, letter = shape.geometry, gate.letter
    lower, above = geo.backward, geo.backward - 8
    weight = f"W{lane.prime}"
    bias = (
        (
            label(lane, RIGHT + 23, above, f"+ b{lane.prime}", letter, classes="fw", own=True),
            vector(geo, sheet, lane, f"bb_{letter}", t, RIGHT, lower, shows=f"bias_{letter}", once=True),
        )
        if shape.has_bias
        else ()
    )
    at = left(lane, LEFT, 142)
    return "".join(
        (
            '<g class="addends told">',
            label(lane, LEFT + 23, above, "x", t, weight, classes="fw", own=True),
            _past_label(lane, gate, t, above),
            vector(geo, sheet, lane, f"xw_{letter}", t, LEFT, lower),
            vector(geo, sheet, lane, gate.remembers, t, MIDDLE, lower, shows=gate.past, part=gate.past),
            *bias,
            f'<text class="note" x="{at:g}" y="{geo.bottom - 12:g}">'
            + _("for the {gate}", gate=gate.word)
            + "</text></g>",
        )
    )


def _past_label(lane: Lane, gate: Gate, t: int, y: float) -> str:
    """What stands over the state's addend: h_{t-1} W, or what another gate leaves of it."""
    x = across(lane, MIDDLE + 23)
    if gate.past:
        return symbol(x, y, "+ r\u2299\u2026", classes="fw")
    return symbol(x, y, "+ h", lane.before(t), f"W{lane.prime}", "fw")


def return_road(geo: Geometry, sheet: Sheet, lane: Lane, t: int, joins: float, letter: str) -> str:
    """The road's own pulse, below the other one: through the valve alone, and half as wide.

    joins : where the road has what the cell sends down to it
    """
    steps, start = lane.steps, t == lane.start
    here = bounds(sheet, lane.suffix, 2 * steps + t - 1)
    beyond = bounds(sheet, lane.suffix, 3 * steps + t - 1)
    wait = f'<path class="wait" d="M{COLUMN} {geo.under:g}H{VALVE if start else 0:g}"/>'
    into = ""
    if t != lane.last:
        read_next = lane.at(lane.at(t) + 1)
        coming = bounds(sheet, lane.suffix, 3 * steps + read_next - 1)
        into = f'<path id="{lane.name("road", t)}" class="pulse" d="{ribbon(COLUMN, coming, joins, here)}"/>'
    on = (
        ""
        if start
        else f'<path id="{lane.name("roadon", t)}" class="pulse" d="{ribbon(joins, here, 0, beyond)}"/>'
    )
    y = geo.bottom - 34 - geo.road / 2 + 10
    at = f'transform="translate(0 {y - HALF * geo.under:g}) scale(1 {HALF:g})"'
    factor = "" if start else label(lane, VALVE, y + 5, f"\u00d7 {letter}", t, classes="bw")
    return f'<g class="returnroad">{mirrored(lane, f"<g {at}>{wait}{into}{on}</g>")}{factor}</g>'
