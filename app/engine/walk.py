"""A chain made ready for the forward loop: its arrays allocated and every view taken beforehand."""

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.engine.cells import ABREAST, CELLS, Seen, Woven
from app.engine.chain import ChainTrace
from app.engine.floor import Floor
from app.engine.network import BIASES, BiasRule, Network
from app.engine.onehot import OneHot
from app.engine.riding import beside_weights, marks
from app.engine.tape import Call, assign_where
from app.engine.weights import first_word

Array = NDArray[np.float64]
Values = NDArray[Any]

FOLDED_VOCABULARY = (16, 64)
FOLDED_WEIGHTS = 4096
"""Up to so many words x_t rides in the one product of a step; up to so many more while W_xh is so small.
Beyond, rows of W_xh are picked. Riding saves a step's addition, and gathering and scattering rows at the end:
a fifth of the time at T = 20, V = 50, H = 16."""
FEW_UNITS = 8
"""Up to so many blocks stand abreast: beyond, the larger products take more than the calls that they save."""
BLOCKS = 12
"""Of H numbers that stand on a floor for every step, at most, the product aside."""


class Nudge(Protocol):
    """Moves each lane's own copy of one weight at each step, see `lanes`."""

    @property
    def outside(self) -> Any:
        """What a moved bias adds outside f, (T, B, H), or None."""

    def __call__(self, t: int, z: Any, a: Any) -> None:
        """Add to a_t what the moved weights would."""


def blank_chain(
    network: Network, block: Values, reverse: bool, x: OneHot, h_0: Array | None, c_0: Array | None,
    dtype: type, lanes: int, behind: int,
) -> ChainTrace:  # fmt: skip
    """One chain of a blank trace.

    behind : numbers of the logit and a gradient, where they are to stand behind those that are watched
    """
    (steps, sentences, vocabulary), (hidden, width) = x.shape, (network.hidden_size, block.shape[1])
    alone, lanes = sentences == 1 and not lanes, lanes or sentences
    rule, cell = BIASES[network.bias], CELLS[network.cell]
    apart = cell.apart is not None
    few = sentences == lanes and few_words(vocabulary, width)
    floor = floor_for(network, x, behind) if few and alone and dtype is np.float64 else None
    folded = few and (not apart or floor is not None)
    inside = steps_inside(rule, x, reverse)
    more = vocabulary if folded else marks(steps, width) if alone and not apart else 0
    z = blank_z((steps + 1, lanes, more), network, dtype, floor)
    begin(z, network, inside, reverse, h_0)
    outside: Values | None = None if all(inside.ravel().tolist()) else np.zeros((steps, lanes, hidden), dtype)
    # of one sentence y is h, where there is nothing between them
    same = z[:, :, :hidden] if alone and outside is None and cell.gates == 1 else None
    watched: Values = np.zeros(steps * lanes * width + behind, dtype) if floor is None else floor.watched
    filled, road, c, tanh_c = rooms_for_steps((steps, lanes, width), network, watched, same, floor, reverse)
    if c is not None and c_0 is not None:
        c[-1 if reverse else 0] = c_0
    chain = ChainTrace(
        network,
        block,
        reverse,
        x,
        z,
        folded,
        with_one(x, rule.present, dtype) if few and not folded else None,
        filled,
        road,
        c,
        tanh_c,
        outside,
        inside,
        alone,
        floor,
        [watched] if behind else [],
    )
    chain.put_words()
    return chain


def floor_for(network: Network, x: OneHot, behind: int) -> Floor | None:
    """A floor for one sentence, of few words, read by a cell whose few units stand abreast; else None."""
    (steps, _, vocabulary), hidden, abreast = x.shape, network.hidden_size, ABREAST.get(network.cell)
    if abreast is None or hidden > FEW_UNITS or x.held is not None:
        return None
    size = (steps + 1) * (vocabulary + 2 + BLOCKS * hidden)
    return Floor(size, (steps, 1, abreast.product * hidden), behind)


