"""The two ends of the track: the folded loop with h_0 on the left, the readout with the loss on the right."""

import math

from app.engine.losses import sigmoid
from app.experiments.run import Run
from app.numerals import long
from app.stage.column import bounds
from app.stage.ends import End
from app.stage.layout import FORWARD, LEFT, MIDDLE, ORIGIN, READOUT, RIGHT, Geometry, fan, funnel, leave
from app.stage.marks import TRANSPOSE, symbol, upright
from app.stage.paths import CURVE, DOMAIN, curve, ribbon
from app.stage.plot import plot
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

SIGMA_REACH = 1.2  # the value at the border of sigma's box


def readout_lines(run: Run, end: End, geo: Geometry) -> dict[str, list[str]]:
    """The dot on sigma's curve, and the audit of the update in long numbers."""
    inside = max(-DOMAIN, min(DOMAIN, end.z))
    y = float(sigmoid(inside, math))
    change = run.update
    audit = [] if change.loss is None else [long(run.loss), long(change.loss), long(change.predicted_loss)]
    x, down = MIDDLE - 6 + (inside / DOMAIN + 1) * CURVE / 2, geo.middle - y / SIGMA_REACH * 12
    return {
        "sigma": ["" if inside == end.z else " off", f"{x:.1f}", f"{down:.1f}"],
        "audit": audit,
        "cell sp": [end.sigma_slope.short],
        "cell dy": [end.d_prediction.short],
        "cell dz": [end.d_logit.short],
    }


def origin(shape: Shape, sheet: Sheet) -> str:
    """The network folded: one cell, an arrow from its output to its input, and the state it starts from."""
    geo = shape.geometry
    units = curve(shape.activation, geo.cell_height) if geo.numbered else "M0 0"
    return (
        f'<svg class="origin" width="{ORIGIN}" height="{geo.height:g}" viewBox="0 0 {ORIGIN} {geo.height:g}" '
        'role="group" '
        f'aria-label="' + _("the network folded, and its first state") + f'">'
        f'<defs><path id="curve" class="f" d="{units}"/><path id="fan" d="{fan(geo)}"/></defs>'
        '<g id="fold" class="fold"><path d="M50 36C78 30 74 8 38 10C2 12 2 34 20 40"/>'
        '<path class="fh" d="M24 42l-9-1 5-7z"/>'
        f'<rect x="22" y="28" width="34" height="24" rx="4"/><text x="39" y="44">' + _("cell") + f"</text>"
        f'<text class="times" x="39" y="70">\u00d7 {shape.steps}</text></g>'
        + (way(_("left"), _("to right"), 83.0) if len(shape.lanes) > 1 else "")
        + symbol(38, FORWARD - 8, "h", "0")
        + f'<g id="h-0" class="vec" transform="translate(38 {FORWARD})">{upright(geo, sheet, "h0")}</g>'
        + f'<path class="edge stub" d="{leave(geo)}"/>'
        f'<path class="thread" d="M38 {geo.bottom:g}V{geo.height - 4:g}H{ORIGIN}" opacity="0"/></svg>'
    )


def way(first: str, second: str, y: float) -> str:
    """Which way a lane reads, in two lines at its left end."""
    return (
        f'<text class="note way" x="8" y="{y:g}">{first}</text>'
        f'<text class="note way" x="8" y="{y + 15:g}">{second}</text>'
    )


def readout(shape: Shape, sheet: Sheet) -> str:
    """The readout as a column of one unit, under the loss as a function of y_hat."""
    high = shape.geometry.height
    return (
        f'<svg id="readout" class="readout" width="{READOUT}" height="{high:g}" viewBox="0 0 {READOUT} '
        f'{high:g}" role="group" aria-label="' + _("readout and loss") + f'">{answer(shape, sheet)}</svg>'
    )


