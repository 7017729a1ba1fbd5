"""Many networks that differ in one weight each, run side by side.

Lane k reads the same sentence with one entry (i, j) of one matrix moved by eps_tk at step t: that adds
eps_tk left_ti to unit j of what the product gave, so every lane shares the products of the unmoved weights.
The same eps at every step moves the shared weight; eps at a single step moves that step's own copy of it.
Complex eps make a complex step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.onehot import OneHot
from app.engine.readout import as_targets
from app.engine.scan import scan
from app.engine.trace import ChainTrace, Trace, blank_trace

Values = NDArray[Any]
READOUT = "readout"


@dataclass(frozen=True)
class Entry:
    """One weight.

    group : a chain or "readout"
    row, column : its place in the packed block of the group
    """

    group: str
    row: int
    column: int


@dataclass(frozen=True)
class Lanes:
    """What the moved weights add to one chain at each step; a `scan.Nudge`.

    recurrent, rows, columns : the lanes that move an entry of W_hh, and where it stands
    others, other_columns : the lanes that move an entry of b_h or W_xh
    eps : ndarray of shape (T, lanes of `recurrent`)
    added : ndarray of shape (T, lanes of `others`), eps_t left_t, which no state changes
    outside : ndarray of shape (T, B, H), what a moved bias adds outside f
    """

    recurrent: NDArray[np.intp]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    others: NDArray[np.intp]
    other_columns: NDArray[np.intp]
    eps: Values
    added: Values
    outside: Values | None

    def __call__(self, t: int, z: Values, a: Values) -> None:
        """a_t[lane, j] += eps_t left_t[i]."""
        a[self.recurrent, self.columns] += self.eps[t] * z[self.recurrent, self.rows]
        a[self.others, self.other_columns] += self.added[t]


@np.errstate(all="ignore")
def lane_losses(trace: Trace, target: Any, entries: Sequence[Entry], eps: Values) -> tuple[Values, Trace]:
    """The loss of each lane, (K,), not a number where it is not defined, and the lanes' trace.

    trace : the pass of one sentence with the unmoved weights
    eps : ndarray of shape (T, K), real or complex
    """
    chain = trace.chains["left_to_right"]
    dtype = np.result_type(eps, np.float64).type
    weights = trace.weights if dtype is np.float64 else trace.weights.cast(dtype)
    lanes = blank_trace(weights, chain.x, chain.h_prev[0], dtype, len(entries))
    for name, walk in zip(lanes.chains, lanes.walks, strict=True):
        scan(walk, moves(name, walk.chain, entries, eps))
    return read_out(lanes, target, entries, eps[-1]), lanes


def moves(name: str, chain: ChainTrace, entries: Sequence[Entry], eps: Values) -> Lanes:
    """The nudge of one chain."""
    hidden = chain.network.hidden_size
    mine = np.array([entry.group == name for entry in entries])
    rows = np.array([entry.row for entry in entries])
    columns = np.array([entry.column for entry in entries])
    recurrent, others = np.flatnonzero(mine & (rows < hidden)), np.flatnonzero(mine & (rows >= hidden))
    added = eps[:, others] * left_of(chain, rows[others])
    return Lanes(
        recurrent,
        rows[recurrent],
        columns[recurrent],
        others,
        columns[others],
        eps[:, recurrent],
        added,
        moved_outside(chain, np.flatnonzero(mine & (rows == hidden)), columns, eps),
    )


def left_of(chain: ChainTrace, rows: NDArray[np.intp]) -> Values:
    """What multiplies b_h (1 inside, 0 outside) or a row of W_xh (1 at its word), (T, len(rows))."""
    hidden = chain.network.hidden_size
    flag = chain.z[:-1, :1, hidden]
    assert isinstance(chain.x, OneHot)
    return np.where(rows == hidden, flag, chain.x.ids == rows - hidden - 1)


def moved_outside(
    chain: ChainTrace, biases: NDArray[np.intp], columns: NDArray[np.intp], eps: Values
) -> Values | None:
    """What moved biases add outside f, None when no bias stands there."""
    if chain.outside is None:
        return None
    outside = np.zeros_like(chain.outside)
    outside[:, biases, columns[biases]] = eps[:, biases] * ~chain.bias_inside[:, None]
    return outside


def read_out(lanes: Trace, target: Any, entries: Sequence[Entry], eps: Values) -> Values:
    """The loss of each lane from its last state."""
    block, row = lanes.weights.readout, lanes.readout_row
    mine = np.flatnonzero([entry.group == READOUT for entry in entries])
    rows = np.array([entry.row for entry in entries])[mine]
    columns = np.array([entry.column for entry in entries])[mine]
    row.dot(block, lanes.logit)
    lanes.logit[mine, columns] += eps[mine] * row[mine, rows]
    outside = np.zeros_like(lanes.logit)
    if not lanes.output_bias_inside:
        outside += block[-1]
        outside[mine, columns] += eps[mine] * (rows == len(block) - 1)
    losses: Values = lanes.head.value(lanes.logit, outside, as_targets(target, lanes), np).sum(axis=1)
    return losses
