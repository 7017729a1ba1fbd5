"""The answer: an experiment run forwards, backwards, updated and run again, as arrays in sentence order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app import engine
from app.engine import Check, EngineError, Network, OneHot, OuterSum, Parameters
from app.engine.credit import credit
from app.engine.network import Array
from app.engine.softmax import NO_TARGET
from app.experiments.errors import ExperimentError, FieldError, presentable
from app.experiments.experiment import Experiment
from app.experiments.passes import Backward, Forward, Update
from app.experiments.weights import Origins, assemble
from app.text.vocabulary import encode


@dataclass(frozen=True)
class Run:
    """Everything that happens to one sentence. T words, V entries, H hidden units, O outputs."""

    experiment: Experiment
    words: tuple[str, ...]
    tokens: tuple[str, ...]
    vocabulary: tuple[str, ...]
    ids: tuple[int, ...]  # the row of each token in W_xh
    network: Network
    parameters: Parameters
    weights_from: Origins
    forward: Forward
    loss: float
    backward: Backward

    @property
    def gradients(self) -> dict[str, dict[str, OuterSum]]:
        """Each parameter's gradient as a sum over time."""
        return self.backward.back.gradients

    @property
    def losses(self) -> Array | None:
        """The loss of each step's prediction (T,), 0 where nothing is asked; None where there is but one."""
        losses = self.backward.back.losses
        return None if losses is None else losses[:, 0]

    @property
    def next_words(self) -> tuple[str | None, ...] | None:
        """The word to be predicted after each, None after the last; None where no words are predicted."""
        return (*self.tokens[1:], None) if self.network.per_step else None

    @cached_property
    def credit(self) -> dict[str, Array]:
        """|dL_tau/dh_t| (T, T) of each chain, row tau, column t, of a run that predicts words."""
        return credit(self.backward.back)

    @cached_property
    def parameter_count(self) -> dict[str, dict[str, int] | int]:
        """Entries by group and name, and "total"."""
        counts = {
            group: {name: array.size for name, array in names.items()}
            for group, names in self.parameters.items()
        }
        return {**counts, "total": sum(sum(names.values()) for names in counts.values())}

    @cached_property
    def update(self) -> Update:
        """One step against the gradient."""
        back, experiment = self.backward.back, self.experiment
        return Update(
            engine.step_downhill(self.forward.trace, back, experiment.learning_rate, experiment.clip_norm)
        )

    @cached_property
    def check(self) -> Check:
        """The gradients against finite differences."""
        return engine.check_gradients(self.forward.trace, self.backward.back, seed=self.experiment.seed)


def run(experiment: Experiment) -> Run:
    """The experiment's answer.

    Raises ExperimentError when the loss is undefined or a number leaves the floating-point range.
    """
    try:
        return _run(experiment)
    except EngineError as error:
        raise _as_fault(error) from error


def _run(experiment: Experiment) -> Run:
    network = experiment.network
    parameters, origins = assemble(experiment, network)
    words, entries = experiment.words, experiment.entries
    ids = encode(words, entries)
    trace = engine.forward(network, parameters, OneHot.of(ids, len(entries)), _state(experiment, network))
    target = _TARGETS[experiment.task](experiment, ids)
    loss = float(engine.loss_of(trace, target)[0])
    return Run(
        experiment=experiment,
        words=tuple(word.typed for word in words),
        tokens=tuple(word.token for word in words),
        vocabulary=entries,
        ids=ids,
        network=network,
        parameters=parameters,
        weights_from=origins,
        forward=Forward(trace),
        loss=loss,
        backward=Backward(engine.backward(trace, target)),
    )


def _label(experiment: Experiment, ids: tuple[int, ...]) -> float:
    return float(experiment.target)


def _next_words(experiment: Experiment, ids: tuple[int, ...]) -> tuple[int, ...]:
    """The word after each; nothing is asked of the last."""
    return (*ids[1:], NO_TARGET)


_TARGETS: dict[str, Callable[[Experiment, tuple[int, ...]], float | tuple[int, ...]]] = {
    "sentiment": _label,
    "next_word": _next_words,
}


def _state(experiment: Experiment, network: Network) -> Array | None:
    """h_0 (H,), or None for zeros."""
    match experiment.initial_state:
        case "zeros":
            return None
        case "random":
            return engine.draw_state(network, experiment.seed)
        case numbers:
            return np.array(numbers, dtype=np.float64)


def _as_fault(error: EngineError) -> ExperimentError:
    return ExperimentError([FieldError(error.field or "parameters", error.message, presentable(error.value))])
