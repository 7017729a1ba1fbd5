"""Of few units a call takes the same time whatever it computes: fewer calls, each on blocks side by side.

On the way forward one product gives all that a step needs, signs included. On the way back each block that
needs dL/dh finds a copy of it beside the others', a step multiplies all blocks at once, and one product with
a matrix that holds W_hh^T as often, and ones for the road that goes past it, brings as many copies to the
step before. What that needs of the way forward is gathered in one call, for it shares a row of memory, a
`Floor`.

At T, H, V = 3, 3, 5 that takes a sixth off the time of an LSTM's gradients and more than a fifth off a GRU's;
at 12, 8, 12 an eighth and a quarter. So it does in arrays that are filled again. To make them takes longer,
a quarter of the first passes, which five to twenty more make up; and of 300 words an LSTM's take no less.
What the cells compute is in `cells.lstm_abreast` and `cells.gru_abreast`, and a test compares it with
`cells.lstm` and `cells.gru`.
"""

import numpy as np
from numpy.typing import NDArray

from app.engine.cells import CELLS, Blocks
from app.engine.chain import ChainTrace
from app.engine.cotangents import Cotangents
from app.engine.tape import Call, assign

Array = NDArray[np.float64]


def matrix_back(W_hh: Array, blocks: Blocks) -> tuple[Array, Call]:
    """What brings the blocks given to those that come into the step before, and the call that fills it.

    W_hh : ndarray of shape (H, G*H); its copies stand below each other, which takes half of the time of
        copies of W_hh^T, and are read as those
    """
    hidden, width = W_hh.shape
    start, road = blocks.product * hidden, blocks.road * hidden
    copies = np.zeros((blocks.copies + blocks.carried, hidden, max(start + width, road + hidden)))
    copies[blocks.along, :, road : road + hidden] = np.eye(hidden)
    filled = assign(copies[: blocks.copies, :, start : start + width], W_hh)
    return copies.reshape(-1, copies.shape[2]).T, filled


def side_by_side(matrix: Array, copies: int) -> tuple[Array, Call]:
    """So many copies of a matrix, and the call that fills them."""
    rows, columns = matrix.shape
    room = np.empty((rows, copies, columns))
    return room.reshape(rows, -1), assign(room, matrix[:, None])


def cotangents_abreast(trace: ChainTrace, blocks: Blocks) -> Cotangents:
    """Arrays to be filled by a sweep; nothing is carried in from beyond the last step."""
    (steps, _, width), hidden = trace.shape, trace.network.hidden_size
    came = np.zeros((steps, 1, (blocks.copies + blocks.carried) * hidden))
    gave = np.empty((steps, 1, blocks.preactivation * hidden + width))
    reached = np.empty(gave.shape) if blocks.carried else None
    return Cotangents(
        came[..., :hidden],
        None if reached is None else reached[..., :hidden],
        gave[..., blocks.road * hidden :][..., :hidden] if blocks.carried else None,
        gave[..., blocks.product * hidden :][..., :width],
        gave[..., blocks.preactivation * hidden :],
        alone=trace.alone,
        whole=False,
        came=came,
        gave=gave,
        reached=reached,
    )


def adding_up_abreast(trace: ChainTrace, gave: Array, total: Array, blocks: Blocks) -> list[Call]:
    """The total gradients: one product for all blocks given, then each where it belongs.

    [h_{t-1}, 1] meet dL/d(h_{t-1} W_hh), and [1, x_t] dL/da_t; the other gates have no bias b_hn.
    """
    z, apart, hidden = trace.entering(trace.z), CELLS[trace.network.cell].apart, trace.network.hidden_size
    left, right = z.reshape(len(z), -1).T, gave.reshape(len(gave), -1)
    row = np.zeros(len(left) * right.shape[1] + 1)  # the last number is the zero of what has no entries
    outer = row[:-1].reshape(len(left), -1)
    added: Call = left.dot, (right, outer)
    if apart is None:
        return [added, assign(total, outer[:, blocks.product * hidden :])]
    places = np.arange(outer.size).reshape(outer.shape)
    product, preactivation = (
        places[:, first * hidden :][:, : total.shape[1]] for first in (blocks.product, blocks.preactivation)
    )
    ids = np.concatenate([product[:hidden], preactivation[hidden:]])
    ids[hidden] = outer.size
    ids[hidden, apart * hidden :] = product[hidden, apart * hidden :]
    return [added, (row.take, (ids, None, total, "clip"))]
