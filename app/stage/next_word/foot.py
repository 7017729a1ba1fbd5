"""The foot of a column: what the step expects to come, what it is judged by, and the blame that this gives.

Forward it shows logit and share of each word; on the way back dL/dz stands in the place of the logits, and
what the step's own loss and the later ones bring to h_t in the place of the shares.
"""

from app.numerals import tint
from app.stage.lanes import Lane
from app.stage.layout import COLUMN, FORWARD, ORIGIN
from app.stage.marks import symbol, upright
from app.stage.next_word.options import all_shown, shown
from app.stage.next_word.reading import SHARE
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

TOP, PITCH = 54, 20  # of the words' rows
NAMES, LOGITS, SHARES = 56, 84, 110  # right edge of the names, centre of the logits, left edge of the shares
VECTORS = (132, 179)  # centres of the own and the later part of the blame
CARD, EDGE = 8, 198  # left edge and width of the card
HAT_Y = "\u0177"
GAP = 4
STATE = 169  # the centre of the states above


def feet(shape: Shape, sheet: Sheet) -> str:
    """The row of all feet, below the lanes."""
    high = height(shape)
    room = f'<svg class="room" width="{ORIGIN}" height="{high:g}" aria-hidden="true"></svg>'
    return room + "".join(_foot(shape, sheet, t) for t in range(1, shape.steps + 1))


def height(shape: Shape) -> float:
    """Of a foot: the rows of the words, or as many vectors as there are chains."""
    vectors = (shape.geometry.span + 22) * len(shape.lanes) - 22
    return TOP + max(shown(shape) * PITCH, vectors) + (0 if all_shown(shape) else 18) + 40


def _foot(shape: Shape, sheet: Sheet, t: int) -> str:
    high = height(shape)
    return "".join(
        (
            f'<svg id="foot-{t}" class="foot-of t-{tint(t, shape.steps)}" data-t="{t}" width="{COLUMN}" '
            f'height="{high:g}" viewBox="0 0 {COLUMN} {high:g}" role="group" '
            f'aria-label="' + _("what step {t} expects to come,", t=t) + f' {sheet.line("label", t - 1)}">',
            f'<rect class="card" x="{CARD}" y="16" width="{EDGE}" height="{high - 22:g}" rx="10"/>',
            _arrows(shape),
            _names(shape, sheet, t),
            _forward(shape, sheet, t),
            _backward(shape, sheet, t),
            _again(shape, sheet, t) if shape.again else "",
            _judgement(shape, sheet, t, high),
            "</svg>",
        )
    )


def _arrows(shape: Shape) -> str:
    """Down from the state while the network speaks, up to its blame on the way back."""
    geo = shape.geometry
    start = -(geo.height - FORWARD - geo.span - 4) if len(shape.lanes) == 1 else 0.0
    down = f'<path class="feed" d="M{STATE} {start:g}V8"/><path class="head" d="M{STATE} 14l-4-7h8z"/>'
    weight = symbol(STATE - 10, start / 2 + 4, "W", "hy", classes="wt", anchor="end")
    return f'<g class="down">{down}{weight}</g><path class="up" d="M{STATE} 14V4M{STATE - 4} 8l4-7l4 7"/>'


def _rows(shape: Shape, t: int) -> list[tuple[int, int]]:
    """Of each row of step t its place among all rows, and its top."""
    count = shown(shape)
    return [((t - 1) * count + k, TOP + k * PITCH) for k in range(count)]


def _names(shape: Shape, sheet: Sheet, t: int) -> str:
    return "".join(
        f'<text class="option{sheet.line("aim", k)}" x="{NAMES}" y="{y + 13.5}" text-anchor="end">'
        f"{sheet.line('option', k)}</text>"
        for k, y in _rows(shape, t)
    )


def _forward(shape: Shape, sheet: Sheet, t: int) -> str:
    rest = ""
    if not all_shown(shape):
        y = TOP + shown(shape) * PITCH + 13
        told = sheet.line("rest", t - 1)
        rest = f'<text class="note" x="{CARD + EDGE - 8}" y="{y}" text-anchor="end">{told}</text>'
    return (
        '<g class="asking">'
        + symbol(LOGITS, TOP - 8, "z", t, classes="asked")
        + symbol(SHARES + SHARE / 2, TOP - 8, HAT_Y, t)
        + f'<g id="z-{t}" class="vec asked">{_logits(shape, sheet, t, "z")}</g>'
        + _shares(shape, sheet, t, "y", "share")
        + f"{rest}</g>"
    )


def _logits(shape: Shape, sheet: Sheet, t: int, name: str) -> str:
    cells = sheet.cells[name].row(t - 1)
    return "".join(
        f'<g class="c {tone}"{_part(shape, sheet, name, t, k)}><rect x="{LOGITS - 23}" y="{y}"/>'
        f'<text x="{LOGITS}" y="{y + 13.5}">{text}</text></g>'
        for (k, y), (tone, text) in zip(_rows(shape, t), cells, strict=True)
    )


