"""The derivatives of every step of a chain: all that the way back needs of the way forward."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.engine.cells import CELLS
from app.engine.chain import ChainTrace

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Local:
    """Derivatives that the cell's vjp multiplies by.

    slope : ndarray of shape (T, B, G*H), f'(a_t) of every gate
    through : ndarray of shape (T, B, F*H), from dL/dh_t or dL/dc_t to dL/da_t; the slopes themselves for a
        cell with a single gate
    onto : ndarray of shape (T, B, H), dh_t/dc_t, of a cell that remembers, else None
    keep_h : ndarray of shape (T, B, H), the part of dh_t/dh_{t-1} that goes past the product; None when all
        goes through it
    keep_c : ndarray of shape (T, B, H), dc_t/dc_{t-1} along the road, of a cell that remembers, else None
    """

    slope: Array
    through: Array
    onto: Array | None
    keep_h: Array | None
    keep_c: Array | None

    def at(self, times: slice, lane: int) -> "Local":
        """The same of some steps of one lane, as views."""
        found = (
            None if array is None else array[times, lane : lane + 1]
            for array in (self.slope, self.through, self.onto, self.keep_h, self.keep_c)
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
    slope = np.empty((steps, lanes, width))
    one = cell.gates == 1
    # padding that is held passes all of the gradient on, past the product
    past = cell.apart is not None or trace.x.held is not None
    return Local(
        slope,
        slope if one else np.empty((steps, lanes, (cell.factors or cell.gates) * hidden)),
        np.empty(shape) if cell.remembers else None,
        np.zeros(shape) if past else None,
        np.empty(shape) if cell.remembers else None,
    )


def hold(local: Local, held: NDArray[np.bool_]) -> None:
    """Where padding holds the state: h_t = h_{t-1}, c_t = c_{t-1}, and nothing depends on anything else."""
    for array in (local.slope, local.through, local.onto):
        if array is not None:
            array[held] = 0.0
    for array in (local.keep_h, local.keep_c):
        if array is not None:
            array[held] = 1.0
