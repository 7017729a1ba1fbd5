"""One step's own copy of a weight, moved: what the loss does, beside what backpropagation says."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.lanes import lane_losses
from app.engine.norms import norm
from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run
from app.labs.entries import Weight, contributions, packed, uses, weight_at

Array = NDArray[np.float64]
DEFAULT_SIZE = 0.01
LARGEST_SIZE = 1e6
MOST = 12
"""Copies moved one by one beside the one that was asked for."""
AT_ONCE = 2_000_000
"""Numbers of the passes that are made side by side."""


@dataclass(frozen=True)
class Nudged:
    """What came of moving some copies by epsilon.

    step : whose copy, or 0 for all of them together
    slope : dL/dw of these copies alone, by backpropagation: contribution_t, or the total
    loss : with the copies moved up, None where it is not defined
    one_sided : (L(w + eps) - L(w)) / eps; two_sided : (L(w + eps) - L(w - eps)) / (2 eps)
    """

    step: int
    slope: float
    loss: float | None
    one_sided: float | None
    two_sided: float | None


@dataclass(frozen=True)
class Nudge:
    """A weight's copies, moved one at a time and all at once.

    rows : some steps, in order, and last all copies together
    moved : |h_t(w + eps) - h_t(w)| of the copies that were asked for, (T,) in sentence order; None for a
        weight of the readout, which moves no state
    complete : whether every copy is among the rows
    """

    weight: Weight
    value: float
    size: float
    step: int
    uses: tuple[int, ...]
    loss: float
    rows: tuple[Nudged, ...]
    moved: Array | None
    complete: bool

    @property
    def chosen(self) -> Nudged:
        """The row that was asked for."""
        return next(row for row in self.rows if row.step == self.step)


def nudge(run: Run, address: str, step: int | None = None, size: float = DEFAULT_SIZE) -> Nudge:
    """Copies of the weight at `address` moved by `size`.

    step : whose copy, 0 for all; the second when None, which is the first with a state to read

    Raises ExperimentError for an entry, step or size that there is none.
    """
    weight = weight_at(run, address)
    steps = uses(run, weight)
    chosen = steps[min(1, len(steps) - 1)] if step is None else step
    if chosen and chosen not in steps:
        which = f"0 or {steps[0]}" if len(steps) == 1 else f"0 to {steps[-1]}"
        raise ExperimentError([fault("step", f"{which}, 0 for all copies at once", chosen)])
    if not (math.isfinite(size) and 0.0 < abs(size) <= LARGEST_SIZE):
        raise ExperimentError([fault("size", f"a number other than 0, at most {LARGEST_SIZE:.15g}", size)])
    shown = near(steps, chosen)
    rows, moved = moves(run, weight, [*shown, 0], size, chosen)
    value = float(run.parameters[weight.group][weight.name][weight.index])
    return Nudge(weight, value, size, chosen, steps, run.loss, rows, moved, len(shown) == len(steps))


def near(steps: tuple[int, ...], chosen: int) -> tuple[int, ...]:
    """MOST steps around the chosen one."""
    middle = steps.index(chosen) if chosen else len(steps)
    start = max(0, min(middle - MOST // 2, len(steps) - MOST))
    return steps[start : start + MOST]


def moves(
    run: Run, weight: Weight, which: list[int], size: float, chosen: int
) -> tuple[tuple[Nudged, ...], Array | None]:
    """A row for each step of `which`, 0 for all, and how far the chosen one moved the states."""
    gradient = run.gradients[weight.group][weight.name]
    added, total = contributions(gradient, weight.index), float(gradient.total[weight.index])
    first = uses(run, weight)[0]
    steps, width = len(run.words), run.forward.preactivation.shape[1]
    outputs = run.network.outputs if run.network.per_step else 1
    pairs = max(1, AT_ONCE // (2 * steps * (3 * width * len(run.network.chains) + 2 * outputs)))
    rows: list[Nudged] = []
    moved = None
    for start in range(0, len(which), pairs):
        part = which[start : start + pairs]
        losses, states = moved_by(run, weight, part, size)
        for k, step in enumerate(part):
            up, down = float(losses[k]), float(losses[len(part) + k])
            slope = float(added[step - first]) if step else total
            rows.append(row(step, slope, float(losses[-1]), up, down, size))
            if step == chosen and states is not None:
                moved = distances(states[:, k], states[:, -1])
    return tuple(rows), moved


def moved_by(run: Run, weight: Weight, which: list[int], size: float) -> tuple[Array, Array | None]:
    """The loss of each move up, then of each move down, and the states (T, lanes, H) of its chain.

    The last lane moves nothing: what it computes is rounded as the others are.
    """
    steps, count = len(run.words), len(which)
    eps = np.zeros((steps, 2 * count + 1))
    for k, step in enumerate(which):
        copies = slice(step - 1, step) if step else slice(None)
        eps[copies, k], eps[copies, count + k] = size, -size
    target = run.backward.back.target
    entries = [packed(run, weight)] * (2 * count + 1)
    losses, lanes = lane_losses(
        run.forward.trace, target[:, 0] if run.network.per_step else target[0], entries, eps
    )
    chain = lanes.chains.get(weight.group)
    return losses, None if chain is None else chain.h


def distances(states: Array, before: Array) -> Array:
    """|difference| of each step's state."""
    with np.errstate(all="ignore"):
        return np.array([norm(row) for row in states - before])


def row(step: int, slope: float, loss: float, up: float, down: float, size: float) -> Nudged:
    """The row of one move."""
    known = math.isfinite(up)
    both = known and math.isfinite(down)
    return Nudged(
        step,
        slope,
        up if known else None,
        (up - loss) / size if known else None,
        (up - down) / (2.0 * size) if both else None,
    )
