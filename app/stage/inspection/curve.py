"""The larger curve of the inspector: f over a, the point of one unit, and its tangent of slope f′(a)."""

import math

import numpy as np

from app.engine.activations import ACTIVATIONS
from app.numerals import short
from app.wording.catalogue import N_, _

Pair = tuple[float, float]
FAR = 1e6  # farther out every curve looks alike: flat, or as straight as it is
NUMBER = 15.0  # the height of a number
WIDTH, HEIGHT, PAD = 250.0, 96.0, 8.0
NAMES = {"tanh": "tanh", "sigmoid": N_("the sigmoid"), "relu": "ReLU", "identity": N_("the identity")}


def curve(activation: str, a: float, y: float, slope: float) -> str:
    """SVG. a, y, slope: the point f(a) = y and f′(a). The axis reaches as far as the point stands."""
    x0 = math.copysign(min(abs(a), FAR), a)
    reach = max(2.5, math.ceil(abs(x0) * 1.2 * 2) / 2)
    xs = np.append(np.linspace(-reach, reach, 61), x0)
    with np.errstate(over="ignore"):  # where exp does, the reciprocal is the right 0
        *ys, y0 = map(float, ACTIVATIONS[activation].f(xs, np.empty_like(xs)))
    y0 = y if x0 == a else y0
    low, high = min(-1.0, *ys, y0), max(1.0, *ys, y0)
    if activation == "sigmoid":
        low = -0.25

    def across(v: float) -> float:
        return WIDTH / 2 * (1 + v / reach)

    def up(v: float) -> float:
        return PAD + (HEIGHT - 2 * PAD) * (high - v) / (high - low)

    path = "M" + "L".join(
        f"{across(x):.1f} {up(v):.1f}" for x, v in zip(xs[:-1].tolist(), ys, strict=True)
    )
    tangent = WIDTH / 2 / reach, -(HEIGHT - 2 * PAD) / (high - low) * slope
    return _drawn(NAMES[activation], path, (across(x0), up(y0)), tangent, up(0.0), (a, y, slope))


def _drawn(
    name: str, path: str, at: Pair, tangent: Pair, zero: float, point: tuple[float, float, float]
) -> str:
    """at : the point on the paper. tangent : which way its tangent goes. zero : where the axis lies."""
    (a, y, slope), (x0, y0), (dx, dy) = point, at, tangent
    size = 46 / math.hypot(dx, dy)
    below = y0 < zero
    under = below and HEIGHT - zero > 2 * NUMBER  # room under the axis for the slope, too
    number = zero + 15 if below else zero - 5
    side = "end" if a >= 0 else "start"
    return (
        f'<svg class="big" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="'
        + _("{name} with its tangent at a = {a}", name=_(name), a=short(a))
        + '">'
        f'<path class="axis" d="M0 {zero:.1f}H{WIDTH:g}M{WIDTH / 2:g} 4V{HEIGHT - 4:g}"/><path '
        f'class="f" d="{path}"/>'
        f'<path class="tangent" d="M{x0 - dx * size:.1f} {y0 - dy * size:.1f}L{x0 + dx * size:.1f} '
        f'{y0 + dy * size:.1f}"/>'
        f'<path class="drop" d="M{x0:.1f} {zero:.1f}V{y0:.1f}H{WIDTH / 2:g}"/><circle class="dot" '
        f'cx="{x0:.1f}" cy="{y0:.1f}" r="4.5"/>'
        f'<text x="{min(max(x0, 18), WIDTH - 18):.1f}" y="{number:.1f}" '
        f'text-anchor="middle">{short(a)}</text>'
        f'<text x="{WIDTH / 2 + (-6 if a >= 0 else 6):g}" y="{y0 + 4:.1f}" '
        f'text-anchor="{side}">{short(y)}</text>'
        f'<text class="bw" x="{WIDTH if under else 0:g}" y="{HEIGHT - 2 if under else 12:g}" '
        f'text-anchor="{"end" if under else "start"}">'
        + _("slope {slope}", slope=short(slope))
        + "</text></svg>"
    )


def sigma(z: float, y: float, slope: float) -> str:
    """The output's sigmoid."""
    return curve("sigmoid", z, y, slope)
