"""Jacobians, two chains and per-step predictions: what hears of what."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from app.engine import EngineError, Network, OneHot, backward, draw_parameters, forward, loss_of
from app.engine.cells import CELLS
from app.engine.credit import credit
from app.engine.network import Array
from tests.engine.questions import LEFT, Question, few, questions

RIGHT = "right_to_left"
BOTH = (False, True)
each_cell = pytest.mark.parametrize("cell", CELLS)


def slopes_of_states(question: Question, chain: str, t: int, eps: float = 1e-6) -> Array:
    """dh_last/dh_t by moving h_t and walking on from there, (H, H), (out, in); c_t stays."""
    h = forward(question.network, question.parameters, question.words, question.h_0).chains[chain]
    ids = question.words.ids[t + 1 :] if chain == LEFT else question.words.ids[:t]
    c_t = None if h.c is None else h.leaving(h.c)[t, 0]
    columns = []
    for unit in np.eye(question.network.hidden_size):
        ends = []
        for sign in (eps, -eps):
            rest = OneHot(ids, question.words.size)
            moved = forward(question.network, question.parameters, rest, h.h[t, 0] + sign * unit, c_t)
            ends.append(moved.chains[chain].h[moved.chains[chain].last, 0].copy())
        columns.append((ends[0] - ends[1]) / (2 * eps))
    return np.stack(columns, axis=1)


@few
@given(questions(activations=("tanh", "sigmoid", "identity"), tasks=("sentiment",)))
def test_norm_of_the_chain_is_that_of_all_ways_from_a_state_to_the_last(question: Question) -> None:
    if question.network.bias == "mixed":
        return  # the first step of the rest would have its bias elsewhere
    _, back = question.answer()
    steps = len(question.words.ids)
    for name, chain in back.chains.items():
        norms = chain.dhT_dh_norm[:, 0]
        assert norms[chain.trace.last] == pytest.approx(1.0)
        for t in range(steps):
            if t != (steps - 1 if name == LEFT else 0):
                expected = np.linalg.norm(slopes_of_states(question, name, t), 2)
                np.testing.assert_allclose(norms[t], expected, rtol=1e-4, atol=1e-7)


@few
@given(questions(activations=("tanh", "sigmoid", "identity"), tasks=("sentiment",)))
def test_local_jacobian_is_of_one_step_with_the_cell_state_held(question: Question) -> None:
    _, back = question.answer()
    steps = len(question.words.ids)
    if question.network.bias == "mixed" or steps < 2:
        return
    short = Question(
        question.network, question.parameters, OneHot(question.words.ids[:2], question.words.size),
        question.h_0, question.target,
    )  # fmt: skip
    found = back.chains[LEFT].dh_dh_prev[1, 0]
    np.testing.assert_allclose(slopes_of_states(short, LEFT, 0), found, rtol=1e-4, atol=1e-7)


@each_cell
@pytest.mark.parametrize("hidden", [3, 40])
def test_norms_step_by_step_are_those_at_once(cell: str, hidden: int) -> None:
    from app.engine.jacobians import norms_at_once, norms_step_by_step, puller

    network = Network(cell=cell, hidden_size=hidden)
    parameters = draw_parameters(network, 5, 1, recurrent_radius=1.0)
    chain = backward(forward(network, parameters, OneHot.of([t % 5 for t in range(50)], 5)), 1.0).chains[LEFT]
    pull = puller(chain.trace, chain.local, 0, list(range(50)))
    width = hidden * (2 if CELLS[cell].remembers else 1)
    at_once, by_step = (measure(pull, 50, hidden, width) for measure in (norms_at_once, norms_step_by_step))
    np.testing.assert_allclose(at_once, by_step, rtol=1e-9)


@each_cell
def test_a_chain_from_right_to_left_is_one_that_reads_the_sentence_backwards(cell: str) -> None:
    network = Network(cell=cell, bidirectional=True)
    parameters = draw_parameters(network, 5, 0)
    ids = [0, 3, 1, 4]
    both = forward(network, parameters, OneHot.of(ids, 5))
    alone = Network(cell=cell)
    backwards: Any = {LEFT: parameters[RIGHT], "readout": {"W_hy": np.ones((3, 1)), "b_y": np.zeros(1)}}
    single = forward(alone, backwards, OneHot.of(ids[::-1], 5))
    np.testing.assert_array_equal(both.chains[RIGHT].h, single.chains[LEFT].h[::-1])
    np.testing.assert_array_equal(both.readout_input[0, 3:], single.readout_input[0])
    np.testing.assert_array_equal(both.by_position[:, 0, 3:], single.chains[LEFT].h[::-1, 0])
    assert both.by_position.shape == (4, 1, 6)


@each_cell
def test_a_later_word_changes_an_earlier_state_from_right_to_left_alone(cell: str) -> None:
    network = Network(cell=cell, bidirectional=True)
    parameters = draw_parameters(network, 5, 0)
    one, other = (forward(network, parameters, OneHot.of([0, 1, 2, last], 5)) for last in (3, 4))
    assert np.array_equal(one.chains[LEFT].h[:3], other.chains[LEFT].h[:3])
    assert not np.isclose(one.chains[RIGHT].h[0], other.chains[RIGHT].h[0]).any()


@few
@given(questions(tasks=("next_word",)))
def test_no_loss_reaches_the_future(question: Question) -> None:
    _, back = question.answer()
    for name, matrix in credit(back).items():
        beyond = np.triu(matrix, 1) if name == LEFT else np.tril(matrix, -1)
        assert not beyond.any()


@few
@given(questions(tasks=("next_word",)))
def test_credit_is_the_gradient_of_that_loss_alone(question: Question) -> None:
    trace, back = question.answer()
    target = back.target[:, 0]
    matrices = credit(back)
    assert back.losses is not None
    for tau, word in enumerate(target):
        if word < 0:
            assert not any(matrix[tau].any() for matrix in matrices.values())
            assert back.losses[tau, 0] == 0.0
            continue
        only = np.full_like(target, -1)
        only[tau] = word
        alone = backward(trace, only)
        np.testing.assert_allclose(alone.loss[0], back.losses[tau, 0], rtol=1e-12, atol=1e-15)
        for name, matrix in matrices.items():
            np.testing.assert_allclose(matrix[tau], alone.chains[name].d_h_norm[:, 0], rtol=1e-9, atol=1e-15)


@few
@given(questions(tasks=("next_word",)))
def test_loss_is_the_mean_over_the_words_to_predict(question: Question) -> None:
    trace, back = question.answer()
    judged = back.target[:, 0] >= 0
    assert back.losses is not None
    chosen = np.log(trace.y_hat[judged, 0][np.arange(judged.sum()), back.target[judged, 0]])
    np.testing.assert_allclose(back.losses[judged, 0], -chosen, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(back.loss[0], -chosen.mean(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(loss_of(trace, question.target)[0], back.loss[0], rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(trace.y_hat.sum(axis=-1), 1.0, rtol=1e-12)
    at_target = back.d_y_hat[judged, 0][np.arange(judged.sum()), back.target[judged, 0]]
    np.testing.assert_allclose(at_target, -np.exp(-chosen) / judged.sum(), rtol=1e-9)


def test_a_sentence_without_a_word_to_predict_teaches_nothing() -> None:
    network = next_word()
    x = OneHot.batch([[0, 1], [2, 3]], 4)
    back = backward(forward(network, draw_parameters(network, 4, 0), x), [[1, -1], [2, -1]])
    alone = backward(forward(network, draw_parameters(network, 4, 0), OneHot.of([0, 1], 4)), [1, 2])
    assert back.loss.tolist() == [pytest.approx(alone.loss[0]), 0.0]
    for name, gradient in back.gradients[LEFT].items():
        np.testing.assert_allclose(gradient.total, alone.gradients[LEFT][name].total, atol=1e-15)


def next_word(bidirectional: bool = False) -> Network:
    return Network(task="next_word", outputs=4, bidirectional=bidirectional)


def test_a_network_without_steps_to_predict_has_no_credit_matrix() -> None:
    network = Network()
    back = backward(forward(network, draw_parameters(network, 4, 0), OneHot.of([0, 1], 4)), 1.0)
    with pytest.raises(EngineError, match="task must be 'next_word' for a credit matrix, got 'sentiment'"):
        credit(back)


def test_credit_is_of_one_sentence() -> None:
    network = next_word()
    trace = forward(network, draw_parameters(network, 4, 0), OneHot.batch([[0, 1], [2, 3]], 4))
    with pytest.raises(EngineError, match="credit is of 1 sentence, got 2"):
        credit(backward(trace, [[1, 3], [-1, -1]]))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ([1, 4], r"target must be a word's id, 0 to 3, or -1 for none, got 4"),
        ([-2, 1], r"target must be a word's id, 0 to 3, or -1 for none, got -2"),
        ([-1, -1], "target must name the next word of at least 1 step, got -1 for all"),
    ],
)
def test_targets_that_are_no_words_are_refused(target: list[int], message: str) -> None:
    network = next_word()
    with pytest.raises(EngineError, match=message) as caught:
        backward(forward(network, draw_parameters(network, 4, 0), OneHot.of([0, 1], 4)), target)
    assert caught.value.field == "target"


@each_cell
@pytest.mark.parametrize("window", [1, 2, 5])
def test_a_window_on_the_last_state_leaves_the_contributions_of_its_steps(cell: str, window: int) -> None:
    network = Network(cell=cell)
    trace = forward(network, draw_parameters(network, 5, 0), OneHot.of([0, 1, 2, 3], 5))
    whole, cut = backward(trace, 0.0), backward(trace, 0.0, window=window)
    for name, gradient in whole.gradients[LEFT].items():
        expected = gradient.terms.copy()
        expected[: max(0, 4 - window)] = 0.0
        np.testing.assert_allclose(cut.gradients[LEFT][name].terms, expected, atol=1e-15)


@each_cell
@pytest.mark.parametrize("bidirectional", BOTH)
def test_a_window_cuts_credit_between_windows(cell: str, bidirectional: bool) -> None:
    """Windows of 2, counted from the last step walked: each is a sentence of its own from a state."""
    network = Network(cell=cell, task="next_word", outputs=4, bidirectional=bidirectional)
    parameters = draw_parameters(network, 4, 0)
    trace = forward(network, parameters, OneHot.of([0, 1, 2, 3], 4))
    target = [1, 2, 3, 0]
    cut = backward(trace, target, window=2)
    for half, kept in ((slice(0, 2), [1, 2, -1, -1]), (slice(2, 4), [-1, -1, 3, 0])):
        alone = backward(trace, kept)
        for name, chain in cut.chains.items():
            np.testing.assert_allclose(chain.d_h[half], alone.chains[name].d_h[half] / 2, atol=1e-15)


def test_a_window_of_nothing_is_refused() -> None:
    network = Network()
    trace = forward(network, draw_parameters(network, 5, 0), OneHot.of([0, 1], 5))
    with pytest.raises(EngineError, match="window must be at least 1, got 0"):
        backward(trace, 1.0, window=0)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("bias", ["outside", "mixed"])
def test_a_cell_with_gates_has_its_biases_inside(cell: str, bias: str) -> None:
    with pytest.raises(EngineError, match=f"bias must be inside or none for cell '{cell}', got '{bias}'"):
        Network(cell=cell, bias=bias)


def test_forget_bias_is_added_to_what_is_drawn() -> None:
    network = Network(cell="lstm", bidirectional=True)
    raised, plain = draw_parameters(network, 5, 0), draw_parameters(network, 5, 0, forget_bias=0.0)
    for name in (LEFT, RIGHT):
        raised[name]["b_h"][3:6] -= 1.0
        for parameter, values in plain[name].items():
            np.testing.assert_allclose(raised[name][parameter], values, atol=1e-15)


def test_highway_is_the_product_of_the_forget_gates() -> None:
    network = Network(cell="lstm", bidirectional=True)
    trace = forward(network, draw_parameters(network, 5, 0), OneHot.of([0, 1, 2], 5))
    for name, chain in trace.chains.items():
        f, highway = chain.gates["f"], chain.highway
        assert highway is not None
        order = [0, 1, 2] if name == LEFT else [2, 1, 0]
        first, second, last = order
        np.testing.assert_allclose(highway[last], 1.0)
        np.testing.assert_allclose(highway[second], f[last])
        np.testing.assert_allclose(highway[first], f[last] * f[second])
    assert (
        forward(Network(), draw_parameters(Network(), 5, 0), OneHot.of([0], 5)).chains[LEFT].highway is None
    )
