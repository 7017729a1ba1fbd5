"""One step of the sentence as a column: word, code, a -> f -> h above, d <- f' <- dL/dh below."""

from app.stage.layout import CODE, COLUMN, EXIT, FORWARD, LEFT, MIDDLE, RIGHT, WORD, Geometry, stub
from app.stage.marks import TRANSPOSE, symbol, upright
from app.stage.numbers import tint
from app.stage.paths import ribbon
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.stage.words import DIGITS

ACTIVATION_NAMES = {"tanh": "tanh", "identity": "f(a) = a", "sigmoid": "\u03c3", "relu": "ReLU"}


def columns(shape: Shape, sheet: Sheet) -> str:
    """Every step of the run, each in a box of its own."""
    return "".join(_column(shape, sheet, t) for t in range(1, shape.steps + 1))


def strip(shape: Shape, sheet: Sheet) -> str:
    """A button for each word, which leads to its column."""
    return "".join(
        f'<button type="button" class="jump" data-t="{t}"><b>{t}</b> <bdi>{sheet.line("typed", t - 1)}</bdi>'
        "</button>"
        for t in range(1, shape.steps + 1)
    )


def _column(shape: Shape, sheet: Sheet, t: int) -> str:
    geo = shape.geometry
    return "".join(
        (
            f'<svg id="col-{t}" class="column t-{tint(t, shape.steps)}" data-t="{t}" width="{COLUMN}" '
            f'height="{geo.height:g}" '
            f'viewBox="0 0 {COLUMN} {geo.height:g}" role="group" aria-label="step {t}, '
            f'{sheet.line("label", t - 1)}">',
            _frame(geo),
            _heading(shape, sheet, t),
            _upper(shape, sheet, t),
            _addends(shape, sheet, t),
            _lower(geo, sheet, t, shape.steps),
            _again(geo, sheet, t) if shape.again else "",
            "</svg>",
        )
    )


def _frame(geo: Geometry) -> str:
    """The card of the column and its thread to the weights."""
    half = COLUMN / 2 + 16
    return (
        f'<rect class="card" x="44" y="6" width="158" height="{geo.bottom - 6:g}" rx="10"/>'
        f'<path class="thread" d="M{half:g} {geo.bottom:g}V{geo.height - 4:g}M0 '
        f'{geo.height - 4:g}H{COLUMN}"/>'
    )


def _heading(shape: Shape, sheet: Sheet, t: int) -> str:
    i = t - 1
    name = symbol(LEFT + 24 * shape.words + 11, CODE + 15, "x", t) if shape.words <= DIGITS else ""
    return (
        f'<g id="x-{t}" class="vec code"><circle class="disc" cx="61" cy="{WORD - 6}" r="11"/>'
        f'<text class="discn" x="61" y="{WORD - 1.5}">{t}</text>'
        f'<text class="{sheet.line("kind", i)}" x="79" y="{WORD}">{sheet.line("word", i)}<title>'
        f"{sheet.line('typed', i)}</title></text>"
        f"{sheet.line('code', i)}{name}</g>"
    )


def _upper(shape: Shape, sheet: Sheet, t: int) -> str:
    """a -> f -> h, and the edges that bring h_{t-1}."""
    geo, up = shape.geometry, FORWARD - 8
    return "".join(
        (
            f'<path class="feed" d="M73 {CODE + 24}V{FORWARD - 24}"/><path class="head" d="M73 '
            f'{FORWARD - 19}l-4-7h8z"/>'
            f'<use id="edge-{t}" class="edge" href="#fan"/><path class="edge stub" d="{stub(geo)}"/>',
            symbol(22, up, "W", "hh", classes="wt"),
            symbol(LEFT + 23, up, "a", t),
            symbol(MIDDLE + 21, up, ACTIVATION_NAMES[shape.activation]),
            symbol(RIGHT + 23, up, "h", t),
            _vector(geo, sheet, "a", t, LEFT, FORWARD),
            f'<g id="f-{t}" class="curves">{_curves(geo, sheet, t)}</g>',
            _vector(geo, sheet, "h", t, RIGHT, FORWARD),
        )
    )


def _curves(geo: Geometry, sheet: Sheet, t: int) -> str:
    """The small curves of a column, each with its dot; many units share one arrow."""
    if not geo.numbered:
        head = f'<path class="fhead" d="M{MIDDLE + 42} {geo.middle:g}l-9-5v10z"/>'
        return f'<path class="f" d="M{MIDDLE} {geo.middle:g}h34"/>{head}'
    first = (t - 1) * geo.units
    return "".join(
        f'<use href="#curve" x="{MIDDLE}" y="{FORWARD + geo.row(unit):g}"/>'
        f'<circle class="dot{sheet.line("off", first + unit)}" cx="{sheet.line("cx", first + unit)}" '
        f'cy="{sheet.line("cy", first + unit)}" r="3.2"/>'
        for unit in range(geo.units)
    )