def _ghosts(shape: Shape, sheet: Sheet, t: int) -> str:
    """The shares of the first pass, in the place of the logits."""
    cells = "".join(
        f'<g class="c"{_part(shape, sheet, "y", t, k)}><rect x="{LOGITS - 23}" y="{y}" width="46"/>'
        f'<text x="{LOGITS}" y="{y + 13.5}">{text}</text></g>'
        for (k, y), (_, text) in zip(_rows(shape, t), sheet.cells["y"].row(t - 1), strict=True)
    )
    return f'<g id="before-foot-{t}" data-shows="y-{t}">{cells}</g>'


def _part(shape: Shape, sheet: Sheet, name: str, t: int, k: int) -> str:
    """The name of a cell, where its place in its group does not say which word it is of."""
    return "" if all_shown(shape) else f' data-part="{name}-{t}.{sheet.line("option id", k)}"'


def _shares(shape: Shape, sheet: Sheet, t: int, name: str, bar: str) -> str:
    cells = sheet.cells[name].row(t - 1)
    drawn = "".join(
        f'<g class="c{sheet.line("aim", k)}"{_part(shape, sheet, name, t, k)}>'
        f'<rect x="{SHARES}" y="{y}" width="{SHARE:g}" height="{PITCH - 2}"/>'
        f'<path d="M{SHARES} {y}h{sheet.line(bar, k)}v{PITCH - 2}H{SHARES}z"/>'
        f'<text x="{SHARES + SHARE / 2:g}" y="{y + 13.5}">{text}</text></g>'
        for (k, y), (_, text) in zip(_rows(shape, t), cells, strict=True)
    )
    return f'<g id="{name}-{t}" class="shares">{drawn}</g>'


def _backward(shape: Shape, sheet: Sheet, t: int) -> str:
    top, each = TOP, shape.geometry.span + 22
    parts = "".join(_parts(shape, sheet, lane, t, top + k * each) for k, lane in enumerate(shape.lanes))
    return (
        '<g class="owing">'
        + symbol(LOGITS, TOP - 8, "\u2202L/\u2202z", t, classes="bw")
        + f'<g id="dz-{t}" class="vec">{_logits(shape, sheet, t, "dz")}</g></g>'
        + f'<g class="meeting">{parts}</g>'
    )


def _parts(shape: Shape, sheet: Sheet, lane: Lane, t: int, top: float) -> str:
    """What the blame of a state of this chain is made of."""
    found = ""
    for kind, title, x in zip(("own", "beyond"), (_("own L"), _("later L")), VECTORS, strict=True):
        cells = upright(shape.geometry, sheet, f"{kind}{lane.suffix}", t - 1)
        found += (
            f'<text class="note {kind}" x="{x}" y="{top - 8:g}" text-anchor="middle">'
            f'{title}{lane.mark}</text><g id="{lane.name(kind, t)}" class="vec stood {kind}" '
            f'transform="translate({x} {top:g})">{cells}</g>'
        )
    return found


def _again(shape: Shape, sheet: Sheet, t: int) -> str:
    return (
        f'<g id="again-foot-{t}" class="again">{_shares(shape, sheet, t, "y2", "share after")}'
        f"{symbol(SHARES + SHARE / 2, TOP - 8, HAT_Y, t)}"
        f'<text class="sym fw" x="{LOGITS}" y="{TOP - 8}" text-anchor="middle">' + _("before:") + f"</text>"
        f'<g class="before">{_ghosts(shape, sheet, t)}</g></g>'
    )


def _judgement(shape: Shape, sheet: Sheet, t: int, high: float) -> str:
    """The word that comes and its loss; after the last word nothing is asked."""
    y, x = high - 18, CARD + EDGE - 8
    if t == shape.steps:
        return (
            f'<g id="loss-{t}" class="judged"><text class="note" x="{x}" y="{y:g}" text-anchor="end">'
            + _("no word comes: no loss")
            + "</text></g>"
        )
    after = ""
    if shape.again:
        after = (
            f'<text class="num again" x="{x}" y="{y:g}" text-anchor="end">L'
            f'<tspan class="sub" dy="3.5">{t}</tspan><tspan dy="-3.5"> = {sheet.number("losses", t - 1)} '
            '\u2192 </tspan><tspan class="strong">'
            f"{sheet.number('losses after', t - 1)}</tspan></text>"
        )
    return (
        f'<g id="loss-{t}" class="judged" data-part="loss-{t}"><rect x="{CARD + GAP}" y="{y - 17:g}" '
        f'width="{EDGE - 2 * GAP}" height="24"/>'
        f'<text class="num first" x="{x}" y="{y:g}" text-anchor="end">L'
        f'<tspan class="sub" dy="3.5">{t}</tspan><tspan dy="-3.5"> = \u2212ln '
        f'{sheet.number("chances", t - 1)} = </tspan><tspan class="strong">'
        f"{sheet.number('losses', t - 1)}</tspan></text>{after}</g>"
    )
