"""Both passes over one sentence in arrays made ready before: lent for one answer, then taken back.

A third of the time of an answer about a short sentence goes into allocating arrays and taking views of them.
They depend on the network and on how many words there are, not on which, nor on a single weight: every number
is found anew.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.blank import blank_backward
from app.engine.bptt import backpropagate
from app.engine.cells import CELLS
from app.engine.network import Network, Parameters, parameter_shapes
from app.engine.onehot import OneHot
from app.engine.readout import as_targets
from app.engine.scan import propagate
from app.engine.softmax import step_weights
from app.engine.sweep import Backward
from app.engine.trace import Trace, blank_trace
from app.engine.update import like_trace
from app.engine.weights import Weights

Array = NDArray[np.float64]

LENT = 16_384
"""Numbers of a chain's weights, or of its states over time, up to which room is kept: beyond, computing takes
far longer than making it."""
SIZES, OF_EACH = 16, 2
"""Sizes for which room is kept, and how many of each: at most 32 times a few hundred kilobytes."""


@dataclass(frozen=True)
class Workspace:
    """Room for the passes over one sentence.

    back : both passes
    again : the second pass forward, after an update
    """

    back: Backward
    again: Trace

    def forward(self, parameters: Parameters, ids: Sequence[int], h_0: Array | None) -> Trace:
        """`scan.forward` in this room; raises as that does."""
        trace = self.back.trace
        trace.weights.put(parameters)
        trace.x.put(ids)
        for name, chain in trace.chains.items():
            chain.put_words()
            chain.h_0[...] = 0.0 if h_0 is None else h_0
            again = self.again.chains[name]
            again.z[...] = chain.z
            if again.words is not None:
                again.words[...] = chain.words
        propagate(trace)
        return trace

    def backward(self, target: Any) -> Backward:
        """`bptt.backward` of that pass; raises as that does."""
        back = self.back
        back.target[...] = as_targets(target, back.trace)
        if back.weights is not None:
            back.weights[...] = step_weights(back.target) * back.share
        back.gradient.flat.fill(0.0)  # of a word that does not occur nothing is written
        for chain in back.chains.values():
            if chain.norms is not None:
                chain.norms.begin(chain.trace.h_0[0], chain.trace.reverse)
        backpropagate(back)
        return back


def is_lent(network: Network, steps: int, vocabulary: int) -> bool:
    """Whether there is room to be lent for sentences of T words out of V."""
    width = max(network.hidden_size * CELLS[network.cell].gates, network.outputs)
    return max(2 * network.hidden_size + vocabulary, steps) * width <= LENT


@contextmanager
def lent(network: Network, steps: int, vocabulary: int) -> Iterator[Workspace]:
    """Room for a sentence of T words out of V until the block is left; what is found in it is lost then.

    No two threads are lent the same. Where an error leaves the block the room is given up.
    """
    shelf = _shelf(network, steps, vocabulary)
    try:
        room = shelf.pop()
    except IndexError:
        room = blank_workspace(network, steps, vocabulary)
    yield room
    if len(shelf) < OF_EACH:
        shelf.append(room)


@lru_cache(maxsize=SIZES)
def _shelf(network: Network, steps: int, vocabulary: int) -> list[Workspace]:
    """Where room of this size stands while nobody uses it."""
    return []


def blank_workspace(network: Network, steps: int, vocabulary: int) -> Workspace:
    """Room for a sentence of T words out of V."""
    nothing: Parameters = {
        group: {name: np.zeros(shape) for name, shape in shapes.items()}
        for group, shapes in parameter_shapes(network, vocabulary).items()
    }
    trace = blank_trace(Weights.of(network, nothing), OneHot.of([0] * steps, vocabulary))
    target = [0] * steps if network.per_step else 0.0
    return Workspace(blank_backward(trace, target), like_trace(trace, Weights.of(network, nothing)))
