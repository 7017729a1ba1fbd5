"""The two ends of the track: the folded loop with h_0 on the left, the readout with the loss on the right."""

from functools import lru_cache

import numpy as np

from app.engine.losses import LOSSES
from app.experiments.run import Run
from app.stage.column import CURVE, curve, pulse_width, ribbon
from app.stage.forward_scenes import output_slope
from app.stage.layout import FORWARD, LEFT, MIDDLE, ORIGIN, READOUT, RIGHT, Geometry, fan, funnel
from app.stage.marks import Values, symbol, upright
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE, colours, long, short
from app.stage.sheet import Sheet

PLOT = (46.0, 26.0, 126.0, 62.0)  # x, y, width, height of the loss curve
CAP = 4.0  # the loss axis ends here unless the run's own loss is higher


def origin(sheet: Sheet, geo: Geometry) -> str:
    """The network folded: one cell, an arrow from its output to its input, and the state it starts from."""
    run = sheet.run
    units = 'd="M0 0"' if not geo.numbered else f'd="{curve(run.experiment.activation, geo.cell_height)}"'
    return (
        f'<svg class="origin" width="{ORIGIN}" height="{geo.height:g}" viewBox="0 0 {ORIGIN} {geo.height:g}" role="group" '
        f'aria-label="the network folded, and its first state">'
        f'<defs><path id="curve" class="f" {units}/><path id="fan" d="{fan(geo)}"/></defs>'
        '<g id="fold" class="fold"><path d="M50 36C78 30 74 8 38 10C2 12 2 34 20 40"/><path class="fh" d="M24 42l-9-1 5-7z"/>'
        f'<rect x="22" y="28" width="34" height="24" rx="4"/><text x="39" y="44">cell</text>'
        f'<text class="times" x="39" y="70">\u00d7 {len(run.words)}</text></g>'
        + symbol(38, FORWARD - 8, "h", "0")
        + f'<g id="h-0" class="vec" transform="translate(38 {FORWARD})">{upright(geo, sheet.h_0)}</g>'
        + f'<path class="edge stub" d="{_leave(geo)}"/>'
        f'<path class="thread" d="M38 {geo.bottom:g}V{geo.height - 4:g}H{ORIGIN}" opacity="0"/></svg>'
    )


@lru_cache(maxsize=64)
def _leave(geo: Geometry) -> str:
    return "".join(f"M63 {FORWARD + geo.centre(i):g}H{ORIGIN}" for i in range(min(geo.units, 16)))


def readout(run: Run, geo: Geometry) -> str:
    """The readout as a column of one unit, under the loss as a function of y_hat."""
    top = geo.middle - 12
    head = (
        f'<svg id="readout" class="readout" width="{READOUT}" height="{geo.height:g}" viewBox="0 0 {READOUT} {geo.height:g}" '
        'role="group" aria-label="readout and loss">'
    )
    return "".join((
        head, f'<g id="loss">{_loss(run)}</g>', _forward(run, geo, top), _backward(run, geo), _after(run, geo),
        f'<path class="thread" d="M0 {geo.height - 4:g}H{LEFT + 23}V{geo.bottom:g}"/></svg>',
    ))  # fmt: skip


def _forward(run: Run, geo: Geometry, top: float) -> str:
    forward = run.forward
    dot = _sigma_dot(float(forward.logit[0]), top)
    return "".join((
        f'<path id="edge-y" class="edge" d="{funnel(geo, geo.middle)}"/>', symbol(22, FORWARD - 8, "W", "hy", classes="wt"),
        symbol(LEFT + 17, top - 8, "z"), symbol(MIDDLE + 15, top - 8, "\u03c3"), symbol(RIGHT + 17, top - 8, "\u0177"),
        _single("z", forward.logit, LEFT - 6, top),
        f'<g id="sigma" class="curves"><path class="f" d="{curve("sigmoid", 24)}" transform="translate({MIDDLE - 6} {top:g})"/>{dot}</g>',
        _single("y", forward.y_hat, RIGHT - 6, top),
        _bias_note(run, top),
    ))  # fmt: skip


def _single(name: str, value: Values, x: float, y: float, scale: float = FORWARD_SCALE, kind: str = "") -> str:
    """A cell that stands alone."""
    number = float(value[0])
    return (
        f'<g id="{name}" class="vec single {kind}" transform="translate({x + 23:g} {y:g})"><g class="c {"" if kind else colours([number], scale)[0]}">'
        f'<rect y="0"/><text y="16.5">{short(number)}</text></g></g>'
    )


def _bias_note(run: Run, top: float) -> str:
    if run.forward.output_bias_inside or "b_y" not in run.parameters["readout"]:
        return ""
    b = short(float(run.parameters["readout"]["b_y"][0]))
    return f'<text class="note" x="{RIGHT + 40}" y="{top + 40:g}" text-anchor="end">\u0177 = \u03c3(z) + {b}</text>'


def _sigma_dot(z: float, top: float) -> str:
    inside = max(-2.5, min(2.5, z))
    y = 1 / (1 + np.exp(-inside))
    return (
        f'<circle class="dot{"" if inside == z else " off"}" cx="{MIDDLE - 6 + (inside / 2.5 + 1) * CURVE / 2:.1f}" '
        f'cy="{top + 12 - y / 1.2 * 12:.1f}" r="3.2"/>'
    )


