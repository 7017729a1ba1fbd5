"""The losses on both ways from the logit, and their slopes."""

import math
import sys

import numpy as np
import pytest

from app.engine.losses import HEADS, LOSSES, sigmoid

Z = np.linspace(-8, 8, 65)
heads = pytest.mark.parametrize(("loss", "inside"), list(HEADS))


@heads
@pytest.mark.parametrize("y", [0.0, 1.0])
def test_pull_is_the_value_and_its_complex_step(loss: str, inside: bool, y: float) -> None:
    head = HEADS[loss, inside]
    value, d_logit = head.pull(Z, 0.0, y, np)
    np.testing.assert_array_equal(value, head.value(Z, 0.0, y, np))
    stepped = head.value(Z + 1e-40j, 0.0, y, np).imag / 1e-40
    np.testing.assert_allclose(d_logit, stepped, rtol=1e-9, atol=1e-15)


@heads
@pytest.mark.parametrize("y", [0.0, 1.0])
def test_slope_in_the_prediction_times_that_of_sigma_is_the_slope_in_the_logit(
    loss: str, inside: bool, y: float
) -> None:
    head = HEADS[loss, inside]
    d_sigma = sigmoid(Z, np) * sigmoid(-Z, np)
    _, d_logit = head.pull(Z, 0.0, y, np)
    np.testing.assert_allclose(head.d_y_hat(Z, 0.0, y, np) * d_sigma, d_logit, rtol=1e-9, atol=1e-15)


@heads
@pytest.mark.parametrize("z", [-3.0, 0.0, 0.7, 5.0])
def test_one_number_and_an_array_give_the_same(loss: str, inside: bool, z: float) -> None:
    head = HEADS[loss, inside]
    alone = [*head.pull(z, 0.0, 1.0, math), head.d_y_hat(z, 0.0, 1.0, math)]
    array = [*head.pull(np.array([z]), 0.0, 1.0, np), head.d_y_hat(np.array([z]), 0.0, 1.0, np)]
    np.testing.assert_allclose(alone, np.ravel(array), rtol=1e-14)


@heads
@pytest.mark.parametrize("y", [0.0, 0.3, 1.0])
def test_one_number_on_its_own_way_gives_what_an_array_does(loss: str, inside: bool, y: float) -> None:
    head = HEADS[loss, inside]
    z = [*Z.tolist(), 30.0, -30.0]
    if (loss, inside) != ("bce", False):  # which is not defined where y_hat rounds to 0 or 1
        z += [40.0, -40.0, 100.0, -100.0, 800.0, -800.0]
    found, expected = np.array([head.pull_one(one, y) for one in z]), head.pull(np.array(z), 0.0, y, np)
    np.testing.assert_allclose(found.T, expected, rtol=1e-14)


def test_bce_of_the_logit_is_bce_of_the_prediction() -> None:
    for y in (0.0, 0.3, 1.0):
        direct = LOSSES["bce"].value(sigmoid(Z, np), y, np)
        np.testing.assert_allclose(HEADS["bce", True].value(Z, 0.0, y, np), direct, rtol=1e-12)


@pytest.mark.parametrize(("z", "y", "loss", "slope"), [(800.0, 0.0, 800.0, 1.0), (-800.0, 1.0, 800.0, -1.0)])
def test_a_confident_mistake_costs_what_it_should(z: float, y: float, loss: float, slope: float) -> None:
    assert HEADS["bce", True].pull(z, 0.0, y, math) == (loss, slope)
    assert abs(HEADS["bce", True].d_y_hat(z, 0.0, y, math)) > sys.float_info.max / 4


@pytest.mark.parametrize(("z", "y"), [(100.0, 1.0), (-100.0, 0.0)])
def test_a_confident_right_answer_is_not_quite_free(z: float, y: float) -> None:
    loss, slope = HEADS["bce", True].pull(z, 0.0, y, math)
    assert loss == pytest.approx(math.exp(-100), rel=1e-12)
    assert abs(slope) == pytest.approx(math.exp(-100), rel=1e-12)


def test_mse_has_no_half() -> None:
    assert LOSSES["mse"].value(0.25, 1.0, math) == 0.5625
    assert LOSSES["mse"].slope(0.25, 1.0, math) == -1.5