def rooms_for_steps(
    shape: tuple[int, int, int],
    network: Network,
    watched: Values,
    states: Values | None,
    floor: Floor | None,
    reverse: bool,
) -> tuple[Seen | None, Values | None, Values | None, Values | None]:
    """What every pass fills of what is to be seen, c_and_gates, c and tanh_c of a `ChainTrace`.

    shape : (T, B, G*H)
    watched : room that begins with that of a
    states : ndarray of shape (T + 1, B, H), where h_0 and the activations stand, if they stand there
    """
    (steps, lanes, width), cell, hidden = shape, CELLS[network.cell], network.hidden_size
    if floor is not None:
        if not cell.remembers:
            return None, None, None, None
        road = floor.room("g and c", steps + 1, 1, 2 * hidden)
        return None, road, road[..., hidden:], floor.room("tanh_c", steps, 1, hidden)
    a = watched[: math.prod(shape)].reshape(shape)
    if not cell.remembers:
        y = np.empty_like(a) if states is None else states[:-1] if reverse else states[1:]
        return Seen(a, y, None if cell.apart is None else np.empty_like(a)), None, None, None
    row = np.zeros((steps + 1, lanes, hidden + width), a.dtype)
    y = (row[1:] if reverse else row[:-1])[..., hidden:]
    return Seen(a, y), row, row[..., :hidden], np.empty((steps, lanes, hidden), a.dtype)


def few_words(vocabulary: int, width: int) -> bool:
    """Whether one-hot rows multiplied out are quicker than rows picked."""
    few, more = FOLDED_VOCABULARY
    return vocabulary <= few or (vocabulary <= more and vocabulary * width <= FOLDED_WEIGHTS)


def with_one(x: OneHot, present: bool, dtype: type) -> Values:
    """Room for [1 or 0, x_t] of every word, (T*B, 1 + V), the words still to be put in."""
    rows: Values = np.zeros((x.ids.size, 1 + x.size), dtype)
    rows[:, 0] = present
    return rows


def blank_z(shape: tuple[int, int, int], network: Network, dtype: type, floor: Floor | None) -> Values:
    """Room for [h_{t-1}, 1, x_t], where x_t or marks ride; with two ones where x_t does of a cell that keeps
    a gate's product apart, for b_hn has a row of its own.

    shape : (T + 1, B, V or K or 0)
    """
    steps, lanes, more = shape
    ones = 2 if more and CELLS[network.cell].apart is not None else 1
    places = steps, lanes, network.hidden_size + ones + more
    return np.zeros(places, dtype) if floor is None else floor.room("z", *places)


def begin(z: Values, network: Network, inside: NDArray[np.bool_], reverse: bool, h_0: Array | None) -> None:
    """The first state, and the ones that bring the biases in: at every step, and at the readout's."""
    hidden, present = network.hidden_size, BIASES[network.bias].present
    entering, first, last = (z[1:], z[-1], z[0]) if reverse else (z[:-1], z[0], z[-1])
    both = hidden + 1 + (CELLS[network.cell].apart is not None)
    entering[:, :, hidden:both] = (inside & present)[:, :, None]
    last[:, hidden] = network.output_bias_inside and present
    if h_0 is not None:
        first[:, :hidden] = h_0


def steps_inside(rule: BiasRule, x: OneHot, reverse: bool) -> NDArray[np.bool_]:
    """Where the steps of every sentence take the bias inside f, (T, B), or (T, 1) of all alike.

    The first step is that of the first word: padding that a mask holds before it is none.
    """
    way, inside = slice(None, None, -1 if reverse else 1), rule.inside(len(x.ids))
    if x.held is None:
        return inside[way, None]
    words_read: NDArray[np.intp] = (~x.held[way]).cumsum(axis=0)
    found: NDArray[np.bool_] = inside[np.maximum(words_read - 1, 0)]
    return found[way]


