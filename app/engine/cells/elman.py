"""The Elman cell: h_t = f(a_t), or f(a_t) + b_h where the bias stands outside.

J. L. Elman, Finding Structure in Time, 1990.
"""

from collections.abc import Callable
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from app.engine.cells.cell import Cell

if TYPE_CHECKING:
    from app.engine.activations import Activation, Array, Values
    from app.engine.bptt import ChainBackward
    from app.engine.trace import ChainTrace


def step_views(trace: "ChainTrace") -> list[tuple[Any, ...]]:
    """(a_t, f(a_t), h_t, bias outside or None) for each step."""
    outside = repeat(None) if trace.outside is None else trace.outside
    return list(zip(trace.preactivation, trace.activated, trace.h, outside, strict=False))


def step(
    f: Callable[["Values", "Values"], object], a: "Values", y: "Values", h: "Values", outside: "Values | None"
) -> None:
    """y = f(a); h = y + outside. y and h are one array when no bias stands outside."""
    f(a, y)
    if outside is not None:
        np.add(y, outside, h)


def slopes(activation: "Activation", trace: "ChainTrace", back: "ChainBackward") -> None:
    """f'(a_t) for every step."""
    activation.slope(trace.preactivation, back.slope)


def vjp_views(trace: "ChainTrace", back: "ChainBackward") -> list[tuple[Any, ...]]:
    """(dL/dh_t, f'(a_t), dL/da_t) for each step."""
    return list(zip(back.d_h, back.slope, back.d_preactivation, strict=True))


def local_jacobians(trace: "ChainTrace", back: "ChainBackward", W_hh: "Array") -> "Array":
    """dh_t/dh_{t-1} = diag(f'(a_t)) W_hh^T."""
    return back.slope[:, :, :, None] * W_hh.T


# dL/da_t = dL/dh_t * f'(a_t): the ufunc itself, a wrapper would cost half as much again
ELMAN = Cell("elman", 1, step_views, step, slopes, vjp_views, np.multiply, local_jacobians)
