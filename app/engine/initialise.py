"""Initial parameters and states, each drawn from a stream of its own."""

import math
import threading
from collections.abc import Mapping
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from app.engine.cells import CELLS
from app.engine.errors import EngineError
from app.engine.network import Network, Parameters, parameter_shapes

Array = NDArray[np.float64]


def stream(seed: int, name: str) -> np.random.Generator:
    """The random stream of one parameter: the same whatever else is drawn, before or after.

    Philox is counter-based: every key is a stream of its own, and needs no mixing of a seed sequence first.
    """
    return np.random.Generator(np.random.Philox(key=np.array([seed, number_of(name)], np.uint64)))


def number_of(name: str) -> int:
    """What tells the streams of one seed apart."""
    return crc32(name.encode())


class Streams(threading.local):
    """`stream` of one name after another, each in place of the last; one for each thread.

    One generator is put at the start of each stream: to make one takes ten times as long.
    """

    def __init__(self) -> None:
        self.philox = np.random.Philox(key=0)
        self.generator = np.random.Generator(self.philox)
        # lists are read in half the time of the arrays that `state` gives
        self.key = [0, 0]
        self.start: Any = {
            **self.philox.state, "state": {"counter": [0] * 4, "key": self.key}, "buffer": [0] * 4
        }  # fmt: skip

    def turn_to(self, seed: int, name: str) -> np.random.Generator:
        """The generator at the start of a stream, until the next call."""
        self.key[:] = seed, number_of(name)
        self.philox.state = self.start
        return self.generator


STREAMS = Streams()


def draw_parameters(
    network: Network,
    vocabulary_size: int,
    seed: int,
    recurrent_radius: float | None = None,
    forget_bias: float = 1.0,
) -> Parameters:
    """U(-1/sqrt(n), 1/sqrt(n)), n = H for a chain and the width of its input for the readout, as PyTorch
    draws.

    Rows of W_xh are drawn word by word: a word added to the vocabulary leaves the earlier rows alone.

    forget_bias : added to what is drawn for the bias of a forget gate, so that a new network remembers
    """
    drawn = {
        group: draw_group(seed, group, shapes, bound_of(group, network))
        for group, shapes in parameter_shapes(network, vocabulary_size).items()
    }
    if recurrent_radius is not None:
        for name in network.chains:
            drawn[name]["W_hh"] = with_recurrent_radius(drawn[name]["W_hh"], recurrent_radius)
    forget = CELLS[network.cell].forget_gate
    if forget is not None:
        block = slice(forget * network.hidden_size, (forget + 1) * network.hidden_size)
        for name in network.chains:
            if "b_h" in drawn[name]:
                drawn[name]["b_h"][block] += forget_bias
    return drawn


def draw_group(
    seed: int, group: str, shapes: Mapping[str, tuple[int, ...]], bound: float
) -> dict[str, Array]:
    """The parameters of a group, uniform in [-bound, bound), side by side in one row."""
    row, at, drawn = np.empty(sum(map(math.prod, shapes.values()))), 0, {}
    for name, shape in shapes.items():
        size = math.prod(shape)
        drawn[name] = row[at : at + size].reshape(shape)
        STREAMS.turn_to(seed, f"{group}.{name}").random(out=drawn[name])
        at += size
    spread(row, bound)
    return drawn


def bound_of(group: str, network: Network) -> float:
    """1/sqrt(n) for n inputs."""
    inputs = network.hidden_size * (len(network.chains) if group == "readout" else 1)
    return float(inputs**-0.5)


def draw(generator: np.random.Generator, shape: tuple[int, ...], bound: float) -> Array:
    """Uniform in [-bound, bound)."""
    drawn = generator.random(shape)
    spread(drawn, bound)
    return drawn


def spread(drawn: Array, bound: float) -> None:
    """From uniform in [0, 1) to uniform in [-bound, bound), in place."""
    drawn *= 2.0
    drawn -= 1.0
    drawn *= bound


def draw_state(network: Network, seed: int) -> Array:
    """A random initial state, uniform in [-1, 1), of shape (H,)."""
    return draw(stream(seed, "initial_state"), (network.hidden_size,), 1.0)


def spectral_radius(matrix: Array) -> float:
    """The largest modulus of an eigenvalue."""
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def with_recurrent_radius(W_hh: Array, radius: float) -> Array:
    """W_hh, each square block of it, rescaled to a spectral radius.

    Raises EngineError when its radius is 0 and the wanted one is not.
    """
    hidden = len(W_hh)
    rescaled = np.empty_like(W_hh)
    for start in range(0, W_hh.shape[1], hidden):
        block = W_hh[:, start : start + hidden]
        present = spectral_radius(block)
        if present == 0.0 and radius != 0.0:
            raise EngineError(
                f"recurrent_radius must be reachable by scaling W_hh, whose radius is 0, got {radius:g}",
                field="recurrent_radius",
                value=radius,
            )
        rescaled[:, start : start + hidden] = block * (radius / present) if present else block
    return rescaled
