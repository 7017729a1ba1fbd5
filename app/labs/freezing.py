"""Immediate and total: what a step's state owes to its own copy of a weight, and to all copies before it.

dL/dw = sum_t dL/dh_t . d+h_t/dw, where d+ holds h_{t-1}. With the total dh_t/dw in its place, what earlier
copies did is counted again at every later step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.lanes import READOUT, lane_losses
from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run
from app.labs.entries import Weight, contributions, packed, weight_at

Array = NDArray[np.float64]
TINY = 1e-30
"""A complex step so small that the derivative is exact to the last digits."""


@dataclass(frozen=True)
class Frozen:
    """A weight's gradient as a sum over the states, twice.

    held : (T,) dL/dh_t . d+h_t/dw, with h_{t-1} held; they sum to the gradient
    free : (T,) dL/dh_t . dh_t/dw, with h_{t-1} moving along
    gradient : by backpropagation
    """

    weight: Weight
    held: Array
    free: Array
    gradient: float

    @property
    def sums(self) -> tuple[float, float]:
        """What the two come to."""
        return float(self.held.sum()), float(self.free.sum())


def freeze(run: Run, address: str | None = None) -> Frozen:
    """Both sums for a weight of a chain; for the first bias, or else entry of W_hh, when None.

    Raises ExperimentError for an entry that there is none of, and for the readout, which no state depends on.
    """
    bias = "b_h.0" if "b_h" in run.parameters["left_to_right"] else "W_hh.0.0"
    weight = weight_at(run, address or f"left_to_right.{bias}")
    if weight.group == READOUT:
        raise ExperimentError([fault("weight", "of a chain: no state depends on the readout", address)])
    gradient = run.gradients[weight.group][weight.name]
    every = np.full((len(run.words), 1), TINY * 1j)
    return Frozen(
        weight,
        contributions(gradient, weight.index),
        owed(run, weight, every),
        float(gradient.total[weight.index]),
    )


def owed(run: Run, weight: Weight, eps: NDArray[np.complex128]) -> Array:
    """dL/ds_t . ds_t/dw for the copies that `eps` (T, 1) moves, (T,); s is h, and c where there is one."""
    target = run.backward.back.target
    per_step = run.network.per_step
    _, lanes = lane_losses(
        run.forward.trace, target[:, 0] if per_step else target[0], [packed(run, weight)], eps
    )
    chain, back = lanes.chains[weight.group], run.backward.chains[weight.group]
    terms: Array = (back.d_h * chain.h[:, 0].imag / TINY).sum(axis=1)
    onto = back.chain.local.onto
    if chain.c is None or back.d_c is None or onto is None:
        return terms
    # dL/dc_t holds what c_t does through h_t, which is in the first sum already.
    past = back.d_c - back.d_h * onto[:, 0]
    road: Array = (past * chain.leaving(chain.c)[:, 0].imag / TINY).sum(axis=1)
    return terms + road
