"""Every number of a run as its cells and formulas show it, written once for the whole page."""

from functools import cached_property
from itertools import accumulate

import numpy as np

from app.engine.trace import Array
from app.experiments.run import Run
from app.stage.marks import Cells, cells
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE, shorts


class Sheet:
    """The arrays of a run (T, H), each as `Cells`. Rows are steps, counted from 0; h_prev[t - 1] is h_{t-1}.

    The forward and the backward arrays are each formatted in one pass and shared out.
    """

    def __init__(self, run: Run) -> None:
        forward, after = run.forward, run.update.forward
        bias = run.parameters["left_to_right"].get("b_h")
        self.run = run
        self.has_bias = bias is not None
        first = [forward.preactivation, forward.h, forward.input_term, forward.recurrent_term, forward.activated]
        second = [after.preactivation, after.h] if after is not None else []
        shared = _split([*first, *second, forward.h_prev[:1], *([np.atleast_2d(bias)] if bias is not None else [])], FORWARD_SCALE)
        self.preactivation, self.h, self.input_term, self.recurrent_term, self.activated = shared[:5]
        self.again = tuple(shared[5:7]) if after is not None else None
        self.h_0 = shared[7 if after is not None else 5]
        self.bias = shared[-1] if bias is not None else None
        self.d_h, self.d_a = _split([run.backward.d_h, run.backward.d_preactivation], GRADIENT_SCALE)
        width = forward.h.shape[1]
        slopes = shorts(run.backward.slope)
        self.slope = [tuple(slopes[k : k + width]) for k in range(0, len(slopes), width)]

    def before(self, t: int) -> list[str]:
        """The texts of h_{t-1}, t from 1."""
        return self.h_0.texts[0] if t == 1 else self.h.texts[t - 2]

    def before_slots(self, t: int) -> tuple[str, ...]:
        """The slots of h_{t-1}, t from 1."""
        return self.h_0.slots[0] if t == 1 else self.h.slots[t - 2]

    @cached_property
    def norms(self) -> tuple[list[str], list[str]]:
        """The norms of dL/dh_t and of delta_t, as text."""
        return shorts(self.run.backward.d_h_norm), shorts(self.run.backward.d_preactivation_norm)


def _split(arrays: list[Array], scale: float) -> list[Cells]:
    """Cells of several arrays of one width, from one pass over all of them."""
    whole = cells(np.concatenate(arrays), scale)
    ends = accumulate(len(array) for array in arrays)
    return [whole[end - len(array) : end] for array, end in zip(arrays, ends, strict=True)]
