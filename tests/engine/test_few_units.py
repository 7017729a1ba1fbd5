"""Few units are computed in fewer calls, and to the same numbers; and one tape goes both ways."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine import (
    Backward,
    DivergenceError,
    Network,
    OneHot,
    Parameters,
    backward,
    bptt,
    draw_parameters,
    forward,
    refill,
    walk,
    way_back,
)
from app.engine.floor import Floor
from tests.engine.questions import LEFT, Question, few, questions

CELLS = ("lstm", "gru")


@contextmanager
def as_if_many() -> Iterator[None]:
    """Units count as many however few they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk, "FEW_UNITS", 0)
        yield


def arrays_of(back: Backward) -> dict[str, np.ndarray]:
    """What a pass answers with, by name."""
    found = {"loss": back.loss, "logit": back.trace.logit, "total": back.gradient.flat}
    for name, chain in back.chains.items():
        for key in ("h", "h_prev", "c", "tanh_c", "preactivation", "activated", "recurrent", "along_road"):
            found[f"{name} {key}"] = getattr(chain.trace, key)
        for key in ("d_h", "d_c", "d_preactivation", "d_x", "d_h_0", "d_c_0", "d_h_carried", "slope"):
            found[f"{name} {key}"] = getattr(chain, key)
        for key in ("d_h_norm", "d_preactivation_norm", "dh_dh_prev", "dhT_dh_norm"):
            found[f"{name} {key}"] = getattr(chain, key)
        for key, gate in chain.trace.gates.items():
            found[f"{name} gate {key}"] = gate
    for group, named in back.gradients.items():
        for name, gradient in named.items():
            found |= {f"{group} {name} {key}": getattr(gradient, key) for key in ("terms", "norms", "shares")}
    return {name: np.array(array) for name, array in found.items() if array is not None}


def assert_alike(one: Backward, other: Backward) -> None:
    found, expected = arrays_of(one), arrays_of(other)
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        scale = np.abs(array).max(initial=0.0)
        np.testing.assert_allclose(found[name], array, rtol=1e-9, atol=1e-12 * scale + 1e-300, err_msg=name)


@few
@given(questions(cells=CELLS), st.one_of(st.none(), st.integers(1, 4)))
def test_few_units_give_the_same_numbers_as_many(question: Question, window: int | None) -> None:
    trace, _ = question.answer()
    with as_if_many():
        slow = forward(question.network, question.parameters, question.words, question.h_0)
        assert slow.chains[LEFT].floor is None
        expected = backward(slow, question.target, window=window)
    assert_alike(backward(trace, question.target, window=window), expected)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("hidden", "floored"), [(1, True), (8, True), (9, False)])
def test_eight_units_are_few(cell: str, bidirectional: bool, hidden: int, floored: bool) -> None:
    network = Network(cell=cell, hidden_size=hidden, bidirectional=bidirectional)
    words, parameters = OneHot.of([0, 2, 1, 2], 3), draw_parameters(network, 3, 5)
    trace = forward(network, parameters, words)
    assert all((chain.floor is not None) is floored for chain in trace.chains.values())
    with as_if_many():
        expected = backward(forward(network, parameters, words), 1.0)
    assert_alike(backward(trace, 1.0), expected)


