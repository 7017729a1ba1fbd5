"""What a cell is: elementwise gates between two affine maps. The maps and time belong to the loops."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.engine.activations import Activation, Array
    from app.engine.cells.abreast import Blocks
    from app.engine.chain import ChainTrace
    from app.engine.cotangents import Cotangents
    from app.engine.local import Local
    from app.engine.tape import Call

Views = list[tuple[Any, ...]]
"""For each step the arrays a function reads and fills. Made once: a view costs a third of a small product."""


@dataclass(frozen=True)
class Tiled:
    """A step back that multiplies all its blocks in one call, dL/dh put side by side as often.

    blocks : where in what a step gives they stand
    pulls : for each step
    gave : ndarray of shape (T, 1, (G + 1)*H), dL/d(h_{t-1} W_hh), and what of dL/dh goes past the product
    before, after : the calls that find what blocks are multiplied by, and that leave what a sweep leaves
    """

    blocks: "Blocks"
    pulls: list["Call"]
    gave: "Array"
    before: list["Call"]
    after: list["Call"]


@dataclass(frozen=True)
class Cell:
    """A step and its vector-Jacobian product.

    gate_names : G of them, blocks of H columns in the preactivation
    step : (activation, trace) -> a function from preactivation_t to h_t, and its views for each step
    linearise : (activation, trace, local) -> a function that finds the derivatives of many steps at once, and
        its views for each stretch of them
    vjp : (trace, local, cotangents) -> a function from dL/dh_t (and dL/dc_t) to the gradient of what the
        products gave, and its views for each step
    remembers : True when a cell state c_t is carried beside h_t
    apart : the gate whose h_{t-1} W_hh is not simply added to x_t W_xh and has a bias b_hn of its own, the
        last one; None when there is none
    reset : the gate that multiplies that product; None when there is none
    candidate : the gate whose function is tanh, the others being sigmoids; None when the activation is free
    road : the gate that carries the state past the product, c_t or else h_t; None when all goes through it
    forget_gate : the gate whose bias is raised at the start; None when there is none
    tiled : (trace, local, cotangents) -> the sweep of a lone sentence; None where there is little to save
    free : True when the activation, and where the bias stands, are for the question to say
    """

    name: str
    gate_names: tuple[str, ...]
    step: Callable[["Activation", "ChainTrace"], tuple[Callable[..., object], Views]]
    linearise: Callable[["Activation", "ChainTrace", "Local"], tuple[Callable[..., object], Views]]
    vjp: Callable[["ChainTrace", "Local", "Cotangents"], tuple[Callable[..., object], Views]]
    remembers: bool = False
    apart: int | None = None
    reset: int | None = None
    candidate: int | None = None
    road: int | None = None
    forget_gate: int | None = None
    tiled: Callable[["ChainTrace", "Local", "Cotangents"], Tiled] | None = None
    free: bool = False

    @property
    def gates(self) -> int:
        """G."""
        return len(self.gate_names)
