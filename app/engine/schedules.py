"""When weights change: after both backward sweeps, which is right, or earlier, which is not.

The gradient of a sweep is that of the weights of the forward pass. A readout that has changed already sends
another gradient down the chains; a W_hh that changes inside a sweep carries the rest of it wrongly.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.bptt import backward
from app.engine.cells import CELLS
from app.engine.cotangents import more_lanes, pull_back
from app.engine.errors import EngineError
from app.engine.network import Parameters, require
from app.engine.norms import norm
from app.engine.readout import loss_of
from app.engine.scan import propagate
from app.engine.sweep import Backward, ChainBackward
from app.engine.trace import Trace, blank_trace
from app.engine.weights import Weights, chain_views

Array = NDArray[np.float64]
Totals = dict[str, dict[str, Array]]


@dataclass(frozen=True)
class Schedule:
    """An order of changes.

    readout : (W_hy, its gradient, eta) -> the W_hy through which the sweeps begin
    recurrent : (W_hh, a step's contribution to its gradient, eta) -> the W_hh by which that step goes on
    """

    name: str
    readout: Callable[[Array, Array, float], Array]
    recurrent: Callable[[Array, Array, float], Array]


def unchanged(weights: Array, gradient: Array, rate: float) -> Array:
    """The weights of the forward pass."""
    return weights


def changed(weights: Array, gradient: Array, rate: float) -> Array:
    """The weights after a step."""
    return weights - rate * gradient


SCHEDULES = {
    schedule.name: schedule
    for schedule in (
        Schedule("after both sweeps", unchanged, unchanged),
        Schedule("readout first", changed, unchanged),
        Schedule("inside the sweep", unchanged, changed),
    )
}


@dataclass(frozen=True)
class Scheduled:
    """What a schedule makes of a step.

    gradients : what it takes for the gradients
    errors : by group and name, |found - right| / |right|; 0 where the right one is 0, infinite where weights
        that changed too early sent the gradient beyond all numbers
    parameters : the weights after the step
    loss : the loss after it, or None where it has none
    """

    schedule: str
    gradients: Totals
    errors: dict[str, dict[str, float]]
    parameters: Parameters
    loss: float | None


@np.errstate(over="ignore", invalid="ignore")
def update_by(schedule: str, trace: Trace, target: Any, learning_rate: float) -> Scheduled:
    """One step of a network that reads one sentence and predicts once.

    Raises EngineError for an unknown schedule, and for more sentences or predictions.
    """
    require("schedule", schedule, SCHEDULES)
    if trace.logit.shape[:-1] != (1,):
        message = (
            f"a schedule is shown on 1 sentence with 1 prediction, got a logit of shape {trace.logit.shape}"
        )
        raise EngineError(message, field="task", value=trace.network.task)
    order, back = SCHEDULES[schedule], backward(trace, target)
    found: Totals = {}
    W_hy = order.readout(trace.weights.readout[:-1], back.total[:-1], learning_rate)
    parts = np.split(W_hy, len(back.chains))
    for (name, chain), part in zip(back.chains.items(), parts, strict=True):
        total = swept(chain, back.d_logit @ part.T, order, learning_rate)
        found[name] = chain_views(total, trace.network)
    found["readout"] = {name: gradient.total for name, gradient in back.gradients["readout"].items()}
    parameters = trace.weights.parameters()
    moved = {
        group: {name: values - learning_rate * found[group][name] for name, values in named.items()}
        for group, named in parameters.items()
    }
    return Scheduled(schedule, found, errors_of(found, back), moved, loss_after(trace, moved, back))


@np.errstate(over="ignore", invalid="ignore")
def swept(chain: ChainBackward, d_h: Array, order: Schedule, rate: float) -> Array:
    """The gradient of a chain's block when W_hh may change on the way back.

    d_h : ndarray of shape (1, H), dL/dh of the last step walked
    """
    trace, local = chain.trace, chain.local
    hidden, z = trace.network.hidden_size, trace.entering(trace.z)
    W_hh: Array = trace.weights[:hidden]
    total, carried = np.zeros_like(chain.total), np.zeros((1, hidden))
    W_xh = chain_views(total, trace.network)["W_xh"]
    apart = CELLS[trace.network.cell].apart is not None
    for t in reversed(trace.walked(list(range(len(chain.d_h))))):
        here = local.at(slice(t, t + 1), 0)
        back = more_lanes(trace, here, 1)
        back.d_h[0] = d_h
        if back.carried is not None:
            trace.leaving(back.carried)[0] = carried
        pull_back(trace, here, back, W_hh.T)
        d_u, d_a = back.d_product[0, 0], back.d_preactivation[0, 0]
        if apart:
            d_a[:-hidden] = d_u[:-hidden]
        contribution = np.outer(z[t, 0, :hidden], d_u)
        total[:hidden] += contribution
        d_b = d_a if trace.bias_inside[t, 0] else d_h[0]
        for name, row in chain_views(total, trace.network).items():
            if name.startswith("b"):
                row += d_u[-hidden:] if name == "b_hn" else d_b
        W_xh[trace.x.ids[t, 0]] += d_a
        W_hh = order.recurrent(W_hh, contribution, rate)
        back.d_h[0] = d_h
        before, earlier = pull_back(trace, here, back, W_hh.T)
        d_h = before[0]
        carried = carried if earlier is None else earlier[0].copy()
    return total


def errors_of(found: Totals, back: Backward) -> dict[str, dict[str, float]]:
    """How far each gradient is from the right one, relative to it."""
    errors: dict[str, dict[str, float]] = {}
    for group, named in back.gradients.items():
        for name, gradient in named.items():
            size, given = norm(gradient.total), found[group][name]
            gap = norm(given - gradient.total) if np.isfinite(given).all() else np.inf
            errors.setdefault(group, {})[name] = gap / size if size else 0.0
    return errors


def loss_after(trace: Trace, parameters: Parameters, back: Backward) -> float | None:
    """The loss with the new weights, or None where it has none."""
    chain = trace.chains["left_to_right"]
    again = blank_trace(Weights.of(trace.network, parameters), trace.x, chain.h_0, c_0=chain.c_0)
    try:
        propagate(again)
        loss = float(loss_of(again, back.target).sum())
    except EngineError:
        return None
    return loss if np.isfinite(loss) else None
