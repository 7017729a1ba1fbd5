"""The one backward loop, for every cell: backpropagation through time."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine import scan
from app.engine.blank import blank_backward
from app.engine.finite import all_finite, require_finite, require_finite_total
from app.engine.scan import run_forward
from app.engine.sweep import Backward
from app.engine.trace import Trace

Array = NDArray[np.float64]


def backward(
    trace: Trace, target: Any, mean: bool = False, window: int | None = None, norms: bool = True
) -> Backward:
    """The backward pass from the labels. `refill` does both passes anew in its arrays.

    mean, window, norms : as for `blank_backward`
    target : a number, or ndarray of shape (B,) or (B, O); where every step predicts, the ids of the next
        words, (T,) or (T, B), with -1 where there is none

    Raises DomainError when the loss is not defined at y_hat, DivergenceError when a gradient outgrows
    float64.
    """
    back = blank_backward(trace, target, mean, window, norms)
    backpropagate(back)
    return back


@np.errstate(all="ignore")
def backpropagate(back: Backward) -> None:
    """Fill a backward pass from its trace. An overflow is looked for once, afterwards."""
    run_backward(back)


def refill(back: Backward) -> None:
    """A forward and a backward pass anew, in the arrays of the last ones: after the weights have changed.

    At T, H, V = 3, 3, 5 a fifteenth of what `backward(forward(…))` takes, which is allocation for the rest:

        back = backward(forward(network, parameters, x), target)
        with np.errstate(all="ignore"):  # once around a loop; what overflows is found all the same
            for _ in range(100):
                back.trace.weights.flat[:] -= 0.1 * back.gradient.flat
                refill(back)

    Raises as `forward` and `backward` do.
    """
    if back.both is None:
        run_forward(back.trace)
        run_backward(back)
        return
    for call, arrays in back.both:
        call(*arrays)
    if back.watched:
        finite = safe = math.isfinite(back.trace.watched.item())
    else:
        finite, safe = all_finite(back.trace.watched), is_safe(back)
    if not finite:
        scan.look_closely(back.trace)
    if not safe:
        look_closely(back)


def run_backward(back: Backward) -> None:
    """`backpropagate` for callers that have silenced overflow themselves."""
    for call, arrays in back.tape:
        call(*arrays)
    if not is_safe(back):
        look_closely(back)


def is_safe(back: Backward) -> bool:
    """False when a number, or a norm where they are wanted in every pass, may be wrong.

    Where a step's gradient is not finite the total is not either, which adds it up.
    """
    if not back.measured:
        return math.isfinite(back.square.item())
    for norms in back.measured:
        if not norms.are_safe():
            return False
    return True


def look_closely(back: Backward) -> None:
    """The norms by scaling; raises DivergenceError naming what outgrew float64, if anything did."""
    for chain in back.chains.values():
        if chain.norms is not None:
            chain.norms.fill_carefully()
        require_finite(chain.d_preactivation, "dL_dpreactivation", latest=not chain.trace.reverse)
        if chain.norms is not None:
            require_finite(chain.norms.products, "norm of a contribution")
        require_finite_total(chain.total, "gradient")
