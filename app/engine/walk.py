"""A chain made ready for the forward loop: its arrays allocated and every view taken beforehand."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.engine.cells import CELLS
from app.engine.chain import ChainTrace
from app.engine.errors import EngineError
from app.engine.network import BIASES, Network
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


class Nudge(Protocol):
    """Moves each lane's own copy of one weight at each step, see `lanes`."""

    @property
    def outside(self) -> Any:
        """What a moved bias adds outside f, (T, B, H), or None."""

    def __call__(self, t: int, z: Any, a: Any) -> None:
        """Add to a_t what the moved weights would."""


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
    few = sentences == lanes and few_words(vocabulary, width)
    folded = few and not apart
    inside = rule.inside(steps)[:: -1 if reverse else 1]
    refuse_unlike_steps(inside, x, network)
    more = vocabulary if folded else marks(steps, width) if alone and not apart else 0
    z = entered((steps + 1, lanes, hidden + 1 + more), dtype, network, inside, reverse, h_0)
    outside: Values | None = None if all(inside.tolist()) else np.zeros((steps, lanes, hidden), dtype)
    c_and_gates = c = None
    if cell.remembers:
        c_and_gates, c, activated = room_for_c((steps, lanes, hidden, width), reverse, c_0, dtype)
    elif alone and outside is None and cell.gates == 1:
        activated = (z[:-1] if reverse else z[1:])[:, :, :hidden]
    else:
        activated = np.empty((steps, lanes, width), dtype)
    chain = ChainTrace(
        network,
        block,
        reverse,
        x,
        z,
        folded,
        with_one(x, rule.present, dtype) if few and apart else None,
        np.empty((steps, lanes, width), dtype),
        activated,
        np.empty((steps, lanes, width), dtype) if apart else None,
        c_and_gates,
        c,
        None if c is None else np.empty((steps, lanes, hidden), dtype),
        outside,
        inside,
        alone,
    )
    chain.put_words()
    return chain


def room_for_c(
    sizes: tuple[int, int, int, int], reverse: bool, c_0: Array | None, dtype: type
) -> tuple[Values, Values, Values]:
    """[c_{t-1}, the gates of step t], and of it c, with the first state in place, and the gates.

    sizes : T, B, H, G*H
    """
    steps, lanes, hidden, width = sizes
    row: Values = np.empty((steps + 1, lanes, hidden + width), dtype)
    c = row[..., :hidden]
    c[-1 if reverse else 0] = 0.0 if c_0 is None else c_0
    return row, c, (row[1:] if reverse else row[:-1])[..., hidden:]


def few_words(vocabulary: int, width: int) -> bool:
    """Whether one-hot rows multiplied out are quicker than rows picked."""
    few, more = FOLDED_VOCABULARY
    return vocabulary <= few or (vocabulary <= more and vocabulary * width <= FOLDED_WEIGHTS)


def with_one(x: OneHot, present: bool, dtype: type) -> Values:
    """Room for [1 or 0, x_t] of every word, (T*B, 1 + V), the words still to be put in."""
    rows: Values = np.zeros((x.ids.size, 1 + x.size), dtype)
    rows[:, 0] = present
    return rows


def entered(
    shape: tuple[int, ...],
    dtype: type,
    network: Network,
    inside: NDArray[np.bool_],
    reverse: bool,
    h_0: Array | None,
) -> Values:
    """z with the first state, and the ones that bring the biases in: at every step, and at the readout's."""
    hidden, present = network.hidden_size, BIASES[network.bias].present
    z: Values = np.zeros(shape, dtype)
    entering, first, last = (z[1:], z[-1], z[0]) if reverse else (z[:-1], z[0], z[-1])
    entering[:, :, hidden] = (inside & present)[:, None]
    last[:, hidden] = network.output_bias_inside and present
    if h_0 is not None:
        first[:, :hidden] = h_0
    return z


