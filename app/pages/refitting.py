"""Weights that were typed or given for one network, and what of them another can use.

A form sends along the weights of the run it stands beside. With another vocabulary, size or task they do not
all fit any more: nobody could take them back, as they have no control.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np

from app.engine.network import WITHIN_GATES
from app.experiments import places
from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.query import to_pairs
from app.experiments.weights import initial
from app.pages.form import OPTIONS
from app.pages.question import experiment_of

Pairs = Sequence[tuple[str, str]]
WEIGHTS = ("parameters", "edit", "edits")
OF_A_CELL = ("activation", "forget_bias", *WEIGHTS)
OF_A_TASK = ("loss",)
BEYOND_GATES = tuple(("bias", name) for name, _text in OPTIONS["bias"] if name not in WITHIN_GATES)


@dataclass(frozen=True)
class Before:
    """The page that a question is sent from. address : its own; "" where there is none to go by."""

    address: str

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """What its address says."""
        return parse_qsl(urlsplit(self.address).query, keep_blank_values=True)

    @cached_property
    def experiment(self) -> Experiment | None:
        """Its experiment; None where there is no such page, or it shows a refusal."""
        try:
            return experiment_of(self.pairs) if self.address else None
        except ExperimentError:
            return None

    @cached_property
    def said(self) -> frozenset[tuple[str, str]]:
        """What its form sends as it stands. A link leads to what is not among it, and means that."""
        return frozenset((*self.pairs, *(to_pairs(self.experiment) if self.experiment else ())))

    def weighed(self, pairs: Pairs) -> Experiment | None:
        """Its experiment, where some of its weights are among the pairs."""
        return self.experiment if any(pair[0] in WEIGHTS and pair in self.said for pair in pairs) else None


def fitting(pairs: Pairs, before: Before) -> list[tuple[str, str]]:
    """The pairs without what the page before them said of another cell or task."""
    if not before.address:
        return list(pairs)
    was, now = dict(before.pairs), dict(pairs)
    if now.get("task", "sentiment") != was.get("task", "sentiment"):
        pairs = [pair for pair in pairs if pair[0] not in OF_A_TASK or pair not in before.said]
    if now.get("cell", "elman") != was.get("cell", "elman"):
        stale = [pair for pair in pairs if pair[0] in OF_A_CELL or pair in BEYOND_GATES]
        pairs = [pair for pair in pairs if pair not in stale or pair not in before.said]
    return list(pairs)


def refitted(pairs: Pairs, shown: Experiment, aside: Collection[str] = ()) -> Experiment:
    """The experiment of a form's pairs, without the weights of the shown one that do not fit it.

    Raises ExperimentError when it is not the weights that are wrong.
    """
    asked = experiment_of([pair for pair in pairs if pair[0] not in WEIGHTS], aside)
    edits = tuple(filter(None, (places.carried(shown, asked, edit) for edit in shown.edits)))
    return asked.changed(parameters=values(shown, asked) or None, edits=edits)


def values(shown: Experiment, asked: Experiment) -> dict[str, dict[str, Any]]:
    """The given parameters of one experiment that fit another; rows of W_xh stay with their words."""
    given = shown.parameters.given() if shown.parameters else {}
    kept: dict[str, dict[str, Any]] = {}
    for group, shapes in places.shapes(asked).items():
        for name, shape in shapes.items():
            rows = given.get(group, {}).get(name)
            if rows is not None and name == "W_xh" and len(rows[0]) == shape[1]:
                kept.setdefault(group, {})[name] = by_word(shown.entries, asked, group, rows)
            elif rows is not None and np.shape(rows) == shape:
                kept.setdefault(group, {})[name] = rows
    return kept


def by_word(
    words: Sequence[str], asked: Experiment, group: str, rows: Sequence[Sequence[float]]
) -> list[list[float]]:
    """W_xh (V, G·H) for the vocabulary asked for: a word that is not among `words` has its row drawn."""
    known = dict(zip(words, rows, strict=True))
    drawn = initial(asked, asked.network)[0][group]["W_xh"].tolist()
    return [list(known.get(word, row)) for word, row in zip(asked.entries, drawn, strict=True)]


def mended(pairs: Pairs, before: Before, aside: Collection[str] = ()) -> Experiment:
    """The experiment of a question; of weights that the page before it had, whatever fits.

    Rows of W_xh stay with their words, even where there are as many words as before, and what is typed over
    with its gate and its unit. Raises ExperimentError.
    """
    shown = before.weighed(pairs)
    try:
        asked = experiment_of(list(pairs), aside)
    except ExperimentError:
        if shown is None:
            raise
        return refitted(pairs, shown, aside)
    if shown is None or (shown.network, shown.entries) == (asked.network, asked.entries):
        return asked
    return refitted(pairs, shown, aside)
