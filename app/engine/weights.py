"""Parameters packed the way the loops use them: one block per chain, so that a step is one product."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.network import BIASES, Network, Parameters

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """Every parameter, packed.

    chains : per chain, ndarray of shape (H + 1 + V, G*H): the rows of W_hh, the row b_h, the rows of W_xh,
        so that a_t = [h_{t-1}, 1, x_t] block
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
            {name: packed(parameters[name], "W_hh", "b_h", "W_xh") for name in network.chains},
            packed(parameters["readout"], "W_hy", "b_y"),
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


def packed(group: dict[str, Array], matrix: str, bias: str, last: str | None = None) -> Array:
    """The rows of a matrix, of a bias (zero when there is none) and of a last matrix under each other."""
    top = group[matrix]
    rows = len(top)
    block = np.zeros((rows + 1 + (len(group[last]) if last else 0), top.shape[1]))
    block[:rows] = top
    if bias in group:
        block[rows] = group[bias]
    if last:
        block[rows + 1 :] = group[last]
    return block


def chain_views(block: NDArray[Any], network: Network) -> dict[str, NDArray[Any]]:
    """W_xh, W_hh and b_h inside a block, or inside anything of the shape of a block."""
    hidden = network.hidden_size
    views = {"W_xh": block[hidden + 1 :], "W_hh": block[:hidden]}
    if BIASES[network.bias].present:
        views["b_h"] = block[hidden]
    return views


def readout_views(block: NDArray[Any], network: Network) -> dict[str, NDArray[Any]]:
    """W_hy and b_y inside a block, or inside anything of the shape of a block."""
    views = {"W_hy": block[:-1]}
    if BIASES[network.bias].present:
        views["b_y"] = block[-1]
    return views
