"""The description of a network: which records to use and the shapes that follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.engine.cells import CELLS
from app.engine.errors import EngineError
from app.engine.losses import LOSSES

Array = NDArray[np.float64]
Parameters = dict[str, dict[str, Array]]
Shapes = Mapping[str, Mapping[str, tuple[int, ...]]]


@dataclass(frozen=True)
class BiasRule:
    """Where the biases stand.

    inside : T -> (T,) booleans, True where step t computes f(a + b), False where f(a) + b
    output_inside : the same for the output
    present : False when there is no bias at all
    """

    name: str
    inside: Callable[[int], NDArray[np.bool_]]
    output_inside: bool
    present: bool = True


def from_the_second_step(steps: int) -> NDArray[np.bool_]:
    """False for the first step, True afterwards."""
    return np.arange(steps) > 0


BIASES = {
    "inside": BiasRule("inside", lambda steps: np.ones(steps, np.bool_), True),
    "outside": BiasRule("outside", lambda steps: np.zeros(steps, np.bool_), False),
    "mixed": BiasRule("mixed", from_the_second_step, False),
    "none": BiasRule("none", lambda steps: np.ones(steps, np.bool_), True, present=False),
}
WITHIN_GATES = ("inside", "none")
"""Where the biases of a cell with several gates may stand."""


TASKS = {"sentiment": False, "next_word": True}
"""By name, whether every step predicts: a sentence has one label, each of its words has a next one."""


@dataclass(frozen=True)
class Network:
    """A recurrent network, h_t = f(x_t W_xh + h_{t-1} W_hh + b_h).

    activation, and where the bias stands, are for cells that leave them open; others set the activation aside
    loss : set aside where every step predicts a word: that is a softmax and its cross-entropy
    outputs : O; V where every step predicts a word
    bidirectional : whether a second chain walks from right to left

    Raises EngineError for a name without a record, and for a bias that the cell cannot have.
    """

    cell: str = "elman"
    activation: str = "tanh"
    bias: str = "inside"
    loss: str = "bce"
    hidden_size: int = 3
    outputs: int = 1
    bidirectional: bool = False
    task: str = "sentiment"

    def __post_init__(self) -> None:
        require("cell", self.cell, CELLS)
        require("activation", self.activation, ACTIVATIONS)
        require("bias", self.bias, BIASES)
        require("loss", self.loss, LOSSES)
        require("task", self.task, TASKS)
        if self.bias not in WITHIN_GATES and not CELLS[self.cell].free:
            allowed = " or ".join(WITHIN_GATES)
            message = f"bias must be {allowed} for cell {self.cell!r}, got {self.bias!r}"
            raise EngineError(message, field="bias", value=self.bias)
        for field in ("hidden_size", "outputs"):
            size = getattr(self, field)
            if size < 1:
                raise EngineError(f"{field} must be at least 1, got {size}", field=field, value=size)

    @property
    def chains(self) -> tuple[str, ...]:
        """Names of the chains, each a group of parameters."""
        return ("left_to_right", "right_to_left") if self.bidirectional else ("left_to_right",)

    @property
    def per_step(self) -> bool:
        """Whether every step predicts."""
        return TASKS[self.task]

    @property
    def output_bias_inside(self) -> bool:
        """Whether b_y is part of the logit. A softmax always takes it in: its outputs must sum to 1."""
        return self.per_step or BIASES[self.bias].output_inside


def require(field: str, name: str, records: Mapping[str, object]) -> None:
    """Refuse a name that has no record."""
    if name not in records:
        known = ", ".join(records)
        raise EngineError(f"{field} must be one of {known}, got {name!r}", field=field, value=name)


@lru_cache(maxsize=64)
def parameter_shapes(network: Network, vocabulary_size: int) -> Shapes:
    """Shape of every parameter by group and name, in the order they are shown."""
    hidden, outputs, cell = network.hidden_size, network.outputs, CELLS[network.cell]
    width = hidden * cell.gates
    chain: dict[str, tuple[int, ...]] = {"W_xh": (vocabulary_size, width), "W_hh": (hidden, width)}
    readout: dict[str, tuple[int, ...]] = {"W_hy": (hidden * len(network.chains), outputs)}
    if BIASES[network.bias].present:
        chain["b_h"] = (width,)
        if cell.apart is not None:
            chain["b_hn"] = (hidden,)
        readout["b_y"] = (outputs,)
    return {**{name: dict(chain) for name in network.chains}, "readout": readout}
