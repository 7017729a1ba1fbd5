"""Activations as records of functions: f, its slope, and the largest slope it can have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import cosh, multiply, reciprocal
from numpy.typing import NDArray

from app.engine.tape import Call

Array = NDArray[np.float64]
Values = NDArray[Any]
"""Real in a run; complex in a complex-step derivative."""


@dataclass(frozen=True)
class Activation:
    """A function applied to each unit.

    f : (a, out) -> f(a), real or complex; `out` is filled and returned
    slope : (a, out) -> f'(a) for real a
    largest_slope : sup f'
    flatness : (a, out) -> the calls that fill `out` with 1 / f'(a) for real a, where they are one less than
        for f'; else None
    has_kink : True when f' jumps, so that finite differences across the jump mean nothing
    """

    name: str
    f: Callable[..., Any]
    slope: Callable[[Array, Array], Array]
    largest_slope: float
    has_kink: bool = False
    flatness: Callable[[Array, Array], list[Call]] | None = None


def exponential(values: Values) -> Callable[..., Any]:
    """exp for arrays like these, such that 1 / (1 + exp) is right."""
    return _held_exp if values.dtype.kind == "c" else np.exp


def _held_exp(a: Values, out: Values) -> Values:
    """exp(a) for complex a. A complex infinity has no reciprocal; exp(700) has, and it vanishes beside 1."""
    np.exp(np.minimum(a.real, 700.0) + 1j * a.imag, out)
    return out


def tanh_slope(a: Array, out: Array) -> Array:
    """1 / cosh(a)^2. Equal to 1 - tanh(a)^2, which would round to 0 for a saturated unit."""
    cosh(a, out)
    multiply(out, out, out)
    return reciprocal(out, out)


def tanh_flatness(a: Array, out: Array) -> list[Call]:
    """cosh(a)^2."""
    return [(cosh, (a, out)), (multiply, (out, out, out))]


def sigmoid(a: Values, out: Values) -> Values:
    """1 / (1 + exp(-a)); exp may overflow to infinity, whose reciprocal is the right 0."""
    np.negative(a, out)
    exponential(out)(out, out)
    np.add(out, 1.0, out)
    return np.reciprocal(out, out)


def sigmoid_slope(a: Array, out: Array) -> Array:
    """(1 / (2 cosh(a / 2)))^2. Equal to f(a) (1 - f(a)), which would round to 0 for large a."""
    np.multiply(a, 0.5, out)
    np.cosh(out, out)
    np.divide(0.5, out, out)
    return np.multiply(out, out, out)


def gate_slopes(a: Array, scales: Array, out: Array) -> Array:
    """(s / cosh(s a))^2: sigma'(a) where s is 1/2, tanh'(a) where s is 1, in one go for a row of gates.

    scales : ndarray of the shape of a, s; broadcasting one row would take twice the time
    """
    multiply(a, scales, out)
    cosh(out, out)
    np.divide(scales, out, out)
    return multiply(out, out, out)


def gate_scales(a: Array, blocks: int, *tanhs: int) -> Array:
    """s for `gate_slopes` of a: 1 under the blocks whose function is tanh, 1/2 under the sigmoids."""
    scales = np.empty(a.shape)
    scales.fill(0.5)
    hidden = a.shape[-1] // blocks
    for block in tanhs:
        scales[..., block * hidden : (block + 1) * hidden] = 1.0
    return scales


def relu(a: Values, out: Values) -> Values:
    """max(a, 0); complex numbers are ordered by their real part first, as a complex step needs."""
    return np.maximum(a, 0.0, out=out)


def relu_slope(a: Array, out: Array) -> Array:
    """1 where a > 0, else 0 (the value at the kink is a choice, PyTorch's too)."""
    return np.heaviside(a, 0.0, out)


def identity(a: Values, out: Values) -> Values:
    """a itself."""
    np.copyto(out, a)
    return out


def identity_slope(a: Array, out: Array) -> Array:
    """1 everywhere."""
    out.fill(1.0)
    return out


ACTIVATIONS = {
    "tanh": Activation("tanh", np.tanh, tanh_slope, 1.0, flatness=tanh_flatness),
    "sigmoid": Activation("sigmoid", sigmoid, sigmoid_slope, 0.25),
    "relu": Activation("relu", relu, relu_slope, 1.0, has_kink=True),
    "identity": Activation("identity", identity, identity_slope, 1.0),
}
