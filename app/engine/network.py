"""The description of a network: which records to use and the shapes that follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.engine.cells import CELLS
from app.engine.errors import EngineError
from app.engine.losses import LOSSES

Array = NDArray[np.float64]
Parameters = dict[str, dict[str, Array]]
Shapes = dict[str, dict[str, tuple[int, ...]]]


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


@dataclass(frozen=True)
class Network:
    """A many-to-one recurrent network, h_t = f(x_t W_xh + h_{t-1} W_hh + b_h).

    Raises EngineError for a name without a record.
    """

    cell: str = "elman"
    activation: str = "tanh"
    bias: str = "inside"
    loss: str = "bce"
    hidden_size: int = 3
    outputs: int = 1

    def __post_init__(self) -> None:
        require("cell", self.cell, CELLS)
        require("activation", self.activation, ACTIVATIONS)
        require("bias", self.bias, BIASES)
        require("loss", self.loss, LOSSES)
        for field in ("hidden_size", "outputs"):
            size = getattr(self, field)
            if size < 1:
                raise EngineError(f"{field} must be at least 1, got {size}", field=field, value=size)

    @property
    def chains(self) -> tuple[str, ...]:
        """Names of the chains, each a group of parameters."""
        return ("left_to_right",)


def require(field: str, name: str, records: Mapping[str, object]) -> None:
    """Refuse a name that has no record."""
    if name not in records:
        known = ", ".join(records)
        raise EngineError(f"{field} must be one of {known}, got {name!r}", field=field, value=name)


def parameter_shapes(network: Network, vocabulary_size: int) -> Shapes:
    """Shape of every parameter by group and name, in the order they are shown."""
    hidden, outputs = network.hidden_size, network.outputs
    width = hidden * CELLS[network.cell].gates
    shapes: Shapes = {
        name: {"W_xh": (vocabulary_size, width), "W_hh": (hidden, width), "b_h": (width,)}
        for name in network.chains
    }
    shapes["readout"] = {"W_hy": (hidden * len(network.chains), outputs), "b_y": (outputs,)}
    if not BIASES[network.bias].present:
        for group in shapes.values():
            group.pop("b_h", None)
            group.pop("b_y", None)
    return shapes
