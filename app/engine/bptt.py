"""The one backward loop, for every cell: backpropagation through time."""

import math
from typing import Any

import numpy as np

from app.engine.finite import require_finite, require_finite_total
from app.engine.readout import bias_outside, require_domain
from app.engine.scan import run_forward
from app.engine.sweep import Backward, ChainBackward, WalkBack, blank_backward
from app.engine.trace import Trace


def backward(trace: Trace, target: Any) -> Backward:
    """The backward pass from the labels.

    target : a number, or ndarray of shape (B,) or (B, O)

    Raises DomainError when the loss is not defined at y_hat, DivergenceError when a gradient outgrows
    float64.
    """
    back = blank_backward(trace, target)
    backpropagate(back)
    return back


@np.errstate(all="ignore")
def backpropagate(back: Backward) -> None:
    """Fill a backward pass from its trace. An overflow is looked for once, afterwards."""
    run_backward(back)


def refill(back: Backward) -> None:
    """A forward and a backward pass anew, in the arrays of the last ones: after the weights have changed.

    For loops, which silence NumPy's warnings of overflow once around them: `with np.errstate(all="ignore")`.
    """
    run_forward(back.trace)
    run_backward(back)


def run_backward(back: Backward) -> None:
    """`backpropagate` for callers that have silenced overflow themselves."""
    if not back.trace.output_bias_inside:
        require_domain(back.trace)
    differentiate_readout(back)
    for walk in back.walks:
        back.d_logit.dot(walk.W_hy_T, walk.d_h_T)
        bptt(walk)
        add_up(walk)
        if not walk.chain.norms.fill(walk.h):
            look_closely(walk.chain)


def differentiate_readout(back: Backward) -> None:
    """The loss, dL/dlogit and the gradients of W_hy and b_y. Raises DivergenceError."""
    trace, d_logit, total = back.trace, back.d_logit, back.total
    pull, z, b = trace.head.pull, trace.logit, bias_outside(trace)
    if z.size == 1:
        back.loss[0], d_logit[0, 0] = pull(z.item(), b, back.target.item(), math)
    else:
        losses, d_logit[...] = pull(z, b, back.target, np)
        losses.sum(axis=1, out=back.loss)
    trace.readout_row.T.dot(d_logit, total)
    if not trace.output_bias_inside:
        d_y_hat = back.d_y_hat
        back.gradients["readout"]["b_y"].right[0] = d_y_hat
        total[-1] = d_y_hat.sum(axis=0)
        # inside sigma |dL/dlogit| is at most 1 and the loss at most |logit|, so that nothing new can overflow
        require_finite_total(back.loss, "loss")
        require_finite_total(total, "gradient")


def bptt(walk: WalkBack) -> None:
    """Walk one chain back: the cell's vjp, then dL/dh_{t-1} = dL/da_t W_hh^T."""
    vjp, W_hh_T = walk.vjp, walk.W_hh_T
    walk.slopes(*walk.slope_views)
    for views, d_a_dot, d_h_prev in walk.views:
        vjp(*views)
        if d_h_prev is not None:
            d_a_dot(W_hh_T, d_h_prev)


def add_up(walk: WalkBack) -> None:
    """The total gradients, sum_t [h_{t-1}, 1, x_t]^T dL/da_t: one product for the whole sentence."""
    chain, trace, total = walk.chain, walk.chain.trace, walk.chain.total
    if trace.words is None:
        walk.left.dot(walk.right, total)
    else:
        folded = len(walk.left)
        walk.left.dot(walk.right, total[:folded])
        trace.x.scatter(walk.right, total[folded:])
    if trace.outside is not None:
        inside = trace.bias_inside[:, None, None]
        np.copyto(chain.d_bias, np.where(inside, chain.d_preactivation, chain.d_h))
        total[trace.network.hidden_size] = chain.d_bias.sum(axis=(0, 1))


def look_closely(chain: ChainBackward) -> None:
    """The norms by scaling; raises DivergenceError naming what outgrew float64, if anything did."""
    chain.norms.fill_carefully()
    require_finite(chain.d_preactivation, "dL_dpreactivation", latest=True)
    require_finite(chain.norms.products, "norm of a contribution")
    require_finite_total(chain.total, "gradient")