@pytest.mark.parametrize("window", [None, 3])
@pytest.mark.parametrize("task", ["sentiment", "next_word"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_blocks_in_one_call_give_the_same_numbers(bidirectional: bool, task: str, window: int | None) -> None:
    ids, outputs = [0, 2, 1, 2, 0, 1, 1], 3 if task == "next_word" else 1
    network = Network(cell="gru", hidden_size=12, bidirectional=bidirectional, task=task, outputs=outputs)
    target = [*ids[1:], -1] if task == "next_word" else 1.0
    trace = forward(network, draw_parameters(network, 3, 4), OneHot.of(ids, 3))
    found = backward(trace, target, window=window)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(way_back, "TILED_UNITS", 0)
        expected = backward(trace, target, window=window)
    assert len(found.tape) != len(expected.tape)
    assert_alike(found, expected)


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_given_first_is_heard(cell: str) -> None:
    network, random = Network(cell=cell), np.random.default_rng(3)
    words, parameters = OneHot.of([0, 1, 2], 3), draw_parameters(network, 3, 1)
    h_0, c_0 = random.normal(size=(2, 3))
    trace = forward(network, parameters, words, h_0, c_0)
    assert trace.chains[LEFT].floor is not None
    with as_if_many():
        expected = backward(forward(network, parameters, words, h_0, c_0), 0.0)
    assert_alike(backward(trace, 0.0), expected)


@pytest.mark.parametrize("size", [30.0, 800.0, 1e100])
@pytest.mark.parametrize("cell", CELLS)
def test_shut_and_open_gates(cell: str, size: float) -> None:
    """exp of 800 is infinite, and a gate that is shut is 0 for all that. Of many units 1 - z of an open gate
    rounds to 0; of few it is what it is."""
    network = Network(cell=cell)
    parameters = times(draw_parameters(network, 3, 2), size)
    trace = forward(network, parameters, OneHot.of([0, 1, 2, 1], 3))
    with as_if_many():
        expected = backward(forward(network, parameters, OneHot.of([0, 1, 2, 1], 3)), 1.0)
    found = arrays_of(backward(trace, 1.0))
    assert all(np.isfinite(array).all() for array in found.values())
    for name, array in arrays_of(expected).items():
        if not name.endswith("shares"):  # of next to nothing: rounding decides
            least = 1e-280 if cell == "lstm" else 1e-12 * max(1.0, np.abs(array).max())
            np.testing.assert_allclose(found[name], array, rtol=1e-9, atol=least, err_msg=name)


def test_an_open_gate_lets_the_last_of_the_candidate_through() -> None:
    network, words = Network(cell="gru", hidden_size=1), OneHot.of([0], 1)
    parameters = draw_parameters(network, 1, 0)
    parameters[LEFT]["W_xh"][...] = [[0.0, 50.0, 0.3]]
    parameters[LEFT]["b_h"][...] = parameters[LEFT]["b_hn"][...] = 0.0
    back = backward(forward(network, parameters, words), 1.0)
    d_a_n = back.chains[LEFT].d_preactivation[0, 0, 2]
    d_h, closed = back.chains[LEFT].d_h[0, 0, 0], np.exp(-50.0)
    assert d_a_n == pytest.approx(d_h * closed / (1 + closed) / np.cosh(0.3) ** 2, rel=1e-13)


def times(parameters: Parameters, size: float) -> Parameters:
    """All weights that much larger, the readout's aside."""
    return {
        group: {name: values if group == "readout" else values * size for name, values in named.items()}
        for group, named in parameters.items()
    }


@pytest.mark.parametrize("norms", [False, True])
@pytest.mark.parametrize("cell", ["elman", *CELLS])
def test_passes_of_one_trace_share_no_gradient(cell: str, norms: bool) -> None:
    network = Network(cell=cell)
    trace = forward(network, draw_parameters(network, 5, 0), OneHot.of([0, 1, 2], 5))
    first = backward(trace, 1.0, norms=norms)
    before = first.gradient.flat.copy()
    second = backward(trace, 0.0, norms=norms)
    np.testing.assert_array_equal(first.gradient.flat, before)
    assert not np.shares_memory(first.gradient.flat, second.gradient.flat)
    refill(second)
    np.testing.assert_array_equal(first.gradient.flat, before)
    assert np.abs(second.gradient.flat - before).max() > 1e-3


@pytest.mark.parametrize("norms", [False, True])
@pytest.mark.parametrize("name", ["W_xh", "W_hy"])
@pytest.mark.parametrize("cell", ["elman", *CELLS])
def test_a_refill_that_overflows_says_so_and_the_next_is_sound(cell: str, name: str, norms: bool) -> None:
    network, words = Network(cell=cell), OneHot.of([0, 1, 2], 5)
    back = backward(forward(network, draw_parameters(network, 5, 0), words), 1.0, norms=norms)
    weights, sound = back.trace.weights, back.trace.weights.flat.copy()
    group = "readout" if name == "W_hy" else LEFT
    weights.parameters()[group][name][...] = 1.5e308
    weights.parameters()[group]["b_y" if group == "readout" else "b_h"][...] = 1.5e308
    with np.errstate(all="ignore"), pytest.raises(DivergenceError) as refused:
        refill(back)
    with np.errstate(all="ignore"), pytest.raises(DivergenceError) as expected:
        forward(network, weights.parameters(), words)
    assert str(refused.value) == str(expected.value)
    weights.flat[...] = sound
    refill(back)
    fresh = backward(forward(network, weights.parameters(), words), 1.0, norms=norms)
    np.testing.assert_array_equal(back.gradient.flat, fresh.gradient.flat)


@pytest.mark.parametrize("norms", [False, True])
@pytest.mark.parametrize("cell", ["elman", *CELLS])
def test_a_gradient_that_vanishes_is_walked_once(
    cell: str, norms: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below 1e-140 its norms are measured with care: that is no overflow, and no reason to start again."""
    network = Network(cell=cell, hidden_size=2)
    parameters = times(draw_parameters(network, 3, 0), 1e-2)
    back = backward(forward(network, parameters, OneHot.of([0, 1, 2] * 30, 3)), 1.0, norms=norms)
    before = back.gradient.flat.copy()
    for walk_again in ("run_forward", "run_backward"):
        monkeypatch.setattr(bptt, walk_again, None)
    refill(back)
    np.testing.assert_array_equal(back.gradient.flat, before)
    smallest = back.chains[LEFT].d_preactivation_norm.min()
    assert cell != "elman" or 0.0 < smallest < 1e-140


def test_a_floor_gathers_blocks_of_any_room() -> None:
    floor = Floor(20, (2, 1, 4), behind=3)
    product, other = floor.rooms["product"], floor.room("other", 2, 1, 2)
    product[...], other[...] = np.arange(8.0).reshape(2, 1, 4), [[[10.0, 11.0]], [[12.0, 13.0]]]
    found, (call, given) = floor.gathering([[other, 1], [product[..., 2:], 0]])
    call(*given)
    np.testing.assert_array_equal(found[0, :, 0], [[10, 11, 1, 1], [12, 13, 1, 1]])
    np.testing.assert_array_equal(found[1, :, 0], [[2, 3, 0, 0], [6, 7, 0, 0]])
    assert floor.watched.size == product.size + 3


def test_a_floor_without_room_refuses() -> None:
    floor = Floor(5, (1, 1, 1), behind=0)
    floor.room("most", 4)
    with pytest.raises(ValueError, match="reshape"):
        floor.room("too much", 2)
