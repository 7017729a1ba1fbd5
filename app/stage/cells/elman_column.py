"""The Elman cell as a column: a -> f -> h above, d <- f' <- dL/dh below."""

from app.stage.column import across, again, arrival, label, left, mirrored, norm, pulse, vector
from app.stage.lanes import Lane
from app.stage.layout import FORWARD, LEFT, MIDDLE, RIGHT, Geometry
from app.stage.marks import TRANSPOSE
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

ACTIVATION_NAMES = {"tanh": "tanh", "identity": "f(a) = a", "sigmoid": "\u03c3", "relu": "ReLU"}


def column(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> str:
    """Everything in the column of step t but its heading."""
    return "".join(
        (
            arrival(shape.geometry, lane, t),
            _upper(shape, sheet, lane, t),
            _addends(shape, sheet, lane, t),
            _lower(shape.geometry, sheet, lane, t),
            again(shape.geometry, sheet, lane, t, "a2", "h2") if shape.again else "",
        )
    )


def _upper(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> str:
    """a -> f -> h."""
    geo, up = shape.geometry, FORWARD - 8
    return "".join(
        (
            label(lane, 22, up, f"W{lane.prime}", "hh", classes="wt", own=True),
            label(lane, LEFT + 23, up, "a", t),
            label(lane, MIDDLE + 21, up, ACTIVATION_NAMES[shape.activation], own=True),
            label(lane, RIGHT + 23, up, "h", t),
            vector(geo, sheet, lane, "a", t, LEFT, FORWARD),
            f'<g id="{lane.name("f", t)}" class="curves">{_curves(geo, sheet, lane, t)}</g>',
            vector(geo, sheet, lane, "h", t, RIGHT, FORWARD),
        )
    )


def _curves(geo: Geometry, sheet: Sheet, lane: Lane, t: int) -> str:
    """The small curves of a column, each with its dot; many units share one arrow."""
    if not geo.numbered:
        head = f'<path class="fhead" d="M{MIDDLE + 42} {geo.middle:g}l-9-5v10z"/>'
        return mirrored(lane, f'<path class="f" d="M{MIDDLE} {geo.middle:g}h34"/>{head}')
    first, x = (t - 1) * geo.units, left(lane, MIDDLE, 42)
    off, cx, cy = (f"{name}{lane.suffix}" for name in ("off", "cx", "cy"))
    return "".join(
        f'<use href="#curve" x="{x:g}" y="{FORWARD + geo.row(unit):g}"/>'
        f'<circle class="dot{sheet.line(off, first + unit)}" cx="{sheet.line(cx, first + unit)}" '
        f'cy="{sheet.line(cy, first + unit)}" r="3.2"/>'
        for unit in range(geo.units)
    )


def _addends(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> str:
    """What a_t is the sum of, in the lower half while the sentence is read."""
    geo = shape.geometry
    lower, above = geo.backward, geo.backward - 8
    bias = (
        (
            label(lane, RIGHT + 23, above, f"+ b{lane.prime}", "h", classes="fw", own=True),
            vector(geo, sheet, lane, "bb", t, RIGHT, lower, shows="b", once=True),
        )
        if shape.has_bias
        else ()
    )
    note = _("xW + hW is a; b after f") if shape.late(lane, t) else _("their sum is a, above")
    return "".join(
        (
            '<g class="addends">',
            label(lane, LEFT + 23, above, "x", t, f"W{lane.prime}", classes="fw", own=True),
            label(lane, MIDDLE + 23, above, "+ h", lane.before(t), f"W{lane.prime}", classes="fw", own=True),
            vector(geo, sheet, lane, "xw", t, LEFT, lower),
            vector(geo, sheet, lane, "hw", t, MIDDLE, lower),
            *bias,
            f'<text class="note" x="{left(lane, LEFT, 142):g}" y="{geo.bottom - 12:g}">{note}</text></g>',
        )
    )


def _lower(geo: Geometry, sheet: Sheet, lane: Lane, t: int) -> str:
    """The same column, mirrored: delta <- f' <- dL/dh, on the ribbon of the pulse."""
    lower, above = geo.backward, geo.backward - 8
    return "".join(
        (
            f'<g class="lower">{pulse(geo, sheet, lane, t)}',
            label(lane, 22, above, f"W{lane.prime}", "hh", TRANSPOSE, classes="bw", own=True),
            label(lane, LEFT + 23, above, "\u03b4", t, classes="bw"),
            label(lane, MIDDLE + 21, above, "\u00d7 f\u2032", classes="bw", own=True),
            label(lane, RIGHT + 23, above, "\u2202L/\u2202h", t, classes="bw"),
            vector(geo, sheet, lane, "da", t, LEFT, lower),
            factors(geo, sheet, lane, "fp", t),
            vector(geo, sheet, lane, "dh", t, RIGHT, lower),
            norm(geo, sheet, lane, t),
            "</g>",
        )
    )


def factors(geo: Geometry, sheet: Sheet, lane: Lane, name: str, t: int) -> str:
    """Slopes carry no colour: a factor is neither positive nor negative news."""
    cells = f'<rect class="band" x="-21" y="0" width="42" height="{geo.span:g}"/>'
    if geo.numbered:
        tops = ((geo.row(i), text) for i, text in enumerate(lane.step(sheet, name, t)))
        cells = "".join(
            f'<g class="c"><rect y="{y:g}"/><text y="{y + geo.cell_height / 2 + 4.5:g}">{text}</text></g>'
            for y, text in tops
        )
    at = f'transform="translate({across(lane, MIDDLE + 21):g} {geo.backward:g})"'
    return f'<g id="{lane.name(name, t)}" class="vec slope" {at}>{cells}</g>'
