"""The one backward loop, for every cell: backpropagation through time."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.engine.cells import CELLS
from app.engine.finite import require_finite
from app.engine.jacobians import chain_norms
from app.engine.norms import row_norms
from app.engine.outer import OuterSum
from app.engine.readout import as_targets, bias_outside, head_of, loss_of, require_domain
from app.engine.trace import ChainTrace, Trace
from app.engine.weights import chain_views, readout_views

Array = NDArray[np.float64]
Gradients = dict[str, dict[str, OuterSum]]


@dataclass(frozen=True)
class ChainBackward:
    """The backward sweep of one chain, in the order the chain walked.

    trace : the forward pass it goes back through
    d_h : ndarray of shape (T, B, H), dL/dh_t
    slope : ndarray of shape (T, B, H), f'(a_t)
    d_preactivation : ndarray of shape (T, B, G*H), dL/da_t
    total : ndarray of the shape of the chain's block, its gradient
    h_prev_norm, d_preactivation_norm : ndarray of shape (T, B)
    d_bias, d_bias_norm : dL/d(what the bias was added to), (T, B, G*H) and (T, B)
    """

    trace: ChainTrace
    d_h: Array
    slope: Array
    d_preactivation: Array
    total: Array
    h_prev_norm: Array
    d_preactivation_norm: Array
    d_bias: Array
    d_bias_norm: Array

    @property
    def d_x(self) -> Array:
        """dL/dx_t, (T, B, V)."""
        W_xh: Array = self.trace.weights[self.trace.network.hidden_size + 1 :]
        return self.d_preactivation @ W_xh.T

    @property
    def d_h_0(self) -> Array:
        """dL/dh_0, (B, H)."""
        W_hh: Array = self.trace.weights[: self.trace.network.hidden_size]
        d_h_0: Array = self.d_preactivation[0] @ W_hh.T
        return d_h_0

    @property
    def d_h_norm(self) -> Array:
        """|dL/dh_t|, (T, B)."""
        return row_norms(self.d_h)

    @property
    def dh_dh_prev(self) -> Array:
        """Local Jacobians dh_t/dh_{t-1}, (T, B, H, H), (out, in); index 0 is dh_1/dh_0."""
        hidden = self.trace.network.hidden_size
        cell = CELLS[self.trace.network.cell]
        W_hh: Array = self.trace.weights[:hidden]
        return cell.local_jacobians(self.trace, self, W_hh)

    @property
    def dhT_dh_norm(self) -> Array:
        """Spectral norms of dh_T/dh_t, (T, B); the last is 1."""
        return chain_norms(self.dh_dh_prev)


@dataclass(frozen=True)
class Backward:
    """A backward pass.

    target : ndarray of shape (B, O)
    d_logit : ndarray of shape (B, O)
    gradients : by group and name, as the parameters
    total : ndarray of the shape of the readout's block
    steps : per chain, from the last step to the first: the cell's views, dL/da_t, dL/dh_{t-1} or None
    """

    trace: Trace
    target: Array
    d_logit: Array
    chains: dict[str, ChainBackward]
    total: Array
    gradients: Gradients
    steps: dict[str, list[tuple[Any, ...]]]

    @property
    def loss(self) -> Array:
        """The loss of each sentence, (B,)."""
        return loss_of(self.trace, self.target)

    @property
    def d_y_hat(self) -> Array:
        """dL/dy_hat, (B, O)."""
        z, b = self.trace.logit, bias_outside(self.trace)
        d_y_hat: Array = head_of(self.trace.network).d_y_hat(z, b, self.target, np)
        return d_y_hat

    @property
    def d_input(self) -> Array:
        """dL/d(readout input), (B, D)."""
        W_hy: Array = self.trace.weights.readout[:-1]
        return self.d_logit @ W_hy.T


def backward(trace: Trace, target: Any) -> Backward:
    """The backward pass from the labels.

    target : a number, or ndarray of shape (B,) or (B, O)

    Raises DomainError when the loss is not defined at y_hat, DivergenceError when a gradient outgrows
    float64.
    """
    back = blank_backward(trace, target)
    backpropagate(back)
    return back


def blank_backward(trace: Trace, target: Any) -> Backward:
    """A backward pass to be filled (and refilled) by `backpropagate`."""
    chains = {name: blank_chain(chain) for name, chain in trace.chains.items()}
    total = np.empty_like(trace.weights.readout)
    d_logit = np.empty_like(trace.logit)
    gradients = {name: chain_gradients(chain) for name, chain in chains.items()}
    gradients["readout"] = readout_gradients(trace, d_logit, total)
    steps = {name: backward_views(chain) for name, chain in chains.items()}
    return Backward(trace, as_targets(target, trace), d_logit, chains, total, gradients, steps)


def blank_chain(trace: ChainTrace) -> ChainBackward:
    """The arrays of one chain's sweep. dL/d(bias) is dL/da itself unless a bias stands outside."""
    steps, lanes, hidden = trace.activated.shape
    d_preactivation = np.empty_like(trace.preactivation)
    d_preactivation_norm = np.empty((steps, lanes))
    everywhere_inside = trace.outside is None
    return ChainBackward(
        trace=trace,
        d_h=np.empty((steps, lanes, hidden)),
        slope=np.empty((steps, lanes, hidden)),
        d_preactivation=d_preactivation,
        total=np.empty_like(trace.weights),
        h_prev_norm=np.empty((steps, lanes)),
        d_preactivation_norm=d_preactivation_norm,
        d_bias=d_preactivation if everywhere_inside else np.empty_like(d_preactivation),
        d_bias_norm=d_preactivation_norm if everywhere_inside else np.empty((steps, lanes)),
    )


