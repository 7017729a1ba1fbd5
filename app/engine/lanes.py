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

from app.engine.readout import as_targets, as_words
from app.engine.scan import scan
from app.engine.softmax import cross_entropies, step_weights
from app.engine.trace import ChainTrace, Trace, blank_trace
from app.engine.weights import first_word

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

    recurrent, rows, columns : the lanes that move an entry of W_hh (or of a b_hn), and where it stands
    others, other_columns : the lanes that move an entry of b_h or W_xh
    eps : ndarray of shape (T, lanes of `recurrent`)
    added : ndarray of shape (T, lanes of `others`), eps_t left_t, which no state changes
    preactivation : ndarray of shape (T, B, G*H), where that goes
    outside : ndarray of shape (T, B, H), what a moved bias adds outside f
    """

    recurrent: NDArray[np.intp]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    others: NDArray[np.intp]
    other_columns: NDArray[np.intp]
    eps: Values
    added: Values
    preactivation: Values
    outside: Values | None

    def __call__(self, t: int, z: Values, a: Values) -> None:
        """a_t[lane, j] += eps_t left_t[i]."""
        a[self.recurrent, self.columns] += self.eps[t] * z[self.recurrent, self.rows]
        self.preactivation[t, self.others, self.other_columns] += self.added[t]


@np.errstate(all="ignore")
def lane_losses(trace: Trace, target: Any, entries: Sequence[Entry], eps: Values) -> tuple[Values, Trace]:
    """The loss of each lane, (K,), not a number where it is not defined, and the lanes' trace.

    trace : the pass of one sentence with the unmoved weights
    eps : ndarray of shape (T, K), real or complex
    """
    chain = trace.chains["left_to_right"]
    dtype = np.result_type(eps, np.float64).type
    weights = trace.weights if dtype is np.float64 else trace.weights.like(trace.weights.flat.astype(dtype))
    lanes = blank_trace(weights, chain.x, chain.h_0, dtype, len(entries), chain.c_0)
    for name, chain_of_lanes in lanes.chains.items():
        scan(chain_of_lanes, moves(name, chain_of_lanes, entries, eps))
    return read_out(lanes, target, entries, eps), lanes


def moves(name: str, chain: ChainTrace, entries: Sequence[Entry], eps: Values) -> Lanes:
    """The nudge of one chain."""
    bias = first_word(chain.network) - 1
    mine = np.array([entry.group == name for entry in entries])
    rows = np.array([entry.row for entry in entries])
    columns = np.array([entry.column for entry in entries])
    recurrent, others = np.flatnonzero(mine & (rows < bias)), np.flatnonzero(mine & (rows >= bias))
    added = eps[:, others] * left_of(chain, rows[others])
    return Lanes(
        recurrent,
        rows[recurrent],
        columns[recurrent],
        others,
        columns[others],
        eps[:, recurrent],
        added,
        chain.preactivation,
        moved_outside(chain, np.flatnonzero(mine & (rows == bias)), columns, eps),
    )


def left_of(chain: ChainTrace, rows: NDArray[np.intp]) -> Values:
    """What multiplies b_h (1 inside, 0 outside) or a row of W_xh (1 at its word), (T, len(rows))."""
    words = first_word(chain.network)
    flag = chain.entering(chain.z)[:, :1, chain.network.hidden_size]
    return np.where(rows == words - 1, flag, chain.x.ids == rows - words)


def moved_outside(
    chain: ChainTrace, biases: NDArray[np.intp], columns: NDArray[np.intp], eps: Values
) -> Values | None:
    """What moved biases add outside f, None when no bias stands there."""
    if chain.outside is None:
        return None
    outside = np.zeros_like(chain.outside)
    outside[:, biases, columns[biases]] = eps[:, biases] * ~chain.bias_inside
    return outside


def read_out(lanes: Trace, target: Any, entries: Sequence[Entry], eps: Values) -> Values:
    """The loss of each lane from its states.

    eps : ndarray of shape (T, K); a readout of the last state alone takes that of the last step
    """
    block, row = lanes.weights.readout, lanes.readout_row
    for part, state in lanes.states:
        part[...] = state
    mine = np.flatnonzero([entry.group == READOUT for entry in entries])
    rows = np.array([entry.row for entry in entries])[mine]
    columns = np.array([entry.column for entry in entries])[mine]
    lanes.logit[...] = row @ block
    moved = eps[:, mine] if lanes.network.per_step else eps[-1, mine]
    lanes.logit[..., mine, columns] += moved * row[..., mine, rows]
    if lanes.network.per_step:
        words = as_words(target, lanes)
        means: Values = (cross_entropies(lanes.logit, words) * step_weights(words)).sum(axis=0)
        return means
    outside = np.zeros_like(lanes.logit)
    if not lanes.output_bias_inside:
        outside += block[-1]
        outside[mine, columns] += moved * (rows == len(block) - 1)
    losses: Values = lanes.head.value(lanes.logit, outside, as_targets(target, lanes), np).sum(axis=1)
    return losses
