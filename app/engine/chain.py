"""One chain's forward pass: arrays over time, made once and filled in place.

Arrays stand in sentence order whichever way the chain walks. What is carried (h, c) has a row more than there
are steps: a chain from left to right enters step t from row t and leaves into row t + 1, one from right to
left enters from row t + 1 and leaves into row t.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.engine.cells import CELLS
from app.engine.errors import EngineError
from app.engine.network import BIASES, Network
from app.engine.onehot import OneHot
from app.engine.weights import first_word

Array = NDArray[np.float64]
Values = NDArray[Any]

FOLDED_VOCABULARY = 16
"""Up to so many words x_t rides in the one product of a step; beyond, rows of W_xh are picked."""
CACHED = 16_384
"""Numbers of an array that stay in a processor's cache from one pass over them to the next."""


@dataclass(frozen=True)
class ChainTrace:
    """One chain.

    reverse : True when it walks from right to left
    x : OneHot of shape (T, B, V)
    z : ndarray of shape (T + 1, B, H + 1 (+ V)): [h_{t-1}, 1 or 0, x_t], what enters the product of step t.
        The 1 brings the bias in, the 0 leaves it outside. The last row is [h_T, 1 or 0] for the readout.
    folded : True when x_t rides in z; else the rows of W_xh are put into a_t beforehand
    preactivation : ndarray of shape (T, B, G*H), the arguments of the gates' functions
    activated : ndarray of shape (T, B, G*H), the gates; h itself when there is one and no bias outside
    recurrent : ndarray of shape (T, B, G*H), h_{t-1} W_hh, b_hn with it, where a cell keeps it apart
    c : ndarray of shape (T + 1, B, H), the cell state, and tanh_c of shape (T, B, H); or None
    outside : ndarray of shape (T, B, H), the bias of the steps where it stands outside; None when there are
        none
    bias_inside : ndarray of shape (T,)
    alone : True for one sentence read by one network, whose steps need no lane axis
    """

    network: Network
    weights: Values
    reverse: bool
    x: OneHot
    z: Values
    folded: bool
    preactivation: Values
    activated: Values
    recurrent: Values | None
    c: Values | None
    tanh_c: Values | None
    outside: Values | None
    bias_inside: NDArray[np.bool_]
    alone: bool

    def by_step(self, *arrays: Values | None) -> list[tuple[Any, ...]]:
        """The steps of arrays over time as views, without the lane axis where there is but one lane."""
        return by_step(self.alone, *arrays)

    def gate(self, array: Values, index: int) -> Values:
        """The block of one gate, (…, H)."""
        hidden = self.network.hidden_size
        return array[..., index * hidden : (index + 1) * hidden]

    def entering(self, carried: Values) -> Values:
        """Of T + 1 rows, those from which each step is entered."""
        return carried[1:] if self.reverse else carried[:-1]

    def leaving(self, carried: Values) -> Values:
        """Of T + 1 rows, those into which each step leaves."""
        return carried[:-1] if self.reverse else carried[1:]

    def walked(self, steps: list[Any]) -> list[Any]:
        """Steps in the order of the walk."""
        return steps[::-1] if self.reverse else steps

    @property
    def first(self) -> int:
        """The row from which the first step is entered."""
        return -1 if self.reverse else 0

    @property
    def last(self) -> int:
        """The row into which the last step leaves; of an array without the additional row, the last step."""
        return 0 if self.reverse else -1

    @cached_property
    def spans(self) -> list[slice]:
        """All the steps, in stretches whose arrays fit a processor's cache."""
        steps, lanes, width = self.preactivation.shape
        stretch = max(1, CACHED // (lanes * width))
        return [slice(start, start + stretch) for start in range(0, steps, stretch)]

    @property
    def h(self) -> Values:
        """Hidden states h_t, (T, B, H)."""
        return self.leaving(self.z)[:, :, : self.network.hidden_size]

    @property
    def h_prev(self) -> Values:
        """What step t was entered with, h_{t-1} (h_{t+1} from right to left), (T, B, H)."""
        return self.entering(self.z)[:, :, : self.network.hidden_size]

    @property
    def h_0(self) -> Values:
        """The state before the first step walked, (B, H)."""
        return self.z[self.first, :, : self.network.hidden_size]

    @property
    def c_0(self) -> Values | None:
        """The cell state before the first step walked, (B, H)."""
        return None if self.c is None else self.c[self.first]

    @property
    def gates(self) -> dict[str, Values]:
        """The gates by name, each (T, B, H); none for a cell that is all activation."""
        names = CELLS[self.network.cell].gate_names
        return {} if len(names) == 1 else {name: self.gate(self.activated, k) for k, name in enumerate(names)}

    @property
    def input_term(self) -> Values:
        """x_t W_xh, (T, B, G*H)."""
        return self.x.project(self.weights[first_word(self.network) :])

    @property
    def recurrent_term(self) -> Values:
        """h_{t-1} W_hh, (T, B, G*H)."""
        return self.h_prev @ self.weights[: self.network.hidden_size]

    @property
    def highway(self) -> Array | None:
        """dc_T/dc_t along the road alone, f_{t+1} ... f_T, T being the last step walked, (T, B, H).

        None without a cell state. The full gradient is not this product: it also goes through the gates.
        """
        forget = CELLS[self.network.cell].forget_gate
        if forget is None:
            return None
        f = np.array(self.gate(self.activated, forget), np.float64)
        if self.x.held is not None:
            f[self.x.held] = 1.0
        roads = np.ones_like(f)
        if self.reverse:
            roads[1:] = np.cumprod(f[:-1], axis=0)
        else:
            roads[:-1] = np.cumprod(f[:0:-1], axis=0)[::-1]
        return roads


def by_step(alone: bool, *arrays: Values | None) -> list[tuple[Any, ...]]:
    """The steps of arrays over time (all but the first may be None) as views, without a lone lane axis."""
    assert arrays[0] is not None
    nothing = [None] * len(arrays[0])
    columns: list[Any] = [nothing if array is None else array[:, 0] if alone else array for array in arrays]
    return list(zip(*columns, strict=True))


@dataclass(frozen=True)
class Walk:
    """A chain made ready for the forward loop.

    product : the rows of the chain's block that multiply z_t
    step : the cell's step
    views : for each step in the order of the walk: t, z_t, the product by z_t, what it gives, the a_t to
        which that is added or None, what `step` takes, and the states to be held, each with where it stood
        and in which lanes
    preactivation : all the a_t in one row
    plain : True when nothing has to be prepared before the steps: words ride in z, no bias stands outside
    held : where padding holds the states, (T, B), or None
    """

    chain: ChainTrace
    product: Values
    step: Callable[..., object]
    views: list[tuple[Any, ...]]
    preactivation: Values
    plain: bool
    held: NDArray[np.bool_] | None


def blank_chain(
    network: Network,
    block: Values,
    reverse: bool,
    x: OneHot,
    h_0: Array | None,
    c_0: Array | None,
    dtype: type,
    lanes: int,
) -> ChainTrace:
    """One chain of a blank trace."""
    steps, sentences, vocabulary = x.shape
    alone = sentences == 1 and not lanes
    lanes = lanes or sentences
    hidden, width, rule, cell = network.hidden_size, block.shape[1], BIASES[network.bias], CELLS[network.cell]
    apart = cell.apart is not None
    folded = vocabulary <= FOLDED_VOCABULARY and sentences == lanes and not apart
    inside = rule.inside(steps)[:: -1 if reverse else 1]
    refuse_unlike_steps(inside, x, network)
    z: Values = np.zeros((steps + 1, lanes, hidden + 1 + (vocabulary if folded else 0)), dtype)
    begin(z, network, inside, reverse, h_0)
    if folded:
        (z[1:] if reverse else z[:-1])[:, :, hidden + 1 :] = x.dense()
    c: Values | None = np.zeros((steps + 1, lanes, hidden), dtype) if cell.remembers else None
    if c is not None and c_0 is not None:
        c[-1 if reverse else 0] = c_0
    outside: Values | None = None if inside.all() else np.zeros((steps, lanes, hidden), dtype)
    own = outside is None and cell.gates == 1
    leaving = z[:-1] if reverse else z[1:]
    return ChainTrace(
        network,
        block,
        reverse,
        x,
        z,
        folded,
        np.empty((steps, lanes, width), dtype),
        leaving[:, :, :hidden] if own else np.empty((steps, lanes, width), dtype),
        np.empty((steps, lanes, width), dtype) if apart else None,
        c,
        None if c is None else np.empty((steps, lanes, hidden), dtype),
        outside,
        inside,
        alone,
    )


def begin(z: Values, network: Network, inside: NDArray[np.bool_], reverse: bool, h_0: Array | None) -> None:
    """The first state, and the ones that bring the biases in: at every step, and at the readout's."""
    hidden, present = network.hidden_size, BIASES[network.bias].present
    entering, first, last = (z[1:], z[-1], z[0]) if reverse else (z[:-1], z[0], z[-1])
    entering[:, :, hidden] = (inside & present)[:, None]
    last[:, hidden] = network.output_bias_inside and present
    if h_0 is not None:
        first[:, :hidden] = h_0


def refuse_unlike_steps(inside: NDArray[np.bool_], x: OneHot, network: Network) -> None:
    """Raise EngineError where padding would take the place of a first step that is unlike the rest."""
    if x.held is not None and inside.any() and x.held[~inside].any():
        message = (
            f"padding must not come before the first word, which bias {network.bias!r} treats unlike the rest"
        )
        raise EngineError(message, field="padding", value=network.bias)


def make_ready(chain: ChainTrace) -> Walk:
    """The functions and views of every step, looked up before the loop."""
    network = chain.network
    step, views = CELLS[network.cell].step(ACTIVATIONS[network.activation], chain)
    product = chain.weights[: chain.z.shape[-1]]
    z, a = rows_of(chain, chain.entering(chain.z)), rows_of(chain, chain.preactivation)
    given, sums = a, [None] * len(a)
    if chain.recurrent is not None:
        given = rows_of(chain, chain.recurrent)
    elif not chain.folded:
        # one row for every step's product, to be added to the word's
        given, sums = [np.empty_like(a[0])] * len(a), a
    held = states_to_hold(chain)
    steps = [(t, z[t], z[t].dot, given[t], sums[t], views[t], held[t]) for t in range(len(a))]
    return Walk(
        chain,
        product,
        step,
        chain.walked(steps),
        chain.preactivation.ravel(),
        chain.folded and chain.outside is None,
        chain.x.held,
    )


def rows_of(chain: ChainTrace, array: Values) -> list[Any]:
    """The steps of one array as views."""
    return list(array[:, 0] if chain.alone else array)


def states_to_hold(chain: ChainTrace) -> list[list[tuple[Values, Values, NDArray[np.bool_]]]]:
    """For each step the states that padding holds, where they stood before, and in which lanes."""
    held = chain.x.held
    if held is None:
        return [[] for _ in chain.preactivation]
    pairs = [chain.by_step(chain.h, chain.h_prev, held[:, :, None])]
    if chain.c is not None:
        pairs.append(chain.by_step(chain.leaving(chain.c), chain.entering(chain.c), held[:, :, None]))
    return [list(states) if lanes.any() else [] for lanes, *states in zip(held, *pairs, strict=True)]
