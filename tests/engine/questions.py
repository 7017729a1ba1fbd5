"""Random networks and sentences for property tests."""

from dataclasses import dataclass

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

LEFT = "left_to_right"
few = settings(max_examples=60, deadline=None, derandomize=True)


@dataclass(frozen=True)
class Question:
    network: Network
    parameters: Parameters
    words: OneHot
    h_0: Array
    target: float

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
    draw: st.DrawFn, activations: tuple[str, ...] = ("tanh", "sigmoid", "relu", "identity")
) -> Question:
    network = Network(
        activation=draw(st.sampled_from(activations)),
        bias=draw(st.sampled_from(["inside", "outside", "mixed", "none"])),
        loss=draw(st.sampled_from(["bce", "mse", "difference"])),
        hidden_size=draw(st.integers(1, 5)),
    )
    # 30 words are looked up, fewer ride in the product of a step
    vocabulary = draw(st.sampled_from([1, 2, 3, 6, 30]))
    ids = draw(st.lists(st.integers(0, vocabulary - 1), min_size=1, max_size=6))
    parameters = draw_parameters(network, vocabulary, draw(st.integers(0, 2**32)))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    h_0 = random.uniform(-1, 1, network.hidden_size) * draw(st.sampled_from([0.0, 1.0]))
    return Question(network, parameters, OneHot.of(ids, vocabulary), h_0, float(draw(st.integers(0, 1))))


def entries_of(question: Question, group: str) -> list[Entry]:
    """Every weight of a group in the order of its packed block, absent biases left out."""
    hidden = question.network.hidden_size
    width = hidden if group == LEFT else 1
    rows = hidden + 1 + (question.words.size if group == LEFT else 0)
    biased = question.network.bias != "none"
    return [
        Entry(group, row, column) for row in range(rows) if biased or row != hidden for column in range(width)
    ]


def block_of(question: Question, group: dict[str, NDArray[np.float64]]) -> Array:
    """Matrices of a group as `entries_of` lists them, along the last axis but one, flattened."""
    first, bias, last = ("W_hh", "b_h", "W_xh") if "W_hh" in group else ("W_hy", "b_y", None)
    parts = [group[first]]
    if bias in group:
        parts.append(group[bias][..., None, :])
    if last:
        parts.append(group[last])
    stacked = np.concatenate(parts, axis=-2)
    return stacked.reshape(*stacked.shape[:-2], -1)
