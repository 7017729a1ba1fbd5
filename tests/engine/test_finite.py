"""Questions without a finite answer are refused in words, never answered with NaN."""

import warnings
from typing import Any

import numpy as np
import pytest

from app.engine import (
    DivergenceError,
    EngineError,
    Network,
    OneHot,
    Parameters,
    backward,
    draw_parameters,
    forward,
    loss_of,
    step_downhill,
)

LEFT = "left_to_right"
WORDS = OneHot.of([0] * 30, 1)


def scalar(W_xh: float = 1.0, W_hh: float = 1.0, W_hy: float = 1.0) -> Parameters:
    return {
        LEFT: {"W_xh": np.array([[W_xh]]), "W_hh": np.array([[W_hh]])},
        "readout": {"W_hy": np.array([[W_hy]])},
    }


def plain(activation: str, **choices: Any) -> Network:
    return Network(activation=activation, bias="none", hidden_size=1, **choices)


@pytest.mark.parametrize(
    ("activation", "W_hh", "step"),
    [("relu", 1e100, 5), ("identity", -1e100, 5), ("relu", 1e308, 3), ("identity", 1e30, 12)],
)
def test_overflow_forwards_names_the_step(activation: str, W_hh: float, step: int) -> None:
    with pytest.raises(
        DivergenceError, match=rf"preactivation must stay finite, at step {step} it outgrew"
    ) as caught:
        forward(plain(activation), scalar(W_hh=W_hh), WORDS)
    assert (caught.value.step, caught.value.quantity) == (step, "preactivation")


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_overflow_hidden_by_saturation_is_still_found(activation: str) -> None:
    """Two words of -1.7e308 each: f of the infinite sum would be a harmless -1 or 0."""
    parameters: Parameters = {
        LEFT: {"W_xh": np.array([[-1.7e308]]), "W_hh": np.zeros((1, 1)), "b_h": np.array([-1.7e308])},
        "readout": {"W_hy": np.ones((1, 1)), "b_y": np.zeros(1)},
    }
    with pytest.raises(DivergenceError, match="preactivation must stay finite, at step 1"):
        forward(Network(activation=activation, hidden_size=1), parameters, OneHot.of([0, 0], 1))


def test_overflow_of_the_logit_names_the_last_step() -> None:
    with pytest.raises(DivergenceError, match="logit must stay finite, at step 30"):
        forward(plain("relu"), scalar(W_hh=0.0, W_xh=1e200, W_hy=1e200), WORDS)


def test_overflow_backwards_names_the_step() -> None:
    """tanh keeps the state at 0 while its gradient grows by 1e20 a step."""
    with pytest.raises(
        DivergenceError, match="dL_dpreactivation must stay finite, at step 14 it outgrew"
    ) as caught:
        backward(forward(plain("tanh"), scalar(W_xh=0.0, W_hh=1e20), WORDS), 1.0)
    assert (caught.value.step, caught.value.quantity) == (14, "dL_dpreactivation")


def test_overflow_of_a_product_of_finite_factors_is_found() -> None:
    parameters = scalar(W_xh=1e-160, W_hh=0.0, W_hy=1e160)
    trace = forward(plain("identity", loss="difference"), parameters, OneHot.of([0], 1), np.array([1e155]))
    with pytest.raises(DivergenceError, match="norm of a contribution must stay finite, at step 1"):
        backward(trace, 1.0)


def test_overflow_of_a_sum_of_finite_contributions_is_found() -> None:
    parameters: Parameters = {
        LEFT: {"W_xh": np.zeros((1, 1)), "W_hh": np.ones((1, 1)), "b_h": np.zeros(1)},
        "readout": {"W_hy": np.array([[1e308]]), "b_y": np.zeros(1)},
    }
    trace = forward(Network(activation="identity", hidden_size=1), parameters, OneHot.of([0] * 9, 1))
    with pytest.raises(DivergenceError, match="gradient must stay finite, it outgrew") as caught:
        backward(trace, 1.0)
    assert caught.value.quantity == "gradient"


def test_overflow_of_the_loss_is_found() -> None:
    network = Network(bias="outside", loss="mse", hidden_size=1)
    parameters = draw_parameters(network, 1, 0)
    parameters["readout"]["b_y"][:] = 1e200
    trace = forward(network, parameters, OneHot.of([0], 1))
    with pytest.raises(DivergenceError, match="loss must stay finite"):
        backward(trace, 1.0)


def test_large_and_finite_is_answered() -> None:
    trace = forward(plain("identity"), scalar(W_hh=1e10, W_hy=1e-300), WORDS)
    back = backward(trace, 0.0)
    for group in back.gradients.values():
        for gradient in group.values():
            assert np.isfinite(gradient.total).all()
            assert np.isfinite(gradient.norms).all()
            assert np.isfinite(gradient.shares).all()