def tape_of(chain: ChainTrace, nudge: Nudge | None = None) -> list[Call]:
    """Every step in the order of the walk: a_t = [h_{t-1}, 1, x_t] block, which a nudge moves, and to which
    the word's row is added where it does not ride in z; then the cell's step; then padding holds the states.
    """
    walk, z = way_forward(chain), rows_of(chain, chain.entering(chain.z))
    held, added = states_to_hold(chain), None
    if not (chain.folded or chain.marks or chain.recurrent is not None):
        # what the product of every step is added to: the word's row
        added = rows_of(chain, chain.preactivation)
    tape = before_the_steps(chain, nudge) + walk.before
    for t in chain.walked(list(range(len(z)))):
        tape += walk.boarding.get(t, [])
        tape.append((z[t].dot, (walk.product, walk.given[t])))
        if nudge is not None:
            tape.append((nudge, (t, z[t], walk.given[t])))
        if added is not None:
            tape.append((np.add, (added[t], walk.given[t], added[t])))
        tape.append((walk.step, walk.views[t]))
        tape += held[t]
    return tape + walk.after


def way_forward(chain: ChainTrace) -> Woven:
    """What every step's product is of and where it goes: to a_t, or as a cell of few units weaves them."""
    if chain.abreast is not None:
        return chain.abreast.weave(chain)
    step, views = CELLS[chain.network.cell].step(ACTIVATIONS[chain.network.activation], chain)
    if chain.recurrent is not None:
        return Woven(step, views, chain.weights[: chain.z.shape[-1]], rows_of(chain, chain.recurrent))
    given = rows_of(chain, chain.preactivation)
    if chain.marks:
        product, boarding = beside_weights(chain)
        return Woven(step, views, product, given, boarding)
    if not chain.folded:
        # one row for all
        given = [np.empty_like(given[0])] * len(given)
    return Woven(step, views, chain.weights[: chain.z.shape[-1]], given)


def before_the_steps(chain: ChainTrace, nudge: Nudge | None) -> list[Call]:
    """What the steps need and no state changes: the words' rows, where they do not ride in z, and the biases
    outside.

    Of a cell that keeps a gate's product apart, all [1, x_t] times their rows at once, when words are few.
    """
    tape: list[Call] = []
    if chain.outside is not None:
        tape.append((set_outside, (chain, chain.outside, nudge)))
    if chain.folded:
        return tape
    words, a = first_word(chain.network), chain.preactivation
    W_xh = chain.weights[words:]
    if chain.words is not None:
        tape.append((chain.words.dot, (chain.weights[words - 1 :], a.reshape(len(chain.words), -1))))
    else:
        alike = chain.x.ids.shape == a.shape[:2]
        tape.append((chain.x.project, (W_xh, a)) if alike else (read_by_all, (chain.x, W_xh, a)))
        if chain.recurrent is not None:
            # the bias is zero where there is none
            tape.append((np.add, (a, chain.weights[words - 1], a)))
    return tape


def read_by_all(x: OneHot, W_xh: Values, a: Values) -> None:
    """One sentence's x_t W_xh for every network that reads it."""
    a[...] = x.project(W_xh)


def set_outside(chain: ChainTrace, outside: Array, nudge: Nudge | None) -> None:
    """The bias of the steps where it stands outside, with what a nudge adds to it."""
    bias = chain.weights[chain.network.hidden_size]
    np.multiply(~chain.bias_inside[:, :, None], bias, outside)
    if nudge is not None:
        np.add(outside, nudge.outside, outside)


def rows_of(chain: ChainTrace, array: Values) -> list[Any]:
    """The steps of one array as views."""
    return list(array[:, 0] if chain.alone else array)


def states_to_hold(chain: ChainTrace) -> list[list[Call]]:
    """For each step, where padding holds its states: the copies that do, and a_t cleared."""
    held = chain.x.held
    if held is None:
        return [[]] * chain.shape[0]
    carried = [(chain.h, chain.h_prev)]
    if chain.c is not None:
        carried.append((chain.leaving(chain.c), chain.entering(chain.c)))
    return [
        [call for after, before in carried for call in assign_where(after[t], before[t], lanes)]
        + assign_where(chain.preactivation[t], 0.0, lanes)
        for t, lanes in enumerate(held)
    ]