def _backward(run: Run, geo: Geometry) -> str:
    """The same column, mirrored: dL/dz <- times sigma' <- dL/dy_hat."""
    back, top = run.backward, geo.under - 12
    slope = [output_slope(run)]
    first = pulse_width(float(abs(back.d_logit[0])), geo.span) / 2
    last = pulse_width(float(back.d_h_norm[-1]), geo.span) / 2
    y = geo.under
    return "".join((
        f'<g class="lower"><path class="wait" d="M{LEFT} {y:g}H0"/><path id="pulse-y" class="pulse" d="{ribbon(LEFT, first, 0, last, y)}"/>',
        symbol(18, top - 26, "W", "hy", "\u22a4", classes="bw"),
        symbol(LEFT + 17, top - 8, "\u2202L/\u2202z", classes="bw"), symbol(MIDDLE + 15, top - 8, "\u00d7 \u03c3\u2032", classes="bw"),
        symbol(RIGHT + 17, top - 8, "\u2202L/\u2202\u0177", classes="bw"),
        _single("dz", back.d_logit, LEFT - 6, top, GRADIENT_SCALE),
        _single("sp", slope, MIDDLE - 8, top, kind="slope"),
        _single("dy", back.d_y_hat, RIGHT - 6, top, GRADIENT_SCALE),
        _shortcut(run, top), "</g>",
    ))  # fmt: skip


def _shortcut(run: Run, top: float) -> str:
    """With cross-entropy and the bias inside, the two factors collapse into y_hat - y."""
    if run.experiment.loss != "bce" or not run.forward.output_bias_inside:
        return ""
    return f'<text class="note" x="{LEFT - 6}" y="{top + 40:g}">= \u0177 \u2212 y</text>'


def _loss(run: Run) -> str:
    """L over y_hat, the target, the point of this run and its tangent; the slope is dL/dy_hat."""
    y_hat, target, loss = float(run.forward.y_hat[0]), run.experiment.target, run.loss
    across, up, curve_d = _axes(run)
    x, y = across(y_hat), up(loss)
    tangent = _tangent(x, y, float(run.backward.d_y_hat[0]), across, up)
    mark = across(float(target))
    base = PLOT[1] + PLOT[3]
    side = (PLOT[0] + 6, "start") if target == 0 else (PLOT[0] + PLOT[2], "end")
    after = run.update.loss
    ghost = "" if after is None or run.update.y_hat is None else f'<circle id="loss2" class="dot after again" cx="{across(float(run.update.y_hat[0])):.1f}" cy="{up(after):.1f}" r="4.5"/>'
    return (
        f'<path class="axis" d="M{PLOT[0]} {PLOT[1]}V{base}H{PLOT[0] + PLOT[2]}"/><path class="f" d="{curve_d}"/>'
        f'<path class="aim" d="M{mark:.1f} {base + 2}l-5 8h10z"/>'
        f'<text class="note" x="{across(0.0) - 7:.1f}" y="{base + 5}" text-anchor="end">0</text>'
        f'<text class="note" x="{across(1.0) + 7:.1f}" y="{base + 5}">1</text>'
        f'<text class="note" x="{PLOT[0] + PLOT[2] / 2}" y="{base + 15}" text-anchor="middle">\u0177, target {target}</text>'
        f'<path class="tangent" d="{tangent}"/><circle class="dot here" cx="{x:.1f}" cy="{y:.1f}" r="4"/>{ghost}'
        f'<text id="L" class="num" x="{side[0]}" y="{PLOT[1] + 4}" text-anchor="{side[1]}">L = <tspan class="strong">{short(loss)}</tspan></text>'
        f'<text class="num bw" x="{side[0]}" y="{PLOT[1] + 20}" text-anchor="{side[1]}">slope {short(float(run.backward.d_y_hat[0]))}</text>'
    )


def _axes(run: Run):  # type: ignore[no-untyped-def]
    y_hat, target, loss = float(run.forward.y_hat[0]), run.experiment.target, run.loss
    low, high = min(0.0, y_hat), max(1.0, y_hat)
    kind = LOSSES[run.experiment.loss]
    xs = np.linspace(low, high, 41) if run.experiment.loss != "bce" else np.linspace(0.004, 0.996, 41)
    ys = np.array([float(kind.value(x, float(target), np)) for x in xs])
    floor, ceiling = min(0.0, float(ys.min())), max(loss * 1.1, min(float(ys.max()), CAP))

    def across(v: float) -> float:
        return PLOT[0] + (v - low) / (high - low) * PLOT[2]

    def up(v: float) -> float:
        return PLOT[1] + PLOT[3] * (1 - (min(v, ceiling) - floor) / (ceiling - floor))

    kept = [(across(x), up(y)) for x, y in zip(xs.tolist(), ys.tolist(), strict=True) if y <= ceiling]
    return across, up, "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept)


def _tangent(x: float, y: float, slope: float, across, up) -> str:  # type: ignore[no-untyped-def]
    dx = across(1.0) - across(0.0)
    dy = (up(1.0) - up(0.0)) * slope
    size = 26 / (dx**2 + dy**2) ** 0.5
    return f"M{x - dx * size:.1f} {y - dy * size:.1f}L{x + dx * size:.1f} {y + dy * size:.1f}"


def _after(run: Run, geo: Geometry) -> str:
    """What the second forward pass gives, in place of the readout's numbers."""
    update = run.update
    if update.forward is None or update.loss is None:
        return ""
    top, under = geo.middle - 12, geo.under - 12
    return "".join((
        '<g id="again-y" class="again">',
        _single("z2", update.forward.logit, LEFT - 6, top),
        _single("y2", update.forward.y_hat, RIGHT - 6, top),
        f'<text class="note" x="{LEFT - 6}" y="{under:g}">L before {long(run.loss)}</text>',
        f'<text class="num" x="{LEFT - 6}" y="{under + 20:g}">L after <tspan class="strong">{long(update.loss)}</tspan></text>',
        f'<text class="note" x="{LEFT - 6}" y="{under + 38:g}">predicted {long(update.predicted_loss)}</text></g>',
    ))  # fmt: skip

