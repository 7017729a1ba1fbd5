"""Finite differences of single numbers, made by the engine on demand: move one thing, run again, compare."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.engine.gradient_check import EPSILONS, central_differences
from app.engine.lanes import READOUT, Entry, lane_losses
from app.engine.losses import LOSSES
from app.engine.scan import scan
from app.engine.trace import Trace, blank_trace
from app.experiments.run import Run
from app.numerals import long
from app.stage.ends import through_logit
from app.stage.inspection.contents import Proof

CHAIN = "left_to_right"
TOLERANCE = 1e-6
NEAREST = 1e-4  # nearer to 0 or 1, the logarithm of a probability changes in its last digits alone
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Push:
    """Adds `by` (2, H) to a_t at one step: one lane goes up, the other down. A nudge of the forward loop."""

    t: int
    by: Array
    outside: float = 0.0  # no bias is moved

    def __call__(self, t: int, z: Any, a: Any) -> None:
        if t == self.t:
            a += self.by


def entry(run: Run, name: str, row: int, column: int) -> Entry:
    """A parameter's entry in the packed block of its group."""
    hidden = run.experiment.hidden_size
    if name in ("W_hy", "b_y"):
        return Entry(READOUT, row if name == "W_hy" else hidden, column)
    first = {"W_hh": 0, "b_h": hidden, "W_xh": hidden + 1}[name]
    return Entry(CHAIN, first + row, column)


def of_weight(run: Run, name: str, row: int, column: int) -> float | None:
    """dL/dW by moving the one shared entry; None where the loss has an edge or f a kink there."""
    found = central_differences(run.forward.trace, run.backward.back, [entry(run, name, row, column)])
    return _known(float(found[0]))


def of_own_copy(run: Run, name: str, t: int, row: int, column: int) -> float | None:
    """The same with only step t's own copy of the entry moved: every other step keeps the old number."""
    place = entry(run, name, row, column)

    def losses(eps: float) -> tuple[Array, Trace]:
        moves = np.zeros((len(run.words), 2))
        moves[t - 1] = eps, -eps
        return lane_losses(run.forward.trace, run.backward.back.target[0], [place, place], moves)

    return _slope(run, losses)


def of_preactivation(run: Run, t: int, unit: int) -> float | None:
    """dL/da_t[unit]."""
    by = np.zeros(run.experiment.hidden_size)
    by[unit] = 1.0
    return _slope(run, lambda eps: _pushed(run, t, by * eps))


def of_state(run: Run, t: int, unit: int) -> float | None:
    """dL/dh_t[unit]: h_t moves a_{t+1} through W_hh or, after the last step, the logit through W_hy."""
    if t == len(run.words):
        weight = float(run.parameters["readout"]["W_hy"][unit, 0])
        return _of_logit(run, weight)
    by = run.parameters[CHAIN]["W_hh"][unit]
    return _slope(run, lambda eps: _pushed(run, t + 1, by * eps))


def of_logit(run: Run) -> float | None:
    """dL/dz."""
    return _of_logit(run, 1.0)


def of_prediction(run: Run) -> float | None:
    """dL/dy; None where a probability has no room, or too few digits, to be moved by."""
    y_hat, target = float(run.forward.y_hat[0]), float(run.experiment.target)
    loss = LOSSES[run.experiment.loss]
    room = min(y_hat, 1.0 - y_hat, 1.0) if loss.needs_probability else 1.0
    if room <= 0.0 or (room < NEAREST and not (target and y_hat < 0.5)):
        return None
    slope = _plain(lambda eps: loss.value(np.array([y_hat + eps * room]), target, np))
    return None if slope is None else slope / room


def state_by_state(run: Run, t: int, unit: int, before: int) -> float | None:
    """dh_t[unit]/dh_{t-1}[before]."""
    by = run.parameters[CHAIN]["W_hh"][before]

    def states(eps: float) -> tuple[Array, Trace]:
        _, lanes = _pushed(run, t, by * eps)
        moved: Array = lanes.chains[CHAIN].h[t - 1, :, unit]
        return moved, lanes

    return _slope(run, states)


def _of_logit(run: Run, weight: float) -> float | None:
    trace = run.forward.trace
    z, b, target = trace.logit[0], trace.bias_outside, float(run.experiment.target)
    reach = max(1.0, abs(float(z[0])))  # the digits of a large loss need a larger move
    slope = _plain(lambda eps: trace.head.value(z + eps * reach * weight, b, target, np))
    return None if slope is None else slope / reach


@np.errstate(all="ignore")
def _pushed(run: Run, t: int, by: Array) -> tuple[Array, Trace]:
    """The losses, and the trace, of two lanes that differ at a_t."""
    trace = run.forward.trace
    chain = trace.chains[CHAIN]
    lanes = blank_trace(trace.weights, chain.x, chain.h_prev[0], np.float64, 2)
    scan(lanes.walks[0], Push(t - 1, np.stack([by, -by])))
    logit = lanes.readout_row @ lanes.weights.readout
    losses = trace.head.value(logit, trace.bias_outside, float(run.experiment.target), np)
    return np.ravel(losses), lanes


def _slope(run: Run, values: Callable[[float], tuple[Array, Trace]]) -> float | None:
    """The central difference of a lane's number with the first step at which it is defined."""
    kink = ACTIVATIONS[run.experiment.activation].has_kink
    for eps in EPSILONS:
        found, lanes = values(eps)
        active = lanes.chains[CHAIN].preactivation > 0.0
        if np.isfinite(found).all() and not (kink and (active[:, 0] != active[:, 1]).any()):
            return float(found[0] - found[1]) / (2 * eps)
    return None


@np.errstate(all="ignore")
def _plain(value: Callable[[float], Any]) -> float | None:
    """The central difference of a function of one number."""
    for eps in EPSILONS:
        slope = float(((value(eps) - value(-eps)) / (2 * eps)).item())
        if np.isfinite(slope):
            return slope
    return None


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def proof(of: str, analytic: float, numeric: float | None, how: str) -> Proof:
    """The two numbers side by side."""
    if numeric is None:
        return Proof(
            of,
            long(analytic),
            "not defined",
            "none",
            False,
            "The loss or f has an edge here, so there is no slope to measure.",
        )
    gap = abs(analytic - numeric)
    good = gap <= TOLERANCE * max(1.0, abs(analytic))
    return Proof(of, long(analytic), long(numeric), "0" if gap == 0.0 else long(gap), good, how)


def proof_of_prediction(run: Run) -> Proof | None:
    """dL/dy; None where it cannot be measured."""
    numeric = None if through_logit(run) else of_prediction(run)
    if numeric is None:
        return None
    return proof("∂L/∂ŷ", float(run.backward.d_y_hat[0]), numeric, "ŷ moved up and down")


def proof_of_logit(run: Run) -> Proof:
    """dL/dz."""
    return proof("∂L/∂z", float(run.backward.d_logit[0]), of_logit(run), "z moved up and down")
