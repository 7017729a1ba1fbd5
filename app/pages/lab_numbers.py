"""Numbers that a lab's form sends."""

from __future__ import annotations

from collections.abc import Mapping

from app.experiments.errors import ExperimentError, fault
from app.numerals import MINUS

LONGEST = 40


def decimal(asked: Mapping[str, str], name: str, default: float | None) -> float | None:
    """A number of the address; the default when it is left out. Raises ExperimentError for text."""
    text = asked.get(name, "").strip().replace(MINUS, "-")
    if not text:
        return default
    try:
        if len(text) > LONGEST or not text.isascii():
            raise ValueError
        return float(text)
    except ValueError:
        raise ExperimentError([fault(name, "a number", asked[name])]) from None


def whole(asked: Mapping[str, str], name: str, default: int | None) -> int | None:
    """A whole number from 0; the default when it is left out. Raises ExperimentError for anything else."""
    text = asked.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise ExperimentError([fault(name, "a whole number from 0", asked[name])])
    return int(text)
