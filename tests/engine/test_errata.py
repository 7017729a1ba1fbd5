"""The lecture notes' slips, each proved by the engine."""

import numpy as np
import pytest

from app.engine import (
    DomainError,
    Network,
    OneHot,
    backward,
    forward,
)
from app.engine.activations import ACTIVATIONS
from tests.engine.golden import answer, by_id, close, network_of, parameters_of, words_of

LEFT = "left_to_right"
MOVIE_OUTSIDE = by_id("movie-R3-outside-tanh-bce")
SCALAR = by_id("scalar-catmatrat-R1-inside-tanh-mse")


@pytest.mark.parametrize(
    ("name", "largest"), [("tanh", 1.0), ("sigmoid", 0.25), ("relu", 1.0), ("identity", 1.0)]
)
def test_no_activation_has_a_slope_above_its_largest(name: str, largest: float) -> None:
    activation = ACTIVATIONS[name]
    a = np.linspace(-9, 9, 1801)
    slopes = activation.slope(a, np.empty_like(a))
    assert activation.largest_slope == largest
    assert slopes.max() == pytest.approx(largest, abs=1e-12)
    if name == "relu":
        assert set(slopes.tolist()) == {0.0, 1.0}


@pytest.mark.parametrize(("radius", "growth"), [(0.9, 0.0057), (1.0, 1.0), (1.1, 106.7), (1.5, 4.3e8)])
def test_relu_explodes_by_its_weights_and_not_by_its_slope(radius: float, growth: float) -> None:
    hidden, steps = 4, 50
    parameters = {
        LEFT: {"W_xh": np.ones((1, hidden)), "W_hh": radius * np.roll(np.eye(hidden), 1, axis=0)},
        "readout": {"W_hy": np.full((hidden, 1), 1e-9)},
    }
    network = Network(activation="relu", bias="none", hidden_size=hidden)
    chain = backward(forward(network, parameters, OneHot.of([0] * steps, 1)), 1.0).chains[LEFT]
    assert chain.slope.max() == 1.0
    np.testing.assert_allclose(chain.dhT_dh_norm[0, 0], growth, rtol=0.02)


def test_sigmoid_grows_where_its_weights_outweigh_its_slope() -> None:
    parameters = {
        LEFT: {"W_xh": np.zeros((1, 1)), "W_hh": np.array([[5.0]]), "b_h": np.array([-2.5])},
        "readout": {"W_hy": np.ones((1, 1)), "b_y": np.zeros(1)},
    }
    trace = forward(
        Network(activation="sigmoid", hidden_size=1), parameters, OneHot.of([0] * 9, 1), np.array([0.5])
    )
    chain = backward(trace, 1.0).chains[LEFT]
    np.testing.assert_allclose(chain.slope, 0.25)
    np.testing.assert_allclose(chain.dhT_dh_norm[:, 0], 1.25 ** np.arange(8, -1, -1))


def test_shortcuts_break_when_the_bias_stands_outside() -> None:
    back = answer(MOVIE_OUTSIDE)
    chain, gradients = back.chains[LEFT], back.gradients
    W_hh, h = parameters_of(MOVIE_OUTSIDE)[LEFT]["W_hh"], chain.trace.h[:, 0]
    np.testing.assert_allclose(chain.slope[:, 0], 1 - chain.trace.activated[:, 0] ** 2, rtol=0, atol=1e-12)

    delta, wrong = back.d_input[0], np.zeros((5, 3))
    for t in (3, 2, 1, 0):
        d_a = delta * (1 - h[t] ** 2)
        wrong[chain.trace.x.ids[t, 0]] += d_a
        delta = W_hh @ d_a
    total = gradients[LEFT]["W_xh"].total
    close(np.linalg.norm(wrong - total) / np.linalg.norm(total), 0.187, 3)
    close([back.d_logit[0, 0], back.trace.y_hat[0, 0] - 0.0], [1.0959, 0.8134], 4)
    close(back.d_y_hat[0, 0], 5.3602, 4)
    close(gradients["readout"]["b_y"].total, [5.3602], 4)


def test_prediction_outside_zero_and_one_is_refused_in_words() -> None:
    run = by_id("movie-R1-inside-tanh-bce")
    parameters = parameters_of(run)
    parameters["readout"]["b_y"][:] = 0.6
    trace = forward(network_of(run, bias="outside"), parameters, words_of(run))
    close(trace.y_hat[0, 0], 1.3079, 4)
    with pytest.raises(
        DomainError, match=r"bias 'outside' lets y_hat leave \(0, 1\).*step 3 y_hat = 1.30"
    ) as caught:
        backward(trace, 1.0)
    assert (caught.value.field, caught.value.step, caught.value.quantity) == ("bias", 3, "y_hat")
    inside = forward(network_of(run), parameters, words_of(run))
    assert np.isfinite(backward(inside, 1.0).loss[0])


def test_compact_sum_with_total_derivatives_counts_twice() -> None:
    """True with immediate partials; dO_j/dw of a moved weight holds what earlier states passed on."""
    back, eps = answer(SCALAR), 1e-6
    found = {name: float(back.gradients[LEFT][name].total.sum()) for name in ("b_h", "W_hh")}
    misread = {}
    for name in found:
        moved = []
        for sign in (eps, -eps):
            parameters = parameters_of(SCALAR)
            parameters[LEFT][name] += sign
            moved.append(
                forward(network_of(SCALAR), parameters, words_of(SCALAR)).chains[LEFT].h[:, 0, 0].copy()
            )
        d_states = (moved[0] - moved[1]) / (2 * eps)
        misread[name] = float(back.chains[LEFT].d_h[:, 0, 0].dot(d_states))
    close([found["b_h"], misread["b_h"]], [-0.09886, -0.15763], 5)
    close([found["W_hh"], misread["W_hh"]], [-0.02355, -0.04057], 5)


def test_minimising_the_difference_calls_every_review_good() -> None:
    run = by_id("movie-R3-inside-tanh-notes_difference")
    network, parameters = network_of(run), parameters_of(run)
    reviews = [words_of(run, text) for text in ("movie was good", "movie was bad", "movie was not good")]
    for _ in range(2000):
        backs = [
            backward(forward(network, parameters, words), y)
            for words, y in zip(reviews, (1.0, 0.0, 0.0), strict=True)
        ]
        for group, named in parameters.items():
            for name, values in named.items():
                values -= 0.5 * sum(back.gradients[group][name].total for back in backs) / 3
    close([back.trace.y_hat[0, 0] for back in backs], [0.9998, 0.9997, 0.9998], 4)
