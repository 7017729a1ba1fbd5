"""What a backward pass leaves behind: arrays over time, made once and filled in place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.engine.cells import CELLS
from app.engine.finite import held_product
from app.engine.jacobians import chain_norms
from app.engine.norms import StepNorms, row_norms
from app.engine.outer import OuterSum
from app.engine.readout import as_targets, bias_outside
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
    d_bias : ndarray of shape (T, B, G*H), dL/d(what the bias was added to)
    total : ndarray of the shape of the chain's block, its gradient
    norms : the norms of every step
    """

    trace: ChainTrace
    d_h: Array
    slope: Array
    d_preactivation: Array
    d_bias: Array
    total: Array
    norms: "StepNorms"

    @property
    def d_preactivation_norm(self) -> Array:
        """|dL/da_t|, (T, B)."""
        return self.norms.d_preactivation

    @property
    def d_x(self) -> Array:
        """dL/dx_t, (T, B, V)."""
        W_xh: Array = self.trace.weights[self.trace.network.hidden_size + 1 :]
        return held_product(self.d_preactivation, W_xh.T)

    @property
    def d_h_0(self) -> Array:
        """dL/dh_0, (B, H)."""
        W_hh: Array = self.trace.weights[: self.trace.network.hidden_size]
        return held_product(self.d_preactivation[0], W_hh.T)

    @property
    def d_h_norm(self) -> Array:
        """|dL/dh_t|, (T, B)."""
        return row_norms(self.d_h)

    @property
    def dh_dh_prev(self) -> Array:
        """Local Jacobians dh_t/dh_{t-1}, (T, B, H, H), (out, in); index 0 is dh_1/dh_0."""
        return self.local_jacobians(slice(0, len(self.d_h)))

    @property
    def dhT_dh_norm(self) -> Array:
        """Spectral norms of dh_T/dh_t, (T, B); the last is 1."""
        return chain_norms(self.local_jacobians, *self.d_h.shape)

    def local_jacobians(self, times: slice) -> Array:
        """dh_t/dh_{t-1} at some times only: all of them are T H^2 numbers."""
        network = self.trace.network
        W_hh: Array = self.trace.weights[: network.hidden_size]
        return CELLS[network.cell].local_jacobians(self.trace, self, W_hh, times)


@dataclass(frozen=True)
class WalkBack:
    """A chain made ready for the backward loop.

    slopes, slope_views : what finds all f'(a_t), and what it takes
    W_hh_T : W_hh^T, a view
    vjp : the cell's vector-Jacobian product
    views : from the last step to the first: what `vjp` takes, the product by dL/da_t, dL/dh_{t-1} or None
    left, right : the factors of the total of the whole block, (N, T*B) and (T*B, G*H)
    h : h_t, (T, B, H)
    d_h_T, W_hy_T : where dL/dh_T goes, and the rows of W_hy^T that bring it there
    """

    chain: ChainBackward
    slopes: Callable[..., object]
    slope_views: tuple[Any, ...]
    W_hh_T: Array
    vjp: Callable[..., object]
    views: list[tuple[Any, ...]]
    left: Array
    right: Array
    h: Array
    d_h_T: Array
    W_hy_T: Array


@dataclass(frozen=True)
class Backward:
    """A backward pass.

    target : ndarray of shape (B, O)
    loss : ndarray of shape (B,)
    d_logit : ndarray of shape (B, O)
    gradients : by group and name, as the parameters
    total : ndarray of the shape of the readout's block, its gradient
    """

    trace: Trace
    target: Array
    loss: Array
    d_logit: Array
    chains: dict[str, ChainBackward]
    walks: list[WalkBack]
    total: Array
    gradients: Gradients

    @property
    def d_y_hat(self) -> Array:
        """dL/dy_hat, (B, O)."""
        z, b = self.trace.logit, bias_outside(self.trace)
        d_y_hat: Array = self.trace.head.d_y_hat(z, b, self.target, np)
        return d_y_hat

    @property
    def d_input(self) -> Array:
        """dL/d(readout input), (B, D)."""
        W_hy: Array = self.trace.weights.readout[:-1]
        return self.d_logit @ W_hy.T


def blank_backward(trace: Trace, target: Any) -> Backward:
    """A backward pass to be filled (and refilled) by `backpropagate`."""
    chains = {name: blank_chain(chain) for name, chain in trace.chains.items()}
    total = np.empty_like(trace.weights.readout)
    d_logit = np.empty_like(trace.logit)
    gradients = {name: chain_gradients(chain) for name, chain in chains.items()}
    gradients["readout"] = readout_gradients(trace, d_logit, total)
    return Backward(
        trace,
        as_targets(target, trace),
        np.empty(len(d_logit)),
        d_logit,
        chains,
        [make_ready(chain, trace.weights.readout[:-1]) for chain in chains.values()],
        total,
        gradients,
    )


def blank_chain(trace: ChainTrace) -> ChainBackward:
    """The arrays of one chain's sweep. dL/d(bias) is dL/da itself unless a bias stands outside."""
    norms = StepNorms.blank(trace.h_prev, trace.preactivation)
    d_preactivation = norms.right
    return ChainBackward(
        trace,
        np.empty(trace.activated.shape),
        np.empty(trace.activated.shape),
        d_preactivation,
        d_preactivation if trace.outside is None else np.empty_like(d_preactivation),
        np.empty_like(trace.weights),
        norms,
    )


def make_ready(chain: ChainBackward, W_hy: Array) -> WalkBack:
    """The functions and views of every step, looked up before the loop."""
    trace = chain.trace
    network, width = trace.network, chain.total.shape[1]
    cell = CELLS[network.cell]
    slopes, slope_views = cell.slopes(ACTIVATIONS[network.activation], trace, chain)
    vjp, views = cell.vjp(trace, chain)
    earlier = [None, *trace.by_step(chain.d_h[:-1])]
    products = [d_a.dot for d_a in trace.by_step(chain.d_preactivation)]
    steps = zip(views, products, earlier, strict=True)
    return WalkBack(
        chain,
        slopes,
        slope_views,
        trace.weights[: network.hidden_size].T,
        vjp,
        list(steps)[::-1],
        trace.z[:-1].reshape(-1, trace.z.shape[-1]).T,
        chain.d_preactivation.reshape(-1, width),
        trace.h,
        chain.d_h[-1],
        W_hy.T,
    )


def chain_gradients(chain: ChainBackward) -> dict[str, OuterSum]:
    """The gradients of one chain's parameters, as views of its sweep."""
    trace, right, norms = chain.trace, chain.d_preactivation, chain.norms
    single = right.shape[1] == 1
    known = norms.d_preactivation[:, 0] if single else None
    totals = chain_views(chain.total, trace.network)
    sums = {
        "W_xh": OuterSum(trace.x, right, totals["W_xh"], known),
        "W_hh": OuterSum(trace.h_prev, right, totals["W_hh"], norms.products[:, 0] if single else None),
    }
    if "b_h" in totals:
        inside = trace.outside is None
        sums["b_h"] = OuterSum(None, chain.d_bias, totals["b_h"], known if inside else None)
    return sums


def readout_gradients(trace: Trace, d_logit: Array, total: Array) -> dict[str, OuterSum]:
    """The gradients of the readout's parameters: sums of one term."""
    totals = readout_views(total, trace.network)
    sums = {"W_hy": OuterSum(trace.readout_input[None], d_logit[None], totals["W_hy"])}
    if "b_y" in totals:
        right = d_logit[None] if trace.output_bias_inside else np.empty_like(d_logit)[None]
        sums["b_y"] = OuterSum(None, right, totals["b_y"])
    return sums
