"""Each cell's equations at one step, forwards and backwards, with the numbers of the step put in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.engine.activations import ACTIVATIONS
from app.engine.network import Array, Parameters
from app.experiments.passes import BackwardChain, ForwardChain
from app.experiments.run import Run
from app.exports.latex.writing import Equation, equation, joined, row


@dataclass(frozen=True)
class Step:
    """Step t of a chain, t from 0. before, after: the names of the states it stands between."""

    run: Run
    weights: dict[str, Array]
    forward: ForwardChain
    backward: BackwardChain
    t: int

    @property
    def name(self) -> str:
        """t as it is written, from 1."""
        return str(self.t + 1)

    @property
    def before(self) -> str:
        """The step whose state enters: t - 1, or t + 1 from right to left."""
        return str(self.t + 2 if self.forward.chain.reverse else self.t)

    @property
    def after(self) -> str:
        """The step that the state is handed to."""
        return str(self.t if self.forward.chain.reverse else self.t + 2)

    @property
    def is_last(self) -> bool:
        """Whether no step of the chain comes after it."""
        return self.t == (0 if self.forward.chain.reverse else len(self.forward.h) - 1)

    def block(self, values: Array, gate: int) -> Array:
        """A gate's columns."""
        hidden = self.run.network.hidden_size
        return values[..., gate * hidden : (gate + 1) * hidden]


def steps_of(run: Run, parameters: Parameters, name: str) -> list[Step]:
    """The steps of a chain, in sentence order."""
    forward, backward = run.forward.chains[name], run.backward.chains[name]
    return [Step(run, parameters[name], forward, backward, t) for t in range(len(run.words))]


@dataclass(frozen=True)
class CellText:
    """Functions from a step to its equations."""

    forward: Callable[[Step], list[Equation]]
    backward: Callable[[Step], list[Equation]]


F = {"tanh": r"\tanh", "sigmoid": r"\sigma", "relu": r"\operatorname{relu}", "identity": r"\operatorname{id}"}


def elman_forward(step: Step) -> list[Equation]:
    """a_t and h_t."""
    t, chain, f = step.t, step.forward, F[step.run.network.activation]
    inside, bias = bool(chain.bias_inside[t]), step.weights.get("b_h")
    terms, names = [row(chain.input_term[t]), row(chain.recurrent_term[t])], _product(step, "")
    state, shown = rf"{f}(a_{{{step.name}}})", f"{f}{row(chain.preactivation[t])}"
    if bias is not None:
        if inside:
            terms, names = [*terms, row(bias)], f"{names} + b_h"
        else:
            state, shown = f"{state} + b_h", f"{shown} + {row(bias)}"
    return [
        equation(
            f"a_{{{step.name}}}",
            names,
            joined(*terms, rows=len(terms), width=len(chain.h[t])),
            row(chain.preactivation[t]),
        ),
        equation(f"h_{{{step.name}}}", state, shown, row(chain.h[t])),
    ]


def elman_backward(step: Step) -> list[Equation]:
    """∂L/∂h_t and δ_t."""
    t, back = step.t, step.backward
    slope = back.slope[t]
    f = ACTIVATIONS[step.run.network.activation].name
    return [
        _state(step),
        equation(
            rf"\delta_{{{step.name}}} = {_d(f'a_{{{step.name}}}')}",
            rf"{_d(f'h_{{{step.name}}}')} \odot {F[f]}'(a_{{{step.name}}})",
            joined(row(back.d_h[t]), row(slope), rows=2, width=len(slope), sign=r"\odot"),
            row(back.d_preactivation[t]),
        ),
    ]


def lstm_forward(step: Step) -> list[Equation]:
    """The four gates, the road and the state."""
    t, chain = step.t, step.forward
    found = [
        _gate(step, name, index, r"\tanh" if name == "g" else r"\sigma")
        for index, name in enumerate(chain.gates)
    ]
    i, f, g, o = (row(values[t]) for values in chain.gates.values())
    assert chain.c is not None and chain.c_prev is not None
    n, before = step.name, step.before
    road = rf"f_{{{n}}} \odot c_{{{before}}} + i_{{{n}}} \odot g_{{{n}}}"
    width = len(chain.h[t])
    products = joined(rf"{f} \odot {row(chain.c_prev[t])}", rf"{i} \odot {g}", rows=4, width=width)
    return [
        *found,
        equation(f"c_{{{n}}}", road, products, row(chain.c[t])),
        equation(
            f"h_{{{n}}}", rf"o_{{{n}}} \odot \tanh(c_{{{n}}})",
            joined(o, rf"\tanh{row(chain.c[t])}", rows=2, width=width, sign=r"\odot"), row(chain.h[t]),
        ),
    ]  # fmt: skip


