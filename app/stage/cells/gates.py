"""What the portraits of cells with gates share: the gates, their arrays by name, and how they are spelt.

The names of a gate k: xw_k, hw_k, bias_k what its argument is the sum of; a_k the argument; gate_k the gate;
s_k its slope; dg_k and da_k what gate and argument are blamed for.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.cells import CELLS
from app.engine.finite import held
from app.experiments.passes import ForwardChain
from app.experiments.run import Run
from app.stage.lanes import Lane
from app.wording.catalogue import _, kept_by_language

Array = NDArray[np.float64]
Named = dict[str, Array]
OPENED = 32  # a longer sentence is told a step a frame, and its cells stay closed
BAR, NEEDLE = 68.0, 98.0  # where the bar of a sigmoid starts in its card, and that of a tanh
NARROW = 42.0  # the width of a valve in a column
REACH, SWING = 60.0, 30.0  # how long they are at 1
KINDS = ("xw", "hw", "bias", "a", "gate", "s", "dg", "da")


@dataclass(frozen=True)
class Gate:
    """A gate. letter : its name. title, task : what it is called and what it does. f : its function.

    past : what its sum has of the state before, where that is not h_{t-1} W_hk
    """

    letter: str
    title: str
    task: str
    f: str = "\u03c3"
    past: str = ""

    @property
    def signed(self) -> bool:
        """Whether its numbers go below zero."""
        return self.f == "tanh"

    @property
    def remembers(self) -> str:
        """The part of a column that shows what its sum has of the state before."""
        return f"same_{self.past}" if self.past else f"hw_{self.letter}"

    @property
    def word(self) -> str:
        """What the gate is, in a sentence."""
        return _("{name} gate", name=_(self.title)) if not self.signed else _(self.title)


def opens(lane: Lane) -> bool:
    """Whether the sentence is short enough for its cells to be opened."""
    return lane.steps <= OPENED


def names(gates: tuple[Gate, ...]) -> frozenset[str]:
    """The names of all arrays of some gates."""
    return frozenset(f"{kind}_{gate.letter}" for gate in gates for kind in KINDS)


def slopes(gates: tuple[Gate, ...]) -> frozenset[str]:
    return frozenset(f"s_{gate.letter}" for gate in gates)


def blocks(kind: str, array: Array, cell: str) -> Named:
    """The blocks of H columns of an array (T, G*H), by gate."""
    letters = CELLS[cell].gate_names
    hidden = array.shape[1] // len(letters)
    return {f"{kind}_{letter}": array[:, k * hidden : (k + 1) * hidden] for k, letter in enumerate(letters)}


def forward_of_gates(cell: str, run: Run, lane: Lane) -> Named:
    """The sums, arguments, gates and slopes of a chain, (T, H); the biases, (1, H)."""
    chain, back = run.forward.chains[lane.chain], run.backward.chains[lane.chain]
    bias = run.parameters[lane.chain].get("b_h")
    return (
        ({} if bias is None else blocks("bias", bias.reshape(1, -1), cell))
        | blocks("xw", chain.input_term, cell)
        | blocks("hw", chain.recurrent_term, cell)
        | blocks("a", chain.preactivation, cell)
        | blocks("gate", chain.activated, cell)
        | blocks("s", back.slope, cell)
    )


def product(left: Array, right: Array) -> Array:
    """Unit by unit, held within float64. For callers that have silenced overflow."""
    return held(left * right)


def later(lane: Lane, carried: Array) -> Array:
    """For each step what the step read after it sends back, (T, H); nothing for the last one read."""
    found = np.zeros_like(carried)
    if lane.reverse:
        found[1:] = carried[:-1]
    else:
        found[:-1] = carried[1:]
    return found


def bars(gates: tuple[Gate, ...], values: Named) -> Named:
    """Where the bars of the gates end in their cards, (T, H)."""
    ends = {}
    for gate in gates:
        start, length = (NEEDLE, SWING) if gate.signed else (BAR, REACH)
        ends[f"bar_{gate.letter}"] = start + length * values[gate.letter]
    return ends


def fills(letter: str, values: Array) -> Named:
    """How far a gate's cells in the column are filled, (T, H): to scale."""
    return {f"fill_{letter}": values * NARROW}


def openings(letter: str, values: Array, height: float) -> Named:
    """The upper and lower edge of a valve's opening, (T, H), from the top of its row: drawn to scale."""
    half = values * (height - 4) / 2
    return {f"open_{letter} top": height / 2 - half, f"open_{letter} low": height / 2 + half}


def coins(lane: Lane, gates: tuple[Gate, ...], chain: ForwardChain, blame: Named) -> dict[str, list[str]]:
    """What is said of each gate's coins, one line a step. blame : the arrays da_k."""
    seen = tuple(np.any(chain.h_prev, axis=1).tolist())
    letters = [gate.letter for gate in gates]
    return {
        f"coin_{letter}": _coins(lane, letter, seen, tuple(np.any(blame[f"da_{letter}"], axis=1).tolist()))
        for letter in letters
    }


@kept_by_language(256)
def _coins(lane: Lane, gate: str, seen: tuple[bool, ...], paid: tuple[bool, ...]) -> list[str]:
    """Of one gate. seen, paid : whether h before it, and δ, is not 0 at each step."""
    return [_coin(lane, gate, t, *of) for t, of in enumerate(zip(seen, paid, strict=True), 1)]


def _coin(lane: Lane, gate: str, t: int, seen: bool, paid: bool) -> str:
    delta, before = lane.said(f"δ<sup>{gate}</sup>", t), lane.said("h", lane.before(t))
    if not paid:
        return _("{delta} is 0 here, so its coins are empty.", delta=delta)
    if not seen:
        return _(
            "{before} is zero, so W<sub>h{gate}</sub> gets exactly 0: that coin is empty.",
            before=before,
            gate=gate,
        )
    return _(
        "What the gate saw, {before} and the word, times {delta} are its coins.", before=before, delta=delta
    )