def test_no_warning_escapes() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trace = forward(plain("sigmoid"), scalar(W_xh=-5e3), WORDS)
        back = backward(trace, 1.0)
        step_downhill(trace, back, 1e300)


def test_update_that_diverges_says_so_and_keeps_the_run() -> None:
    trace = forward(plain("identity", loss="mse"), scalar(), WORDS)
    update = step_downhill(trace, backward(trace, 0.0), 1e200)
    assert update.trace is None
    assert update.loss is None
    assert update.y_hat is None
    assert update.problem is not None
    assert "must stay finite" in update.problem


@pytest.mark.parametrize("learning_rate", [1e300, 1e308])
def test_weights_after_a_monstrous_step_are_still_numbers(learning_rate: float) -> None:
    trace = forward(plain("identity", loss="mse"), scalar(W_hy=-1e-3), WORDS)
    update = step_downhill(trace, backward(trace, 1.0), learning_rate)
    for named in update.parameters.values():
        for values in named.values():
            assert np.isfinite(values).all()
    assert np.isfinite([update.gradient_norm, update.predicted_loss, update.clip_scale]).all()
    assert update.problem is not None


def test_infinite_loss_of_an_updated_network_is_a_problem() -> None:
    """Only b_y moves: the state is zero and carries nothing back."""
    network = Network(activation="identity", bias="outside", loss="mse", hidden_size=1)
    parameters = draw_parameters(network, 1, 0)
    for values in (*parameters[LEFT].values(), parameters["readout"]["W_hy"]):
        values[:] = 0.0
    trace = forward(network, parameters, OneHot.of([0], 1))
    update = step_downhill(trace, backward(trace, 1.0), 1e200)
    assert update.loss is None
    assert update.problem is not None
    assert "loss must stay finite" in update.problem


def test_gradient_at_a_word_with_enormous_weights_is_held_and_not_nan() -> None:
    """Of the word that is not read: 1e308 d - 1e308 d is 0, and not infinity less infinity."""
    network = Network(activation="identity", bias="none", loss="difference", hidden_size=2)
    parameters: Parameters = {
        LEFT: {"W_xh": np.array([[0.0, 0.0], [1e308, 1e308], [1e308, -1e308]]), "W_hh": np.zeros((2, 2))},
        "readout": {"W_hy": np.array([[400.0], [-400.0]])},
    }
    back = backward(forward(network, parameters, OneHot.of([0], 3)), 1.0)
    d_x = back.chains[LEFT].d_x[0, 0]
    assert d_x.tolist() == [0.0, 0.0, -np.finfo(np.float64).max]


def test_update_that_leaves_the_domain_says_so_and_shows_the_prediction() -> None:
    network = Network(bias="outside", hidden_size=2)
    parameters = draw_parameters(network, 3, 0)
    parameters["readout"]["b_y"][:] = 0.0
    trace = forward(network, parameters, OneHot.of([0, 1, 2], 3))
    update = step_downhill(trace, backward(trace, 1.0), 1.0)
    assert update.y_hat is not None
    assert update.y_hat[0, 0] > 1.0
    assert update.loss is None
    assert update.problem is not None
    assert "lets y_hat leave (0, 1)" in update.problem


@pytest.mark.parametrize("y_hat_bias", [-0.9, 0.9])
def test_losses_that_need_no_probability_answer_outside_zero_and_one(y_hat_bias: float) -> None:
    network = Network(bias="outside", hidden_size=2, loss="mse")
    parameters = draw_parameters(network, 3, 0)
    parameters["readout"]["b_y"][:] = y_hat_bias
    trace = forward(network, parameters, OneHot.of([0, 1, 2], 3))
    assert not 0 < trace.y_hat[0, 0] < 1
    assert np.isfinite(loss_of(trace, 1.0)).all()
    assert np.isfinite(backward(trace, 1.0).d_y_hat).all()


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"cell": "transformer"}, "cell must be one of elman.*, got 'transformer'"),
        ({"activation": "gelu"}, "activation must be one of tanh, sigmoid, relu, identity, got 'gelu'"),
        ({"bias": "both"}, "bias must be one of inside, outside, mixed, none, got 'both'"),
        ({"loss": "hinge"}, "loss must be one of bce, mse, difference, got 'hinge'"),
        ({"hidden_size": 0}, "hidden_size must be at least 1, got 0"),
    ],
)
def test_unknown_choices_are_refused_by_name(choice: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineError, match=message) as caught:
        Network(**choice)
    assert caught.value.field == next(iter(choice))
    assert caught.value.value == next(iter(choice.values()))
