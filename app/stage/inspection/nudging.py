"""Finite differences of single numbers, made by the engine on demand: move one thing, run again, compare."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.engine.cells import CELLS
from app.engine.gradient_check import EPSILONS, central_differences
from app.engine.lanes import READOUT, Entry, lane_losses, read_out
from app.engine.losses import LOSSES
from app.engine.scan import scan
from app.engine.softmax import NO_TARGET, cross_entropies, step_weights
from app.engine.trace import ChainTrace, Trace, blank_trace
from app.engine.weights import first_word
from app.experiments.run import Run
from app.numerals import long
from app.stage.chains import Chain
from app.stage.ends import end_of
from app.stage.inspection.contents import Proof
from app.stage.weights import Weight
from app.wording.catalogue import _

TOLERANCE = 1e-6
NEAREST = 1e-4  # nearer to 0 or 1, the logarithm of a probability changes in its last digits alone
Array = NDArray[np.float64]
NOTHING = [Entry(READOUT, 0, 0)] * 2  # two lanes that move no weight


@dataclass(frozen=True)
class Push:
    """Moves two lanes apart at one step, after its products and before its cell. A nudge of the forward loop.

    t : the step, from 0. sums : (2, G*H), added to a_t; or, when `inner`, to h_{t-1} W_hh itself
    """

    chain: ChainTrace
    t: int
    sums: Array
    inner: bool = False
    outside: float = 0.0  # no bias is moved

    def __call__(self, t: int, z: Any, a: Any) -> None:
        if t != self.t:
            return
        if self.inner:
            a += self.sums
        else:
            self.chain.preactivation[t] += self.sums


@dataclass(frozen=True)
class Shift:
    """Moves the state that a step is entered with in two lanes, h by `h` and c by `c`, (2, H) each."""

    chain: ChainTrace
    t: int
    h: Array
    c: Array | None = None
    outside: float = 0.0

    def __call__(self, t: int, z: Any, a: Any) -> None:
        if t != self.t:
            return
        hidden = self.chain.network.hidden_size
        z[:, :hidden] += self.h
        a += self.h @ self.chain.weights[:hidden]
        if self.c is not None and self.chain.c is not None:
            self.chain.entering(self.chain.c)[t] += self.c


def entry(run: Run, weight: Weight, row: int, column: int) -> Entry:
    """A weight's entry in the packed block of its group."""
    hidden = run.experiment.hidden_size
    if weight.role == "readout":
        rows = len(run.parameters["readout"]["W_hy"])
        return Entry(READOUT, row if weight.key == "W_hy" else rows, column)
    words = first_word(run.network)
    first = {"W_hh": 0, "b_h": words - 1, "W_xh": words}.get(weight.name, hidden)
    return Entry(weight.group, first + row, column + _gate(run, weight) * hidden)


def _gate(run: Run, weight: Weight) -> int:
    """The block of columns that a weight acts on."""
    if weight.gate is not None or weight.name in ("W_xh", "W_hh", "b_h"):
        return weight.gate or 0
    return CELLS[run.experiment.cell].apart or 0


def of_weight(run: Run, weight: Weight, row: int, column: int) -> float | None:
    """dL/dW by moving the one shared entry; None where the loss has an edge or f a kink there."""
    place = entry(run, weight, row, column)
    return _known(float(central_differences(run.forward.trace, run.backward.back, [place])[0]))


def of_own_copy(run: Run, weight: Weight, t: int, row: int, column: int) -> float | None:
    """The same with only step t's own copy of the entry moved: every other step keeps the old number."""
    place = entry(run, weight, row, column)

    def losses(eps: float) -> tuple[Array, Trace]:
        moves = np.zeros((len(run.words), 2))
        moves[t - 1] = eps, -eps
        return lane_losses(run.forward.trace, _target(run), [place, place], moves)

    return _slope(run, losses)


