"""What a backward pass leaves behind: arrays over time, made once and filled in place."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.chain import ChainTrace
from app.engine.cotangents import Cotangents
from app.engine.finite import held, held_product, held_sum
from app.engine.jacobians import local_jacobians, norms_of_chain, suffice
from app.engine.judge import slope_of_prediction
from app.engine.local import Local, slopes
from app.engine.norms import StepNorms, row_norms
from app.engine.outer import OuterSum
from app.engine.readout import losses_by_step
from app.engine.softmax import slope_of_probability
from app.engine.tape import Call
from app.engine.trace import Trace
from app.engine.weights import Weights, first_word

Array = NDArray[np.float64]
Gradients = dict[str, dict[str, OuterSum]]


@dataclass(frozen=True)
class ChainBackward:
    """The backward sweep of one chain, in sentence order.

    trace : the forward pass it goes back through
    local : the derivatives of its steps
    sweep : the gradients it carries
    d_bias : ndarray of shape (T, B, G*H), dL/d(what b_h was added to)
    total : ndarray of the shape of the chain's block, its gradient
    norms : the norms of every step of one sentence; None when they wait until they are asked for
    """

    trace: ChainTrace
    local: Local
    sweep: Cotangents
    d_bias: Array
    total: Array
    norms: StepNorms | None

    @property
    def d_h(self) -> Array:
        """dL/dh_t, (T, B, H)."""
        return self.sweep.d_h

    @property
    def d_c(self) -> Array | None:
        """dL/dc_t, (T, B, H); None without a cell state."""
        return self.sweep.d_c

    @property
    def d_preactivation(self) -> Array:
        """dL/da_t, (T, B, G*H)."""
        return self.sweep.d_preactivation

    @property
    def slope(self) -> Array:
        """f'(a_t) of every gate, (T, B, G*H)."""
        return slopes(self.trace, self.local)

    @property
    def d_preactivation_norm(self) -> Array:
        """|dL/da_t|, (T, B)."""
        if self.norms is not None:
            return self.norms.d_preactivation[:, None]
        with np.errstate(over="ignore"):
            return held(row_norms(self.d_preactivation))

    @property
    def d_x(self) -> Array:
        """dL/dx_t, (T, B, V)."""
        W_xh: Array = self.trace.weights[first_word(self.trace.network) :]
        return held_product(self.d_preactivation, W_xh.T)

    @property
    def d_h_0(self) -> Array:
        """dL/dh_0, (B, H): of the state before the first step walked."""
        first = -1 if self.trace.reverse else 0
        before: Array = self._crossed(slice(first, first + 1 or None))[0]
        return before

    @property
    def d_h_carried(self) -> Array:
        """What of dL/dh_t comes back from the steps walked after t, (T, B, H): all of it but what a loss of
        step t's own gives."""
        carried = np.zeros_like(self.d_h)
        into, out = slice(1, None), slice(None, -1)
        if self.trace.reverse:
            into, out = out, into
        carried[out] = self._crossed(into)
        return carried

    def _crossed(self, steps: slice) -> Array:
        """The gradient beyond these steps: what they give the states they were entered with."""
        W_hh: Array = self.trace.weights[: self.trace.network.hidden_size]
        through = held_product(self.sweep.d_product[steps], W_hh.T)
        keep = self.local.keep_h
        return through if keep is None else held_sum(through, keep[steps] * self.d_h[steps])

    @property
    def d_c_0(self) -> Array | None:
        """dL/dc_0, (B, H); None without a cell state."""
        return None if self.sweep.carried is None else self.sweep.carried[self.trace.first]

    @property
    @np.errstate(over="ignore")
    def d_h_norm(self) -> Array:
        """|dL/dh_t|, (T, B)."""
        return held(row_norms(self.d_h))

    @property
    def dh_dh_prev(self) -> Array:
        """Local Jacobians dh_t/dh_{t-1} with c_{t-1} held, (T, B, H, H), (out, in); the first step walked has
        that of h_0."""
        return local_jacobians(self.trace, self.local)

    @property
    def dhT_dh_norm(self) -> Array:
        """Spectral norms of the whole dh_T/dh_t, through the cell state too, (T, B); that of the last step
        walked is 1. From right to left: of dh_1/dh_t."""
        return norms_of_chain(self.trace, self.local)

    @property
    def jacobians_suffice(self) -> bool:
        """Whether dhT_dh_norm can be found from dh_dh_prev."""
        return suffice(self.trace, self.local)

    def norms_from(self, jacobians: Array) -> Array:
        """dhT_dh_norm from dh_dh_prev, where they suffice."""
        return norms_of_chain(self.trace, self.local, jacobians)


@dataclass(frozen=True)
class Backward:
    """A backward pass.

    target : ndarray of shape (B, O), or (T, B) where every step predicts
    share : what a sentence's loss counts for: 1, or 1 / B for the mean
    weights : ndarray of shape (T, B), what each step counts for in its sentence's loss, or None
    loss : ndarray of shape (B,)
    d_logit : ndarray of the shape of the logit
    tape : the whole pass, see `judge.tape_from_losses` and `blank.tape_back`
    measured : the norms that every pass takes, of every chain; none where they wait until they are asked for
    square : ndarray of shape (), |gradient|^2 where nothing is measured: finite only when all of it is
    both : the pass forward and this one as one tape, see `blank.both_ways`; None where a call may raise
    watched : whether that watches the gradient along with the trace
    gradient : the total gradient, packed as the weights are; rows of absent biases are zero
    gradients : by group and name, as the parameters
    """

    trace: Trace
    target: NDArray[Any]
    share: float
    weights: Array | None
    loss: Array
    d_logit: Array
    chains: dict[str, ChainBackward]
    tape: list[Call]
    measured: list[StepNorms]
    square: Array
    both: list[Call] | None
    watched: bool
    gradient: Weights
    gradients: Gradients

    @property
    def total(self) -> Array:
        """The gradient of the readout's block, (D + 1, O)."""
        return self.gradient.readout

    @property
    def total_loss(self) -> float:
        """What the gradients are of: the sum of the sentences' losses, or their mean."""
        return self.share * float(self.loss.sum())

    @property
    def losses(self) -> Array | None:
        """The loss of each step's prediction, (T, B); None where there is but one."""
        return None if self.weights is None else losses_by_step(self.trace, self.target)

    @property
    def d_y_hat(self) -> Array:
        """dL/dy_hat, of the shape of y_hat."""
        if self.weights is not None:
            return slope_of_probability(self.trace.y_hat, self.target, self.weights)
        return slope_of_prediction(self.trace, self.target, self.share)

    @property
    def d_input(self) -> Array:
        """dL/d(readout input), (B, D) or (T, B, D)."""
        W_hy: Array = self.trace.weights.readout[:-1]
        return held_product(self.d_logit, W_hy.T)
