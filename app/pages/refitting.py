"""Weights that were typed or given for one network, and what of them another can use.

A form sends along the weights of the run it stands beside. With another vocabulary, size or task they do not
all fit any more: nobody could take them back, as they have no control.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np

from app.experiments import places
from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.weights import initial
from app.pages.question import experiment_of

WEIGHTS = ("parameters", "edit", "edits")


def refitted(pairs: Sequence[tuple[str, str]], shown: Experiment, aside: Collection[str] = ()) -> Experiment:
    """The experiment of a form's pairs, without the weights of the shown one that do not fit it.

    Raises ExperimentError when it is not the weights that are wrong.
    """
    asked = experiment_of([pair for pair in pairs if pair[0] not in WEIGHTS], aside)
    edits = tuple(edit for edit in shown.edits if places.stands(asked, edit))
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


def mended(pairs: Sequence[tuple[str, str]], before: str, aside: Collection[str] = ()) -> Experiment:
    """The experiment of a form's pairs; where a page stood before, whatever fits. Raises ExperimentError.

    Rows of W_xh stay with their words, even where there are as many words as before.
    """
    shown = _shown(before) if any(name in WEIGHTS for name, _text in pairs) else None
    try:
        asked = experiment_of(list(pairs), aside)
    except ExperimentError:
        if shown is None:
            raise
        return refitted(pairs, shown, aside)
    moved = shown is not None and asked.parameters is not None and shown.entries != asked.entries
    return refitted(pairs, shown, aside) if shown and moved else asked


def _shown(before: str) -> Experiment | None:
    """The experiment of the page at an address; None where there is no such page, or it shows a refusal."""
    try:
        return experiment_of(parse_qsl(urlsplit(before).query, keep_blank_values=True)) if before else None
    except ExperimentError:
        return None