def chain_gradients(chain: ChainBackward) -> dict[str, OuterSum]:
    """The gradients of one chain's parameters, as views of its sweep."""
    trace, right, norms = chain.trace, chain.d_preactivation, chain.d_preactivation_norm
    totals = chain_views(chain.total, trace.network)
    sums = {
        "W_xh": OuterSum(trace.x, right, totals["W_xh"], None, norms),
        "W_hh": OuterSum(trace.h_prev, right, totals["W_hh"], chain.h_prev_norm, norms),
    }
    if "b_h" in totals:
        sums["b_h"] = OuterSum(None, chain.d_bias, totals["b_h"], None, chain.d_bias_norm)
    return sums


def readout_gradients(trace: Trace, d_logit: Array, total: Array) -> dict[str, OuterSum]:
    """The gradients of the readout's parameters: sums of one term."""
    totals = readout_views(total, trace.network)
    sums = {"W_hy": OuterSum(trace.readout_input[None], d_logit[None], totals["W_hy"])}
    if "b_y" in totals:
        right = d_logit[None] if trace.output_bias_inside else np.empty_like(d_logit)[None]
        sums["b_y"] = OuterSum(None, right, totals["b_y"])
    return sums


def backward_views(chain: ChainBackward) -> list[tuple[Any, ...]]:
    """What the backward loop needs for each step, as views, from the last step to the first."""
    views = CELLS[chain.trace.network.cell].vjp_views(chain.trace, chain)
    earlier = [None, *chain.d_h[:-1]]
    return list(zip(views, chain.d_preactivation, earlier, strict=True))[::-1]


@np.errstate(all="ignore")
def backpropagate(back: Backward) -> None:
    """Fill a backward pass from its trace."""
    trace = back.trace
    require_domain(trace)
    differentiate_readout(back)
    W_hy = trace.weights.readout[:-1]
    for name, chain in back.chains.items():
        back.d_logit.dot(W_hy.T, chain.d_h[-1])
        bptt(chain, back.steps[name])
        add_up(chain)
        require_finite_gradients(chain)


def differentiate_readout(back: Backward) -> None:
    """dL/dlogit and the gradients of W_hy and b_y."""
    trace, d_logit = back.trace, back.d_logit
    head, z, b = head_of(trace.network), trace.logit, bias_outside(trace)
    if z.size == 1:
        d_logit[0, 0] = head.d_logit(z.item(), b, back.target.item(), math)
    else:
        d_logit[...] = head.d_logit(z, b, back.target, np)
    trace.readout_row.T.dot(d_logit, back.total)
    if not trace.output_bias_inside:
        d_y_hat = back.d_y_hat
        back.gradients["readout"]["b_y"].right[0] = d_y_hat
        back.total[-1] = d_y_hat.sum(axis=0)


def bptt(chain: ChainBackward, steps: list[tuple[Any, ...]]) -> None:
    """Walk one chain back: the cell's vjp, then dL/dh_{t-1} = dL/da_t W_hh^T."""
    network = chain.trace.network
    cell = CELLS[network.cell]
    cell.slopes(ACTIVATIONS[network.activation], chain.trace, chain)
    vjp = cell.vjp
    W_hh_T = chain.trace.weights[: network.hidden_size].T
    for views, d_a, d_h_prev in steps:
        vjp(*views)
        if d_h_prev is not None:
            d_a.dot(W_hh_T, d_h_prev)


def add_up(chain: ChainBackward) -> None:
    """The total gradients, sum_t [h_{t-1}, 1, x_t]^T dL/da_t: one product for the whole sentence."""
    trace, total, hidden = chain.trace, chain.total, chain.trace.network.hidden_size
    right = chain.d_preactivation.reshape(-1, total.shape[1])
    left = trace.z[:-1].reshape(len(right), -1)
    if trace.words is None:
        left.T.dot(right, total)
    else:
        left.T.dot(right, total[: hidden + 1])
        trace.x.scatter(right, total[hidden + 1 :])
    if trace.outside is not None:
        inside = trace.bias_inside[:, None, None]
        np.copyto(chain.d_bias, np.where(inside, chain.d_preactivation, chain.d_h))
        total[hidden] = chain.d_bias.sum(axis=(0, 1))
        row_norms(chain.d_bias, chain.d_bias_norm)
    row_norms(trace.h_prev, chain.h_prev_norm)
    row_norms(chain.d_preactivation, chain.d_preactivation_norm)


def require_finite_gradients(chain: ChainBackward) -> None:
    """Raise DivergenceError when a gradient outgrew float64."""
    require_finite(chain.d_preactivation[::-1], "dL_dpreactivation")
    require_finite(chain.total, "gradient")
