"""The answer: an experiment run forwards, backwards, updated and run again, as arrays in sentence order."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from app import engine
from app.engine import Check, EngineError, Network, OneHot, OuterSum, Parameters, Trace
from app.engine.credit import credit
from app.engine.network import Array
from app.engine.workspace import Workspace, give_back, is_kept, room_for
from app.experiments.cost import parameter_counts
from app.experiments.errors import ExperimentError, FieldError, presentable
from app.experiments.experiment import Experiment
from app.experiments.learning import target_of
from app.experiments.passes import Backward, Forward, Update
from app.experiments.weights import Origins, assemble, first_state
from app.text.vocabulary import encode


class Lent:
    """Room that a run is in: back on its shelf once nobody holds the run any more.

    `weakref.finalize` does the same and takes ten times as long.
    """

    def __init__(self, room: Workspace) -> None:
        self.room = room

    def __del__(self) -> None:
        give_back(self.room)


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
    # Where the second pass may be put. Who puts it there takes it: threads may ask for one update at once.
    rooms: list[Trace] = field(default_factory=list, compare=False, repr=False)
    lent: Lent | None = field(default=None, compare=False, repr=False)

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

    @property
    def parameter_count(self) -> dict[str, dict[str, int] | int]:
        """Entries by group and name, and "total"."""
        return parameter_counts(self.network, len(self.vocabulary))

    @cached_property
    def update(self) -> Update:
        """One step against the gradient."""
        back, experiment = self.backward.back, self.experiment
        try:
            room = self.rooms.pop()
        except IndexError:
            room = None
        rate, clip = experiment.learning_rate, experiment.clip_norm
        return Update(engine.step_downhill(self.forward.trace, back, rate, clip, room))

    @cached_property
    def check(self) -> Check:
        """The gradients against finite differences."""
        return engine.check_gradients(self.forward.trace, self.backward.back, seed=self.experiment.seed)


def run(experiment: Experiment) -> Run:
    """The experiment's answer.

    Raises ExperimentError when the loss is undefined or a number leaves the floating-point range.
    """
    network = experiment.network
    with engine_faults():
        state = first_state(experiment, network)
        return _run(experiment, state, *assemble(experiment, network, state))


def run_with(experiment: Experiment, parameters: Parameters, origins: Origins) -> Run:
    """The answer with these parameters, however they were found. Raises ExperimentError."""
    with engine_faults():
        return _run(experiment, first_state(experiment, experiment.network), parameters, origins)


# Used as `contextlib.suppress` is. A generator under `contextmanager` would take thrice the time.
class engine_faults:
    """What the engine has no answer for, as a fault of the experiment."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, EngineError):
            where = error.field or "parameters"
            raise ExperimentError([FieldError(where, error.message, presentable(error.value))]) from error


def _run(experiment: Experiment, state: Array | None, parameters: Parameters, origins: Origins) -> Run:
    network = experiment.network
    words, entries = experiment.words, experiment.entries
    size = (network, len(words), len(entries))
    room = room_for(*size) if is_kept(*size) else None
    typed, tokens = zip(*words, strict=True)
    ids = encode(words, entries)
    target = target_of(experiment.task, experiment.target, ids)
    if room is None:
        trace = engine.forward(network, parameters, OneHot.of(ids, len(entries)), state)
    else:
        trace = room.forward(parameters, ids, state)
    back = engine.backward(trace, target) if room is None else room.backward(target)
    return Run(
        experiment=experiment,
        words=typed,
        tokens=tokens,
        vocabulary=entries,
        ids=ids,
        network=network,
        parameters=parameters,
        weights_from=origins,
        forward=Forward(trace),
        loss=back.loss.item(0),
        backward=Backward(back),
        rooms=[] if room is None else [room.again],
        lent=None if room is None else Lent(room),
    )