def _target(run: Run) -> Any:
    """The label, or the ids of the next words."""
    target = run.backward.back.target
    return target[:, 0] if run.network.per_step else target[0]


def of_preactivation(chain: Chain, t: int, unit: int, gate: int = 0, inner: bool = False) -> float | None:
    """dL/da_t[unit] of a gate; or, when `inner`, dL/d(its recurrent product)."""
    by = np.zeros(chain.cell.gates * chain.hidden)
    by[gate * chain.hidden + unit] = 1.0
    return _slope(chain.run, lambda eps: _pushed(chain, t, by * eps, inner))


def of_state(chain: Chain, t: int, unit: int) -> float | None:
    """dL/dh_t[unit], c_t held: h_t moves the step that is read next, and what the output reads."""
    by = np.zeros(chain.hidden)
    by[unit] = 1.0
    return _slope(chain.run, lambda eps: _shifted(chain, t, lambda way: way * eps * by))


def of_cell_state(chain: Chain, t: int, unit: int) -> float | None:
    """dL/dc_t[unit]: c_t moves h_t = o_t tanh(c_t), and the road."""
    by = np.zeros(chain.hidden)
    by[unit] = 1.0
    c, output = chain.array("c")[t - 1], chain.array("gate", chain.cell.gate_names.index("o"))[t - 1]

    def shown(way: float) -> Array:
        return np.asarray(output * (np.tanh(c + way * by) - np.tanh(c)))

    return _slope(
        chain.run, lambda eps: _shifted(chain, t, lambda way: shown(way * eps), lambda way: way * eps * by)
    )


def state_by_state(chain: Chain, t: int, unit: int, before: int) -> float | None:
    """dh_t[unit]/dh_{t-1}[before], a cell state held."""
    by = np.zeros(chain.hidden)
    by[before] = 1.0

    def states(eps: float) -> tuple[Array, Trace]:
        lanes = _lanes(chain.run)
        mine = lanes.chains[chain.lane.chain]
        _scan(lanes, chain, Shift(mine, t - 1, np.stack([by, -by]) * eps))
        moved: Array = mine.h[t - 1, :, unit]
        return moved, lanes

    return _slope(chain.run, states)


def of_logit(run: Run, t: int = 0, output: int = 0) -> float | None:
    """dL/dz; of one step's logit of one word where every step predicts."""
    trace = run.forward.trace
    if run.network.per_step:
        return _of_step_logit(run, t, output)
    z, b, target = trace.logit[0], trace.bias_outside, float(run.experiment.target)
    reach = max(1.0, abs(float(z[0])))  # the digits of a large loss need a larger move
    slope = _plain(lambda eps: trace.head.value(z + eps * reach, b, target, np))
    return None if slope is None else slope / reach


def _of_step_logit(run: Run, t: int, output: int) -> float | None:
    logit, words = run.forward.trace.logit[t - 1], run.backward.back.target
    share = float(step_weights(words)[t - 1, 0])
    reach = max(1.0, float(np.abs(logit).max()))
    by = np.zeros_like(logit)
    by[0, output] = reach
    slope = _plain(lambda eps: share * cross_entropies(logit + eps * by, words[t - 1])[0])
    return None if slope is None else slope / reach


def of_prediction(run: Run) -> float | None:
    """dL/dy; None where a probability has no room, or too few digits, to be moved by."""
    y_hat, target = float(run.forward.y_hat[0]), float(run.experiment.target)
    loss = LOSSES[run.experiment.loss]
    room = min(y_hat, 1.0 - y_hat, 1.0) if loss.needs_probability else 1.0
    if room <= 0.0 or (room < NEAREST and not (target and y_hat < 0.5)):
        return None
    slope = _plain(lambda eps: loss.value(np.array([y_hat + eps * room]), target, np))
    return None if slope is None else slope / room


