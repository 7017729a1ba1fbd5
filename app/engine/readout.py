"""From the last state to the prediction and its loss, and the first gradients on the way back."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.errors import DomainError
from app.engine.finite import diverged, require_finite_total
from app.engine.losses import LOSSES, Number, sigmoid
from app.engine.trace import Trace

Array = NDArray[np.float64]


def read_out(trace: Trace) -> None:
    """logit = [h_T, 1] readout; y_hat = sigma(logit), + b_y when it stands outside."""
    logit = trace.logit
    trace.readout_row.dot(trace.weights.readout, logit)
    if logit.size > 1:
        if not np.isfinite(logit).all():
            raise diverged("logit", length(trace))
        trace.y_hat[...] = sigmoid(logit, np) + bias_outside(trace)
        return
    z = logit.item()
    if not math.isfinite(z):
        raise diverged("logit", length(trace))
    trace.y_hat[0, 0] = sigmoid(z, math) + bias_outside(trace)


def length(trace: Trace) -> int:
    """T."""
    return len(trace.chains["left_to_right"].preactivation)


def bias_outside(trace: Trace) -> Number:
    """b_y where it stands outside sigma, else 0."""
    if trace.output_bias_inside:
        return 0.0
    bias = trace.weights.readout[-1]
    return bias.item() if trace.logit.size == 1 else bias


def require_domain(trace: Trace) -> None:
    """Raise DomainError when the loss is not defined at the prediction."""
    network = trace.network
    if trace.output_bias_inside or not LOSSES[network.loss].needs_probability:
        return
    for y_hat in trace.y_hat.ravel().tolist():
        if not 0.0 < y_hat < 1.0:
            step = length(trace)
            raise DomainError(
                f"bias {network.bias!r} lets y_hat leave (0, 1), where bce is defined: "
                f"after step {step} y_hat = {y_hat:.6g}; choose bias 'inside' or loss 'mse'",
                field="bias",
                value=network.bias,
                step=step,
                quantity="y_hat",
            )


def loss_of(trace: Trace, target: Any) -> Array:
    """The loss of each sentence, (B,): summed over the outputs.

    target : a number, or ndarray of shape (B,) or (B, O)

    Raises DomainError, and DivergenceError when it outgrows float64.
    """
    require_domain(trace)
    z, b, head = trace.logit, bias_outside(trace), trace.head
    if z.size == 1:
        losses = np.array([head.value(z.item(), b, as_targets(target, trace).item(), math)])
    else:
        with np.errstate(over="ignore"):
            losses = head.value(z, b, as_targets(target, trace), np).sum(axis=1)
    require_finite_total(losses, "loss")
    return losses


def as_targets(target: Any, trace: Trace) -> Array:
    """The labels as an array of shape (B, O)."""
    targets = np.empty(trace.logit.shape)
    targets.T[...] = np.asarray(target, np.float64).T
    return targets
