"""Numbers as the charts write them: a true minus, no minus zero, and never 0 for what is only small."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from app.numerals import MINUS


def number(value: float, digits: int = 4) -> str:
    """A number to some significant digits, for sentences and tables."""
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else str(value)
    if 1e-3 <= abs(value) < 1e6:
        written = f"{value:.{digits}g}" if abs(value) < 10 ** (digits - 1) else f"{value:.0f}"
        return _minus(written)
    mantissa, exponent = f"{value:.2e}".split("e")
    return _minus(f"{mantissa}e{int(exponent)}")


def rounded(values: NDArray[np.float64], digits: int = 6) -> NDArray[np.float64]:
    """Every number to so many significant digits, so that a figure carries no noise."""
    with np.errstate(divide="ignore", under="ignore"):
        size = np.floor(np.log10(np.abs(values)))
    # Beyond these exponents the power of ten itself leaves the range of floats: such numbers stay.
    inside = np.isfinite(size) & (np.abs(size) < 290)
    scale = 10.0 ** np.where(inside, digits - 1 - size, 0.0)
    exact: NDArray[np.float64] = np.where(inside, np.round(values * scale) / scale, values) + 0.0
    return exact


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
