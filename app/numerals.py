"""How one number is written, wherever a page shows it, and the tint of a step: shared by stage and figures.

A cell holds one number: three decimals below one, no leading zero, a true minus, and no minus zero. A number
too small for three decimals is written as a power of ten, never as 0: vanishing gradients are small, not
nothing.
"""

import math
from bisect import bisect_right
from functools import lru_cache

MINUS = "\u2212"
SUPERSCRIPTS = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)
HUGE = 9.5e99  # from here on a power of ten is written with one digit
TINIEST = 24  # smaller powers of ten than this are written one by one


def _half(k: int, power: int) -> float:
    """The least size that is rounded to k + 1, not to k, times 10^-power."""
    half = float(f"{k}.5e-{power}")
    return half if round(half * float(f"1e{power}")) > k else math.nextafter(half, math.inf)


# For sizes that no thousandth stands for, as far as a digit and its power, or three digits, do: the texts in
# ascending order; the least size of each, and at last the least that is too large. None is from 5e-4 to 1.
TEXTS = (
    [f"{digit}e{MINUS}{power}" for power in range(TINIEST, 3, -1) for digit in range(1, 10)]
    + [f"{k / 100:.2f}" for k in range(100, 1000)]
    + [f"{k / 10:.1f}" for k in range(100, 1000)]
)
BOUNDS = (
    [_half(9, TINIEST + 1)]
    + [_half(k, power) for power in range(TINIEST, 3, -1) for k in range(1, 10)]
    + [_half(k, 2) for k in range(100, 1000)]
    + [_half(k, 1) for k in range(100, 1000)]
)


def short(value: float) -> str:
    """One number as its cell shows it, in at most seven characters."""
    size = abs(value)
    if size == 0.0:
        return "0"
    sign = MINUS if value < 0 else ""
    thousandths = round(size * 1000) if size < 1.0 else 1000
    if 0 < thousandths < 1000:
        return f"{sign}.{thousandths:03d}"
    place = bisect_right(BOUNDS, size)
    if 0 < place <= len(TEXTS):
        return sign + TEXTS[place - 1]
    if 1.0 < size < 9999.5:
        return f"{sign}{size:.0f}"
    mantissa, exponent = f"{size:.{1 if 1.0 < size < HUGE else 0}e}".split("e")
    return f"{sign}{mantissa}e{int(exponent)}".replace("-", MINUS)


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
