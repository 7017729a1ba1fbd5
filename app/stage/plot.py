"""The loss over y_hat: its curve, the point of this run, and the tangent whose slope starts the way back."""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from app.engine.losses import LOSSES
from app.experiments.run import Run
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

X, Y, WIDTH, HEIGHT = 46.0, 20.0, 126.0, 62.0
BASE = Y + HEIGHT
CAP = 4.0  # the loss axis ends here unless the run's own loss is higher
TANGENT = 26  # half its length
STEEPEST = 1e9  # a tangent as steep as this is upright
POINTS = 41
EDGE = 0.004  # cross-entropy is infinite at 0 and 1: its curve stops so much before


class Axes(NamedTuple):
    """What y_hat and L of the plot's borders are."""

    low: float
    high: float
    floor: float
    ceiling: float

    def across(self, y_hat: float) -> float:
        return X + (y_hat - self.low) / (self.high - self.low) * WIDTH

    def up(self, loss: float) -> float:
        return Y + HEIGHT * (1 - (min(loss, self.ceiling) - self.floor) / (self.ceiling - self.floor))


@lru_cache(maxsize=256)
def _values(loss: str, target: int, low: float, high: float) -> tuple[tuple[float, float], ...]:
    """Points (y_hat, L) along the curve."""
    kind = LOSSES[loss]
    xs = np.linspace(EDGE, 1 - EDGE, POINTS) if kind.needs_probability else np.linspace(low, high, POINTS)
    return tuple((x, float(kind.value(x, float(target), math))) for x in xs.tolist())


@lru_cache(maxsize=256)
def _drawn(loss: str, target: int, axes: Axes) -> dict[str, list[str]]:
    """The curve, and where the target, 0 and 1 are marked."""
    kept = [(x, y) for x, y in _values(loss, target, axes.low, axes.high) if y <= axes.ceiling]
    marks = axes.across(float(target)), axes.across(0.0) - 7, axes.across(1.0) + 7
    return {
        "loss curve": ["M" + "L".join(f"{axes.across(x):.1f} {axes.up(y):.1f}" for x, y in kept)],
        "loss marks": [f"{x:.1f}" for x in marks],
    }


@lru_cache(maxsize=256)
def _axes(loss: str, target: int, low: float, high: float) -> Axes:
    """Axes that hold the curve between these predictions."""
    ys = [y for _, y in _values(loss, target, low, high)]
    return Axes(low, high, min(0.0, *ys), min(max(ys), CAP))


def axes_of(run: Run) -> Axes:
    """Axes that hold 0, 1, this run's prediction and its loss."""
    y_hat = run.forward.y_hat.item(0)
    axes = _axes(run.experiment.loss, run.experiment.target, min(0.0, y_hat), max(1.0, y_hat))
    return axes._replace(ceiling=run.loss * 1.1) if run.loss * 1.1 > axes.ceiling else axes


def plot_lines(run: Run) -> dict[str, list[str]]:
    """The curve and every place on it."""
    axes, change = axes_of(run), run.update
    y_hat, slope = run.forward.y_hat.item(0), run.backward.d_y_hat.item(0)
    x, y = axes.across(y_hat), axes.up(run.loss)
    after = []
    if change.y_hat is not None and change.loss is not None:
        beyond = min(max(change.y_hat.item(0), axes.low), axes.high)
        after = [f"{axes.across(beyond):.1f}", f"{axes.up(max(change.loss, axes.floor)):.1f}"]
    return {
        **_drawn(run.experiment.loss, run.experiment.target, axes),
        "loss here": [f"{x:.1f}", f"{y:.1f}", _tangent(axes, x, y, slope)],
        "loss after": after,
    }


def _tangent(axes: Axes, x: float, y: float, slope: float) -> str:
    dx = WIDTH / (axes.high - axes.low)
    dy = -HEIGHT / (axes.ceiling - axes.floor) * max(-STEEPEST, min(STEEPEST, slope))
    size = TANGENT / math.hypot(dx, dy)
    return f"M{x - dx * size:.1f} {y - dy * size:.1f}L{x + dx * size:.1f} {y + dy * size:.1f}"


def plot(shape: Shape, sheet: Sheet) -> str:
    """The drawing inside the readout's box."""
    mark, zero, one = (sheet.line("loss marks", k) for k in range(3))
    x, y, tangent = (sheet.line("loss here", k) for k in range(3))
    value, slope = sheet.number("L"), sheet.line("cell dy")
    side, anchor = (
        (X + 6, "start") if shape.target == 0 else (X + WIDTH, "end")
    )  # where the curve leaves room
    after = ""
    if shape.again:
        x2, y2 = sheet.line("loss after", 0), sheet.line("loss after", 1)
        after = f'<circle id="loss2" class="dot after again" cx="{x2}" cy="{y2}" r="4.5"/>'
    return (
        f'<path class="axis" d="M{X} {Y}V{BASE}H{X + WIDTH}"/><path class="f" '
        f'd="{sheet.line("loss curve")}"/>'
        f'<path class="aim" d="M{mark} {BASE + 2}l-5 8h10z"/>'
        f'<text class="note" x="{zero}" y="{BASE + 5}" text-anchor="end">0</text>'
        f'<text class="note" x="{one}" y="{BASE + 5}">1</text>'
        f'<text class="note" x="{X + WIDTH / 2}" y="{BASE + 12}" text-anchor="middle">'
        f"" + _("ŷ, target {target}", target=shape.target) + f"</text>"
        f'<path class="tangent" d="{tangent}"/><circle class="dot here" cx="{x}" cy="{y}" r="4"/>{after}'
        f'<text class="note again" x="{side}" y="{Y - 10}" text-anchor="{anchor}">'
        f"" + _("before the step") + f"</text>"
        f'<text id="L" class="num" x="{side}" y="{Y + 4}" text-anchor="{anchor}">L = <tspan class="strong">'
        f"{value}</tspan></text>"
        f'<text class="num bw" x="{side}" y="{Y + 20}" text-anchor="{anchor}">'
        f"" + _("slope {slope}", slope=slope) + "</text>"
    )
