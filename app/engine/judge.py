"""From the losses to the logit and the gradient of the readout: where the way back begins."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.finite import require_finite_total
from app.engine.readout import losses_by_step, require_domain
from app.engine.softmax import pull
from app.engine.tape import Call
from app.engine.trace import Trace

Array = NDArray[np.float64]
FEW = 16
"""Up to so many predictions one by one, as plain numbers, beat the calls on arrays."""


def tape_from_losses(
    trace: Trace, target: NDArray[Any], share: float, weights: Array | None, loss: Array, d_logit: Array,
    total: Array, d_y_hat: Array | None,
) -> list[Call]:  # fmt: skip
    """The losses, dL/dlogit and the gradients of W_hy and b_y. Its calls may raise what `backward` does.

    share, weights : what a sentence's loss counts for, and of each step's in it, as of `Backward`
    loss, d_logit, total : what is filled, (B,), the shape of the logit, (D + 1, O)
    d_y_hat : (1, B, O), filled where the bias stands outside
    """
    judged: Call
    row, z = trace.readout_row, trace.logit
    if weights is not None:
        row, right = row.reshape(-1, row.shape[-1]), d_logit.reshape(-1, z.shape[-1])
        judged = differentiate_words, (trace, target, weights, share, loss, d_logit)
        return [judged, (row.T.dot, (right, total)), *checks(loss, total)]
    product = row.T.dot, (d_logit, total)
    if d_y_hat is not None:
        judged = differentiate_readout, (trace, target, share, loss, d_logit)
        # inside sigma |dL/dlogit| is at most 1 and the loss at most |logit|, so that nothing new can overflow
        outside = differentiate_outside, (trace, target, share, total, d_y_hat)
        return [judged, product, outside, *checks(loss, total)]
    pull_one = trace.head.pull_one
    if z.size == 1:
        return [(differentiate_one, (pull_one, z, target, loss, d_logit.ravel())), product]
    if z.size <= FEW and z.shape[1] == 1:
        return [(differentiate_few, (pull_one, z, target, share, loss, d_logit.ravel())), product]
    return [(differentiate_readout, (trace, target, share, loss, d_logit)), product]


def checks(loss: Array, total: Array) -> list[Call]:
    """What of the readout may outgrow float64 on its own."""
    return [(require_finite_total, (loss, "loss")), (require_finite_total, (total, "gradient"))]


def differentiate_one(pull_one: Any, z: Array, target: Array, loss: Array, d_logit: Array) -> None:
    """A single prediction, as a plain number."""
    loss[0], d_logit[0] = pull_one(z.item(), target.item())


def differentiate_few(
    pull_one: Any, z: Array, target: Array, share: float, loss: Array, d_logit: Array
) -> None:
    """A few predictions of one number each."""
    for k, (logit,) in enumerate(z.tolist()):
        loss[k], slope = pull_one(logit, target.item(k))
        d_logit[k] = slope * share


def differentiate_readout(trace: Trace, target: Array, share: float, loss: Array, d_logit: Array) -> None:
    """Predictions of any shape, with a bias on either side of sigma. Raises DomainError."""
    require_domain(trace)
    z, b = trace.logit, trace.bias_outside
    if z.size == 1:
        loss[0], d_logit[0, 0] = trace.head.pull(z.item(), b, target.item(), math)
        return
    losses, d_logit[...] = trace.head.pull(z, b, target, np)
    losses.sum(axis=1, out=loss)
    np.multiply(d_logit, share, d_logit)


def differentiate_outside(trace: Trace, target: Array, share: float, total: Array, d_y_hat: Array) -> None:
    """The gradient of b_y where it stands outside."""
    d_y_hat[0] = slope_of_prediction(trace, target, share)
    total[-1] = d_y_hat[0].sum(axis=0)


def slope_of_prediction(trace: Trace, target: Array, share: float) -> Array:
    """dL/dy_hat, (B, O)."""
    z, b, slope = trace.logit, trace.bias_outside, trace.head.d_y_hat
    if z.size == 1:
        return np.array([[slope(z.item(), b, target.item(), math) * share]])
    d_y_hat: Array = slope(z, b, target, np) * share
    return d_y_hat


def differentiate_words(
    trace: Trace, target: NDArray[np.intp], weights: Array, share: float, loss: Array, d_logit: Array
) -> None:
    """A word predicted at every step."""
    pull(trace.logit, target, weights, d_logit)
    np.sum(losses_by_step(trace, target) * weights, axis=0, out=loss)
    np.divide(loss, share, loss)