def answer(shape: Shape, sheet: Sheet, joins: str = "") -> str:
    """From h_T to the prediction and its loss, and back. joins : path data of the edges of another chain."""
    geo, into = shape.geometry, bounds(sheet, "", shape.steps - 1)
    return "".join(
        (
            f'<g id="loss">{plot(shape, sheet)}</g>',
            f'<path id="edge-y" class="edge" d="{funnel(geo, geo.middle)}{joins}"/>',
            symbol(22, FORWARD - 8, "W", "hy", classes="wt"),
            prediction(shape, sheet),
            f'<g class="lower"><path class="wait" d="M{LEFT} {geo.under:g}H0"/>',
            f'<path id="pulse-y" class="pulse" d="{ribbon(LEFT, bounds(sheet, " y", 0), 0, into)}"/>',
            symbol(18, max(geo.under - 38, geo.backward - 8), "W", "hy", TRANSPOSE, classes="bw"),
            "</g>",
            blame(shape, sheet),
            after(geo, sheet) if shape.again else "",
            f'<path class="thread" d="M0 {geo.height - 4:g}H{LEFT + 23}V{geo.bottom:g}"/>',
        )
    )


def prediction(shape: Shape, sheet: Sheet) -> str:
    """logit -> sigma -> y_hat."""
    geo = shape.geometry
    top = geo.middle - 12
    off, x, y = (sheet.line("sigma", k) for k in range(3))
    dot = f'<circle class="dot{off}" cx="{x}" cy="{y}" r="3.2"/>'
    return "".join(
        (
            symbol(LEFT + 17, top - 8, "z"),
            symbol(MIDDLE + 15, top - 8, "\u03c3"),
            symbol(RIGHT + 17, top - 8, "\u0177"),
            _single(sheet, "z", LEFT - 6, top),
            f'<g id="sigma" class="curves"><path class="f" d="{curve("sigmoid", 24)}" '
            f'transform="translate({MIDDLE - 6} {top:g})"/>{dot}</g>',
            _single(sheet, "y", RIGHT - 6, top),
            _bias_note(shape, sheet, top),
        )
    )


def _single(sheet: Sheet, name: str, x: float, y: float, kind: str = "") -> str:
    """A cell that stands alone."""
    tone, text = sheet.cells[name].row(0)[0]
    if f"cell {name}" in sheet.lines:
        text = sheet.line(f"cell {name}")
    return (
        f'<g id="{name}" class="vec single {kind}" transform="translate({x + 23:g} {y:g})">'
        f'<g class="c {"" if kind else tone}"><rect y="0"/><text y="16.5">{text}</text></g></g>'
    )


def _bias_note(shape: Shape, sheet: Sheet, top: float) -> str:
    if shape.output_inside or "b_y" not in shape.outer:
        return ""
    told = f"\u0177 = \u03c3(z) + {sheet.number('by')}"
    return f'<text class="note" x="{RIGHT + 40}" y="{top + 40:g}" text-anchor="end">{told}</text>'


def blame(shape: Shape, sheet: Sheet) -> str:
    """The same, mirrored: dL/dz <- times sigma' <- dL/dy_hat."""
    top = shape.geometry.under - 12
    # With cross-entropy and the bias inside, the two factors collapse into y_hat - y.
    neat = shape.loss == "bce" and shape.output_inside
    return "".join(
        (
            '<g class="lower">',
            symbol(LEFT + 17, top - 8, "\u2202L/\u2202z", classes="bw"),
            symbol(MIDDLE + 15, top - 8, "\u00d7 \u03c3\u2032", classes="bw"),
            symbol(RIGHT + 17, top - 8, "\u2202L/\u2202\u0177", classes="bw"),
            _single(sheet, "dz", LEFT - 6, top),
            _single(sheet, "sp", MIDDLE - 8, top, kind="slope"),
            _single(sheet, "dy", RIGHT - 6, top),
            f'<text class="note" x="{LEFT - 6}" y="{top + 40:g}">= \u0177 \u2212 y</text>' if neat else "",
            "</g>",
        )
    )


def after(geo: Geometry, sheet: Sheet) -> str:
    """What the second forward pass gives, in place of the readout's numbers."""
    top, under = geo.middle - 12, geo.under - 12
    before, after, promised = (sheet.line("audit", k) for k in range(3))
    return "".join(
        (
            '<g id="again-y" class="again">',
            _single(sheet, "z2", LEFT - 6, top),
            _single(sheet, "y2", RIGHT - 6, top),
            f'<text class="note" x="{LEFT - 6}" y="{under:g}">' + _("L before") + f" {before}</text>",
            f'<text class="num" x="{LEFT - 6}" y="{under + 20:g}">'
            + _("L after")
            + f' <tspan class="strong">'
            f"{after}</tspan></text>",
            f'<text class="note" x="{LEFT - 6}" y="{under + 38:g}">'
            + _("predicted")
            + f" {promised}</text></g>",
        )
    )
