"""The parameters of a run: counted one after the other, then moved by one step downhill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from app.engine.cells import CELLS
from app.experiments.errors import ExperimentError
from app.experiments.run import Run
from app.figures.chart import sub
from app.numerals import long
from app.pages.words import count
from app.stage.inspection.fold import pytorch_more
from app.wording.catalogue import _

LEFT, RIGHT, OUT = "left_to_right", "right_to_left", "readout"
# Matrices first, as the notes count them; where there is more to count, chain by chain.
ORDER = ((LEFT, "W_xh"), (LEFT, "W_hh"), (OUT, "W_hy"), (LEFT, "b_h"), (OUT, "b_y"))
BY_CHAIN = (
    *((chain, name) for chain in (LEFT, RIGHT) for name in ("W_xh", "W_hh", "b_h", "b_hn")),
    (OUT, "W_hy"),
    (OUT, "b_y"),
)
PRODUCTS = {"W_xh": "V × H", "W_hh": "H × H", "b_h": "H", "b_hn": "H", "b_y": "O"}
LENGTHS = (3, 4, 20)
SHOWN_ENTRIES = 60
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Term:
    """One parameter: how its entries are counted, the sum up to here, where its values come from."""

    name: str
    product: str
    figures: str
    shape: str
    entries: int
    so_far: int
    origin: str


@dataclass(frozen=True)
class Counter:
    """The count and what the notes and PyTorch make of it. lengths: the count for other sentence lengths.

    notes_sum : the sum of the notes' own network, V = 5 and H = 3.
    remarks : what this network has that the notes' has not, as HTML
    """

    terms: tuple[Term, ...]
    total: int
    pytorch: int
    units: int
    outputs: int
    biases: int
    per_step: tuple[tuple[int, int], ...]
    lengths: tuple[tuple[int, int], ...]
    as_in_notes: bool
    notes_sum: int
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One weight before and after the step, as written numbers."""

    name: str
    old: str
    step: str
    new: str


@dataclass(frozen=True)
class UpdateTable:
    """One step against the gradient, entry by entry, and what became of the loss."""

    rate: str
    clipped: str
    entries: tuple[Entry, ...]
    hidden: int
    loss: str
    predicted: str
    actual: str
    problem: str
    rose: bool


def order(run: Run) -> list[tuple[str, str]]:
    """Group and name of every parameter, as they are counted."""
    single = not run.experiment.bidirectional and CELLS[run.experiment.cell].gates == 1
    return [
        (group, name)
        for group, name in (ORDER if single else BY_CHAIN)
        if name in run.parameters.get(group, {})
    ]


def counter(run: Run) -> Counter:
    """V × H + H × H + H × O + H + O, term by term; times the gates, and for each chain."""
    units, outputs = run.experiment.hidden_size, run.forward.logit.shape[-1]
    sizes = {"V": len(run.vocabulary), "H": units, "O": outputs}
    terms: list[Term] = []
    total = 0
    for group, name in order(run):
        array = run.parameters[group][name]
        total += array.size
        product = _product(run, name)
        figures = " × ".join(str(sizes.get(letter, letter)) for letter in product.split(" × "))
        origin = run.weights_from[f"{group}.{name}"]
        terms.append(Term(symbol(group, name), product, figures, str(array.shape), array.size, total, origin))
    hidden = sum(
        array.size for group, name in order(run) if group != OUT for array in [run.parameters[group][name]]
        if name.startswith("b")
    )  # fmt: skip
    biases = hidden + outputs if hidden else 0
    plain = not run.experiment.bidirectional and CELLS[run.experiment.cell].gates == 1
    return Counter(
        tuple(terms),
        total,
        total + pytorch_more(run) if biases else total,
        hidden,
        outputs,
        biases,
        tuple((length, length + outputs) for length in LENGTHS[:2]) if biases and plain else (),
        _lengths(run),
        [term.entries for term in terms[:3]] == [15, 9, 3] and bool(biases) and plain,
        5 * 3 + 3 * 3 + 3 * 1 + 3 + 1,
        tuple(_remarks(run)),
    )


def symbol(group: str, name: str) -> str:
    """A parameter's symbol; that of the chain from right to left has a prime."""
    letter, _, index = name.partition("_")
    return sub(f"{letter}{'′' if group == RIGHT else ''}_{index}")


