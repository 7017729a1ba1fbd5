"""The Elman cell: h_t = f(a_t), or f(a_t) + b_h where the bias stands outside.

J. L. Elman, Finding Structure in Time, 1990.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from app.engine.cells.cell import Cell, Views

if TYPE_CHECKING:
    from app.engine.activations import Activation, Values
    from app.engine.chain import ChainTrace
    from app.engine.cotangents import Cotangents
    from app.engine.local import Local


def step(activation: "Activation", trace: "ChainTrace") -> tuple[Callable[..., object], Views]:
    """h = f(a), the activation itself; or y = f(a), h = y + b where some bias stands outside.

    States of several sentences are parts of wider rows, and to copy them there is quicker than to find them
    there.
    """
    if trace.outside is None and trace.alone:
        return activation.f, trace.by_step(trace.preactivation, trace.h)

    def step_inside(a: "Values", y: "Values", h: "Values") -> None:
        activation.f(a, y)
        h[...] = y

    if trace.outside is None:
        return step_inside, trace.by_step(trace.preactivation, trace.activated, trace.h)

    def step_outside(a: "Values", y: "Values", h: "Values", outside: "Values") -> None:
        activation.f(a, y)
        np.add(y, outside, h)

    return step_outside, trace.by_step(trace.preactivation, trace.activated, trace.h, trace.outside)


def linearise(
    activation: "Activation", trace: "ChainTrace", local: "Local"
) -> tuple[Callable[..., object], Views]:
    """f'(a_t)."""
    return activation.slope, trace.in_spans(trace.preactivation, local.found)


def vjp(
    trace: "ChainTrace", local: "Local", back: "Cotangents"
) -> tuple[Callable[..., object], Views]:
    """dL/da_t = dL/dh_t * f'(a_t)."""
    times = np.divide if local.inverted else np.multiply
    return times, back.by_step(back.d_h, local.found, back.d_product)


ELMAN = Cell("elman", ("h",), step, linearise, vjp, free=True)
