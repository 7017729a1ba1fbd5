"""A few words' rows at a time beside W_hh, so that the product of a step brings its word in, too.

Where rows of W_xh are picked, a step takes three calls: [h_{t-1}, 1] [W_hh; b_h], plus the word's row, then
f. The addition costs a call for as many numbers as one row of the product. So the rows of the next few steps
are put below [W_hh; b_h], in room of their own, and z marks with a 1 which of them is the step's:

    a_t = [h_{t-1}, 1, mark_t] [W_hh; b_h; rows of K words]

That saves a tenth of the time of an Elman network's two passes at T = 20, H = 16, a twentieth at T = 50,
H = 64, a thirtieth at T = 200, H = 128. Of a wider product the K rows more cost what the addition does.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.engine.tape import Call, assign
from app.engine.weights import first_word, zeros_on_a_line

if TYPE_CHECKING:
    from app.engine.chain import ChainTrace

Values = NDArray[Any]
AT_ONCE = 7
"""K: with a 1 for the bias a line of the processor's cache."""
WIDEST = 128
"""Numbers of a row up to which K rows cost less than an addition."""
COPIED = 4
"""Rows of as many numbers as there are steps are copied in the time that the additions of the steps take."""


def marks(steps: int, width: int) -> int:
    """K, how many rows ride at a time; 0 where adding each is quicker."""
    return min(AT_ONCE, steps) if width <= WIDEST and width < COPIED * steps else 0


def put_marks(z: Values, first: int) -> None:
    """The marks of all steps, in zeros.

    z : what the steps are entered with, (T, B, first + K)
    """
    times = np.arange(len(z))
    z[times, :, first + times % (z.shape[-1] - first)] = 1.0


def beside_weights(chain: "ChainTrace") -> tuple[Values, list[list[Call]]]:
    """[W_hh; b_h; rows of K words], and what each step calls before its product to find its row there.

    The rows are taken from a, where all words' rows are put before the first step.
    """
    own, a = chain.weights[: first_word(chain.network)], chain.preactivation[:, 0]
    count = len(own) + chain.marks
    product = zeros_on_a_line(count * own.shape[1]).reshape(count, -1)
    calls: list[list[Call]] = [[] for _ in a]
    for start in range(0, len(a), chain.marks):
        rows = a[start : start + chain.marks]
        first = start + len(rows) - 1 if chain.reverse else start
        calls[first].append(assign(product[len(own) : len(own) + len(rows)], rows))
    calls[chain.first].insert(0, assign(product[: len(own)], own))
    return product, calls
