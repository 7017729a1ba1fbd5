"""One step of the sentence as a column: what every cell's column has, and the pieces it is made of.

A column of a chain that reads from right to left is the mirror image of one that reads from left to right.
It keeps its place: what it draws into the gap stands on its other side, in the room of the next column.
"""

from collections.abc import Callable

from app.numerals import tint
from app.stage.bands import banded, bands
from app.stage.lanes import Lane
from app.stage.layout import CODE, COLUMN, EXIT, FORWARD, LEFT, MIDDLE, RIGHT, WORD, Geometry, stub
from app.stage.marks import symbol, upright
from app.stage.paths import ribbon
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.stage.words import DIGITS
from app.wording.catalogue import _

CARD = 158
ASIDE = COLUMN - CARD - 2 * 6  # how far a mirrored card stands from the place of the others
Draw = Callable[[Shape, Sheet, Lane, int], str]


def columns(shape: Shape, sheet: Sheet, lane: Lane, draw: Draw) -> str:
    """Every step of a chain, each in a box of its own. draw : what its cell puts into a column."""
    return "".join(_column(shape, sheet, lane, t, draw) for t in range(1, shape.steps + 1))


def strip(shape: Shape, sheet: Sheet) -> str:
    """A button for each word, which leads to its column."""
    return "".join(
        f'<button type="button" class="jump" data-t="{t}"><b>{t}</b> <bdi>{sheet.line("typed", t - 1)}</bdi>'
        "</button>"
        for t in range(1, shape.steps + 1)
    )


def height(geo: Geometry, lane: Lane) -> float:
    """Of a drawing in this lane."""
    return geo.height - (geo.skipped if lane.reverse else 0.0)


def window(geo: Geometry, lane: Lane, width: float, x: float = 0) -> str:
    """Size and view box of a drawing in this lane: a lower lane leaves out the room of the codes."""
    top, high = geo.skipped if lane.reverse else 0.0, height(geo, lane)
    return f'width="{width:g}" height="{high:g}" viewBox="{x:g} {top:g} {width:g} {high:g}"'


def _column(shape: Shape, sheet: Sheet, lane: Lane, t: int, draw: Draw) -> str:
    geo = shape.geometry
    box = window(geo, lane, COLUMN, -ASIDE if lane.reverse else 0)
    heading = _lower_heading if lane.reverse else _heading
    return (
        f'<svg id="{lane.name("col", t)}" class="column t-{tint(t, shape.steps)}" data-t="{t}" {box} '
        'role="group" aria-label="'
        + _("step {t}, {word}", t=t, word=sheet.line("label", t - 1))
        + f'{lane.way}">'
        f"{_frame(geo, lane)}{heading(shape, sheet, t)}{draw(shape, sheet, lane, t)}</svg>"
    )


def across(lane: Lane, x: float) -> float:
    """Where something stands in this lane that stands at x in a column read from left to right."""
    return COLUMN - x if lane.reverse else x


def left(lane: Lane, x: float, width: float) -> float:
    """The same of the left edge of something so wide."""
    return COLUMN - x - width if lane.reverse else x


def mirrored(lane: Lane, drawing: str) -> str:
    """Paths drawn from left to right, as this lane shows them."""
    return f'<g transform="translate({COLUMN} 0) scale(-1 1)">{drawing}</g>' if lane.reverse else drawing


def label(
    lane: Lane,
    x: float,
    y: float,
    name: str,
    index: str | int = "",
    after: str = "",
    classes: str = "",
    own: bool = False,
) -> str:
    """A symbol with the arrow of its chain, where there is room; `own` when it bears its own marks."""
    mark = "" if own or len(name) > 2 else lane.mark
    return symbol(across(lane, x), y, name, index, mark + after, classes)


