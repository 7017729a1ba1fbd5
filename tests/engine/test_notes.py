"""The lecture notes' numbers and their slips, each shown by the engine."""

from typing import Any

import numpy as np
import pytest

from app.engine import (
    Backward,
    DomainError,
    Network,
    OneHot,
    backward,
    check_gradients,
    forward,
    loss_of,
    step_downhill,
)
from app.engine.activations import ACTIVATIONS
from app.engine.network import Array
from tests.engine.golden import by_id, network_of, parameters_of, pass_of, words_of

LEFT = "left_to_right"
CAT = by_id("catmatrat-R1-inside-tanh-bce")
MOVIE = by_id("movie-R3-inside-tanh-bce")
MOVIE_OUTSIDE = by_id("movie-R3-outside-tanh-bce")
SCALAR = by_id("scalar-catmatrat-R1-inside-tanh-mse")


def answer(run: dict[str, Any], **changes: Any) -> Backward:
    return backward(pass_of(run, **changes), run["experiment"]["target"])


def close(found: Any, expected: Any, digits: int = 6) -> None:
    """Equal to the digits that the expected number was written with."""
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.51 * 10.0**-digits)


def cosine(a: Array, b: Array) -> float:
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


def test_states_of_cat_mat_rat() -> None:
    h = pass_of(CAT).chains[LEFT].h[:, 0]
    expected = [[0.53705, -0.37995, 0.37995], [0.13236, 0.34546, -0.13969], [0.10544, 0.18389, 0.66896]]
    close(h, expected, 5)
    close(pass_of(CAT, bias="outside").chains[LEFT].h[0, 0], [0.56212, -0.39131, 0.39738], 5)


@pytest.mark.parametrize(
    ("bias", "y_hat"), [("inside", 0.604485), ("outside", 0.688445), ("mixed", 0.679686)]
)
def test_prediction_depends_on_where_the_bias_stands(bias: str, y_hat: float) -> None:
    close(pass_of(CAT, bias=bias).y_hat[0, 0], y_hat)


@pytest.mark.parametrize(("loss", "value"), [("mse", 0.156432), ("bce", 0.503379), ("difference", 0.395515)])
def test_three_losses_of_one_prediction(loss: str, value: float) -> None:
    close(loss_of(pass_of(CAT, loss=loss), 1.0)[0], value)


def test_the_difference_has_slope_minus_one_whatever_the_label() -> None:
    trace = pass_of(CAT, loss="difference")
    assert [float(backward(trace, y).d_y_hat[0, 0]) for y in (0.0, 0.5, 1.0)] == [-1.0, -1.0, -1.0]


@pytest.mark.parametrize(
    ("loss", "before", "after"), [("bce", 0.503379, 0.455086), ("mse", 0.156432, 0.145238)]
)
def test_one_update_lowers_the_loss(loss: str, before: float, after: float) -> None:
    back = answer(CAT, loss=loss)
    close(back.loss[0], before)
    close(step_downhill(back.trace, back, 0.1).loss, after)


def test_update_of_the_movie_review() -> None:
    back = answer(MOVIE)
    close(back.loss[0], 1.284684)
    close(step_downhill(back.trace, back, 0.1).loss, 1.140224)


def test_new_weights_are_old_minus_eta_times_gradient_exactly() -> None:
    back = answer(MOVIE)
    update, old = step_downhill(back.trace, back, 0.1), parameters_of(MOVIE)
    for group, gradients in back.gradients.items():
        for name, gradient in gradients.items():
            np.testing.assert_array_equal(
                update.parameters[group][name], old[group][name] - 0.1 * gradient.total
            )


def test_a_large_learning_rate_raises_the_loss_that_its_slope_promised_to_lower() -> None:
    back = answer(MOVIE)
    update = step_downhill(back.trace, back, 10.0)
    close([back.loss[0], update.loss], [1.2847, 3.5212], 4)
    assert update.predicted_loss < back.loss[0]


def test_output_weights_and_their_gradient() -> None:
    back = answer(CAT, loss="mse")
    slope = back.trace.y_hat[0] * (1 - back.trace.y_hat[0])
    close(slope * back.trace.readout_input[0], [0.025208, 0.043966, 0.159938])
    bce = answer(CAT)
    close(bce.gradients["readout"]["W_hy"].total[:, 0], [-0.041702, -0.072733, -0.264585])
    close(answer(MOVIE).gradients["readout"]["W_hy"].total[:, 0], [0.4956, -0.3324, 0.3844], 4)


def test_the_last_state_does_not_depend_on_the_output_weights() -> None:
    parameters = parameters_of(CAT)
    before = pass_of(CAT).chains[LEFT].h.copy()
    parameters["readout"]["W_hy"] += 1e-3
    after = forward(network_of(CAT), parameters, words_of(CAT)).chains[LEFT].h
    np.testing.assert_array_equal(before, after)


