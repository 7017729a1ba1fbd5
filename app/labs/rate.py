"""A step downhill at many learning rates: what a straight line promises, and what becomes of the loss."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.engine import Trace, like_trace
from app.engine.update import descended, promised, second_pass
from app.experiments.cost import forward_work
from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run

POINTS = 40
FEWEST = 8
WORK = 200_000_000
"""Multiply-adds that a curve may take; a large network gets fewer points."""
LARGEST_REACH = 1e6


@dataclass(frozen=True)
class Step:
    """One step downhill. loss : after it, None where `problem` says why."""

    rate: float
    predicted: float
    loss: float | None
    problem: str


@dataclass(frozen=True)
class Rates:
    """The loss over the learning rate, from 0 to `reach`.

    steps : by learning rate; chosen : the place of the run's own among them
    """

    steps: tuple[Step, ...]
    chosen: int
    reach: float
    before: float
    gradient_norm: float
    clip_scale: float

    @property
    def own(self) -> Step:
        """The step with the run's learning rate."""
        return self.steps[self.chosen]

    @property
    def best(self) -> Step | None:
        """The step after which the loss is least, of those that were tried."""
        defined = [step for step in self.steps if step.loss is not None]
        return min(defined, key=lambda step: step.loss or 0.0, default=None)


def rates(run: Run, reach: float | None = None) -> Rates:
    """Steps at evenly spaced rates, and at the run's own.

    reach : the largest; a power of ten beyond twice the run's own when None

    Raises ExperimentError for a reach that is not above 0, or below the run's own rate.
    """
    own = run.experiment.learning_rate
    to = beyond(own) if reach is None else reach
    if not (math.isfinite(to) and max(own, 0.0) <= to <= LARGEST_REACH and to > 0.0):
        least = f"{own:.6g} to" if own > 0.0 else "above 0 and at most"
        raise ExperimentError([fault("reach", f"{least} {LARGEST_REACH:.15g}", to)])
    count = points(run)
    tried = sorted({own, *(to * k / count for k in range(count + 1))})
    room = room_beside(run)
    steps = tuple(step_of(run, rate, room) for rate in tried)
    update = run.update
    return Rates(steps, tried.index(own), to, run.loss, update.gradient_norm, update.clip_scale)


def beyond(rate: float) -> float:
    """The least power of ten that is twice the rate or more, 1 at least."""
    return max(1.0, 10.0 ** math.ceil(math.log10(2.0 * rate))) if 0.0 < rate <= LARGEST_REACH / 2 else max(
        1.0, rate
    )  # fmt: skip


def points(run: Run) -> int:
    """How many rates are tried."""
    return max(FEWEST, min(POINTS, WORK // forward_work(run.network, len(run.words))))


def room_beside(run: Run) -> Trace:
    """Room for the second passes of many steps, one after the other: to make it takes longer than a pass."""
    trace = run.forward.trace
    return like_trace(trace, trace.weights.like(trace.weights.flat.copy()))


def step_of(run: Run, rate: float, room: Trace) -> Step:
    """The step with one learning rate. room : what the second pass overwrites."""
    back, own = run.backward.back, run.update  # the gradient is the same for every rate
    step = rate * own.clip_scale
    room.weights.flat[...] = descended(run.forward.trace.weights, back, step)
    _, loss, problem = second_pass(room, back)
    return Step(rate, promised(back, step, own.gradient_norm), loss, problem or "")
