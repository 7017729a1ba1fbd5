"""Parameters packed the way the loops use them: one block per chain, so that a step is one product."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.cells import CELLS
from app.engine.network import BIASES, Network, Parameters

Values = NDArray[Any]
CACHE_LINE = 64
"""Bytes."""


@dataclass(frozen=True)
class Weights:
    """Every parameter, packed.

    flat : every entry in one row; what follows are views of it
    chains : per chain, ndarray of shape (H + 1 + V, G*H): the rows of W_hh, the row b_h, the rows of W_xh,
        so that a_t = [h_{t-1}, 1, x_t] block. Of a cell that keeps a gate's h_{t-1} W_hh apart there is one
        row more, (H + 2 + V, G*H), with b_hn under that gate's columns, between W_hh and b_h.
    readout : ndarray of shape (D + 1, O): the rows of W_hy and the row b_y, D = H per chain
    Without biases their rows are zero. A gradient is packed alike.
    """

    network: Network
    flat: Values
    chains: dict[str, Values]
    readout: Values

    @classmethod
    def of(cls, network: Network, parameters: Parameters) -> "Weights":
        """A packed copy of the parameters."""
        vocabulary, width = parameters["left_to_right"]["W_xh"].shape
        inputs, outputs = parameters["readout"]["W_hy"].shape
        shape, readout = (first_word(network) + vocabulary, width), (inputs + 1, outputs)
        size = len(network.chains) * math.prod(shape) + math.prod(readout)
        weights = carved(network, zeros_on_a_line(size), shape, readout)
        weights.put(parameters)
        return weights

    def put(self, parameters: Parameters) -> None:
        """The values of these parameters in place of its own."""
        for group, name, view in self._views:
            view[...] = parameters[group][name]

    @cached_property
    def _views(self) -> list[tuple[str, str, Values]]:
        """Every parameter's, for `put` alone: who else asks is handed views of his own, which are counted."""
        groups = self.parameters().items()
        return [(group, name, view) for group, views in groups for name, view in views.items()]

    def parameters(self) -> Parameters:
        """Views of the blocks by group and name."""
        groups = {name: chain_views(block, self.network) for name, block in self.chains.items()}
        groups["readout"] = readout_views(self.readout, self.network)
        return groups

    def like(self, flat: Values) -> "Weights":
        """Other entries in the same order."""
        return carved(self.network, flat, self.chains["left_to_right"].shape, self.readout.shape)


def zeros_on_a_line(size: int) -> Values:
    """Zeros that begin where a line of the processor's cache does.

    NumPy's begin 16 bytes later when they are many; h W_hh takes 10 to 25 % more time there.
    """
    room = np.zeros(size + CACHE_LINE // 8)
    start = -room.__array_interface__["data"][0] % CACHE_LINE // 8
    return room[start : start + size]


def carved(network: Network, flat: Values, chain: tuple[int, ...], readout: tuple[int, ...]) -> Weights:
    """A block for each chain and one for the readout, of these shapes, one after another."""
    size, names = math.prod(chain), network.chains
    chains = {name: flat[k * size : (k + 1) * size].reshape(chain) for k, name in enumerate(names)}
    return Weights(network, flat, chains, flat[len(names) * size :].reshape(readout))


def first_word(network: Network) -> int:
    """The row of a chain's block at which W_xh begins."""
    return network.hidden_size + (1 if CELLS[network.cell].apart is None else 2)


def chain_views(block: Values, network: Network) -> dict[str, Values]:
    """W_xh, W_hh and the biases inside a block, or inside anything of the shape of a block."""
    hidden, words, apart = network.hidden_size, first_word(network), CELLS[network.cell].apart
    views = {"W_xh": block[words:], "W_hh": block[:hidden]}
    if BIASES[network.bias].present:
        views["b_h"] = block[words - 1]
        if apart is not None:
            views["b_hn"] = block[hidden, apart * hidden : (apart + 1) * hidden]
    return views


def readout_views(block: Values, network: Network) -> dict[str, Values]:
    """W_hy and b_y inside a block, or inside anything of the shape of a block."""
    views = {"W_hy": block[:-1]}
    if BIASES[network.bias].present:
        views["b_y"] = block[-1]
    return views
