"""The gradients that one backward sweep carries, and the step of it that every sweep is made of."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from app.engine.cells import CELLS
from app.engine.chain import ChainTrace, by_step
from app.engine.local import Local

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cotangents:
    """dL/d(everything in between), in sentence order. L lanes: as many as sentences, or more.

    d_h : ndarray of shape (T, L, H), dL/dh_t
    d_c : ndarray of shape (T, L, H), dL/dc_t, of a cell that remembers, else None
    carried : ndarray of shape (T + 1, L, H), what of dL/dc comes along the road from later steps, else None;
        of a sweep through time one row that stands for all, for the last to have been written is read next;
        of few units a row for each step, (T, L, H), what goes from it to the step before
    d_product : ndarray of shape (T, L, G*H), dL/d(h_{t-1} W_hh)
    d_preactivation : ndarray of shape (T, L, G*H), dL/da_t; d_product itself unless a cell keeps it apart
    alone : True when the steps need no lane axis
    whole : True when all steps are taken at once, each on its own
    came, gave : ndarrays of shape (T, L, …), what comes back into a step and what of it meets the weights:
        d_h and d_product themselves, or blocks side by side of which these are some, see `abreast`
    reached : ndarray of the shape of `gave`, of such blocks of a cell that remembers what came with what is
        carried added, else None
    """

    d_h: Array
    d_c: Array | None
    carried: Array | None
    d_product: Array
    d_preactivation: Array
    alone: bool
    whole: bool
    came: Array
    gave: Array
    reached: Array | None = None

    def by_step(self, *arrays: Array | None) -> list[tuple[Any, ...]]:
        """The steps of arrays over time as views, without the lane axis of a lone sentence."""
        return [arrays] if self.whole else by_step(self.alone, *arrays)


def blank_cotangents(
    trace: ChainTrace, gradients: tuple[Array, Array], alone: bool = False, whole: bool = False
) -> Cotangents:
    """Arrays to be filled by a sweep; nothing is carried in from beyond the last step.

    gradients : room for dL/d(h_{t-1} W_hh) and dL/da_t, both (T, L, G*H), one array unless a cell keeps the
        two apart
    """
    d_product, d_preactivation = gradients
    steps, lanes, _ = d_product.shape
    shape = (steps, lanes, trace.network.hidden_size)
    remembers = CELLS[trace.network.cell].remembers
    carried = None
    if remembers:
        row = np.zeros((steps + 1 if whole else 1, *shape[1:]))
        carried = row if whole else as_strided(row, (steps + 1, *shape[1:]), (0, *row.strides[1:]))
    d_h = np.zeros(shape)
    return Cotangents(
        d_h,
        np.empty(shape) if remembers else None,
        carried,
        d_product,
        d_preactivation,
        alone,
        whole,
        d_h,
        d_product,
    )


def more_lanes(trace: ChainTrace, local: Local, lanes: int) -> Cotangents:
    """Room for a step back of some steps, each on its own, with more lanes than sentences went forward."""
    steps, _, width = local.found.shape
    shape = (steps, lanes, width)
    d_product = np.empty(shape)
    apart = CELLS[trace.network.cell].apart is not None
    return blank_cotangents(trace, (d_product, np.empty(shape) if apart else d_product), whole=True)


def pull_back(trace: ChainTrace, local: Local, back: Cotangents, W_hh_T: Array) -> tuple[Array, Array | None]:
    """From dL/dh_t (and what is carried) to dL/dh_{t-1} and dL/dc_{t-1}, (T, L, H): every step on its own.

    local, back : as from `Local.at` and `more_lanes`
    """
    cell = CELLS[trace.network.cell]
    pull, (views,) = cell.vjp(trace, local, back)
    pull(*views)
    steps, lanes, width = back.d_product.shape
    before: Array = back.d_product.reshape(-1, width).dot(W_hh_T).reshape(steps, lanes, -1)
    if local.keep_h is not None:
        before += local.keep_h * back.d_h
    return before, None if back.carried is None else trace.entering(back.carried)
