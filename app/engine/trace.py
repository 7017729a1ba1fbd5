"""What a forward pass leaves behind: its chains and its prediction."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.chain import ChainTrace
from app.engine.losses import HEADS, Head, Number, sigmoid
from app.engine.network import Network
from app.engine.onehot import OneHot
from app.engine.softmax import softmax
from app.engine.tape import Call, assign
from app.engine.walk import blank_chain, tape_of
from app.engine.weights import Weights

__all__ = ["ChainTrace", "Trace", "blank_trace"]

Array = NDArray[np.float64]
Values = NDArray[Any]

TOGETHER = 1_024
"""Up to so many numbers one product watches a pass and its gradient."""


@dataclass(frozen=True)
class Trace:
    """A forward pass. D is H for each chain.

    chains : the chains by name
    tape : the whole pass, every chain and the readout
    watch, watched : the calls that find |a|^2 of every chain, which is not finite when any a is not, and
        where they put them, behind the logit: one row to be looked through for overflow; of a single short
        chain one number, for the logit stands behind its a
    readout_row : ndarray of shape (B, D + 1): [h_T, 1 or 0], of two chains [h_ltr(T), h_rtl(1), 1 or 0];
        where every step predicts, (T, B, D + 1): [h_ltr(t), h_rtl(t), 1 or 0]
    states : for each part of the readout's row: where it goes, and from where, where that is not the same
    logit : ndarray of shape (B, O), (T, B, O) where every step predicts
    head : the loss as a function of the logit
    """

    network: Network
    weights: Weights
    chains: dict[str, ChainTrace]
    tape: list[Call]
    watch: list[Call]
    watched: Values
    readout_row: Values
    states: list[tuple[Values, Values]]
    logit: Values
    output_bias_inside: bool
    head: Head

    @property
    def x(self) -> OneHot:
        """The sentences."""
        return self.chains["left_to_right"].x

    @property
    def y_hat(self) -> Values:
        """sigma(logit), + b_y where it stands outside, or the softmax; of the shape of the logit.

        Found when asked for: learning needs the logit alone.
        """
        z = self.logit
        if self.network.per_step:
            return softmax(z, np.empty_like(z))
        if z.size == 1:
            return np.array([[sigmoid(z.item(), math) + self.bias_outside]])
        y_hat: Values = sigmoid(z, np) + self.bias_outside
        return y_hat

    @property
    def bias_outside(self) -> Number:
        """b_y where it stands outside sigma, else 0."""
        if self.output_bias_inside:
            return 0.0
        bias = self.weights.readout[-1]
        return bias.item() if self.logit.size == 1 else bias

    @property
    def readout_input(self) -> Values:
        """What the readout reads, (B, D) or (T, B, D)."""
        return self.readout_row[..., :-1]

    @property
    def by_position(self) -> Values:
        """[h_ltr(t), h_rtl(t)] at each position, (T, B, D)."""
        return np.concatenate([chain.h for chain in self.chains.values()], axis=-1)


def blank_trace(
    weights: Weights,
    x: OneHot,
    h_0: Array | None = None,
    dtype: type = np.float64,
    lanes: int = 0,
    c_0: Array | None = None,
) -> Trace:
    """A trace with its inputs in place, to be filled (and refilled, after the weights change) by `propagate`.

    h_0, c_0 : ndarray of shape (H,) or (B, H), of every chain; zeros when None
    lanes : B, when x holds one sentence that B networks are to read
    """
    network, size = weights.network, weights.flat.size
    logits = network.outputs * math.prod(x.ids.shape if network.per_step else x.ids.shape[1:])
    # of one chain and little of it the logit and a gradient stand behind what is watched
    little = len(weights.chains) == 1 and logits + size + x.ids.size * network.hidden_size <= TOGETHER
    behind = logits + size if little and not lanes else 0
    chains = {
        name: blank_chain(network, block, name != "left_to_right", x, h_0, c_0, dtype, lanes, behind)
        for name, block in weights.chains.items()
    }
    row, states = blank_readout(network, list(chains.values()))
    shape = (*row.shape[:-1], network.outputs)
    watched: Values
    if behind:
        (beside,) = chains["left_to_right"].spare
        logit, watched = beside[-behind:-size].reshape(shape), np.empty(1, dtype)
        watch = [product_with_itself(beside[:-size], watched[0, ...])]
    else:
        watched = np.empty(math.prod(shape) + len(chains), dtype)
        logit, squares = watched[: -len(chains)].reshape(shape), watched[-len(chains) :]
        watch = [
            product_with_itself(chain.watched, squares[k, ...]) for k, chain in enumerate(chains.values())
        ]
    return Trace(
        network,
        weights,
        chains,
        [call for chain in chains.values() for call in tape_of(chain)]
        + tape_out(row, states, weights.readout, logit),
        watch,
        watched,
        row,
        states,
        logit,
        network.output_bias_inside,
        HEADS[network.loss, network.output_bias_inside],
    )


def product_with_itself(values: Values, square: Values) -> Call:
    """|values|^2 into an array of shape (): finite only when every number is."""
    flat = values.ravel()
    return flat.dot, (flat, square)


def tape_out(
    row: Values, states: list[tuple[Values, Values]], readout: Values, logit: Values
) -> list[Call]:
    """logit = [h_T, 1] readout."""
    rows, logits = row.reshape(-1, row.shape[-1]), logit.reshape(-1, logit.shape[-1])
    return [*(assign(part, state) for part, state in states), (rows.dot, (readout, logits))]


def blank_readout(network: Network, chains: list[ChainTrace]) -> tuple[Values, list[tuple[Values, Values]]]:
    """The row that the readout reads: of a single chain its last row itself, else one to be put together."""
    hidden, chain = network.hidden_size, chains[0]
    if len(chains) == 1 and not network.per_step:
        return chain.z[chain.last, :, : hidden + 1], []
    steps, lanes = chain.shape[:2]
    shape = (steps, lanes) if network.per_step else (lanes,)
    row: Values = np.empty((*shape, hidden * len(chains) + 1), chain.z.dtype)
    row[..., -1] = chain.z[chain.last, :, hidden]
    parts = [row[..., k * hidden : (k + 1) * hidden] for k in range(len(chains))]
    sources = [chain.h if network.per_step else chain.h[chain.last] for chain in chains]
    return row, list(zip(parts, sources, strict=True))
