"""What a cell is: elementwise gates between two affine maps. The maps and time belong to the loops."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.engine.activations import Activation, Array
    from app.engine.bptt import ChainBackward
    from app.engine.trace import ChainTrace


@dataclass(frozen=True)
class Cell:
    """A step and its vector-Jacobian product.

    Both are called once per timestep with one tuple of views, which are made when the trace is: a view
    costs as much as a third of a small product.

    gates : G, blocks of H columns in the preactivation
    step_views : trace -> per step, what `step` reads and fills
    step : (f, *views) -> None, from preactivation to h_t
    slopes : (activation, trace, back) -> None, all f'(a_t) at once, before the backward loop
    vjp_views : (trace, back) -> per step, what `vjp` reads and fills
    vjp : (*views) -> None, from dL/dh_t to dL/dpreactivation_t
    local_jacobians : (trace, back, W_hh) -> dh_t/dh_{t-1} of shape (T, B, H, H), (out, in)
    """

    name: str
    gates: int
    step_views: Callable[["ChainTrace"], list[tuple[Any, ...]]]
    step: Callable[..., None]
    slopes: Callable[["Activation", "ChainTrace", "ChainBackward"], None]
    vjp_views: Callable[["ChainTrace", "ChainBackward"], list[tuple[Any, ...]]]
    vjp: Callable[..., None]
    local_jacobians: Callable[["ChainTrace", "ChainBackward", "Array"], "Array"]
