"""How a number is written and coloured on the stage.

One cell holds one number: three decimals below one, no leading zero, a true minus, and no minus zero.
A number too small for three decimals is written as a power of ten, never as 0: vanishing gradients are
small, not nothing. Formatting is a table look-up, because a page writes thousands of numbers.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MINUS = "\u2212"
STOPS = 10  # colour stops on either side of zero
FORWARD_SCALE = 1.0  # states and weights reach the last stop at 1
GRADIENT_SCALE = 0.5  # gradients reach it at a half
SUPERSCRIPTS = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")


def _thousandth(k: int) -> str:
    sign = MINUS if k < 0 else ""
    return f"{sign}{abs(k) / 1000:.3f}".replace("0.", ".", 1) if abs(k) < 1000 else f"{sign}1.00"


# Index k is k thousandths; negative k counts from the end of the list, as Python's indices do.
_THOUSANDTHS = [_thousandth(k) for k in range(1001)] + [_thousandth(k) for k in range(-1000, 0)]
_TRIMMED = [text.rstrip("0").rstrip(".") if k else "0" for k, text in enumerate(_THOUSANDTHS)]
_STOP_CLASSES = ["v-0"] + [f"v-p{k}" for k in range(1, 11)] + [f"v-n{k}" for k in range(10, 0, -1)]


def _outside_table(value: float) -> str:
    """The short form of zero, of the very small and of the large: at most six characters."""
    size = abs(value)
    if size == 0.0:
        return "0"
    sign = MINUS if value < 0 else ""
    if size < 0.9995:
        mantissa, exponent = f"{size:.0e}".split("e")
        return f"{sign}{mantissa}e{MINUS}{abs(int(exponent))}"
    for limit, digits in ((9.995, 2), (99.95, 1), (9999.5, 0)):
        if size < limit:
            return f"{sign}{size:.{digits}f}"
    mantissa, exponent = f"{size:.1e}".split("e")
    return f"{sign}{mantissa}e{int(exponent)}"


def short(value: float) -> str:
    """One number as its cell shows it."""
    k = round(value * 1000) if abs(value) < 0.9995 else 0
    return _THOUSANDTHS[k] if k else _outside_table(value)


def shorts(values: Sequence[float] | NDArray[Any], trim: bool = False) -> list[str]:
    """Every number of an array, flattened, as its cell shows it; `trim` drops closing zeros (weights)."""
    array = np.asarray(values, dtype=float).ravel()
    table = _TRIMMED if trim else _THOUSANDTHS
    listed = array.tolist()
    thousandths = np.rint(array * 1000.0)
    if listed and float(np.abs(thousandths).max()) < 1000 and np.count_nonzero(thousandths) == len(listed):
        return [table[k] for k in thousandths.astype(int).tolist()]
    ks = [round(v * 1000) if -0.9995 < v < 0.9995 else 0 for v in listed]
    return [table[k] if k else _trimmed(v, trim) for k, v in zip(ks, listed, strict=True)]


def _trimmed(value: float, trim: bool) -> str:
    text = _outside_table(value)
    return text.rstrip("0").rstrip(".") if trim and "." in text and "e" not in text else text


def long(value: float) -> str:
    """One number to six significant digits, for the inspector and for sentences."""
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else str(value)
    if 1e-4 <= abs(value) < 1e6:
        return f"{value:.6g}".replace("-", MINUS)
    mantissa, exponent = f"{value:.4e}".split("e")
    return f"{mantissa} \u00d7 10{str(int(exponent)).translate(SUPERSCRIPTS)}".replace("-", MINUS)


def colours(values: Sequence[float] | NDArray[Any], scale: float = FORWARD_SCALE) -> list[str]:
    """The colour class of every number of an array on the absolute scale [-scale, scale]."""
    stops = np.rint(np.asarray(values, dtype=float).ravel() * (STOPS / scale))
    return [_STOP_CLASSES[k] for k in np.minimum(np.maximum(stops, -STOPS), STOPS).astype(int).tolist()]


def tint(t: int, length: int) -> int:
    """The stop 1 to 12 of the time scale for step t of `length` (both counted from 1)."""
    return 6 if length == 1 else 1 + round(11 * (t - 1) / (length - 1))
