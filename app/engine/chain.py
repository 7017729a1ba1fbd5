"""One chain's forward pass: arrays over time, made once and filled in place.

Arrays stand in sentence order whichever way the chain walks. What is carried (h, c) has a row more than there
are steps: a chain from left to right enters step t from row t and leaves into row t + 1, one from right to
left enters from row t + 1 and leaves into row t.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.cells import ABREAST, CELLS, Abreast, Seen
from app.engine.floor import Floor
from app.engine.network import Network
from app.engine.onehot import OneHot
from app.engine.riding import put_marks
from app.engine.weights import first_word

Array = NDArray[np.float64]
Values = NDArray[Any]
CACHED = 16_384
"""Numbers of an array that stay in a processor's cache from one pass over them to the next."""


@dataclass(frozen=True)
class ChainTrace:
    """One chain.

    reverse : True when it walks from right to left
    x : OneHot of shape (T, B, V)
    z : ndarray of shape (T + 1, B, H + 1 (+ V or K)): [h_{t-1}, 1 or 0, x_t], what enters the product of step
        t. The 1 brings the bias in, the 0 leaves it outside. The last row is [h_T, 1 or 0] for the readout.
        Where x_t rides of a cell that keeps a gate's product apart, there are two ones, for b_hn and b_h.
    folded : True when x_t rides in z; else x_t W_xh is put into a_t beforehand, and z may have marks in place
        of x_t, see `riding`
    words : ndarray of shape (T*B, 1 + V), [1 or 0, x_t], which brings it there, and b_h, in one product: of a
        cell that keeps a gate's product apart, when words are few; else None, and rows of W_xh are picked
    filled : what every pass fills of `preactivation`, `activated` and `recurrent`; None where units are few,
        and these are found when they are asked for
    c_and_gates : ndarray of shape (T + 1, B, (1 + G)*H), of a cell that remembers c_{t-1} and the gates of
        step t, so that gates meet what they are multiplied by in one product; where units are few, of shape
        (T + 1, 1, 2 H), g of step t and c_{t-1}; or None
    c : ndarray of shape (T + 1, B, H), the cell state, and tanh_c of shape (T, B, H); or None
    outside : ndarray of shape (T, B, H), the bias of the steps where it stands outside; None when there are
        none
    bias_inside : ndarray of shape (T, B), or (T, 1) of all sentences alike
    alone : True for one sentence read by one network, whose steps need no lane axis
    floor : what all arrays of few units stand on; None where they are more
    spare : `watched`, the logit, and room for a gradient in one row, which the first backward pass takes: so
        one product watches all; none where they are many, or several chains
    """

    network: Network
    weights: Values
    reverse: bool
    x: OneHot
    z: Values
    folded: bool
    words: Values | None
    filled: Seen | None
    c_and_gates: Values | None
    c: Values | None
    tanh_c: Values | None
    outside: Values | None
    bias_inside: NDArray[np.bool_]
    alone: bool
    floor: Floor | None
    spare: list[Values]

    def put_words(self) -> None:
        """The rows of x, where products are to find them, or the marks in their place."""
        if self.marks:
            put_marks(self.entering(self.z), self.network.hidden_size + 1)
            return
        if self.folded:
            rows = self.entering(self.z)[:, :, -self.x.size :]
        elif self.words is not None:
            rows = self.words.reshape(*self.x.ids.shape, -1)[:, :, 1:]
        else:
            return
        rows.fill(0.0)
        self.x.dense(rows)

    def by_step(self, *arrays: Values | None) -> list[tuple[Any, ...]]:
        """The steps of arrays over time as views, without the lane axis where there is but one lane."""
        return by_step(self.alone, *arrays)

    def in_spans(self, *arrays: Values | None, rooms: tuple[Values, ...] = ()) -> list[tuple[Any, ...]]:
        """Views of arrays over time, one tuple for each span; last as much of each room as the span needs.

        rooms : arrays as long as the longest span
        """
        spans, found = self.spans, []
        if len(spans) == 1:
            return [(*arrays, *rooms)]
        for times in spans:
            steps = len(range(*times.indices(self.shape[0])))
            views = [None if array is None else array[times] for array in arrays]
            found.append((*views, *(room[:steps] for room in rooms)))
        return found

    def gate(self, array: Values, index: int) -> Values:
        """The block of one gate, (…, H)."""
        hidden = self.network.hidden_size
        return array[..., index * hidden : (index + 1) * hidden]

    def by_gate(self, array: Values) -> Values:
        """The blocks of all gates, (T, G, B, H)."""
        steps, lanes, width = array.shape
        hidden = self.network.hidden_size
        return array.reshape(steps, lanes, width // hidden, hidden).swapaxes(1, 2)

    @property
    def marks(self) -> int:
        """K, the words whose rows ride beside W_hh at a time; 0 where none do."""
        return 0 if self.folded else self.z.shape[-1] - self.network.hidden_size - 1

    @property
    def in_rooms(self) -> bool:
        """Whether a step copies gates out of their rows, to find each of them on its own, and back again.

        Of a few sentences and units that takes a fifth of the time of walking through blocks of rows, and of
        as many as a processor's cache holds no more.
        """
        return not self.alone and self.shape[1] * self.shape[2] <= CACHED

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

    @property
    def seen(self) -> Seen:
        """`preactivation`, `activated` and `recurrent`."""
        if self.abreast is not None:
            return self.abreast.see(self)
        assert self.filled is not None
        return self.filled

    @property
    def preactivation(self) -> Values:
        """The arguments of the gates' functions, (T, B, G*H)."""
        return self.seen.preactivation

    @property
    def activated(self) -> Values:
        """The gates, (T, B, G*H); of a lone sentence h itself when there is one and no bias outside."""
        return self.seen.activated

    @property
    def recurrent(self) -> Values | None:
        """h_{t-1} W_hh, b_hn with it, where a cell keeps it apart, (T, B, G*H)."""
        return self.seen.recurrent

    @property
    def watched(self) -> Values:
        """Numbers of which one is not finite when any a is not, (T, B, …)."""
        return self.preactivation if self.floor is None else self.floor.rooms["product"]

    @property
    def sigmoids(self) -> Values:
        """The gates again, the candidate's block aside, where every pass finds them, (T, B, G*H)."""
        return self.activated if self.floor is None else self.floor.rooms["gates"]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, B, G*H)."""
        return len(self.z) - 1, self.z.shape[1], self.weights.shape[1]

    @property
    def abreast(self) -> Abreast | None:
        """How blocks of few units stand side by side; None where they do not."""
        return None if self.floor is None else ABREAST[self.network.cell]

    @property
    def spans(self) -> list[slice]:
        """All the steps, in stretches whose arrays fit a processor's cache."""
        steps, lanes, width = self.shape
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
        return self.by_name(self.activated)

    def by_name(self, activated: Values) -> dict[str, Values]:
        """The same of what `activated` has given, (…, G*H)."""
        names = CELLS[self.network.cell].gate_names
        return {} if len(names) == 1 else {name: self.gate(activated, k) for k, name in enumerate(names)}

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
        return self.along_road if CELLS[self.network.cell].remembers else None

    @property
    def along_road(self) -> Array | None:
        """The same product of the gate that carries the state past the recurrent product, c_t or else h_t."""
        road = CELLS[self.network.cell].road
        if road is None:
            return None
        f = self.gate(self.sigmoids, road)
        if self.x.held is not None:
            f = f.copy()
            f[self.x.held] = 1.0
        roads: Array = np.ones(f.shape)
        if self.reverse:
            np.cumprod(f[:-1], axis=0, out=roads[1:])
        else:
            np.cumprod(f[:0:-1], axis=0, out=roads[:-1][::-1])
        return roads


def by_step(alone: bool, *arrays: Values | None) -> list[tuple[Any, ...]]:
    """The steps of arrays over time (all but the first may be None) as views, without a lone lane axis."""
    assert arrays[0] is not None
    nothing = [None] * len(arrays[0])
    columns: list[Any] = [nothing if array is None else array[:, 0] if alone else array for array in arrays]
    return list(zip(*columns, strict=True))
