"""Both passes over one sentence in arrays made ready before: taken for one answer, then given back.

A third of the time of an answer about a short sentence goes into allocating arrays and taking views of them.
They depend on the network and on how many words there are, not on which, nor on a single weight: every number
is found anew.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from sys import getrefcount
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.blank import blank_backward
from app.engine.bptt import backpropagate
from app.engine.cells import CELLS
from app.engine.floor import Floor
from app.engine.losses import Head
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

LARGEST = 16_384
"""Numbers of a chain's weights, or of its states over time, up to which room is kept: beyond, computing takes
far longer than making it."""
OFTEN = 5  # runs of a size, the first to have room; it takes four times as long to make as it saves
SIZES, OF_EACH = 16, 2
"""Sizes for which room is kept, and how many of each: at most 32 times a few hundred kilobytes."""


@dataclass(frozen=True)
class Workspace:
    """Room for the passes over one sentence.

    back : both passes
    again : the second pass forward, after an update
    parts, held : what is in them, and by how many each is held while nobody else does
    """

    back: Backward
    again: Trace
    parts: list[object]
    held: list[int]

    def is_free(self) -> bool:
        """Whether nobody else holds anything of it any more."""
        return references(self.parts) == self.held

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


class Shelf(list[Workspace]):
    """Room of one size that nobody uses. asked : how many runs there were of it."""

    asked = 0

    def take(self, network: Network, steps: int, vocabulary: int) -> Workspace:
        """Room of this size, for the taker alone until it is given back."""
        with suppress(IndexError):  # nothing is left, or another thread took the last one
            while True:
                room = self.pop()
                if room.is_free():
                    return room
        return blank_workspace(network, steps, vocabulary)


def is_kept(network: Network, steps: int, vocabulary: int) -> bool:
    """Whether room is kept for sentences of T words out of V."""
    width = max(network.hidden_size * CELLS[network.cell].gates, network.outputs)
    return max(2 * network.hidden_size + vocabulary, steps) * width <= LARGEST


def room_for(network: Network, steps: int, vocabulary: int) -> Workspace | None:
    """Room for a sentence of T words out of V, if its size was asked for often lately, this time included.

    A class asks for many sizes a few times, and room that is taken once costs more than it saves.
    """
    shelf = shelf_of(network, steps, vocabulary)
    shelf.asked += 1
    return shelf.take(network, steps, vocabulary) if shelf.asked >= OFTEN else None


def give_back(room: Workspace) -> None:
    """Put room where the next one takes it; where it is still held then, nobody does."""
    chain = room.back.trace.chains["left_to_right"]
    shelf = shelf_of(chain.network, len(chain.x.ids), chain.x.size)
    if len(shelf) < OF_EACH:
        shelf.append(room)


@lru_cache(maxsize=SIZES)
def shelf_of(network: Network, steps: int, vocabulary: int) -> Shelf:
    """Where room of this size stands while nobody uses it."""
    return Shelf()


def blank_workspace(network: Network, steps: int, vocabulary: int) -> Workspace:
    """New room for a sentence of T words out of V."""
    room = _uncounted(network, steps, vocabulary)
    room.held.extend(references(room.parts))
    return room


def _uncounted(network: Network, steps: int, vocabulary: int) -> Workspace:
    """The same before it is known by how many its parts are held: while it is made they are by more."""
    nothing: Parameters = {
        group: {name: np.zeros(shape) for name, shape in shapes.items()}
        for group, shapes in parameter_shapes(network, vocabulary).items()
    }
    trace = blank_trace(Weights.of(network, nothing), OneHot.of([0] * steps, vocabulary))
    target = [0] * steps if network.per_step else 0.0
    back, again = blank_backward(trace, target), like_trace(trace, Weights.of(network, nothing))
    found = (part for passes in (back, again) for part in parts_of(passes) if part is not None)
    parts = list({id(part): part for part in found}.values())
    return Workspace(back, again, parts, [])


def parts_of(found: Any) -> Iterator[object]:
    """What somebody may hold of passes: dataclasses, floors and dicts with all that is in them, and arrays
    with those whose numbers they look at. The tapes of the loops are for nobody else."""
    if isinstance(found, np.ndarray):
        yield from (found, found.base)
    elif isinstance(found, dict):
        yield found
        for entry in found.values():
            yield from parts_of(entry)
    elif isinstance(found, Floor):
        yield found
        yield from parts_of(found.rooms)
    elif is_dataclass(found) and not isinstance(found, Network | Head):
        yield found
        for field in fields(found):
            if field.name != "tape":
                yield from parts_of(getattr(found, field.name))


def references(parts: list[object]) -> list[int]:
    """How many hold each."""
    return [getrefcount(part) for part in parts]
