"""One step of gradient descent, the promise of the first-order Taylor series, and what came of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.errors import EngineError
from app.engine.finite import LARGEST, held
from app.engine.network import Parameters
from app.engine.norms import norm
from app.engine.readout import losses_of
from app.engine.scan import propagate
from app.engine.sweep import Backward
from app.engine.trace import Trace, blank_trace
from app.engine.weights import Weights

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Update:
    """One step downhill.

    gradient_norm : global norm of the gradient before clipping
    clip_scale : what the gradient was multiplied by, 1 when it was not clipped
    trace : the second forward pass, or None when it left its domain, as `problem` then says
    loss : the loss after the step, of all sentences together or their mean as their gradient is, or None
    predicted_loss : L - eta <g_used, g>, the loss if it were linear
    """

    learning_rate: float
    gradient_norm: float
    clip_scale: float
    parameters: Parameters
    trace: Trace | None
    y_hat: Array | None
    loss: float | None
    predicted_loss: float
    problem: str | None


def clip_scale(gradient_norm: float, clip_norm: float | None) -> float:
    """min(1, clip_norm / gradient_norm)."""
    if clip_norm is None or gradient_norm <= clip_norm:
        return 1.0
    return clip_norm / gradient_norm


def global_norm(back: Backward) -> float:
    """Norm of all gradients together, without underflow; held at the largest float64."""
    return min(norm(back.gradient.flat), LARGEST)


@np.errstate(all="ignore")
def descended(weights: Weights, back: Backward, step: float) -> Array:
    """weights - step * gradient, held within float64, in one row."""
    return held(weights.flat - step * back.gradient.flat)


def promised(back: Backward, step: float, gradient_norm: float) -> float:
    """L - step |g|^2, what the loss would be after a step if it were linear."""
    return max(back.total_loss - step * gradient_norm * gradient_norm, -LARGEST)


def step_downhill(
    trace: Trace,
    back: Backward,
    learning_rate: float,
    clip_norm: float | None = None,
    room: Trace | None = None,
) -> Update:
    """W - eta * scale * dL/dW, and the forward pass with it.

    room : a trace of the same words from the same states, to be overwritten by the second pass
    """
    gradient_norm = global_norm(back)
    scale = clip_scale(gradient_norm, clip_norm)
    flat = descended(trace.weights, back, learning_rate * scale)
    if room is None:
        room = like_trace(trace, trace.weights.like(flat))
    else:
        room.weights.flat[...] = flat
    again, loss, problem = second_pass(room, back)
    return Update(
        learning_rate=learning_rate,
        gradient_norm=gradient_norm,
        clip_scale=scale,
        parameters=room.weights.parameters(),
        trace=again,
        y_hat=None if again is None else again.y_hat,
        loss=loss,
        predicted_loss=promised(back, learning_rate * scale, gradient_norm),
        problem=problem,
    )


def like_trace(trace: Trace, weights: Weights) -> Trace:
    """Room for a pass with other weights over the same words from the same states."""
    chain = trace.chains["left_to_right"]
    return blank_trace(weights, chain.x, chain.h_0, c_0=chain.c_0)


def second_pass(again: Trace, back: Backward) -> tuple[Trace | None, float | None, str | None]:
    """The trace with the new weights, filled, and its loss, or why there is none."""
    try:
        propagate(again)
    except EngineError as error:
        return None, None, error.message
    try:
        return again, back.share * float(losses_of(again, back.target).sum()), None
    except EngineError as error:
        return again, None, error.message
