"""What a cell is: elementwise gates between two affine maps. The maps and time belong to the loops."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.engine.activations import Activation, Array
    from app.engine.sweep import ChainBackward
    from app.engine.trace import ChainTrace

Views = list[tuple[Any, ...]]
"""For each step the arrays a function reads and fills. Made once: a view costs a third of a small product."""


@dataclass(frozen=True)
class Cell:
    """A step and its vector-Jacobian product.

    gates : G, blocks of H columns in the preactivation
    step : (activation, trace) -> a function from preactivation_t to h_t, and its views for each step
    slopes : (activation, trace, back) -> a function to find all f'(a_t) at once, and what it takes
    vjp : (trace, back) -> a function from dL/dh_t to dL/dpreactivation_t, and its views for each step
    local_jacobians : (trace, back, W_hh, times) -> dh_t/dh_{t-1} at these times, (times, B, H, H), (out, in)
    """

    name: str
    gates: int
    step: Callable[["Activation", "ChainTrace"], tuple[Callable[..., object], Views]]
    slopes: Callable[
        ["Activation", "ChainTrace", "ChainBackward"], tuple[Callable[..., object], tuple[Any, ...]]
    ]
    vjp: Callable[["ChainTrace", "ChainBackward"], tuple[Callable[..., object], Views]]
    local_jacobians: Callable[["ChainTrace", "ChainBackward", "Array", slice], "Array"]