def _addends(shape: Shape, sheet: Sheet, t: int) -> str:
    """What a_t is the sum of, in the lower half while the sentence is read."""
    geo = shape.geometry
    lower, above = geo.backward, geo.backward - 8
    bias = (
        (
            symbol(RIGHT + 23, above, "+ b", "h", classes="fw"),
            _vector(geo, sheet, "bb", t, RIGHT, lower, shows="b"),
        )
        if shape.has_bias
        else ()
    )
    note = "xW + hW is a; b after f" if shape.late(shape.lanes[0], t) else "their sum is a, above"
    return "".join(
        (
            '<g class="addends">',
            symbol(LEFT + 23, above, "x", t, "W", classes="fw"),
            symbol(MIDDLE + 23, above, "+ h", t - 1, "W", classes="fw"),
            _vector(geo, sheet, "xw", t, LEFT, lower),
            _vector(geo, sheet, "hw", t, MIDDLE, lower),
            *bias,
            f'<text class="note" x="{LEFT}" y="{geo.bottom - 12:g}">{note}</text></g>',
        )
    )


def _lower(geo: Geometry, sheet: Sheet, t: int, steps: int) -> str:
    """The same column, mirrored: delta <- f' <- dL/dh, on the ribbon of the pulse."""
    lower, above, foot = geo.backward, geo.backward - 8, geo.bottom - 12
    return "".join(
        (
            f'<g class="lower">{_pulse(geo, sheet, t, steps)}',
            symbol(22, above, "W", "hh", TRANSPOSE, classes="bw"),
            symbol(LEFT + 23, above, "\u03b4", t, classes="bw"),
            symbol(MIDDLE + 21, above, "\u00d7 f\u2032", classes="bw"),
            symbol(RIGHT + 23, above, "\u2202L/\u2202h", t, classes="bw"),
            _vector(geo, sheet, "da", t, LEFT, lower),
            _slopes(geo, sheet, t),
            _vector(geo, sheet, "dh", t, RIGHT, lower),
            f'<text id="norm-{t}" class="norm" x="{EXIT}" y="{foot:g}" text-anchor="end">'
            f'\u2016\u2202L/\u2202h<tspan class="sub" dy="3.5">{t}</tspan>'
            f'<tspan dy="-3.5">\u2016 = </tspan><tspan class="strong">{sheet.number("norm", t - 1)}</tspan>'
            "</text></g>",
        )
    )


def edges(sheet: Sheet, k: int) -> tuple[str, str]:
    """Where the ribbon of the gradient has its upper and its lower edge."""
    return sheet.line("pulse top", k), sheet.line("pulse bottom", k)


def _pulse(geo: Geometry, sheet: Sheet, t: int, steps: int) -> str:
    """The ribbon of the gradient: through f' inside the column, through W_hh^T in the gap to its left."""
    into, out = edges(sheet, t - 1), edges(sheet, steps + t - 1)
    wait = f'<path class="wait" d="M{COLUMN} {geo.under:g}H{LEFT if t == 1 else 0}"/>'
    inside = f'<path id="pulse-{t}" class="pulse" d="{ribbon(COLUMN, into, MIDDLE, out)}"/>'
    if t == 1:
        return wait + inside
    across = ribbon(MIDDLE, out, 0, edges(sheet, t - 2))
    return f'{wait}{inside}<path id="cross-{t}" class="pulse" d="{across}"/>'


def _again(geo: Geometry, sheet: Sheet, t: int) -> str:
    """The second forward pass in the place of the first, which moves to the lower half as a ghost."""
    above = geo.backward - 8
    return "".join(
        (
            f'<g id="again-{t}" class="again">',
            _vector(geo, sheet, "a2", t, LEFT, FORWARD),
            _vector(geo, sheet, "h2", t, RIGHT, FORWARD),
            symbol(MIDDLE + 20, above, "before:", classes="fw"),
            symbol(RIGHT + 23, above, "h", t, classes="fw"),
            _vector(geo, sheet, "h1", t, RIGHT, geo.backward, "before", shows="h"),
            "</g>",
        )
    )


def _vector(
    geo: Geometry, sheet: Sheet, name: str, t: int, x: float, y: float, kind: str = "", shows: str = ""
) -> str:
    """A vector's group; its cells stand about x = 0. `shows` names its numbers if `name` does not."""
    shown = shows or name
    cells = upright(geo, sheet, shown, 0 if shown == "b" else t - 1)
    return f'<g id="{name}-{t}" class="vec {kind}" transform="translate({x + 23:g} {y:g})">{cells}</g>'


def _slopes(geo: Geometry, sheet: Sheet, t: int) -> str:
    """Slopes carry no colour: a factor is neither positive nor negative news."""
    cells = f'<rect class="band" x="-21" y="0" width="42" height="{geo.span:g}"/>'
    if geo.numbered:
        tops = ((geo.row(i), text) for i, text in enumerate(sheet.step("fp", t)))
        cells = "".join(
            f'<g class="c"><rect y="{y:g}"/><text y="{y + geo.cell_height / 2 + 4.5:g}">{text}</text></g>'
            for y, text in tops
        )
    at = f'transform="translate({MIDDLE + 21:g} {geo.backward:g})"'
    return f'<g id="fp-{t}" class="vec slope" {at}>{cells}</g>'
