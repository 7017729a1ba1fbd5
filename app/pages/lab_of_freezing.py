"""The lab of the frozen state: the compact sum with immediate and with total partials, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run
from app.labs.entries import label
from app.labs.freezing import freeze
from app.numerals import long, tint
from app.pages.lab_of_nudge import name_of
from app.pages.weight_options import options
from app.wording.catalogue import N_

SHOWN = 24
STATES = {"held": N_("held"), "free": N_("free to move")}


@dataclass(frozen=True)
class FreezingLab:
    """What the template of the lab places.

    weights: entries to choose from, as options. rows: step, tint, word, term held, term free
    """

    address: str
    name: str
    entry: str
    weights: Markup
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
    return FreezingLab(
        found.weight.address,
        name_of(run, found.weight),
        label(run, found.weight),
        options(run, run.network.chains, found.weight.address),
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
