"""Ways down a gradient, as records of functions that move weights in place."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Move = Callable[[list[Array], Array], None]
"""(gradients, learning rate, of shape ()): moves the weights it was made for."""

KEPT = 0.9
"""How much of its speed momentum keeps, and of its mean Adam, from step to step."""
KEPT_OF_SQUARES = 0.999
FLOOR = 1e-8
"""Added to Adam's root mean square, so that a weight without a gradient stays where it is."""


@dataclass(frozen=True)
class Optimiser:
    """A way down.

    begin : weights -> the function that moves them, with what it remembers
    """

    name: str
    begin: Callable[[list[Array]], Move]


def sgd(weights: list[Array]) -> Move:
    """W -= eta g."""

    room = [np.empty_like(values) for values in weights]

    def move(gradients: list[Array], rate: Array) -> None:
        for values, gradient, step in zip(weights, gradients, room, strict=True):
            np.multiply(gradient, rate, step)
            np.subtract(values, step, values)

    return move


def momentum(weights: list[Array]) -> Move:
    """v = kept v + g,  W -= eta v."""
    speeds = [np.zeros_like(values) for values in weights]

    def move(gradients: list[Array], rate: Array) -> None:
        for values, speed, gradient in zip(weights, speeds, gradients, strict=True):
            speed *= KEPT
            speed += gradient
            values -= rate * speed

    return move


def adam(weights: list[Array]) -> Move:
    """m and v, the running means of g and g^2, made up for their start at 0; W -= eta m / (sqrt(v) + floor).

    D. P. Kingma and J. Ba, Adam, 2015.
    """
    means = [np.zeros_like(values) for values in weights]
    squares = [np.zeros_like(values) for values in weights]
    count = 0

    def move(gradients: list[Array], rate: Array) -> None:
        nonlocal count
        count += 1
        started, started_squares = 1.0 - KEPT**count, 1.0 - KEPT_OF_SQUARES**count
        for values, mean, square, gradient in zip(weights, means, squares, gradients, strict=True):
            mean += (1.0 - KEPT) * (gradient - mean)
            square += (1.0 - KEPT_OF_SQUARES) * (gradient * gradient - square)
            values -= rate * (mean / started) / (np.sqrt(square / started_squares) + FLOOR)

    return move


OPTIMISERS = {
    optimiser.name: optimiser
    for optimiser in (Optimiser("sgd", sgd), Optimiser("momentum", momentum), Optimiser("adam", adam))
}
