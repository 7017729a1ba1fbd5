"""One chain of a run, and the arrays it leaves under the names that their parts have on the page."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.cells import CELLS, Cell
from app.engine.jacobians import pulled_units
from app.experiments.passes import BackwardChain, ForwardChain
from app.experiments.run import Run
from app.stage.lanes import Lane, lanes_of
from app.stage.weights import Weight, weights_in

Array = NDArray[np.float64]
FIRST = "left_to_right"


@dataclass(frozen=True)
class Chain:
    """A chain of a run. Arrays are (T, H), in sentence order; `gate` counts from 0; it is 0 without gates."""

    run: Run
    lane: Lane
    forward: ForwardChain
    backward: BackwardChain
    cell: Cell

    @property
    def hidden(self) -> int:
        return self.run.experiment.hidden_size

    @property
    def gated(self) -> bool:
        return self.cell.gates > 1

    @property
    def per_step(self) -> bool:
        """Whether every step predicts."""
        return self.run.network.per_step

    @property
    def alone(self) -> bool:
        """Whether there is no other chain."""
        return not self.lane.mark

    def block(self, array: NDArray[Any], gate: int) -> Array:
        """The columns of one gate."""
        return array[..., gate * self.hidden : (gate + 1) * self.hidden]

    @cached_property
    def weights(self) -> dict[tuple[str, int], Weight]:
        """Its weights by role and gate; a bias of a product kept apart has the role "inner"."""
        own = [weight for weight in weights_in(self.run).values() if weight.group == self.lane.chain]
        inner = {weight.key for weight in own if weight.name not in ("W_xh", "W_hh", "b_h")}
        apart = self.cell.apart or 0
        return {
            ("inner", apart) if weight.key in inner else (weight.role, weight.gate or 0): weight
            for weight in own
        }

    def weight(self, role: str, gate: int = 0) -> Weight | None:
        """One of its weights; None where there is none, such as a bias of a network without."""
        return self.weights.get((role, gate))

    def matrix(self, role: str, gate: int = 0) -> Array:
        """The numbers of one of its weights."""
        return self.weights[role, gate].of(self.run.parameters, self.hidden)

    @cached_property
    def own(self) -> Array:
        """What of dL/dh_t comes from the prediction that reads h_t itself, not from other steps, (T, H)."""
        index = list(self.run.forward.chains).index(self.lane.chain)
        mine = slice(index * self.hidden, (index + 1) * self.hidden)
        if self.per_step:
            return self.run.backward.d_input[:, mine]
        found = np.zeros((self.lane.steps, self.hidden))
        found[self.lane.last - 1] = self.run.backward.d_input[mine]
        return found

    @cached_property
    def carried(self) -> Array:
        """What of dL/dh_t comes from the step read after it, by all gates and past them, (T, H)."""
        sent = _product(self) @ self.run.parameters[self.lane.chain]["W_hh"].T
        keep = self.backward.chain.local.keep_h
        if keep is not None:
            sent = sent + keep[:, 0] * self.backward.d_h
        found: Array = np.zeros_like(sent)
        into, out = (
            (slice(1, None), slice(None, -1)) if self.lane.reverse else (slice(None, -1), slice(1, None))
        )
        found[into] = sent[out]
        return found

    @property
    def reads_out(self) -> slice:
        """The rows of W_hy that read this chain."""
        index = list(self.run.forward.chains).index(self.lane.chain)
        return slice(index * self.hidden, (index + 1) * self.hidden)

    def jacobian(self, t: int) -> Array:
        """dh_t/dh_{t-1}, (H, H), rows out, columns in, of one step from 1; a cell state is held."""
        back = self.backward.chain
        here = back.local.at(slice(t - 1, t), 0)  # all steps at once would be T times as much
        found: Array = pulled_units(back.trace, here, 0, self.hidden)[0][0]
        return found

    def array(self, kind: str, gate: int = 0) -> Array:
        """An array over time by its kind; see ARRAYS."""
        return ARRAYS[kind](self, gate)

    def inside(self, t: int) -> bool:
        """Whether step t has its bias inside f."""
        return bool(self.forward.bias_inside[t - 1])

    def after(self, t: int) -> int:
        """The step that it read after step t."""
        return t - 1 if self.lane.reverse else t + 1


def _product(chain: Chain) -> Array:
    """dL/d(h_{t-1} W_hh), (T, G*H)."""
    return chain.backward.chain.sweep.d_product[:, 0]


def _recurrent(chain: Chain) -> Array:
    """h_{t-1} W_hh, with b_hn where there is one, (T, G*H)."""
    kept = chain.forward.recurrent
    return chain.forward.recurrent_term if kept is None else kept


def _cell_state(values: Array | None) -> Array:
    assert values is not None
    return values


def _squashed(chain: Chain) -> Array:
    """tanh(c_t)."""
    return np.tanh(_cell_state(chain.forward.c))


ARRAYS: dict[str, Callable[[Chain, int], Array]] = {
    "xw": lambda chain, gate: chain.block(chain.forward.input_term, gate),
    "hw": lambda chain, gate: chain.block(chain.forward.recurrent_term, gate),
    "a": lambda chain, gate: chain.block(chain.forward.preactivation, gate),
    "f": lambda chain, gate: chain.block(chain.forward.activated, gate),
    "gate": lambda chain, gate: chain.block(chain.forward.activated, gate),
    "u": lambda chain, gate: chain.block(_recurrent(chain), gate),
    "h": lambda chain, gate: chain.forward.h,
    "c": lambda chain, gate: _cell_state(chain.forward.c),
    "th": lambda chain, gate: _squashed(chain),
    "dh": lambda chain, gate: chain.backward.d_h,
    "dc": lambda chain, gate: _cell_state(chain.backward.d_c),
    "s": lambda chain, gate: chain.block(chain.backward.slope, gate),
    "fp": lambda chain, gate: chain.block(chain.backward.slope, gate),
    "da": lambda chain, gate: chain.block(chain.backward.d_preactivation, gate),
    "du": lambda chain, gate: chain.block(_product(chain), gate),
    "own": lambda chain, gate: chain.own,
}
"""By kind: terms xw + hw, the sum a, the gate f(a), the recurrent product u that a gate may keep apart, the
states h and c, tanh(c) as th; and back: dL/dh, dL/dc, the slope f'(a) (s of a gate), dL/da, dL/du, and
own, the dL/dh of the prediction that reads h_t itself."""


def chain_of(run: Run, name: str = FIRST) -> Chain:
    """One chain of a run."""
    lane = next(lane for lane in lanes_of(tuple(run.forward.chains), len(run.words)) if lane.chain == name)
    cell = CELLS[run.experiment.cell]
    return Chain(run, lane, run.forward.chains[name], run.backward.chains[name], cell)


def chains_of(run: Run) -> tuple[Chain, ...]:
    """All of them, from the top down."""
    return tuple(chain_of(run, name) for name in run.forward.chains)
