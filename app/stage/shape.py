"""What the markup of a run depends on besides its numbers and its words."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from app.engine.cells import CELLS
from app.engine.network import TASKS
from app.experiments.run import Run
from app.stage.lanes import Lane, lanes_of
from app.stage.layout import Geometry, geometry
from app.stage.weights import Weight, weights_of
from app.wording.catalogue import language


@dataclass(frozen=True)
class Shape:
    """Sizes and switches. Two runs of one shape have the same parts in the same places and the same sentences
    but for the words, numbers and turns of phrase that a `Sheet` holds.

    steps, units, words, outputs : T, H, V and O. task : what is predicted.
    cell, chains : what reads the sentence, and in which directions.
    has_bias : whether there is a bias at all. outer : the parameters of the readout.
    inside : whether the bias stands inside f, for each step in the order of reading.
    again : whether there is a second forward pass. language : of its sentences.
    """

    steps: int
    units: int
    words: int
    activation: str
    loss: str
    target: int
    task: str
    outputs: int
    cell: str
    chains: tuple[str, ...]
    has_bias: bool
    outer: tuple[str, ...]
    inside: tuple[bool, ...]
    output_inside: bool
    again: bool
    language: str

    def __post_init__(self) -> None:
        # A page looks up a hundred things by its shape.
        object.__setattr__(self, "_hash", hash(tuple(vars(self).values())))

    def __hash__(self) -> int:
        return self._hash  # type: ignore[attr-defined,no-any-return]

    @cached_property
    def geometry(self) -> Geometry:
        road = CELLS[self.cell].road is not None
        return geometry(self.units, self.words, self.steps, road, len(self.chains))

    @cached_property
    def lanes(self) -> tuple[Lane, ...]:
        """Its chains, as rows of columns."""
        return lanes_of(self.chains, self.steps)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns."""
        return tuple(lane.name("col", t) for lane in self.lanes for t in range(1, self.steps + 1))

    def shared_by(self, lane: Lane) -> tuple[str, ...]:
        """The keys of the weights of one chain."""
        return tuple(key for key, weight in self.weights.items() if weight.group == lane.chain)

    def lane(self, key: str) -> Lane:
        """The chain that a weight belongs to."""
        chain = self.weights[key].group
        return next(lane for lane in self.lanes if lane.chain == chain)

    @cached_property
    def weights(self) -> dict[str, Weight]:
        """Every weight that has a card, by its key."""
        return weights_of(self.cell, self.chains, self.has_bias, self.outer)

    @property
    def per_step(self) -> bool:
        """Whether every step predicts: the readout's gradient is then a sum over time, too."""
        return TASKS[self.task]

    @property
    def whole(self) -> tuple[str, ...]:
        """The keys of the weights whose gradient arrives at once."""
        return () if self.per_step else self.outer

    @cached_property
    def shared(self) -> tuple[str, ...]:
        """The keys of the weights that every step uses."""
        return tuple(key for key in self.weights if key not in self.whole)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The keys of the weights that words enter: they alone have a row for each of the vocabulary."""
        return tuple(key for key, weight in self.weights.items() if weight.role == "words")

    @cached_property
    def others(self) -> tuple[str, ...]:
        """The keys of all other weights."""
        return tuple(key for key in self.weights if key not in self.inputs)

    @cached_property
    def gates(self) -> tuple[str, ...]:
        """The gates whose weights have cards of their own, in the order of the cards; one without gates."""
        if CELLS[self.cell].gates == 1:
            return ("h",)
        return tuple(dict.fromkeys(self.weights[key].gate_name for key in self.shared))

    def of_gate(self, gate: str) -> tuple[str, ...]:
        """The keys of the shared weights of one gate; all of them without gates."""
        if len(self.gates) == 1:
            return self.shared
        return tuple(key for key in self.shared if self.weights[key].gate_name == gate)

    @cached_property
    def heaps(self) -> tuple[tuple[str, ...], ...]:
        """The shared weights whose coins are added up together: those of a gate, or one of every chain."""
        if len(self.gates) > 1:
            return tuple(self.of_gate(gate) for gate in self.gates)
        found: dict[str, list[str]] = {}
        for key in self.shared:
            found.setdefault(key.removesuffix(self.weights[key].suffix), []).append(key)
        return tuple(map(tuple, found.values()))

    def telling(self, heap: tuple[str, ...]) -> tuple[str, ...]:
        """The weights of a heap that are written out, one of every chain: those that states enter, if any."""
        first = next((key for key in heap if self.weights[key].role == "state"), heap[0])
        return tuple(key for key in heap if key.removesuffix(self.weights[key].suffix) == first)

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """The weights whose coins' norms are listed, one of each heap."""
        return tuple(self.telling(heap)[0] for heap in self.heaps)

    def late(self, lane: Lane, t: int) -> bool:
        """Whether a chain adds its bias after f at step t, counted from 1."""
        return self.has_bias and not self.inside[lane.at(t) - 1]


# Of two runs of one shape the same object: what is derived from it is found only once.
_known = lru_cache(maxsize=256)(Shape)


def shape_of(run: Run) -> Shape:
    """The shape of a run."""
    experiment, network, forward, change = run.experiment, run.network, run.forward, run.update
    return _known(
        len(run.words),
        experiment.hidden_size,
        len(run.vocabulary),
        experiment.activation,
        experiment.loss,
        0 if network.per_step else experiment.target,
        experiment.task,
        network.outputs,
        experiment.cell,
        tuple([name for name in run.parameters if name != "readout"]),
        "b_h" in run.parameters["left_to_right"],
        tuple(run.parameters["readout"]),
        tuple(forward.bias_inside.tolist()),
        bool(forward.output_bias_inside),
        change.forward is not None and change.loss is not None and change.y_hat is not None,
        language(),
    )
