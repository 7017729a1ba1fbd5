"""The lab of the frozen state: the compact sum with immediate and with total partials, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run
from app.labs.entries import label
from app.labs.freezing import freeze
from app.numerals import long, tint
from app.pages.lab_of_nudge import LISTED, name_of, offered
from app.wording.catalogue import N_

SHOWN = 24
STATES = {"held": N_("held"), "free": N_("free to move")}


@dataclass(frozen=True)
class FreezingLab:
    """What the template of the lab places. rows: step, tint, word, term held, term free."""

    address: str
    name: str
    entry: str
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    state: str
    states: dict[str, str]
    rows: tuple[tuple[int, int, str, str, str], ...]
    more: int
    held: str
    free: str
    gradient: str
    same: bool
    one_step: bool


def freezing_lab(run: Run, asked: Mapping[str, str]) -> FreezingLab:
    """The lab of a run. Raises ExperimentError."""
    state = asked.get("state") or "held"
    if state not in STATES:
        raise ExperimentError([fault("state", " or ".join(STATES), state)])
    found = freeze(run, asked.get("weight") or None)
    steps = len(run.words)
    terms = zip(run.words, found.held.tolist(), found.free.tolist(), strict=True)
    rows = [(t, tint(t, steps), word, long(a), long(b)) for t, (word, a, b) in enumerate(terms, 1)]
    held, free = map(long, found.sums)
    total = sum(array.size for named in run.parameters.values() for array in named.values())
    return FreezingLab(
        found.weight.address,
        name_of(run, found.weight),
        label(run, found.weight),
        offered(run)[:-len(run.parameters["readout"])] if total <= LISTED else (),
        state,
        STATES,
        tuple(rows[-SHOWN:]),
        max(0, steps - SHOWN),
        held,
        free,
        long(found.gradient),
        held == free,
        steps == 1,
    )
