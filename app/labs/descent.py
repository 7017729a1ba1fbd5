"""A step of training at a time: what each left of the losses, and where one could go from here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from app.engine import EngineError, OneHot, Parameters, forward, loss_of
from app.engine.plan import Example
from app.engine.training import targets_of
from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.fields import Step
from app.experiments.learning import ALL, THIS, Stretch, after, corpus_faults, examples, stretches, taught_by
from app.experiments.run import Run
from app.experiments.weights import apply_edits, first_state, initial

MOST = 48
"""Points in a history; of a long one not every step is shown."""
OFFERED = 12
"""Reviews that a step is offered on."""


@dataclass(frozen=True)
class Moment:
    """The losses after so many steps; None where one is not defined.

    on, rate : the last step, on "" before the first; own : of the sentence; mean : over the corpus
    """

    steps: int
    on: str
    rate: float
    own: float | None
    mean: float | None


@dataclass(frozen=True)
class Move:
    """Where one could go. on: what the step would learn from; experiment is None where `problem` says why."""

    on: str
    experiment: Experiment | None
    problem: str


@dataclass(frozen=True)
class Descent:
    """The way here and the ways on.

    moments : on the way here, none where no step was taken
    undone : the experiment without the last step; begun : without any; None where none was taken
    edited : whether weights were typed over, which is done again after every step
    """

    moments: tuple[Moment, ...]
    moves: tuple[Move, ...]
    undone: Experiment | None
    begun: Experiment | None
    edited: bool


def descent(run: Run) -> Descent:
    """The steps of a run's experiment, taken again one after the other."""
    experiment = run.experiment
    taken = bool(experiment.epochs or experiment.steps)
    return Descent(
        tuple(history(run)) if taken else (),
        tuple(moves(experiment)),
        undone(experiment),
        experiment.changed(epochs=0, steps=()) if taken else None,
        bool(experiment.edits),
    )


def history(run: Run) -> Iterator[Moment]:
    """The losses before the first step and after each, or after every few of a long way."""
    experiment, network = run.experiment, run.network
    state, (parameters, _) = first_state(experiment, network), initial(experiment, network)
    reviews = [] if any(corpus_faults(experiment, None)) else examples(experiment, taught_by(experiment, ALL))
    own = examples(experiment, taught_by(experiment, THIS))
    count = 0

    def moment(on: str, rate: float) -> Moment:
        now = edited(experiment, parameters)
        return Moment(count, on, rate, mean_loss(run, now, own), mean_loss(run, now, reviews))

    yield moment("", 0.0)
    for stretch in shortened(experiment):
        parameters = after(experiment, network, parameters, state, stretch)
        count += stretch.times
        yield moment(stretch.on, stretch.rate)


def shortened(experiment: Experiment) -> Iterator[Stretch]:
    """The stretches, cut so that there are MOST moments, and a few more, at most."""
    every = list(stretches(experiment))
    few = max(1, -(-sum(stretch.times for stretch in every) // MOST))
    for stretch in every:
        for start in range(0, stretch.times, few):
            yield replace(stretch, times=min(few, stretch.times - start))


def edited(experiment: Experiment, parameters: Parameters) -> Parameters:
    """A copy of the parameters with single weights typed over, as the run has them."""
    copy = {
        group: {name: array.copy() for name, array in named.items()} for group, named in parameters.items()
    }
    origins = {f"{group}.{name}": "" for group, named in copy.items() for name in named}
    apply_edits(experiment, copy, origins)
    return copy


def mean_loss(run: Run, parameters: Parameters, taught: list[Example]) -> float | None:
    """The mean loss of some sentences, None where it is not defined."""
    if not taught:
        return None
    x = OneHot.batch([example.ids for example in taught], len(run.vocabulary))
    try:
        trace = forward(run.network, parameters, x, first_state(run.experiment, run.network))
        return float(np.mean(loss_of(trace, targets_of(run.network, taught))))
    except EngineError:
        return None


def moves(experiment: Experiment) -> Iterator[Move]:
    """A step on the sentence, on each review, and on all of them, with the learning rate of now."""
    reviews = experiment.labelled.reviews[:OFFERED]
    for on in (THIS, *map(str, range(1, len(reviews) + 1)), *((ALL,) if reviews else ())):
        step = Step(on=on, rate=experiment.learning_rate)
        try:
            yield Move(on, experiment.changed(steps=(*experiment.steps, step)), "")
        except ExperimentError as error:
            yield Move(on, None, error.errors[0].message.split(", got ")[0])


def undone(experiment: Experiment) -> Experiment | None:
    """Without the last step; None before the first."""
    if experiment.steps:
        return experiment.changed(steps=experiment.steps[:-1])
    return experiment.changed(epochs=experiment.epochs - 1) if experiment.epochs else None
