"""Losses as records of functions, and the two ways from the logit z to the loss.

y_hat = sigma(z) when the output bias stands inside (z contains it), sigma(z) + b_y when it stands outside.

Each formula works on a float with `m = math` (a single prediction: several times faster) and on arrays,
complex ones too, with `m = numpy`; whence the booleans used as numbers instead of branches.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log1p
from typing import Any

Number = Any
"""A float, or an array of predictions of shape (B, O)."""
Maths = Any
"""The module that holds exp and log for this kind of Number: math or numpy."""


@dataclass(frozen=True)
class Loss:
    """A loss as a function of the prediction.

    value : (y_hat, y, m) -> L
    slope : (y_hat, y, m) -> dL/dy_hat
    needs_probability : True when L is defined for y_hat in (0, 1) alone
    """

    name: str
    value: Callable[[Number, Number, Maths], Number]
    slope: Callable[[Number, Number, Maths], Number]
    needs_probability: bool = False


@dataclass(frozen=True)
class Head:
    """A loss as a function of the logit z and of the bias b that stands outside sigma (0 when none does).

    value : (z, b, y, m) -> L
    pull : (z, b, y, m) -> L and dL/dz
    pull_one : (z, y) -> the same of plain numbers, without a bias outside
    d_y_hat : (z, b, y, m) -> dL/dy_hat
    """

    value: Callable[[Number, Number, Number, Maths], Number]
    pull: Callable[[Number, Number, Number, Maths], tuple[Number, Number]]
    d_y_hat: Callable[[Number, Number, Number, Maths], Number]
    pull_one: Callable[[float, float], tuple[float, float]]


def sigmoid(z: Number, m: Maths) -> Number:
    """sigma(z) = 1 / (1 + exp(-z)), without overflow and with full relative precision on both sides."""
    positive = z.real > 0
    e = m.exp(z * (1 - 2 * positive))
    return (positive + (1 - positive) * e) / (1 + e)


def bce(y_hat: Number, y: Number, m: Maths) -> Number:
    """-y log(y_hat) - (1 - y) log(1 - y_hat)."""
    return -(y * m.log(y_hat) + (1 - y) * m.log(1 - y_hat))


def bce_slope(y_hat: Number, y: Number, m: Maths) -> Number:
    """(y_hat - y) / (y_hat (1 - y_hat))."""
    return (1 - y) / (1 - y_hat) - y / y_hat


def mse(y_hat: Number, y: Number, m: Maths) -> Number:
    """(y - y_hat)^2, without a half."""
    return (y - y_hat) * (y - y_hat)


def mse_slope(y_hat: Number, y: Number, m: Maths) -> Number:
    """2 (y_hat - y)."""
    return 2 * (y_hat - y)


def difference(y_hat: Number, y: Number, m: Maths) -> Number:
    """y - y_hat: a demonstration, it has no minimum."""
    return y - y_hat


def difference_slope(y_hat: Number, y: Number, m: Maths) -> Number:
    """-1 whatever y is."""
    return y_hat * 0 - 1


def bce_of_logit(z: Number, b: Number, y: Number, m: Maths) -> Number:
    """y softplus(-z) + (1 - y) softplus(z) = log(1 + exp(-|z|)) + z ([z > 0] - y): y_hat is never formed."""
    positive = z.real > 0
    return m.log1p(m.exp(z * (1 - 2 * positive))) + z * (positive - y)


def bce_pull(z: Number, b: Number, y: Number, m: Maths) -> tuple[Number, Number]:
    """The same, and its slope sigma(z) - y, written so that a confident right answer does not cancel to 0.

    For real z."""
    positive = z > 0
    e = m.exp(-abs(z))
    loss = m.log1p(e) + z * (positive - y)
    return loss, (positive - y + e * (1 - positive - y)) / (1 + e)


def bce_pull_one(z: float, y: float) -> tuple[float, float]:
    """`bce_pull` of plain numbers, with branches: in half of the time."""
    if z > 0.0:
        e = exp(-z)
        return log1p(e) + z * (1.0 - y), (1.0 - y - e * y) / (1.0 + e)
    e = exp(z)
    return log1p(e) - z * y, (e * (1.0 - y) - y) / (1.0 + e)


def bce_d_y_hat(z: Number, b: Number, y: Number, m: Maths) -> Number:
    """(1 - y) / (1 - y_hat) - y / y_hat, where 1 / y_hat = 1 + exp(-z)."""
    return (1 - y) * (1 + bounded_exp(z, m)) - y * (1 + bounded_exp(-z, m))


def bounded_exp(z: Number, m: Maths) -> Number:
    """exp(z), held at half the largest float when beyond it."""
    beyond = z > 709
    return m.exp(z * (1 - beyond)) + beyond * (sys.float_info.max / 2)


def through_y_hat(loss: Loss) -> Head:
    """The head that forms y_hat = sigma(z) + b first; dL/dz = dL/dy_hat sigma(z) sigma(-z)."""

    def value(z: Number, b: Number, y: Number, m: Maths) -> Number:
        return loss.value(sigmoid(z, m) + b, y, m)

    def d_y_hat(z: Number, b: Number, y: Number, m: Maths) -> Number:
        return loss.slope(sigmoid(z, m) + b, y, m)

    def pull(z: Number, b: Number, y: Number, m: Maths) -> tuple[Number, Number]:
        rising = sigmoid(z, m)
        y_hat = rising + b
        return loss.value(y_hat, y, m), loss.slope(y_hat, y, m) * rising * sigmoid(-z, m)

    def pull_one(z: float, y: float) -> tuple[float, float]:
        found: tuple[float, float] = pull(z, 0.0, y, math)
        return found

    return Head(value, pull, d_y_hat, pull_one)


LOSSES = {
    "bce": Loss("bce", bce, bce_slope, needs_probability=True),
    "mse": Loss("mse", mse, mse_slope),
    "difference": Loss("difference", difference, difference_slope),
}

HEADS: dict[tuple[str, bool], Head] = {
    (name, inside): through_y_hat(loss) for name, loss in LOSSES.items() for inside in (True, False)
}
"""By loss and by whether the output bias stands inside."""
HEADS["bce", True] = Head(bce_of_logit, bce_pull, bce_d_y_hat, bce_pull_one)
