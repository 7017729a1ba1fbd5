"""Tables of a worksheet: numbers as they are printed, and how much of a large array is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from app.engine.network import Array

MOST = 6  # units, or columns, that are asked whole
FEW = 3  # of more than that, so many
MINUS = "\u2212"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Grid:
    """A table of numbers with a name, as HTML of our own.

    heads, columns: plain text beside its rows and over its columns, or nothing. labels: as heads, in HTML of
    our own. given: printed, not asked
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    heads: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    given: bool = False


def told(value: float) -> str:
    """Four decimals; two digits and a power of ten where four decimals would not show them."""
    size = abs(value)
    if size == 0.0:
        return "0"
    if 0.0005 <= size < 1e5:
        return f"{value:.4f}".replace("-", MINUS)
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(SUPERSCRIPTS)}".replace("-", MINUS)


def grid(name: str, values: Array, given: bool = False, heads: tuple[str, ...] = ()) -> Grid:
    """The part of an array that is printed: (M,) as one row, (N, M) as its rows."""
    shown = asked(values)
    table = shown if shown.ndim == 2 else shown[np.newaxis]
    rows = tuple(tuple(told(value) for value in line) for line in table.tolist())
    return Grid(marked(name), rows, heads, given=given)


def asked(values: Array) -> Array:
    """The whole of a small array, the first entries of a large one."""
    for axis in range(values.ndim):
        if values.shape[axis] > MOST:
            values = np.take(values, range(FEW), axis)
    return values


def marked(formula: str) -> str:
    """A formula of ours as HTML: `W_xh` and `h_{t-1}` get their index, `*z*` leans, `T'` is a transpose.

    Only texts of our own may come here: nothing is escaped.
    """
    indexed = re.sub(r"(\w)_(?:\{(.*?)\}|(\w+))", r"<i>\1</i><sub>\2\3</sub>", formula)
    leaning = re.sub(r"\*(\w)\*", r"<i>\1</i>", indexed)
    return leaning.replace("-", MINUS).replace("∂L", "∂<i>L</i>").replace("T'", "<sup>⊤</sup>")
