"""The Elman cell: h_t = f(a_t), or f(a_t) + b_h where the bias stands outside.

J. L. Elman, Finding Structure in Time, 1990.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from app.engine.cells.cell import Cell, Views

if TYPE_CHECKING:
    from app.engine.activations import Activation, Array, Values
    from app.engine.sweep import ChainBackward
    from app.engine.trace import ChainTrace


def step(activation: "Activation", trace: "ChainTrace") -> tuple[Callable[..., object], Views]:
    """h = f(a), the activation itself; or y = f(a), h = y + b where some bias stands outside."""
    by_step = trace.by_step
    if trace.outside is None:
        return activation.f, list(zip(by_step(trace.preactivation), by_step(trace.h), strict=True))

    def step_outside(a: "Values", y: "Values", h: "Values", outside: "Values") -> None:
        activation.f(a, y)
        np.add(y, outside, h)

    arrays = (trace.preactivation, trace.activated, trace.h, trace.outside)
    return step_outside, list(zip(*(by_step(array) for array in arrays), strict=True))


def slopes(
    activation: "Activation", trace: "ChainTrace", back: "ChainBackward"
) -> tuple[Callable[..., object], tuple["Array", "Array"]]:
    """f'(a_t) for every step."""
    return activation.slope, (trace.preactivation, back.slope)


def vjp(trace: "ChainTrace", back: "ChainBackward") -> tuple[Callable[..., object], Views]:
    """dL/da_t = dL/dh_t * f'(a_t)."""
    arrays = (back.d_h, back.slope, back.d_preactivation)
    return np.multiply, list(zip(*(trace.by_step(array) for array in arrays), strict=True))


def local_jacobians(trace: "ChainTrace", back: "ChainBackward", W_hh: "Array", times: slice) -> "Array":
    """dh_t/dh_{t-1} = diag(f'(a_t)) W_hh^T."""
    return back.slope[times, :, :, None] * W_hh.T


ELMAN = Cell("elman", 1, step, slopes, vjp, local_jacobians)
