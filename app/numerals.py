"""How one number is written, wherever a page shows it, and the tint of a step: shared by stage and figures.

A cell holds one number: three decimals below one, no leading zero, a true minus, and no minus zero. A number
too small for three decimals is written as a power of ten, never as 0: vanishing gradients are small, not
nothing.
"""

import math
from bisect import bisect_right
from functools import lru_cache

import numpy as np

MINUS = "\u2212"
SUPERSCRIPTS = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)
# Decimals, while the number without its point stays below the limit; a larger one is a power of ten.
DECIMALS = ((2, 1000), (1, 1000), (0, 10000))
HUGE = 9.5e99  # and from here on in one digit
TINIEST = 24  # smaller powers of ten than this are written one by one
# Ascending: SMALL[k] is 10^(k - TINIEST), the smallest number written with that power.
SMALL = np.array([float(f"1e{k - TINIEST}") for k in range(TINIEST - 2)])
INVERSE = np.array([float(f"1e{TINIEST - k}") for k in range(TINIEST - 2)])
_SMALL, _INVERSE = SMALL.tolist(), INVERSE.tolist()  # where one number is looked up, not an array


def short(value: float) -> str:
    """One number as its cell shows it, in at most seven characters."""
    size = abs(value)
    if size == 0.0:
        return "0"
    sign = MINUS if value < 0 else ""
    if size < 1.0:
        thousandths = round(size * 1000)
        if thousandths == 0:
            return sign + _tiny(size)
        if thousandths < 1000:
            return f"{sign}.{thousandths:03d}"
    for decimals, limit in DECIMALS:
        digits = round(size * 10**decimals) if size < limit else limit
        if digits < limit:
            return f"{sign}{digits / 10**decimals:.{decimals}f}"
    mantissa, exponent = f"{size:.{1 if size < HUGE else 0}e}".split("e")
    return f"{sign}{mantissa}e{int(exponent)}"


def _tiny(size: float) -> str:
    """A digit and a power of ten."""
    if size < _SMALL[0]:
        mantissa, exponent = f"{size:.0e}".split("e")
        return f"{mantissa}e{MINUS}{-int(exponent)}"
    power = bisect_right(_SMALL, size) - 1
    digit = round(size * _INVERSE[power])
    return f"{digit}e{MINUS}{TINIEST - power}" if digit < 10 else f"1e{MINUS}{TINIEST - power - 1}"


@lru_cache(maxsize=1024)  # a page tells some numbers in many places
def long(value: float) -> str:
    """One number to six significant digits, for the inspector and for sentences."""
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else str(value)
    if 1e-4 <= abs(value) < 999999.5:
        return f"{value:.6g}".replace("-", MINUS)
    mantissa, exponent = f"{value:.4e}".split("e")
    return f"{mantissa} \u00d7 10{str(int(exponent)).translate(SUPERSCRIPTS)}".replace("-", MINUS)


def tint(t: int, length: int) -> int:
    """The stop 1 to 12 of the time scale for step t of `length` (both counted from 1)."""
    return 6 if length == 1 else 1 + round(11 * (t - 1) / (length - 1))
