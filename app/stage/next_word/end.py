"""The end of the track where every step predicts: all losses, and the mean that the network learns by."""

from app.numerals import tint
from app.stage.layout import READOUT
from app.stage.next_word.reading import LOST
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

LISTED = 8  # losses that have a line each
LEFT, TOP, PITCH = 44, 40, 24
RIGHT = LEFT + LOST


def end(shape: Shape, sheet: Sheet) -> str:
    """The losses and their mean, an SVG."""
    high = shape.geometry.height
    asked = shape.steps - 1
    draw = _listed if asked <= LISTED else _crowded
    under = TOP + (asked * PITCH if asked <= LISTED else 104)
    return "".join(
        (
            f'<svg id="readout" class="readout" width="{READOUT}" height="{high:g}" '
            f'viewBox="0 0 {READOUT} {high:g}" role="group" aria-label="'
            + _("the losses and their mean")
            + '">',
            f'<text class="note" x="{LEFT - 24}" y="{TOP - 16}">' + _("loss after each word") + "</text>",
            draw(shape, sheet),
            _mean(shape, sheet, asked, under),
            _after(sheet, under) if shape.again else "",
            "</svg>",
        )
    )


def _listed(shape: Shape, sheet: Sheet) -> str:
    found = ""
    for t in range(1, shape.steps):
        y = TOP + (t - 1) * PITCH
        after = (
            f'<path class="again mark" d="M{LEFT} {y + 10}h{sheet.line("lost after", t - 1)}v4H{LEFT}z"/>'
            if shape.again
            else ""
        )
        found += (
            f'<g id="lost-{t}" class="lost t-{tint(t, shape.steps)}" data-part="loss-{t}">'
            f'<rect class="hit" x="16" y="{y - 11}" width="{READOUT - 20}" height="{PITCH - 1}"/>'
            f'<circle class="disc" cx="28" cy="{y}" r="9"/><text class="discn" x="28" y="{y + 4}">{t}</text>'
            f'<path class="mark" d="M{LEFT} {y - 7}h{sheet.line("lost", t - 1)}v14H{LEFT}z"/>'
            f'<text class="num" x="{READOUT - 6}" y="{y + 4.5}" text-anchor="end">'
            f"{sheet.number('losses', t - 1)}</text>{after}</g>"
        )
    return found


def _crowded(shape: Shape, sheet: Sheet) -> str:
    """Many losses as upright bars side by side."""
    ground = TOP + 84
    wide = (READOUT - 30) / (shape.steps - 1)
    return f'<path class="axis" d="M20 {ground + 0.5}H{READOUT - 8}"/>' + "".join(
        f'<g id="lost-{t}" class="lost t-{tint(t, shape.steps)}">'
        f'<path class="mark" d="M{20 + (t - 1) * wide:.2f} {ground}v-{sheet.line("lost", t - 1)}'
        f'h{wide * 0.8:.2f}V{ground}z"/></g>'
        for t in range(1, shape.steps)
    )


def _mean(shape: Shape, sheet: Sheet, asked: int, y: float) -> str:
    plural = _("mean of {asked} losses", asked=asked) if asked > 1 else _("one loss")
    return (
        f'<g id="loss" class="mean"><path class="axis" d="M20 {y - 8:g}H{READOUT - 6}"/>'
        f'<text class="note" x="20" y="{y + 10:g}">{plural}</text>'
        f'<path class="mark here" d="M{LEFT} {y + 18:g}h{sheet.line("mean")}v14H{LEFT}z"/>'
        f'<text id="L" class="num" x="{READOUT - 6}" y="{y + 10:g}" text-anchor="end">L = '
        f'<tspan class="strong">{sheet.number("L")}</tspan></text></g>'
    )


def _after(sheet: Sheet, y: float) -> str:
    """The loss before and after the update."""
    before, after, promised = (sheet.line(name) for name in ("long L", "long L2", "promised"))
    return (
        '<g id="again-y" class="again">'
        f'<text class="note" x="20" y="{y + 54:g}">' + _("L before") + f" {before}</text>"
        f'<text class="num" x="20" y="{y + 74:g}">'
        + _("L after")
        + f' <tspan class="strong">{after}</tspan></text>'
        f'<text class="note" x="20" y="{y + 92:g}">' + _("predicted") + f" {promised}</text></g>"
    )