def _frame(geo: Geometry, lane: Lane) -> str:
    """The card of the column and its thread to the weights."""
    half = across(lane, COLUMN / 2 + 16)
    top = 6 + (geo.skipped if lane.reverse else 0)
    x = left(lane, 44, CARD)
    return (
        f'<rect class="card" x="{x:g}" y="{top:g}" width="{CARD}" height="{geo.bottom - top:g}" rx="10"/>'
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


def _lower_heading(shape: Shape, sheet: Sheet, t: int) -> str:
    """The word alone: its code stands above."""
    i, x, y = t - 1, COLUMN - 202, shape.geometry.skipped + 32
    return (
        f'<circle class="disc" cx="{x + 17}" cy="{y - 6}" r="11"/>'
        f'<text class="discn" x="{x + 17}" y="{y - 1.5}">{t}</text>'
        f'<text class="{sheet.line("kind", i)}" x="{x + 35}" y="{y}">{sheet.line("word", i)}</text>'
    )


def arrival(geo: Geometry, lane: Lane, t: int) -> str:
    """The arrow from the word, and the edges that bring the state before."""
    feed = "" if lane.reverse else (
        f'<path class="feed" d="M73 {CODE + 24}V{FORWARD - 24}"/>'
        f'<path class="head" d="M73 {FORWARD - 19}l-4-7h8z"/>'
    )
    edges = (
        f'<use id="{lane.name("edge", t)}" class="edge" href="#fan"/>'
        f'<path class="edge stub" d="{stub(geo)}"/>'
    )
    return feed + mirrored(lane, edges)


def bounds(sheet: Sheet, suffix: str, k: int) -> tuple[str, str]:
    """Where the ribbon of the gradient has its upper and its lower edge."""
    return sheet.line(f"pulse top{suffix}", k), sheet.line(f"pulse bottom{suffix}", k)


def pulse(geo: Geometry, sheet: Sheet, lane: Lane, t: int) -> str:
    """The ribbon of the gradient: inside the column, and through W_hh^T in the gap to the step before."""
    into, out = bounds(sheet, lane.suffix, t - 1), bounds(sheet, lane.suffix, lane.steps + t - 1)
    start = t == lane.start
    wait = f'<path class="wait" d="M{COLUMN} {geo.under:g}H{LEFT if start else 0}"/>'
    if banded(sheet, lane):
        return mirrored(lane, wait + bands(sheet, lane, t))
    inside = f'<path id="{lane.name("pulse", t)}" class="pulse" d="{ribbon(COLUMN, into, MIDDLE, out)}"/>'
    if start:
        return mirrored(lane, wait + inside)
    over = ribbon(MIDDLE, out, 0, bounds(sheet, lane.suffix, lane.before(t) - 1))
    return mirrored(lane, f'{wait}{inside}<path id="{lane.name("cross", t)}" class="pulse" d="{over}"/>')


def norm(geo: Geometry, sheet: Sheet, lane: Lane, t: int) -> str:
    """The size of the gradient at this step, in words."""
    x, size = left(lane, LEFT, EXIT - LEFT) + EXIT - LEFT, sheet.number(f"norm{lane.suffix}", t - 1)
    return (
        f'<text id="{lane.name("norm", t)}" class="norm" x="{x:g}" y="{geo.bottom - 12:g}" text-anchor="end">'
        f'\u2016\u2202L/\u2202h<tspan class="sub" dy="3.5">{t}</tspan>'
        f'<tspan dy="-3.5">{lane.mark}\u2016 = </tspan><tspan class="strong">{size}</tspan></text>'
    )


def again(geo: Geometry, sheet: Sheet, lane: Lane, t: int, *kinds: str) -> str:
    """The second forward pass in the place of the first, which moves to the lower half as a ghost.

    kinds : the arrays of the second pass in the left and in the right place of the column
    """
    above = geo.backward - 8
    places = zip(kinds, (LEFT, RIGHT), strict=True)
    return "".join(
        (
            f'<g id="{lane.name("again", t)}" class="again">',
            *(vector(geo, sheet, lane, kind, t, x, FORWARD) for kind, x in places),
            label(lane, MIDDLE + 20, above, "before:", classes="fw", own=True),
            label(lane, RIGHT + 23, above, "h", t, classes="fw"),
            vector(geo, sheet, lane, "h1", t, RIGHT, geo.backward, "before", shows="h"),
            "</g>",
        )
    )


def vector(
    geo: Geometry,
    sheet: Sheet,
    lane: Lane,
    name: str,
    t: int,
    x: float,
    y: float,
    kind: str = "",
    shows: str = "",
    once: bool = False,
    part: str = "",
) -> str:
    """A vector's group; its cells stand about x = 0.

    shows : names its numbers if `name` does not. once : they are the same at every step
    part : what the inspector calls it, if not that
    """
    shown = shows or name
    cells = upright(geo, sheet, shown + lane.suffix, 0 if once else t - 1)
    same = f'data-shows="{lane.name(part, t)}" ' if part else ""
    at = f'{same}transform="translate({across(lane, x + 23):g} {y:g})"'
    return f'<g id="{lane.name(name, t)}" class="vec {kind}" {at}>{cells}</g>'