def lstm_backward(step: Step) -> list[Equation]:
    """∂L/∂h_t, ∂L/∂c_t and the gradient of each gate's argument."""
    t, back, n = step.t, step.backward, step.name
    assert back.d_c is not None
    later = "" if step.is_last else rf" + {_d(f'c_{{{step.after}}}')} \odot f_{{{step.after}}}"
    road = rf"{_d(f'h_{{{n}}}')} \odot o_{{{n}}} \odot \tanh'(c_{{{n}}}){later}"
    sides = {
        "i": rf"{_d(f'c_{{{n}}}')} \odot g_{{{n}}} \odot \sigma'",
        "f": rf"{_d(f'c_{{{n}}}')} \odot c_{{{step.before}}} \odot \sigma'",
        "g": rf"{_d(f'c_{{{n}}}')} \odot i_{{{n}}} \odot \tanh'",
        "o": rf"{_d(f'h_{{{n}}}')} \odot \tanh(c_{{{n}}}) \odot \sigma'",
    }
    return [
        _state(step),
        equation(_d(f"c_{{{n}}}"), road, row(back.d_c[t])),
        *(_delta(step, name, index, sides[name]) for index, name in enumerate(step.forward.gates)),
    ]


def gru_forward(step: Step) -> list[Equation]:
    """Reset, mixer, candidate and state."""
    t, chain, n = step.t, step.forward, step.name
    z, fresh = (row(chain.gates[name][t]) for name in "zn")
    bias = " + b_{hn}" if "b_hn" in step.weights else ""
    inner = rf"x_{{{n}}} W_{{xn}} + r_{{{n}}} \odot (h_{{{step.before}}} W_{{hn}}{bias})"
    bias = " + b_n" if "b_h" in step.weights else ""
    gap = row(chain.h_prev[t] - chain.gates["n"][t])
    mixed = rf"{z} \odot {gap}"
    return [
        _gate(step, "r", 0, r"\sigma"),
        _gate(step, "z", 1, r"\sigma"),
        equation(
            f"n_{{{n}}}", rf"\tanh\left({inner}{bias}\right)",
            rf"\tanh{row(step.block(chain.preactivation[t], 2))}", fresh,
        ),
        equation(
            f"h_{{{n}}}", rf"n_{{{n}}} + z_{{{n}}} \odot (h_{{{step.before}}} - n_{{{n}}})",
            joined(fresh, mixed, rows=3, width=len(chain.h[t])),
            row(chain.h[t]),
        ),
    ]  # fmt: skip


def gru_backward(step: Step) -> list[Equation]:
    """∂L/∂h_t and the gradient of each gate's argument."""
    n, state = step.name, _d(f"h_{{{step.name}}}")
    product = (
        rf"(h_{{{step.before}}} W_{{hn}} + b_{{hn}})"
        if "b_hn" in step.weights
        else rf"(h_{{{step.before}}} W_{{hn}})"
    )
    sides = {
        "r": rf"\delta^n_{{{n}}} \odot {product} \odot \sigma'",
        "z": rf"{state} \odot (h_{{{step.before}}} - n_{{{n}}}) \odot \sigma'",
        "n": rf"{state} \odot (1 - z_{{{n}}}) \odot \tanh'",
    }
    return [_state(step), *(_delta(step, name, index, sides[name]) for index, name in enumerate("rzn"))]


CELLS = {
    "elman": CellText(elman_forward, elman_backward),
    "lstm": CellText(lstm_forward, lstm_backward),
    "gru": CellText(gru_forward, gru_backward),
}


def _product(step: Step, gate: str) -> str:
    x, h = (f"W_{{x{gate}}}", f"W_{{h{gate}}}") if gate else ("W_{xh}", "W_{hh}")
    return f"x_{{{step.name}}} {x} + h_{{{step.before}}} {h}"


def _gate(step: Step, name: str, index: int, f: str) -> Equation:
    bias = f" + b_{name}" if "b_h" in step.weights else ""
    return equation(
        f"{name}_{{{step.name}}}",
        rf"{f}\left({_product(step, name)}{bias}\right)",
        rf"{f}{row(step.block(step.forward.preactivation[step.t], index))}",
        row(step.forward.gates[name][step.t]),
    )


def _delta(step: Step, name: str, index: int, formula: str) -> Equation:
    left = rf"\delta^{name}_{{{step.name}}}"
    return equation(left, formula, row(step.block(step.backward.d_preactivation[step.t], index)))


def _d(of: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {of}}}"


# What reaches h_t from the step after it.
LATER = {
    "elman": r"\delta_{{{after}}} W_{{hh}}^{{\top}}",
    "lstm": r"\delta_{{{after}}} W_{{hh}}^{{\top}}",
    "gru": r"\tilde\delta_{{{after}}} W_{{hh}}^{{\top}} + "
    r"\frac{{\partial L}}{{\partial h_{{{after}}}}} \odot z_{{{after}}}",
}


def _state(step: Step) -> Equation:
    """∂L/∂h_t: what the readout sends, and what the next step hands back."""
    later = LATER[step.run.network.cell].format(after=step.after)
    read = r"\frac{\partial L}{\partial z} W_{hy}^{\top}"
    if step.run.network.per_step:
        read = read.replace("z}", f"z_{{{step.name}}}}}")
        formula = read if step.is_last else f"{read} + {later}"
    else:
        formula = read if step.is_last else later
    return equation(_d(f"h_{{{step.name}}}"), formula, row(step.backward.d_h[step.t]))