def of_probability(run: Run, t: int, output: int) -> float | None:
    """dL/dy_t of one word where every step predicts: L sees the word that comes alone."""
    words = run.backward.back.target
    y_hat, share = float(run.forward.y_hat[t - 1, output]), float(step_weights(words)[t - 1, 0])
    if words[t - 1, 0] == NO_TARGET or words[t - 1, 0] != output:
        return 0.0
    if y_hat < NEAREST:
        return None
    slope = _plain(lambda eps: -share * np.log(np.array([y_hat * (1.0 + eps)])))
    return None if slope is None else slope / y_hat


def _lanes(run: Run) -> Trace:
    """Room for two networks that read the sentence side by side."""
    trace = run.forward.trace
    chain = trace.chains["left_to_right"]
    return blank_trace(trace.weights, chain.x, chain.h_0, np.float64, 2, chain.c_0)


def _scan(lanes: Trace, chain: Chain, nudge: Push | Shift | None) -> None:
    for name, walked in lanes.chains.items():
        scan(walked, nudge if name == chain.lane.chain else None)


def _losses(run: Run, lanes: Trace) -> Array:
    found: Array = read_out(lanes, _target(run), NOTHING, np.zeros((len(run.words), 2)))
    return found


def _pushed(chain: Chain, t: int, by: Array, inner: bool) -> tuple[Array, Trace]:
    """The losses, and the trace, of two lanes that differ at a_t."""
    lanes = _lanes(chain.run)
    _scan(lanes, chain, Push(lanes.chains[chain.lane.chain], t - 1, np.stack([by, -by]), inner))
    return _losses(chain.run, lanes), lanes


def _shifted(
    chain: Chain, t: int, h: Callable[[float], Array], c: Callable[[float], Array] | None = None
) -> tuple[Array, Trace]:
    """The losses, and the trace, of two lanes whose h_t and c_t are moved by `h` and `c` of 1 and -1."""
    lanes = _lanes(chain.run)
    mine = lanes.chains[chain.lane.chain]
    h_by, c_by = np.stack([h(1.0), h(-1.0)]), None if c is None else np.stack([c(1.0), c(-1.0)])
    if t == chain.lane.last:
        _scan(lanes, chain, None)
        mine.h[t - 1] += h_by  # c_T shows in h_T alone
    else:
        _scan(lanes, chain, Shift(mine, chain.after(t) - 1, h_by, c_by))
    return _losses(chain.run, lanes), lanes


@np.errstate(all="ignore")
def _slope(run: Run, values: Callable[[float], tuple[Array, Trace]]) -> float | None:
    """The central difference of a lane's number with the first step at which it is defined."""
    kink = ACTIVATIONS[run.experiment.activation].has_kink
    for eps in EPSILONS:
        found, lanes = values(eps)
        if np.isfinite(found).all() and not (kink and _crossed_a_kink(lanes)):
            return float(found[0] - found[1]) / (2 * eps)
    return None


def _crossed_a_kink(lanes: Trace) -> bool:
    active = [chain.preactivation > 0.0 for chain in lanes.chains.values()]
    return any(bool((on[:, 0] != on[:, 1]).any()) for on in active)


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
            _("not defined"),
            "none",
            False,
            _("The loss or f has an edge here, so there is no slope to measure."),
        )
    gap = abs(analytic - numeric)
    good = gap <= TOLERANCE * max(1.0, abs(analytic))
    return Proof(of, long(analytic), long(numeric), "0" if gap == 0.0 else long(gap), good, how)


def proof_of_prediction(run: Run) -> Proof | None:
    """dL/dy; None where it cannot be measured."""
    numeric = None if end_of(run).through_logit else of_prediction(run)
    if numeric is None:
        return None
    return proof("∂L/∂ŷ", float(run.backward.d_y_hat[0]), numeric, _("ŷ moved up and down"))


def proof_of_logit(run: Run) -> Proof:
    """dL/dz."""
    return proof("∂L/∂z", float(run.backward.d_logit[0]), of_logit(run), _("z moved up and down"))
