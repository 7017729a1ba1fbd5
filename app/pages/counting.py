"""The parameters of a run: counted one after the other, then moved by one step downhill."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from app.experiments.errors import ExperimentError
from app.experiments.run import Run
from app.figures.chart import sub
from app.numerals import long
from app.pages.words import count

ORDER = (("left_to_right", "W_xh"), ("left_to_right", "W_hh"), ("readout", "W_hy"),
         ("left_to_right", "b_h"), ("readout", "b_y"))  # fmt: skip
PRODUCTS = {"W_xh": "V × H", "W_hh": "H × H", "W_hy": "H × O", "b_h": "H", "b_y": "O"}
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


def counter(run: Run) -> Counter:
    """V × H + H × H + H × O + H + O, term by term."""
    units, outputs = run.experiment.hidden_size, len(run.forward.y_hat)
    sizes = {"V": len(run.vocabulary), "H": units, "O": outputs}
    terms: list[Term] = []
    total = 0
    for group, name in ORDER:
        if name not in run.parameters[group]:
            continue
        array = run.parameters[group][name]
        total += array.size
        figures = " × ".join(str(sizes[letter]) for letter in PRODUCTS[name].split(" × "))
        origin = run.weights_from[f"{group}.{name}"]
        terms.append(Term(sub(name), PRODUCTS[name], figures, str(array.shape), array.size, total, origin))
    biases = units + outputs if run.experiment.bias != "none" else 0
    return Counter(
        tuple(terms),
        total,
        total + units if biases else total,
        units,
        outputs,
        biases,
        tuple((length, length + outputs) for length in LENGTHS[:2]) if biases else (),
        _lengths(run),
        [term.entries for term in terms[:3]] == [15, 9, 3] and bool(biases),
        5 * 3 + 3 * 3 + 3 * 1 + 3 + 1,
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
    rows = []
    for group, name in ORDER:
        if name in run.parameters[group]:
            old, new = run.parameters[group][name], update.parameters[group][name]
            step = -scale * run.gradients[group][name].total.reshape(old.shape) + 0.0
            rows += [_entry(run, name, place, old, step, new) for place in _moving(step)]
    total = int(run.parameter_count["total"]) if isinstance(run.parameter_count["total"], int) else len(rows)
    return UpdateTable(
        rate=long(update.learning_rate),
        clipped="" if update.clip_scale == 1.0 else long(update.clip_scale),
        entries=tuple(rows[:SHOWN_ENTRIES]),
        hidden=total - min(len(rows), SHOWN_ENTRIES),
        loss=long(run.loss),
        predicted=long(update.predicted_loss),
        actual="" if update.loss is None else long(update.loss),
        problem=update.problem or "",
        rose=update.loss is not None and update.loss > run.loss,
    )


def _moving(step: Array) -> list[tuple[int, ...]]:
    """The entries with a gradient; an absent word's row of W_xh has none."""
    return [tuple(map(int, place)) for place in np.argwhere(step != 0.0)[:SHOWN_ENTRIES]]


def _entry(run: Run, name: str, place: tuple[int, ...], old: Array, step: Array, new: Array) -> Entry:
    row = escape(_short(run.vocabulary[place[0]])) if name == "W_xh" else str(place[0] + 1)
    where = ", ".join([f"<bdi>{row}</bdi>", *(str(k + 1) for k in place[1:])])
    return Entry(
        f"{sub(name)}[{where}]", long(float(old[place])), long(float(step[place])), long(float(new[place]))
    )


def _short(word: str) -> str:
    return word if len(word) <= 24 else word[:23] + "…"
