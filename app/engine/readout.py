"""From the states to the prediction and its loss."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.errors import DomainError, EngineError
from app.engine.finite import require_finite_total
from app.engine.losses import LOSSES
from app.engine.softmax import NO_TARGET, cross_entropies, step_weights
from app.engine.trace import Trace

Array = NDArray[np.float64]


def length(trace: Trace) -> int:
    """T."""
    return trace.chains["left_to_right"].shape[0]


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
    """The loss of each sentence, (B,): summed over the outputs, or the mean over the words predicted.

    target : a number, or ndarray of shape (B,) or (B, O); where every step predicts, the ids of the next
        words, (T,) or (T, B), with -1 where a prediction is not judged

    Raises DomainError, and DivergenceError when it outgrows float64.
    """
    return losses_of(trace, as_targets(target, trace))


def losses_of(trace: Trace, targets: NDArray[Any]) -> Array:
    """`loss_of` with targets as `as_targets` gives them."""
    if trace.network.per_step:
        losses: Array = (cross_entropies(trace.logit, targets) * step_weights(targets)).sum(axis=0)
        require_finite_total(losses, "loss")
        return losses
    require_domain(trace)
    z, b, head = trace.logit, trace.bias_outside, trace.head
    if z.size == 1:
        losses = np.array([head.value(z.item(), b, targets.item(), math)])
    else:
        with np.errstate(over="ignore"):
            losses = head.value(z, b, targets, np).sum(axis=1)
    require_finite_total(losses, "loss")
    return losses


def losses_by_step(trace: Trace, target: Any) -> Array:
    """The loss of each step's prediction, (T, B); 0 where it is not judged."""
    losses: Array = cross_entropies(trace.logit, as_targets(target, trace))
    return losses


def as_targets(target: Any, trace: Trace) -> NDArray[Any]:
    """The labels as an array of shape (B, O), or the ids of the next words as one of shape (T, B)."""
    if trace.network.per_step:
        return as_words(target, trace)
    targets = np.empty(trace.logit.shape)
    targets.T[...] = np.asarray(target, np.float64).T
    return targets


def as_words(target: Any, trace: Trace) -> NDArray[np.intp]:
    """The ids of the next words, (T, B)."""
    steps, lanes, outputs = trace.logit.shape
    words = np.empty((steps, lanes), np.intp)
    words.T[...] = np.asarray(target, np.intp).T
    for word in (int(words.min()), int(words.max())):
        if not NO_TARGET <= word < outputs:
            message = f"target must be a word's id, 0 to {outputs - 1}, or {NO_TARGET} for none, got {word}"
            raise EngineError(message, field="target", value=word)
    if (words == NO_TARGET).all():
        message = f"target must name the next word of at least 1 step, got {NO_TARGET} for all"
        raise EngineError(message, field="target", value=NO_TARGET)
    return words
