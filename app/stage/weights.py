"""The weights as the stage shows them: a card for each parameter, and for each gate's block of one.

The API keeps the gates of a cell side by side in one matrix, as PyTorch does. A student meets them one at a
time, by the names of the textbooks: W_xf and W_hf are the blocks of W_xh and W_hh that feed the forget gate.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from numpy.typing import NDArray

from app.engine import OuterSum, Parameters
from app.engine.cells import CELLS, Cell
from app.experiments.run import Run
from app.stage.formulas import var

SUFFIXES = {"left_to_right": "", "right_to_left": "_r"}
"""What is added to the names of a chain's parts, by chain."""
PRIMES = {"left_to_right": "", "right_to_left": "\u2032"}
"""What is added to the symbols of a chain's weights."""


@dataclass(frozen=True)
class Weight:
    """A matrix with a card of its own.

    key : its name on the page. group, name : where the API has it. gate : which block of H columns; None when
    it is all of it
    role : "words" for what x_t enters, "state" for what h_{t-1} enters, "bias", "readout"
    letter, index : its symbol. blame : the array over time that is dL/d(its output)
    suffix : of the names of its chain's arrays
    """

    key: str
    group: str
    name: str
    role: str
    letter: str
    index: str
    blame: str = ""
    gate: int | None = None
    suffix: str = ""

    @property
    def gate_name(self) -> str:
        """The letter of the gate it feeds, "h" where there is none to tell apart."""
        return self.index[-1]

    @property
    def flat(self) -> bool:
        """Whether it is a vector."""
        return self.letter.startswith("b")

    @property
    def labels(self) -> str:
        """What the names of its rows' labels begin with."""
        return "word" if self.key == "W_xh" else f"word_{self.key}"

    @property
    def symbol(self) -> str:
        """Its symbol as HTML."""
        return f"{self.letter}<sub>{self.index}</sub>"

    @property
    def math(self) -> str:
        """Its symbol as MathML."""
        return var(self.letter, self.index)

    def address(self, hidden: int, row: int, column: int) -> tuple[int, ...]:
        """Where the API has an entry, in `group` and `name`."""
        column += (self.gate or 0) * hidden
        return (column,) if self.flat else (row, column)

    def block(self, array: NDArray[Any], hidden: int) -> NDArray[Any]:
        """The columns of this weight, of an array whose last axis has those of all gates."""
        return array if self.gate is None else array[..., self.gate * hidden : (self.gate + 1) * hidden]

    def of(self, parameters: Parameters, hidden: int) -> NDArray[Any]:
        """Its numbers as a matrix."""
        array = self.block(parameters[self.group][self.name], hidden)
        return array if array.ndim == 2 else array.reshape(1, -1)

    def gradient(self, run: Run) -> OuterSum:
        """Its gradient as a sum over time."""
        whole = run.gradients[self.group][self.name]
        if self.gate is None:
            return whole
        hidden = run.network.hidden_size
        return replace(
            whole,
            right=self.block(whole.right, hidden),
            total=self.block(whole.total, hidden),
            known_norms=None,
        )


def _own(cell: Cell, biased: bool) -> list[Weight]:
    """The weights of a chain whose cell has one function only."""
    found = [
        Weight("W_xh", "left_to_right", "W_xh", "words", "W", "xh", "da"),
        Weight("W_hh", "left_to_right", "W_hh", "state", "W", "hh", "da"),
    ]
    return [*found, Weight("b_h", "left_to_right", "b_h", "bias", "b", "h", "da")] if biased else found


def _gated(cell: Cell, biased: bool) -> list[Weight]:
    """The weights of a chain with gates, gate by gate."""
    found = []
    for k, gate in enumerate(cell.gate_names):
        apart = cell.apart == k
        through = f"du_{gate}" if apart else f"da_{gate}"
        found += [
            Weight(f"W_x{gate}", "left_to_right", "W_xh", "words", "W", f"x{gate}", f"da_{gate}", k),
            Weight(f"W_h{gate}", "left_to_right", "W_hh", "state", "W", f"h{gate}", through, k),
        ]
        if biased:
            found.append(Weight(f"b_{gate}", "left_to_right", "b_h", "bias", "b", gate, f"da_{gate}", k))
        if biased and apart:
            found.append(
                Weight(f"b_h{gate}", "left_to_right", f"b_h{gate}", "bias", "b", f"h{gate}", through)
            )
    return found


@lru_cache(maxsize=64)
def weights_of(cell: str, chains: tuple[str, ...], biased: bool, outer: tuple[str, ...]) -> dict[str, Weight]:
    """Every weight by its key: chain by chain, then the readout's."""
    kind = CELLS[cell]
    own = _own(kind, biased) if kind.gates == 1 else _gated(kind, biased)
    found = [_in(weight, chain) for chain in chains for weight in own]
    for name in outer:
        letter, index = name.split("_")
        found.append(Weight(name, "readout", name, "readout", letter, index, "dz"))
    return {weight.key: weight for weight in found}


def _in(weight: Weight, chain: str) -> Weight:
    """The same weight of another chain, with a prime on its symbol."""
    suffix = SUFFIXES[chain]
    if not suffix:
        return weight
    return replace(
        weight,
        key=weight.key + suffix,
        group=chain,
        letter=weight.letter + PRIMES[chain],
        blame=weight.blame + suffix,
        suffix=suffix,
    )


def weights_in(run: Run) -> dict[str, Weight]:
    """Every weight of a run by its key."""
    chains, outer = tuple(run.forward.chains), tuple(run.parameters["readout"])
    return weights_of(run.experiment.cell, chains, "b_h" in run.parameters["left_to_right"], outer)
