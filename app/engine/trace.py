"""What a forward pass leaves behind: arrays over time, made once and filled in place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.engine.cells import CELLS
from app.engine.losses import HEADS, Head
from app.engine.network import BIASES, Network
from app.engine.onehot import OneHot
from app.engine.weights import Weights

Array = NDArray[np.float64]
Values = NDArray[Any]

FOLDED_VOCABULARY = 16
"""Up to so many words x_t rides in the one product of a step; beyond, rows of W_xh are picked."""


@dataclass(frozen=True)
class ChainTrace:
    """One chain, in the order it walks.

    x : OneHot of shape (T, B, V)
    z : ndarray of shape (T + 1, B, H + 1 (+ V)): [h_{t-1}, 1 or 0, x_t], what enters the product of step t.
        The 1 brings the bias in, the 0 leaves it outside. The last row is [h_T, 1 or 0] for the readout.
    words : ndarray of shape (T, B, G*H), x_t W_xh; None when x_t rides in z
    preactivation : ndarray of shape (T, B, G*H), the argument of f
    activated : ndarray of shape (T, B, H), f(preactivation); h itself when no bias stands outside
    outside : ndarray of shape (T, B, H), the bias of the steps where it stands outside; None when there are
        none
    bias_inside : ndarray of shape (T,)
    alone : True for one sentence read by one network, whose steps need no lane axis
    """

    network: Network
    weights: Values
    x: OneHot
    z: Values
    words: Values | None
    preactivation: Values
    activated: Values
    outside: Values | None
    bias_inside: NDArray[np.bool_]
    alone: bool

    def by_step(self, array: Values) -> list[Values]:
        """The steps of an array over time as views, without the lane axis where there is but one lane."""
        return list(array[:, 0] if self.alone else array)

    @property
    def h(self) -> Values:
        """Hidden states h_t, (T, B, H)."""
        return self.z[1:, :, : self.network.hidden_size]

    @property
    def h_prev(self) -> Values:
        """h_{t-1}, (T, B, H)."""
        return self.z[:-1, :, : self.network.hidden_size]

    @property
    def input_term(self) -> Values:
        """x_t W_xh, (T, B, G*H)."""
        return self.weights[self.network.hidden_size + 1 :].take(self.x.ids, axis=0)

    @property
    def recurrent_term(self) -> Values:
        """h_{t-1} W_hh, (T, B, G*H)."""
        return self.h_prev @ self.weights[: self.network.hidden_size]


@dataclass(frozen=True)
class Walk:
    """A chain made ready for the forward loop.

    product : the rows of the chain's block that multiply z_t
    preactivation : all the a_t in one row
    step : the cell's step
    views : for each step: t, z_t, the product by z_t, a_t, x_t W_xh or None, and what `step` takes
    """

    chain: ChainTrace
    product: Values
    step: Callable[..., object]
    views: list[tuple[Any, ...]]
    preactivation: Values


@dataclass(frozen=True)
class Trace:
    """A forward pass.

    chains : the chains by name
    readout_row : ndarray of shape (B, D + 1): [h_T, 1 or 0]
    logit, y_hat : ndarray of shape (B, O)
    head : the loss as a function of the logit
    """

    network: Network
    weights: Weights
    chains: dict[str, ChainTrace]
    walks: list[Walk]
    readout_row: Values
    logit: Values
    y_hat: Values
    output_bias_inside: bool
    head: Head

    @property
    def readout_input(self) -> Values:
        """What the readout reads, (B, D)."""
        return self.readout_row[:, :-1]


def blank_trace(
    weights: Weights, x: OneHot, h_0: Array | None = None, dtype: type = np.float64, lanes: int = 0
) -> Trace:
    """A trace with its inputs in place, to be filled (and refilled, after the weights change) by `propagate`.

    h_0 : ndarray of shape (H,) or (B, H); zeros when None
    lanes : B, when x holds one sentence that B networks are to read
    """
    network = weights.network
    lanes = lanes or x.shape[1]
    chains = {
        name: blank_chain(network, block, x, h_0, dtype, lanes) for name, block in weights.chains.items()
    }
    logit: Values = np.empty((lanes, network.outputs), dtype)
    return Trace(
        network,
        weights,
        chains,
        [make_ready(chain) for chain in chains.values()],
        chains["left_to_right"].z[-1, :, : network.hidden_size + 1],
        logit,
        np.empty_like(logit),
        BIASES[network.bias].output_inside,
        HEADS[network.loss, BIASES[network.bias].output_inside],
    )


def blank_chain(
    network: Network, block: Values, x: OneHot, h_0: Array | None, dtype: type, lanes: int
) -> ChainTrace:
    """One chain of a blank trace."""
    steps, sentences, vocabulary = x.shape
    alone = sentences == 1 and not lanes
    lanes = lanes or sentences
    hidden, rule = network.hidden_size, BIASES[network.bias]
    folded = vocabulary <= FOLDED_VOCABULARY and sentences == lanes
    inside = rule.inside(steps)
    z: Values = np.zeros((steps + 1, lanes, hidden + 1 + (vocabulary if folded else 0)), dtype)
    z[:-1, :, hidden] = (inside & rule.present)[:, None]
    z[-1, :, hidden] = rule.output_inside and rule.present
    if h_0 is not None:
        z[0, :, :hidden] = h_0
    if folded:
        z[:-1, :, hidden + 1 :] = x.dense()
    outside: Values | None = None if inside.all() else np.zeros((steps, lanes, hidden), dtype)
    return ChainTrace(
        network,
        block,
        x,
        z,
        None if folded else np.empty((steps, sentences, block.shape[1]), dtype),
        np.empty((steps, lanes, block.shape[1]), dtype),
        z[1:, :, :hidden] if outside is None else np.empty((steps, lanes, hidden), dtype),
        outside,
        inside,
        alone,
    )


def make_ready(chain: ChainTrace) -> Walk:
    """The functions and views of every step, looked up before the loop."""
    network = chain.network
    step, views = CELLS[network.cell].step(ACTIVATIONS[network.activation], chain)
    product = chain.weights[: chain.z.shape[-1]]
    z = chain.by_step(chain.z[:-1])
    steps = zip(
        range(len(views)),
        z,
        [row.dot for row in z],
        chain.by_step(chain.preactivation),
        [None] * len(views) if chain.words is None else chain.by_step(chain.words),
        views,
        strict=True,
    )
    return Walk(chain, product, step, list(steps), chain.preactivation.ravel())
