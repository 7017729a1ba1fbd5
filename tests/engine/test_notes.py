"""The lecture notes' numbers, each shown by the engine."""

import numpy as np
import pytest

from app.engine import (
    backward,
    check_gradients,
    forward,
    loss_of,
    step_downhill,
)
from app.engine.network import Array
from tests.engine.golden import answer, by_id, close, network_of, parameters_of, pass_of, words_of

LEFT = "left_to_right"
CAT = by_id("catmatrat-R1-inside-tanh-bce")
MOVIE = by_id("movie-R3-inside-tanh-bce")
SCALAR = by_id("scalar-catmatrat-R1-inside-tanh-mse")


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
