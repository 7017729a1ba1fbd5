"""Parameters packed the way the loops use them: one block per chain, so that a step is one product."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.cells import CELLS
from app.engine.network import BIASES, Network, Parameters

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """Every parameter, packed.

    chains : per chain, ndarray of shape (H + 1 + V, G*H): the rows of W_hh, the row b_h, the rows of W_xh,
        so that a_t = [h_{t-1}, 1, x_t] block. Of a cell that keeps a gate's h_{t-1} W_hh apart there is one
        row more, (H + 2 + V, G*H), with b_hn under that gate's columns, between W_hh and b_h.
    readout : ndarray of shape (D + 1, O): the rows of W_hy and the row b_y, D = H per chain
    Without biases their rows are zero.
    """

    network: Network
    chains: dict[str, NDArray[Any]]
    readout: NDArray[Any]

    @classmethod
    def of(cls, network: Network, parameters: Parameters) -> "Weights":
        """A packed copy of the parameters."""
        return cls(
            network,
            {name: packed_chain(parameters[name], network) for name in network.chains},
            packed_readout(parameters["readout"]),
        )

    def parameters(self) -> Parameters:
        """Views of the blocks by group and name."""
        groups = {name: chain_views(block, self.network) for name, block in self.chains.items()}
        groups["readout"] = readout_views(self.readout, self.network)
        return groups

    def cast(self, dtype: type) -> "Weights":
        """A copy with entries of another type."""
        chains: dict[str, NDArray[Any]] = {name: block.astype(dtype) for name, block in self.chains.items()}
        return Weights(self.network, chains, self.readout.astype(dtype))


def first_word(network: Network) -> int:
    """The row of a chain's block at which W_xh begins."""
    return network.hidden_size + (1 if CELLS[network.cell].apart is None else 2)


def packed_chain(group: dict[str, Array], network: Network) -> Array:
    """A chain's block."""
    block = np.zeros((first_word(network) + len(group["W_xh"]), group["W_hh"].shape[1]))
    for name, view in chain_views(block, network).items():
        view[...] = group[name]
    return block


def packed_readout(group: dict[str, Array]) -> Array:
    """The rows of W_hy and the row b_y under each other."""
    rows = len(group["W_hy"])
    block = np.zeros((rows + 1, group["W_hy"].shape[1]))
    block[:rows] = group["W_hy"]
    if "b_y" in group:
        block[rows] = group["b_y"]
    return block


def chain_views(block: NDArray[Any], network: Network) -> dict[str, NDArray[Any]]:
    """W_xh, W_hh and the biases inside a block, or inside anything of the shape of a block."""
    hidden, words, apart = network.hidden_size, first_word(network), CELLS[network.cell].apart
    views = {"W_xh": block[words:], "W_hh": block[:hidden]}
    if BIASES[network.bias].present:
        views["b_h"] = block[words - 1]
        if apart is not None:
            views["b_hn"] = block[hidden, apart * hidden : (apart + 1) * hidden]
    return views


def readout_views(block: NDArray[Any], network: Network) -> dict[str, NDArray[Any]]:
    """W_hy and b_y inside a block, or inside anything of the shape of a block."""
    views = {"W_hy": block[:-1]}
    if BIASES[network.bias].present:
        views["b_y"] = block[-1]
    return views
