"""What stands between the gradient of a state and that of a gate's sum, gate by gate, in symbols and numbers.

A gate's sum is blamed for what its gate lets through: the gradient of what the gate acts on, times what it is
multiplied with there, times the slope of its own function.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.stage.chains import Chain
from app.stage.formulas import op, row, var
from app.wording.catalogue import N_

Array = NDArray[np.float64]
Piece = str | tuple[str, int]
NOW, BEFORE = 0, -1
SIGNS = {"−": " − ", "·": " · ", "+": " + "}


@dataclass(frozen=True)
class Factor:
    """A vector that is multiplied by.

    pieces : its symbol: signs, and names with NOW for step t or BEFORE for the step read before it
    values : (chain, t) -> (H,)
    kind : the part that explains it, empty when there is none. when : the step of that part
    """

    pieces: tuple[Piece, ...]
    values: Callable[[Chain, int], Array]
    kind: str = ""
    when: int = NOW

    def html(self, chain: Chain, t: int | str) -> str:
        return "".join(
            SIGNS.get(piece, piece)
            if isinstance(piece, str)
            else chain.lane.said(piece[0], at(chain, t, piece[1]))
            for piece in self.pieces
        )

    def math(self, chain: Chain, t: int, unit: int) -> str:
        return row(
            *(
                (f"<mn>{piece}</mn>" if piece.isdigit() else op(piece))
                if isinstance(piece, str)
                else _math(chain, piece[0], at(chain, t, piece[1]), unit)
                for piece in self.pieces
            )
        )

    def part(self, chain: Chain, t: int, unit: int) -> str:
        """The name of the part that explains it."""
        return f"{chain.lane.name(self.kind, at(chain, t, self.when))}.{unit}" if self.kind else ""


def at(chain: Chain, t: int | str, when: int) -> int | str:
    """The step meant; of the general step t, one before or after it."""
    if when == NOW:
        return t
    if isinstance(t, str):
        return f"{t}{'+' if chain.lane.reverse else '−'}1"
    return chain.lane.before(t)


def _math(chain: Chain, name: str, t: int | str, unit: int) -> str:
    if name == "tanh c":
        return row(var("tanh"), op("("), chain.lane.var("c", f"{t},{unit + 1}"), op(")"))
    return chain.lane.var(name, f"{t},{unit + 1}")


def _of(kind: str, gate: int = 0) -> Callable[[Chain, int], Array]:
    return lambda chain, t: chain.array(kind, gate)[t - 1]


def _c_before(chain: Chain, t: int) -> Array:
    states = chain.forward.c_prev
    assert states is not None
    found: Array = states[t - 1]
    return found


@dataclass(frozen=True)
class Gate:
    """A gate.

    says : what it is, in words. does : what its number does. f : its function
    source : the array whose gradient it takes its own from
    times : what that is multiplied by, but for the slope of f
    """

    says: str
    does: str
    f: str
    source: str
    times: tuple[Factor, ...]


def slope(letter: str, f: str) -> tuple[Piece, ...]:
    """f'(a) by the gate's own number."""
    if f == "tanh":
        return ("(", "1", "−", (letter, NOW), "²", ")")
    return ((letter, NOW), "(", "1", "−", (letter, NOW), ")")


GATES: dict[str, dict[str, Gate]] = {
    "lstm": {
        "i": Gate(N_("input gate"), N_("how much of the candidate g is let onto the road"), "σ", "dc",
                  (Factor((("g", NOW),), _of("gate", 2), "gate_g"),)),
        "f": Gate(N_("forget gate"), N_("how much of the old cell state stays on the road"), "σ", "dc",
                  (Factor((("c", BEFORE),), _c_before, "c", BEFORE),)),
        "g": Gate(N_("candidate"), N_("what could be written onto the road"), "tanh", "dc",
                  (Factor((("i", NOW),), _of("gate", 0), "gate_i"),)),
        "o": Gate(N_("output gate"), N_("how much of tanh c shows in h"), "σ", "dh",
                  (Factor((("tanh c", NOW),), _of("th"), "th"),)),
    },
    "gru": {
        "r": Gate(N_("reset gate"), N_("how far the candidate may see the past"), "σ", "da_n",
                  (Factor((("u", NOW),), _of("u", 2), "u_n"),)),
        "z": Gate(N_("update gate"), N_("how much of the old state is kept"), "σ", "dh",
                  (Factor(("(", ("h", BEFORE), "−", ("n", NOW), ")"),
                          lambda chain, t: chain.forward.h_prev[t - 1] - chain.array("gate", 2)[t - 1]),)),
        "n": Gate(N_("candidate"), N_("what the new state could be"), "tanh", "dh",
                  (Factor(("(", "1", "−", ("z", NOW), ")"),
                          lambda chain, t: 1.0 - chain.array("gate", 1)[t - 1], "gate_z"),)),
    },
}  # fmt: skip
"""The gates of each cell by letter, in the order of the cell's blocks."""

RESET = Factor((("r", NOW),), _of("gate", 0), "gate_r")
"""What a GRU multiplies the recurrent product of its candidate by."""


def gate_of(chain: Chain, index: int) -> Gate:
    """The gate of a chain by the index of its block."""
    return GATES[chain.cell.name][chain.cell.gate_names[index]]


def letter(chain: Chain, index: int) -> str:
    """A gate's letter; "" for a cell that has none."""
    return chain.cell.gate_names[index] if chain.gated else ""


def slope_factor(chain: Chain, index: int) -> Factor:
    """f'(a) of a gate."""
    name = letter(chain, index)
    return Factor(slope(name, gate_of(chain, index).f), _of("s", index), f"s_{name}")


def local(chain: Chain, index: int) -> tuple[Factor, ...]:
    """All that the source's gradient is multiplied by to become dL/da of a gate."""
    return (*gate_of(chain, index).times, slope_factor(chain, index))


def product(chain: Chain, index: int, t: int) -> Array:
    """The same as one vector, (H,)."""
    found = np.ones(chain.hidden)
    for factor in local(chain, index):
        found = found * factor.values(chain, t)
    return found


def marked(chain: Chain, name: str, t: int | str, gate: str = "") -> str:
    """A symbol of a gate's array, such as a with f above and 3 below, as HTML."""
    above = f"<sup>{gate}</sup>" if gate else ""
    return f"{name}{above}<sub>{t}</sub>{chain.lane.mark}"


def marked_math(chain: Chain, name: str, t: int | str, gate: str = "") -> str:
    """The same as MathML."""
    return var(name, t, gate + chain.lane.mark)


def source(chain: Chain, index: int, t: int | str) -> tuple[str, str]:
    """The part and the symbol of what a gate's gradient starts from."""
    kind = gate_of(chain, index).source
    if kind == "da_n":
        return kind, marked(chain, "δ", t, "n")
    return kind, f"∂L/∂{chain.lane.said(kind[1:], t)}"


def source_values(chain: Chain, index: int) -> Array:
    """dL/d(what the gate acts on), (T, H)."""
    kind, _, gate = gate_of(chain, index).source.partition("_")
    return chain.array(kind, chain.cell.gate_names.index(gate) if gate else 0)
