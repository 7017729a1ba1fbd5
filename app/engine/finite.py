"""Finding out, cheaply, that a number has outgrown float64, and then at which step."""

import math
import sys

import numpy as np
from numpy.typing import NDArray

from app.engine.errors import DivergenceError
from app.engine.norms import near_one

Array = NDArray[np.float64]
LARGEST = sys.float_info.max


FEW = 12
"""Up to so many numbers, adding them up as plain ones beats a call on the array."""


def all_finite(flat: Array) -> bool:
    """True only when every number of a row is finite; False also when their sum or that of squares is not.

    One quick product: inf * inf is inf, and nan stays nan.
    """
    return math.isfinite(sum(flat.tolist()) if flat.size <= FEW else flat.dot(flat))


def require_finite(values: Array, quantity: str, latest: bool = False) -> None:
    """Raise DivergenceError naming the first step (or the latest) at which an array is not finite.

    values : ndarray of shape (T, …)
    """
    broken = np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(axis=1))
    if len(broken):
        raise diverged(quantity, int(broken[-1 if latest else 0]) + 1)


def require_finite_total(values: Array, quantity: str) -> None:
    """Raise DivergenceError when an array that belongs to no one step is not finite."""
    if not np.isfinite(values).all():
        raise DivergenceError(
            f"{quantity} must stay finite, it outgrew the largest float64 (1.8e308)",
            value="Infinity",
            quantity=quantity,
        )


def diverged(quantity: str, step: int) -> DivergenceError:
    """The error for a quantity that is not finite at a step."""
    return DivergenceError(
        f"{quantity} must stay finite, at step {step} it outgrew the largest float64 (1.8e308)",
        value="Infinity",
        step=step,
        quantity=quantity,
    )


def held(values: Array) -> Array:
    """Infinities held at the largest float64; the array itself when there are none.

    For callers that have silenced overflow.
    """
    return values if all_finite(values.ravel()) else np.clip(values, -LARGEST, LARGEST)


@np.errstate(all="ignore")
def held_product(left: Array, right: Array) -> Array:
    """left @ right, entries beyond the largest float64 held there."""
    product: Array = left @ right
    if all_finite(product.ravel()) or np.isfinite(product).all():
        return product
    (left, left_exponent), (right, right_exponent) = near_one(left), near_one(right)
    return held(np.ldexp(left @ right, left_exponent + right_exponent))


@np.errstate(all="ignore")
def held_sum(left: Array, right: Array) -> Array:
    """left + right, entries beyond the largest float64 held there."""
    return held(left + right)
