"""Vanishing gradients are small, not zero; exploding ones large, not infinite."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine import Network, OneHot, backward, draw_parameters, forward, step_downhill
from app.engine.jacobians import chain_norms
from app.engine.network import Array
from app.engine.norms import near_one, norm, norm_of_product_sums, row_norms
from tests.engine.questions import few

LEFT = "left_to_right"


def norms_of(jacobians: Array) -> Array:
    """Of one lane, (T, 1, H, H)."""
    steps, _, hidden, _ = jacobians.shape
    factors = [near_one(jacobian[0]) for jacobian in jacobians]
    return chain_norms(lambda t, product: (product @ factors[t][0], factors[t][1]), steps, hidden, hidden)


@pytest.mark.parametrize("size", [1, 3, 200])
@pytest.mark.parametrize("scale", [1e-310, 1e-200, 1.0, 1e200])
def test_norms_neither_underflow_nor_overflow(size: int, scale: float) -> None:
    rows = -scale * np.arange(1, size + 1, dtype=float)[None]
    expected = np.sqrt((np.arange(1, size + 1) ** 2.0).sum())
    np.testing.assert_allclose(row_norms(rows) / scale, expected, rtol=1e-9)
    assert norm(rows) / scale == pytest.approx(expected, rel=1e-9)


def test_norms_of_more_rows_than_are_measured_at_a_time() -> None:
    rows = np.random.default_rng(0).normal(size=(700, 2, 60)) * np.logspace(-200, 200, 700)[:, None, None]
    expected = [[norm(row) for row in lanes] for lanes in rows]
    np.testing.assert_allclose(row_norms(rows), expected, rtol=1e-13)


def test_norm_of_zeros_is_zero() -> None:
    assert norm(np.zeros((2, 2))) == 0.0
    assert row_norms(np.zeros((2, 100))).tolist() == [0.0, 0.0]
    assert norm_of_product_sums(np.zeros((1, 2, 3)), np.ones((1, 2, 4))).tolist() == [0.0]


@few
@given(st.integers(1, 4), st.integers(1, 5), st.sampled_from([1e-180, 1.0, 1e150]), st.integers(0, 99))
def test_norm_of_a_sum_of_products_is_that_of_its_matrix(
    lanes: int, size: int, scale: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    left, right = random.normal(size=(3, lanes, size)) * scale, random.normal(size=(3, lanes, 2)) / scale
    matrices = left.swapaxes(1, 2) @ right
    expected = np.linalg.norm(matrices, axis=(1, 2))
    np.testing.assert_allclose(norm_of_product_sums(left, right), expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("hidden", [1, 3, 20])
def test_vanished_gradients_of_a_long_sentence_are_still_numbers(hidden: int) -> None:
    """256 sigmoid steps: squares of these gradients are 0 in float64, the gradients are not."""
    network = Network(activation="sigmoid", hidden_size=hidden)
    parameters = draw_parameters(network, 4, 0, recurrent_radius=0.4)
    words = OneHot.of([t % 4 for t in range(256)], 4)
    back = backward(forward(network, parameters, words), 1.0)
    chain = back.chains[LEFT]
    for norms in (chain.d_h_norm[:, 0], chain.dhT_dh_norm[:, 0], chain.d_preactivation_norm[:, 0]):
        assert (norms > 0).all()
        assert norms[0] < 1e-200
        assert np.square(norms[0]) == 0.0
    gradients = back.gradients[LEFT]
    assert (gradients["W_xh"].norms > 0).all()
    assert (gradients["W_hh"].norms[1:] > 0).all()
    assert (gradients["b_h"].norms > 0).all()
    np.testing.assert_allclose(
        gradients["b_h"].norms[0], row_norms(chain.d_preactivation[:1, 0])[0], rtol=1e-12
    )


@pytest.mark.parametrize("factor", [1e-3, 0.5, 2.0, 1e3])
def test_a_product_of_many_jacobians_keeps_its_scale(factor: float) -> None:
    steps = 100
    random = np.random.default_rng(0)
    rotation = np.linalg.qr(random.normal(size=(steps, 1, 4, 4)))[0]
    norms = norms_of(factor * rotation)
    expected = factor ** np.arange(steps - 1, -1, -1.0)
    np.testing.assert_allclose(norms, expected, rtol=1e-9)


def test_products_below_the_smallest_float_are_zero_and_beyond_the_largest_held_there() -> None:
    tiny, huge = (norms_of(np.full((400, 1, 1, 1), value))[0] for value in (1e-3, 1e3))
    assert tiny == 0.0
    assert huge == np.finfo(np.float64).max


@pytest.mark.parametrize("hidden", [3, 70])
def test_products_of_the_largest_floats_are_held_and_not_lost(hidden: int) -> None:
    norms = norms_of(np.full((60, 1, hidden, hidden), 1e308))
    assert norms[-1] == 1.0
    assert (norms[:-1] == np.finfo(np.float64).max).all()
    assert (norms_of(np.zeros((60, 1, hidden, hidden)))[:-1] == 0.0).all()


@pytest.mark.parametrize(("steps", "hidden"), [(7, 3), (40, 40), (90, 64), (60, 100)])
@pytest.mark.parametrize("activation", ["tanh", "identity"])
def test_norms_of_a_chain_are_those_of_its_products(steps: int, hidden: int, activation: str) -> None:
    network = Network(activation=activation, hidden_size=hidden)
    parameters = draw_parameters(network, 5, 1, recurrent_radius=1.0)
    trace = forward(network, parameters, OneHot.of([t % 5 for t in range(steps)], 5))
    chain = backward(trace, 1.0).chains[LEFT]
    jacobians, product = chain.dh_dh_prev[:, 0], np.eye(hidden)
    expected = np.ones(steps)
    for t in range(steps - 1, 0, -1):
        product = product @ jacobians[t]
        expected[t - 1] = np.linalg.norm(product, 2)
    np.testing.assert_allclose(chain.dhT_dh_norm[:, 0], expected, rtol=1e-9)


def test_clipping_scales_the_whole_gradient_to_its_norm() -> None:
    network = Network()
    trace = forward(network, draw_parameters(network, 5, 0), OneHot.of([0, 1, 2], 5))
    back = backward(trace, 1.0)
    free, clipped = step_downhill(trace, back, 0.1), step_downhill(trace, back, 0.1, clip_norm=0.01)
    everything = [g.total.ravel() for group in back.gradients.values() for g in group.values()]
    assert free.gradient_norm == pytest.approx(np.linalg.norm(np.concatenate(everything)), rel=1e-14)
    assert free.clip_scale == 1.0
    assert clipped.clip_scale == pytest.approx(0.01 / free.gradient_norm)
    moved = np.concatenate(
        [
            (clipped.parameters[group][name] - values).ravel()
            for group, named in trace.weights.parameters().items()
            for name, values in named.items()
        ]
    )
    assert np.linalg.norm(moved) == pytest.approx(0.1 * 0.01, rel=1e-9)
    assert clipped.predicted_loss == pytest.approx(back.loss[0] - 0.1 * 0.01 * free.gradient_norm)


@pytest.mark.parametrize("exponent", [-250, 150])
def test_clipping_works_where_squares_do_not(exponent: int) -> None:
    network = Network(activation="identity", bias="none", loss="difference", hidden_size=1)
    parameters = {
        LEFT: {"W_xh": np.array([[1.0]]), "W_hh": np.array([[0.0]])},
        "readout": {"W_hy": np.array([[10.0**exponent]])},
    }
    trace = forward(network, parameters, OneHot.of([0], 1), np.array([10.0**-exponent]))
    if exponent > 0:
        parameters["readout"]["W_hy"][:] = 0.0
        trace = forward(network, parameters, OneHot.of([0], 1), np.array([10.0**exponent]))
    update = step_downhill(trace, backward(trace, 1.0), 0.1, clip_norm=1e-3)
    assert 0 < update.clip_scale <= 1
    assert np.isfinite(update.gradient_norm)
    assert update.gradient_norm > 0


def test_predicted_loss_is_the_first_order_series() -> None:
    network = Network()
    trace = forward(network, draw_parameters(network, 5, 0), OneHot.of([0, 1, 2], 5))
    back = backward(trace, 1.0)
    errors = []
    for rate in (1e-2, 1e-3):
        update = step_downhill(trace, back, rate)
        assert update.loss is not None
        errors.append(abs(update.loss - update.predicted_loss))
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.05)