def test_three_words_give_three_sets_of_terms() -> None:
    terms = answer(SCALAR).gradients[LEFT]["W_xh"].terms
    close(np.diagonal(terms[:, :, 0]), [-0.013535, -0.031701, -0.053628])
    assert len(answer(MOVIE).gradients[LEFT]["W_xh"].terms) == 4


def test_sum_over_the_steps_is_the_total() -> None:
    for gradient in answer(MOVIE).gradients[LEFT].values():
        np.testing.assert_allclose(gradient.terms.sum(axis=0), gradient.total, rtol=0, atol=1e-12)


def test_chain_of_an_early_step_is_a_product_of_jacobians() -> None:
    back = answer(CAT)
    chain = back.chains[LEFT]
    J = chain.dh_dh_prev[:, 0]
    np.testing.assert_allclose(chain.d_h[0, 0], back.d_input[0] @ J[2] @ J[1], rtol=0, atol=1e-15)
    np.testing.assert_array_equal(chain.d_h[2, 0], back.d_input[0])


def test_first_recurrent_term_is_zero_from_a_zero_state_only() -> None:
    close(answer(CAT).gradients[LEFT]["W_hh"].norms, [0, 0.117787, 0.118879])
    assert answer(CAT).gradients[LEFT]["W_hh"].norms[0] == 0.0
    assert answer(CAT, h_0=[0.1, -0.2, 0.3]).gradients[LEFT]["W_hh"].norms[0] > 0.01
    close(pass_of(CAT, h_0=[0.1, -0.2, 0.3]).y_hat[0, 0], 0.607360)


@pytest.mark.parametrize(
    ("activation", "at_10", "at_20"),
    [
        ("sigmoid", 4.8e-10, 3.6e-19),
        ("tanh", 1.3e-4, 2.9e-8),
        ("relu", 1.2e-4, 5.1e-8),
        ("identity", 1.0e-3, 1.2e-6),
    ],
)
def test_gradients_vanish_over_a_long_sentence(activation: str, at_10: float, at_20: float) -> None:
    trace = pass_of(MOVIE, "movie was not good " * 6, activation=activation)
    norms = backward(trace, 0.0).chains[LEFT].d_h_norm[:, 0]
    np.testing.assert_allclose(norms[[-11, -21]] / norms[-1], [at_10, at_20], rtol=0.05)


def test_four_steps_without_bias_are_allowed() -> None:
    close(pass_of(MOVIE).chains[LEFT].h[3, 0], [0.685221, -0.459598, 0.531457])
    parameters = parameters_of(MOVIE)
    del parameters[LEFT]["b_h"], parameters["readout"]["b_y"]
    back = backward(forward(network_of(MOVIE, bias="none"), parameters, words_of(MOVIE)), 0.0)
    assert {name: list(group) for name, group in back.gradients.items()} == {
        LEFT: ["W_xh", "W_hh"],
        "readout": ["W_hy"],
    }
    assert check_gradients(back.trace, back).max_abs_error < 1e-8


def test_gradient_of_the_prediction_is_a_number_and_of_the_state_a_vector() -> None:
    back = answer(MOVIE)
    close(back.d_y_hat[0], [3.613526])
    close(back.chains[LEFT].d_h[3, 0], [0.433957, -0.289305, 0.361631])


def test_the_last_term_alone_is_not_the_gradient() -> None:
    gradients = answer(MOVIE).gradients[LEFT]
    close(cosine(gradients["W_xh"].terms[-1], gradients["W_xh"].total), 0.882, 3)
    close(cosine(gradients["W_hh"].terms[-1], gradients["W_hh"].total), 0.957, 3)


def test_state_gradients_of_the_movie_review_fall_with_the_distance() -> None:
    close(answer(MOVIE).chains[LEFT].d_h_norm[:, 0], [0.0536, 0.1064, 0.1992, 0.6347], 4)


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


def test_updating_on_one_review_moves_another_the_wrong_way() -> None:
    first, third = by_id("movie-R1-inside-tanh-bce"), answer(MOVIE)
    update = step_downhill(third.trace, third, 0.1)
    again = forward(network_of(first), update.parameters, words_of(first))
    close([loss_of(pass_of(first), 1.0)[0], loss_of(again, 1.0)[0]], [0.3324, 0.3905], 4)


def test_a_word_reads_its_own_row_only() -> None:
    run = by_id("catmatrat-R1-inside-tanh-bce")
    gradient = backward(pass_of(run, "rat rat mat"), 1.0).gradients[LEFT]["W_xh"]
    assert not gradient.total[0].any()
    terms = gradient.terms[:, 2, 0]
    np.testing.assert_allclose(terms[0] + terms[1], gradient.total[2, 0])
    close([*terms[:2], gradient.total[2, 0]], [-0.0308, -0.1485, -0.1793], 4)
