"""One weight of a run, by its address: "left_to_right.W_hh.0.1" is row 0, column 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine import OneHot, OuterSum
from app.engine.cells import CELLS
from app.engine.lanes import READOUT, Entry
from app.engine.weights import chain_views, readout_views
from app.experiments import places
from app.experiments.errors import ExperimentError, fault, presentable_text
from app.experiments.run import Run
from app.wording.catalogue import N_

Array = NDArray[np.float64]
CHAINS = {"left_to_right": N_("left to right"), "right_to_left": N_("right to left"), READOUT: "readout"}


@dataclass(frozen=True)
class Weight:
    """One entry of a parameter."""

    group: str
    name: str
    index: tuple[int, ...]

    @property
    def address(self) -> str:
        """As an edit writes it, in numbers."""
        return places.written(f"{self.group}.{self.name}", self.index)


def weight_at(run: Run, address: str) -> Weight:
    """The entry of an address, by number or by word. Raises ExperimentError where there is none."""
    whole, place = places.read(address)
    group, _, name = whole.partition(".")
    array, index = run.parameters.get(group, {}).get(name), places.numbered(run.experiment, whole, place)
    if array is None or index is None or not places.within(index, array.shape):
        raise _no_entry(run, address)
    return Weight(group, name, index)


def _no_entry(run: Run, address: str) -> ExperimentError:
    names = ", ".join(
        f"{group}.{name} {array.shape}" for group, named in run.parameters.items()
        for name, array in named.items()
    )  # fmt: skip
    return ExperimentError([fault("weight", f"an entry of {names}", presentable_text(address))])


def weights_of(run: Run) -> Iterator[Weight]:
    """Every entry, parameter by parameter."""
    for group, named in run.parameters.items():
        for name, array in named.items():
            for index in np.ndindex(array.shape):
                yield Weight(group, name, index)


def packed(run: Run, weight: Weight) -> Entry:
    """Where the entry stands in the packed block of its group."""
    trace = run.forward.trace
    block = trace.weights.readout if weight.group == READOUT else trace.weights.chains[weight.group]
    places = np.arange(block.size).reshape(block.shape)
    views = (readout_views if weight.group == READOUT else chain_views)(places, run.network)
    row, column = divmod(int(views[weight.name][weight.index]), block.shape[1])
    return Entry(weight.group, row, column)


def contributions(gradient: OuterSum, index: tuple[int, ...]) -> Array:
    """What each step adds to one entry of a gradient, (T,), without the matrices around it."""
    right: Array = gradient.right[:, 0, index[-1]]
    if gradient.left is None:
        return right
    if isinstance(gradient.left, OneHot):
        return np.where(gradient.left.ids[:, 0] == index[0], right, 0.0)
    left: Array = gradient.left[:, 0, index[0]]
    return left * right


def uses(run: Run, weight: Weight) -> tuple[int, ...]:
    """The steps with a copy of the weight: all, or for the readout of a single prediction the last."""
    steps = len(run.words)
    once = weight.group == READOUT and not run.network.per_step
    return (steps,) if once else tuple(range(1, steps + 1))


def label(run: Run, weight: Weight) -> str:
    """Which entry, in a few words: "movie → 2", "1 → forget 3"."""
    *row, column = weight.index
    into = leads_into(run, weight.group, weight.name, column)
    return f"{leads_from(run, weight.name, row[0])} → {into}" if row else into


def leads_from(run: Run, name: str, row: int) -> str:
    """What enters a row of a matrix: a word or a unit."""
    return run.vocabulary[row] if name == "W_xh" else str(row + 1)


def leads_into(run: Run, group: str, name: str, column: int) -> str:
    """What a column makes: a unit, of a gate where there are several, or a word."""
    if group == READOUT:
        return run.vocabulary[column] if run.network.per_step else str(column + 1)
    names = CELLS[run.network.cell].gate_names
    if name == "b_hn" or len(names) == 1:
        return str(column + 1)
    gate, unit = divmod(column, run.network.hidden_size)
    return f"{names[gate]} {unit + 1}"
