"""The lab of the nudge: one copy of a weight moved, beside backpropagation's word for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from app.experiments.errors import ExperimentError
from app.experiments.run import Run
from app.figures.chart import sub
from app.labs.entries import Weight, label
from app.labs.nudge import DEFAULT_SIZE, Nudge, Nudged, nudge
from app.numerals import long, tint
from app.pages.lab_numbers import decimal, whole
from app.pages.weight_options import options

FIRST = "left_to_right.W_hh.0.0"


@dataclass(frozen=True)
class Row:
    """One move as written numbers. t: whose copy, 0 for all."""

    t: int
    tint: int
    word: str
    slope: str
    loss: str
    one_sided: str
    two_sided: str
    current: bool


@dataclass(frozen=True)
class NudgeLab:
    """What the template of the lab places. weights: entries to choose from, as options."""

    address: str
    name: str
    entry: str
    weights: Markup
    steps: tuple[tuple[int, str], ...]
    step: int
    size: str
    value: str
    before: str
    rows: tuple[Row, ...]
    together: Row
    chosen: Row
    states: tuple[tuple[int, int, str, str, bool], ...]
    complete: bool
    undefined: bool


def nudge_lab(run: Run, asked: Mapping[str, str]) -> NudgeLab:
    """The lab of a run. Raises ExperimentError."""
    found = asked_for(run, asked)
    weight = found.weight
    rows = tuple(row_of(run, found, row) for row in found.rows)
    return NudgeLab(
        weight.address,
        name_of(run, weight),
        label(run, weight),
        options(run, tuple(run.parameters), weight.address),
        tuple((t, f"{t} {run.words[t - 1]}") for t in found.uses),
        found.step,
        repr(found.size),
        long(found.value),
        long(found.loss),
        rows[:-1],
        rows[-1],
        next(row for row in rows if row.t == found.step),
        states(run, found),
        found.complete,
        any(row.loss is None for row in found.rows),
    )


def asked_for(run: Run, asked: Mapping[str, str]) -> Nudge:
    """The nudge of an address. A step that the chosen weight has no copy at gives way to all copies."""
    address, size = asked.get("weight") or FIRST, decimal(asked, "size", DEFAULT_SIZE)
    step = whole(asked, "step", None)
    try:
        return nudge(run, address, step, size or 0.0)
    except ExperimentError as error:
        if step is None or step > len(run.words) or any(each.field != "step" for each in error.errors):
            raise
    return nudge(run, address, 0, size or 0.0)


def name_of(run: Run, weight: Weight) -> str:
    """The symbol of its parameter, as HTML; which chain, where there are two."""
    prime = "′" if weight.group == "right_to_left" else ""
    return sub(weight.name) + prime


def row_of(run: Run, found: Nudge, row: Nudged) -> Row:
    """A move as it is written."""
    return Row(
        row.step,
        tint(row.step, len(run.words)) if row.step else 0,
        run.words[row.step - 1] if row.step else "",
        long(row.slope),
        written(row.loss),
        written(row.one_sided),
        written(row.two_sided),
        row.step == found.step,
    )


def written(value: float | None) -> str:
    """A number, or that there is none."""
    return "undefined" if value is None else long(value)


def states(run: Run, found: Nudge) -> tuple[tuple[int, int, str, str, bool], ...]:
    """How far the chosen move took each state: step, tint, word, distance, whether any."""
    if found.moved is None:
        return ()
    shown = [row.step for row in found.rows if row.step]
    distances = found.moved.tolist()
    return tuple(
        (t, tint(t, len(run.words)), run.words[t - 1], long(distances[t - 1]), distances[t - 1] > 0.0)
        for t in shown
    )
