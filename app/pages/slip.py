"""A slip of the notes as it is shown: what they say, what is right, and the numbers that tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.run import Run, run
from app.numerals import long

Array = NDArray[np.float64]
SHOWN = 4  # entries of a vector


@dataclass(frozen=True)
class Row:
    """One line of numbers, as HTML; href leads to the run they are from, current when it is this one."""

    cells: tuple[str, ...]
    href: str = ""
    current: bool = False


@dataclass(frozen=True)
class Drawn:
    """One way of doing it as a picture: what it is called, as HTML, and its SVG."""

    title: str
    picture: str


@dataclass(frozen=True)
class Slip:
    """What the notes say, what is right, as HTML, and the numbers that show it.

    ways : the same as pictures, one of which is shown at a time
    """

    number: str
    title: str
    notes: str
    right: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    ways: tuple[Drawn, ...] = ()


def relative(found: Run, **changes: Any) -> Run | None:
    """The run of the same experiment with other values; None where there is none such."""
    try:
        return run(found.experiment.changed(**changes))
    except ExperimentError:
        return None


def neighbour(found: Run, **changes: Any) -> tuple[Experiment, Run | None, str]:
    """The same experiment with other values: its run, or why it has none."""
    if all(getattr(found.experiment, name) == value for name, value in changes.items()):
        return found.experiment, found, ""
    experiment = found.experiment.changed(**changes)
    if changes.keys() == {"learning_rate"} and not experiment.epochs:  # both passes are the same
        return experiment, replace(found, experiment=experiment, rooms=[]), ""
    try:
        return experiment, run(experiment), ""
    except ExperimentError as error:
        return experiment, None, error.errors[0].message


def vector(values: Array) -> str:
    """The first entries of a vector, in brackets."""
    entries = [long(value) for value in values.ravel()[:SHOWN].tolist()]
    return f"[{', '.join(entries)}{', …' if values.size > SHOWN else ''}]"
