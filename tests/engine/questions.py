"""Random networks and sentences for property tests."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import assume, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.engine import (
    Backward,
    DomainError,
    Network,
    OneHot,
    Parameters,
    Trace,
    backward,
    draw_parameters,
    forward,
)
from app.engine.lanes import Entry
from app.engine.network import Array
from app.engine.weights import Weights, chain_views, readout_views

LEFT = "left_to_right"
few = settings(max_examples=60, deadline=None, derandomize=True)


@dataclass(frozen=True)
class Question:
    network: Network
    parameters: Parameters
    words: OneHot
    h_0: Array
    target: Any

    def answer(self) -> tuple[Trace, Backward]:
        """Both passes; a question whose loss is not defined is not asked."""
        trace = forward(self.network, self.parameters, self.words, self.h_0)
        try:
            return trace, backward(trace, self.target)
        except DomainError:
            assume(False)
            raise


@st.composite
def questions(
    draw: st.DrawFn,
    activations: tuple[str, ...] = ("tanh", "sigmoid", "relu", "identity"),
    cells: tuple[str, ...] = ("elman", "lstm", "gru"),
    bidirectional: tuple[bool, ...] = (False, True),
    tasks: tuple[str, ...] = ("sentiment", "next_word"),
) -> Question:
    # 70 words are looked up, fewer ride in the product of a step
    vocabulary = draw(st.sampled_from([1, 2, 3, 6, 70]))
    cell, task = draw(st.sampled_from(cells)), draw(st.sampled_from(tasks))
    network = Network(
        cell=cell,
        activation=draw(st.sampled_from(activations)),
        bias=draw(st.sampled_from(["inside", "outside", "mixed", "none"][:: 1 if cell == "elman" else 3])),
        loss=draw(st.sampled_from(["bce", "mse", "difference"])),
        hidden_size=draw(st.integers(1, 5)),
        bidirectional=draw(st.sampled_from(bidirectional)),
        outputs=vocabulary if task == "next_word" else 1,
        task=task,
    )
    ids = draw(st.lists(st.integers(0, vocabulary - 1), min_size=1, max_size=6))
    parameters = draw_parameters(network, vocabulary, draw(st.integers(0, 2**32)))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    h_0 = random.uniform(-1, 1, network.hidden_size) * draw(st.sampled_from([0.0, 1.0]))
    label = float(draw(st.integers(0, 1)))
    target = [*ids[1:], ids[0] if label else -1] if task == "next_word" and len(ids) > 1 else label
    if task == "next_word" and len(ids) == 1:
        target = ids
    return Question(network, parameters, OneHot.of(ids, vocabulary), h_0, target)


def group_views(network: Network, group: str, places: NDArray[Any]) -> dict[str, NDArray[Any]]:
    return readout_views(places, network) if group == "readout" else chain_views(places, network)


def entries_of(question: Question, group: str) -> list[Entry]:
    """Every weight of a group, parameter by parameter, absent biases left out."""
    weights = Weights.of(question.network, question.parameters)
    block = weights.readout if group == "readout" else weights.chains[group]
    places = np.arange(block.size).reshape(block.shape)
    return [
        Entry(group, *(int(index) for index in np.unravel_index(place, block.shape)))
        for view in group_views(question.network, group, places).values()
        for place in view.ravel()
    ]


def block_of(question: Question, group: dict[str, NDArray[np.float64]]) -> Array:
    """Arrays by name as `entries_of` lists them, flattened but for an axis of steps in front."""
    name = "readout" if "W_hy" in group else LEFT
    shapes = {key: value.shape for key, value in question.parameters[name].items()}
    weights = Weights.of(question.network, question.parameters)
    block = weights.readout if name == "readout" else weights.chains[LEFT]
    order = group_views(question.network, name, block)
    parts = [group[key].reshape(*group[key].shape[: -len(shapes[key])], -1) for key in order]
    return np.concatenate(parts, axis=-1)