def _product(run: Run, name: str) -> str:
    """How the entries of a parameter are counted."""
    gates, chains = CELLS[run.experiment.cell].gates, len(run.forward.chains)
    if name == "W_hy":
        return "H × O" if chains == 1 else f"{chains} × H × O"
    return PRODUCTS[name] if gates == 1 or name in ("b_y", "b_hn") else f"{gates} × {PRODUCTS[name]}"


def _remarks(run: Run) -> Iterator[str]:
    """Gates, chains and outputs, counted against a plain cell that reads one way and answers once."""
    cell, experiment = CELLS[run.experiment.cell], run.experiment
    units, words = experiment.hidden_size, len(run.vocabulary)
    one = sum(array.size for array in run.parameters[LEFT].values())
    biased = "b_h" in run.parameters[LEFT]
    plain = words * units + units * units + (units if biased else 0)
    if cell.gates > 1:
        names = ", ".join(f"<i>{name}</i>" for name in cell.gate_names)
        more = (
            _(", and {units} more for {b_hn}", units=units, b_hn=sub("b_hn"))
            if "b_hn" in run.parameters[LEFT]
            else ""
        )
        yield (
            _(
                "{gates} gates, {names}: a chain has {gates} × {plain} = {gates2} numbers where a "
                "plain cell has {plain}{more}. They lie side by side in one matrix, in PyTorch’s "
                "order.",
                gates=cell.gates,
                names=names,
                plain=plain,
                gates2=cell.gates * plain,
                more=more,
            )
        )
    if experiment.bidirectional:
        yield (
            f'<span class="erratum">E20</span> Two chains, each with {one} numbers of its own, '
            f"shared by all steps. The readout reads both, {2 * units} numbers: {sub('W_hy')} is twice as "
            "tall."
        )
    if run.network.per_step:
        yield _(
            "One readout, used at every step: a column for each of the {words} words it may foresee.",
            words=words,
        )


def _lengths(run: Run) -> tuple[tuple[int, int], ...]:
    """The count of the same network on sentences of other lengths made of the same words."""
    found = []
    for length in LENGTHS:
        repeated = " ".join(run.tokens[k % len(run.tokens)] for k in range(length))
        try:
            other = run.experiment.changed(sentence=repeated, vocabulary=run.vocabulary)
        except ExperimentError:  # a limit on words or characters set very low
            continue
        found.append((length, count(other)))
    return tuple(found)


def update_table(run: Run) -> UpdateTable:
    """Old, −η·g and new of every weight, at most SHOWN_ENTRIES of them, those that move first."""
    update = run.update
    scale = update.learning_rate * update.clip_scale
    rows: list[Entry] = []
    for group, name in order(run):
        old, new = run.parameters[group][name], update.parameters[group][name]
        step = -scale * run.gradients[group][name].total.reshape(old.shape) + 0.0
        called, first = symbol(group, name), run.vocabulary if name == "W_xh" else None
        for place in _moving(step, SHOWN_ENTRIES - len(rows)):
            values = (long(array.item(place)) for array in (old, step, new))
            rows.append(Entry(f"{called}[{_where(place, first)}]", *values))
    total = int(run.parameter_count["total"]) if isinstance(run.parameter_count["total"], int) else len(rows)
    return UpdateTable(
        rate=long(update.learning_rate),
        clipped="" if update.clip_scale == 1.0 else long(update.clip_scale),
        entries=tuple(rows),
        hidden=total - len(rows),
        loss=long(run.loss),
        predicted=long(update.predicted_loss),
        actual="" if update.loss is None else long(update.loss),
        problem=update.problem or "",
        rose=update.loss is not None and update.loss > run.loss,
    )


def _moving(step: Array, most: int) -> list[tuple[int, ...]]:
    """The first entries with a gradient; an absent word's row of W_xh has none."""
    return [tuple(place) for place in np.argwhere(step)[:most].tolist()]


def _where(place: tuple[int, ...], entries: tuple[str, ...] | None) -> str:
    """The row of an entry, by its word where rows have one, and its column."""
    row = escape(_short(entries[place[0]])) if entries else str(place[0] + 1)
    return ", ".join([f"<bdi>{row}</bdi>", *(str(k + 1) for k in place[1:])])


def _short(word: str) -> str:
    return word if len(word) <= 24 else word[:23] + "…"
