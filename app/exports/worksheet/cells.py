"""What each cell's worksheet asks at a step, forwards and backwards, in the notation of `grids.marked`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.engine.network import Array
from app.experiments.passes import BackwardChain, ForwardChain
from app.experiments.run import Run
from app.exports.worksheet.grids import MOST, Grid, grid

F = {"tanh": "tanh", "sigmoid": "σ", "relu": "relu", "identity": "id"}


@dataclass(frozen=True)
class Moment:
    """Step t of a chain, t from 0.

    gap: whether the steps before it on the way forward are left out; gap_back: on the way back
    """

    run: Run
    forward: ForwardChain
    backward: BackwardChain
    t: int
    gap: bool
    gap_back: bool

    @property
    def name(self) -> int:
        """t as it is written, from 1."""
        return self.t + 1

    @property
    def large(self) -> bool:
        """Whether its products have too many terms to be done by hand: they are given."""
        return self.run.network.hidden_size > MOST

    def block(self, values: Array, gate: int) -> Array:
        """A gate's columns of step t."""
        hidden = self.run.network.hidden_size
        return values[self.t, gate * hidden : (gate + 1) * hidden]


Asks = Callable[[Moment], Iterator[Grid]]


@dataclass(frozen=True)
class Asked:
    """How a cell is asked about.

    rule, back: the formulas of a run, forwards and backwards. products: what stands for the products of a
    large network
    """

    rule: Callable[[Run], str]
    forward: Asks
    back: Callable[[Run], str]
    backward: Asks
    products: Asks


def entering(moment: Moment) -> Iterator[Grid]:
    """What cannot be known from the steps that are asked: states after a gap, products of a large network."""
    chain, t = moment.forward, moment.t
    if moment.gap:
        yield grid("h_{t-1}", chain.h_prev[t], given=True)
        if chain.c_prev is not None:
            yield grid("c_{t-1}", chain.c_prev[t], given=True)
    if moment.large:
        yield from CELLS[moment.run.network.cell].products(moment)


def elman_products(moment: Moment) -> Iterator[Grid]:
    """x_t W_xh and h_{t-1} W_hh."""
    yield grid("x_t W_xh", moment.forward.input_term[moment.t], given=True)
    yield grid("h_{t-1} W_hh", moment.forward.recurrent_term[moment.t], given=True)


def gate_products(moment: Moment) -> Iterator[Grid]:
    """The argument of each gate's function."""
    for k, name in enumerate(moment.forward.gates):
        values = moment.block(moment.forward.preactivation, k)
        yield grid(f"what {name}_{moment.name} is a function of", values, given=True)


# Where b_h is added, and what is to be said about it.
ELMAN_RULES = {
    "inside": "a_t = x_t W_xh + h_{{t-1}} W_hh + b_h, h_t = {f}(a_t)",
    "outside": "a_t = x_t W_xh + h_{{t-1}} W_hh, h_t = {f}(a_t) + b_h",
    "mixed": "a_t = x_t W_xh + h_{{t-1}} W_hh + b_h, h_t = {f}(a_t); at the first step b_h is not in a_t but "
    "added to {f}(a_t)",
    "none": "a_t = x_t W_xh + h_{{t-1}} W_hh, h_t = {f}(a_t)",
}


def elman_rule(run: Run) -> str:
    """The step, with the bias where it stands."""
    return ELMAN_RULES[run.network.bias].format(f=F[run.network.activation])


def elman_forward(moment: Moment) -> Iterator[Grid]:
    """a_t and h_t."""
    chain, t = moment.forward, moment.t
    yield grid(f"a_{moment.name}", chain.preactivation[t])
    yield grid(f"h_{moment.name}", chain.h[t])


def elman_back(run: Run) -> str:
    """δ_t and what it hands back."""
    f = F[run.network.activation]
    return f"δ_t = ∂L/∂a_t = ∂L/∂h_t ⊙ {f}′(a_t), ∂L/∂h_t = δ_{{t+1}} W_{{hh}}T'"


def elman_backward(moment: Moment) -> Iterator[Grid]:
    """∂L/∂h_t and δ_t."""
    yield _state(moment)
    yield grid(f"δ_{moment.name}", moment.backward.d_preactivation[moment.t])