def refuse_unlike_steps(inside: NDArray[np.bool_], x: OneHot, network: Network) -> None:
    """Raise EngineError where padding would take the place of a first step that is unlike the rest."""
    if x.held is not None and inside.any() and x.held[~inside].any():
        message = (
            f"padding must not come before the first word, which bias {network.bias!r} treats unlike the rest"
        )
        raise EngineError(message, field="padding", value=network.bias)


def tape_of(chain: ChainTrace, nudge: Nudge | None = None) -> list[Call]:
    """Every step in the order of the walk: a_t = [h_{t-1}, 1, x_t] block, which a nudge moves, and to which
    the word's row is added where it does not ride in z; then the cell's step; then padding holds the states.
    """
    network = chain.network
    step, views = CELLS[network.cell].step(ACTIVATIONS[network.activation], chain)
    product, boarding = beside_weights(chain) if chain.marks else (chain.weights[: chain.z.shape[-1]], {})
    z, a = rows_of(chain, chain.entering(chain.z)), rows_of(chain, chain.preactivation)
    given, apart = a, chain.recurrent is not None
    if chain.recurrent is not None:
        given = rows_of(chain, chain.recurrent)
    elif not chain.folded and not chain.marks:
        # one row for every step's product, to be added to the word's
        given = [np.empty_like(a[0])] * len(a)
    held = states_to_hold(chain)
    tape = before_the_steps(chain, nudge)
    for t in chain.walked(list(range(len(a)))):
        tape += boarding.get(t, [])
        tape.append((z[t].dot, (product, given[t])))
        if nudge is not None:
            tape.append((nudge, (t, z[t], given[t])))
        if given[t] is not a[t] and not apart:
            tape.append((np.add, (a[t], given[t], a[t])))
        tape.append((step, views[t]))
        tape += held[t]
    return tape


def before_the_steps(chain: ChainTrace, nudge: Nudge | None) -> list[Call]:
    """What the steps need and no state changes: the words' rows, where they do not ride in z, and the biases
    outside.

    Of a cell that keeps a gate's product apart, all [1, x_t] times their rows at once, when words are few.
    """
    words, a = first_word(chain.network), chain.preactivation
    W_xh = chain.weights[words:]
    tape: list[Call] = []
    if chain.words is not None:
        tape.append((chain.words.dot, (chain.weights[words - 1 :], a.reshape(len(chain.words), -1))))
    elif not chain.folded:
        alike = chain.x.ids.shape == a.shape[:2]
        tape.append((chain.x.project, (W_xh, a)) if alike else (read_by_all, (chain.x, W_xh, a)))
        if chain.recurrent is not None:
            # the bias is zero where there is none
            tape.append((np.add, (a, chain.weights[words - 1], a)))
    if chain.outside is not None:
        tape.append((set_outside, (chain, chain.outside, nudge)))
    return tape


def read_by_all(x: OneHot, W_xh: Values, a: Values) -> None:
    """One sentence's x_t W_xh for every network that reads it."""
    a[...] = x.project(W_xh)


def set_outside(chain: ChainTrace, outside: Array, nudge: Nudge | None) -> None:
    """The bias of the steps where it stands outside, with what a nudge adds to it."""
    bias = chain.weights[chain.network.hidden_size]
    np.multiply(~chain.bias_inside[:, None, None], bias, outside)
    if nudge is not None:
        np.add(outside, nudge.outside, outside)


def rows_of(chain: ChainTrace, array: Values) -> list[Any]:
    """The steps of one array as views."""
    return list(array[:, 0] if chain.alone else array)


def states_to_hold(chain: ChainTrace) -> list[list[Call]]:
    """For each step, where padding holds its states: the copies that do, and a_t cleared."""
    held = chain.x.held
    if held is None:
        return [[]] * len(chain.preactivation)
    carried = [(chain.h, chain.h_prev)]
    if chain.c is not None:
        carried.append((chain.leaving(chain.c), chain.entering(chain.c)))
    return [
        [call for after, before in carried for call in assign_where(after[t], before[t], lanes)]
        + assign_where(chain.preactivation[t], 0.0, lanes)
        for t, lanes in enumerate(held)
    ]
