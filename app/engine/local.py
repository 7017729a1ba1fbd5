"""The derivatives of every step of a chain: all that the way back needs of the way forward."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import gate_scales, gate_slopes
from app.engine.cells import CELLS
from app.engine.chain import Call, ChainTrace, assign, assign_where

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Local:
    """Derivatives that the cell's vjp multiplies by.

    factors : ndarray of shape (T, B, G*H), or (T, B, (G+1)*H) of a cell that remembers: the next two side by
        side, for `linearise` to fill
    through : ndarray of shape (T, B, G*H), from dL/dh_t or dL/dc_t to dL/da_t; f'(a_t) of a cell with a
        single gate
    onto : ndarray of shape (T, B, H), dh_t/dc_t, of a cell that remembers, else None
    into : ndarray of shape (T, B, H), of a cell that keeps a gate's product apart, what it is multiplied by,
        else None
    keep_h : ndarray of shape (T, B, H), the part of dh_t/dh_{t-1} that goes past the product; None when all
        goes through it
    keep_c : ndarray of shape (T, B, H), dc_t/dc_{t-1} along the road, of a cell that remembers, else None

    A gate that is itself such a derivative is a view of the trace's, unless padding holds states.
    """

    factors: Array
    through: Array
    onto: Array | None
    into: Array | None
    keep_h: Array | None
    keep_c: Array | None

    def at(self, times: slice, lane: int) -> "Local":
        """The same of some steps of one lane, as views."""
        found = (
            None if array is None else array[times, lane : lane + 1]
            for array in (self.factors, self.through, self.onto, self.into, self.keep_h, self.keep_c)
        )
        return Local(*found)  # type: ignore[arg-type]

    def scaled(self, exponent: int) -> "Local":
        """The same with what goes past the product divided by 2^exponent."""
        keep_h, keep_c = (
            None if keep is None else np.ldexp(keep, -exponent) for keep in (self.keep_h, self.keep_c)
        )
        return replace(self, keep_h=keep_h, keep_c=keep_c)


def blank_local(trace: ChainTrace) -> Local:
    """The arrays of one chain, for `linearise` to fill."""
    network = trace.network
    cell, hidden = CELLS[network.cell], network.hidden_size
    steps, lanes, width = trace.preactivation.shape
    shape = (steps, lanes, hidden)
    keep_h: Array | None = None
    keep_c: Array | None = None
    if trace.x.held is not None:
        # padding that is held passes all of the gradient on, past the product
        keep_h = np.zeros(shape)
        keep_h[trace.x.held] = 1.0
        keep_c = keep_h.copy() if cell.remembers else None
    elif cell.road is not None:
        road = trace.gate(trace.activated, cell.road)
        keep_h, keep_c = (None, road) if cell.remembers else (road, None)
    factors: Array = np.empty((steps, lanes, width + hidden if cell.remembers else width))
    return Local(
        factors,
        factors[..., :width],
        factors[..., width:] if cell.remembers else None,
        None if cell.reset is None else trace.gate(trace.activated, cell.reset),
        keep_h,
        keep_c,
    )


def hold(local: Local, trace: ChainTrace) -> list[Call]:
    """Where padding holds the state: h_t = h_{t-1}, c_t = c_{t-1}, and nothing depends on anything else."""
    held, road = trace.x.held, CELLS[trace.network.cell].road
    if held is None:
        return []
    on_the_road = local.keep_h if local.keep_c is None else local.keep_c
    tape: list[Call] = []
    if road is not None and on_the_road is not None:
        tape.append(assign(on_the_road, trace.gate(trace.activated, road)))
    for t, lanes in enumerate(held):
        tape += assign_where(local.factors[t], 0.0, lanes)
        if road is not None and on_the_road is not None:
            tape += assign_where(on_the_road[t], 1.0, lanes)
    return tape


def slopes(trace: ChainTrace, local: Local) -> Array:
    """f'(a_t) of every gate, (T, B, G*H); 0 where padding holds the state."""
    cell, a = CELLS[trace.network.cell], trace.preactivation
    if cell.candidate is None:
        return local.through
    found = np.empty_like(a)
    scales = gate_scales(a, cell.gates, cell.candidate)
    with np.errstate(over="ignore"):
        gate_slopes(a, scales, found)
    if trace.x.held is not None:
        found[trace.x.held] = 0.0
    return found