def lstm_rule(run: Run) -> str:
    """The gates and the road."""
    gates = ", ".join(_gate(run, name, "tanh" if name == "g" else "σ") for name in "ifgo")
    return f"{gates}; c_t = f_t ⊙ c_{{t-1}} + i_t ⊙ g_t; h_t = o_t ⊙ tanh(c_t)"


def lstm_forward(moment: Moment) -> Iterator[Grid]:
    """i, f, g, o, c and h."""
    yield from _gates(moment)
    assert moment.forward.c is not None
    yield grid(f"c_{moment.name}", moment.forward.c[moment.t])
    yield grid(f"h_{moment.name}", moment.forward.h[moment.t])


def lstm_back(run: Run) -> str:
    """The road back."""
    return (
        "∂L/∂c_t = ∂L/∂h_t ⊙ o_t ⊙ tanh′(c_t) + ∂L/∂c_{t+1} ⊙ f_{t+1}; δ of i_t, f_t and g_t is ∂L/∂c_t "
        "times what the gate is multiplied by, times the gate’s slope; δ of o_t is ∂L/∂h_t ⊙ tanh(c_t) times "
        "its slope"
    )


def lstm_backward(moment: Moment) -> Iterator[Grid]:
    """∂L/∂h, ∂L/∂c and δ of each gate."""
    assert moment.backward.d_c is not None
    yield _state(moment)
    yield grid(f"∂L/∂c_{moment.name}", moment.backward.d_c[moment.t], moment.gap_back)
    yield from _deltas(moment)


def gru_rule(run: Run) -> str:
    """Reset, mixer, candidate."""
    b_hn, b_n = (" + b_hn", " + b_n") if run.network.bias != "none" else ("", "")
    gates = f"{_gate(run, 'r', 'σ')}, {_gate(run, 'z', 'σ')}"
    fresh = f"n_t = tanh(x_t W_xn + r_t ⊙ (h_{{t-1}} W_hn{b_hn}){b_n})"
    return f"{gates}, {fresh}; h_t = n_t + z_t ⊙ (h_{{t-1}} - n_t)"


def gru_forward(moment: Moment) -> Iterator[Grid]:
    """r, z, n and h."""
    yield from _gates(moment)
    yield grid(f"h_{moment.name}", moment.forward.h[moment.t])


def gru_back(run: Run) -> str:
    """The three shares of ∂L/∂h_t."""
    b_hn = " + b_hn" if run.network.bias != "none" else ""
    return (
        "δ of n_t = ∂L/∂h_t ⊙ (1 - z_t) ⊙ tanh′; δ of z_t = ∂L/∂h_t ⊙ (h_{t-1} - n_t) ⊙ σ′; "
        f"δ of r_t = δ of n_t ⊙ (h_{{t-1}} W_hn{b_hn}) ⊙ σ′"
    )


def gru_backward(moment: Moment) -> Iterator[Grid]:
    """∂L/∂h and δ of each gate."""
    yield _state(moment)
    yield from _deltas(moment)


CELLS = {
    "elman": Asked(elman_rule, elman_forward, elman_back, elman_backward, elman_products),
    "lstm": Asked(lstm_rule, lstm_forward, lstm_back, lstm_backward, gate_products),
    "gru": Asked(gru_rule, gru_forward, gru_back, gru_backward, gate_products),
}


def _gate(run: Run, name: str, f: str) -> str:
    bias = f" + b_{name}" if run.network.bias != "none" else ""
    return f"{name}_t = {f}(x_t W_x{name} + h_{{t-1}} W_h{name}{bias})"


def _state(moment: Moment) -> Grid:
    given = moment.gap_back or moment.large
    return grid(f"∂L/∂h_{moment.name}", moment.backward.d_h[moment.t], given)


def _gates(moment: Moment) -> Iterator[Grid]:
    for name, values in moment.forward.gates.items():
        yield grid(f"{name}_{moment.name}", values[moment.t])


def _deltas(moment: Moment) -> Iterator[Grid]:
    for k, name in enumerate(moment.forward.gates):
        yield grid(f"δ of {name}_{moment.name}", moment.block(moment.backward.d_preactivation, k))
