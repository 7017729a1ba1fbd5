"""A few words' rows at a time beside W_hh, so that the product of a step brings its word in, too.

Where rows of W_xh are picked, a step takes three calls: [h_{t-1}, 1] [W_hh; b_h], plus the word's row, then
f. The addition costs a call for as many numbers as one row of the product. So the rows of the next few steps
are put below [W_hh; b_h], in room of their own, and z marks with a 1 which of them is the step's:

    a_t = [h_{t-1}, 1, mark_t] [W_hh; b_h; rows of K words]

That saves a tenth of the time of an Elman network's two passes at T = 20, H = 16, a twentieth at T = 50,
H = 64, a thirtieth at T = 200, H = 128. Of a wider product the K rows more cost what the addition does.
"""

from typing import TYPE_CHECKING, Any

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
FEWEST = 16
"""Steps. Making room takes as long as the additions of 50 steps; short sentences are often walked once."""


def marks(steps: int, width: int) -> int:
    """K, how many rows ride at a time; 0 where adding each is quicker."""
    return AT_ONCE if steps >= FEWEST and width <= WIDEST and width < COPIED * steps else 0


def put_marks(z: Values, first: int) -> None:
    """The marks of all steps, in zeros.

    z : what the steps are entered with, (T, B, first + K)
    """
    for mark in range(AT_ONCE):
        z[mark::AT_ONCE, :, first + mark] = 1.0


def beside_weights(chain: "ChainTrace") -> tuple[Values, dict[int, list[Call]]]:
    """[W_hh; b_h; rows of K words], and what is called before some of the steps, for their products to find
    their rows there.

    The rows are taken from a, where all words' rows are put before the first step.
    """
    own, a = chain.weights[: first_word(chain.network)], chain.preactivation[:, 0]
    height, width = own.shape
    product = zeros_on_a_line((height + AT_ONCE) * width).reshape(-1, width)
    calls = {}
    for start in range(0, len(a), AT_ONCE):
        rows = a[start : start + AT_ONCE]
        first = start + len(rows) - 1 if chain.reverse else start
        calls[first] = [assign(product[height : height + len(rows)], rows)]
    calls[len(a) - 1 if chain.reverse else 0].append(assign(product[:height], own))
    return product, calls
