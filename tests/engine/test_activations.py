"""Slopes of the activations against their functions."""

import numpy as np
import pytest

from app.engine.activations import ACTIVATIONS

A = np.concatenate([np.linspace(-30, 30, 241) + 0.01, [-300.0, 300.0]])
each = pytest.mark.parametrize("name", list(ACTIVATIONS))


@each
def test_slope_is_the_complex_step(name: str) -> None:
    activation = ACTIVATIONS[name]
    moved = A + 1e-40j
    slopes = activation.slope(A, np.empty_like(A))
    with np.errstate(all="ignore"):
        stepped = activation.f(moved, np.empty_like(moved)).imag / 1e-40
    moderate = np.abs(A) < 15
    np.testing.assert_allclose(slopes[moderate], stepped[moderate], rtol=1e-9)


@each
def test_slope_is_the_central_difference(name: str) -> None:
    activation, eps = ACTIVATIONS[name], 1e-6
    a = A[np.abs(A) < 10]
    up, down = (activation.f(a + sign, np.empty_like(a)) for sign in (eps, -eps))
    np.testing.assert_allclose((up - down) / (2 * eps), activation.slope(a, np.empty_like(a)), atol=1e-9)


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_slope_of_a_saturated_unit_is_small_and_not_zero(name: str) -> None:
    a = np.array([-300.0, -40.0, 40.0, 300.0])
    slopes = ACTIVATIONS[name].slope(a, np.empty_like(a))
    expected = 4 * np.exp(-2 * np.abs(a)) if name == "tanh" else np.exp(-np.abs(a))
    np.testing.assert_allclose(slopes, expected, rtol=1e-12)


@pytest.mark.parametrize(("name", "limits"), [("tanh", [-1.0, 1.0]), ("sigmoid", [0.0, 1.0])])
def test_far_out_values_are_the_limits(name: str, limits: list[float]) -> None:
    a = np.array([-1e308, 1e308])
    with np.errstate(over="ignore"):
        assert ACTIVATIONS[name].f(a, np.empty_like(a)).tolist() == limits
        assert ACTIVATIONS[name].slope(a, np.empty_like(a)).tolist() == [0.0, 0.0]


def test_relu_of_a_negative_number_is_plain_zero() -> None:
    out = ACTIVATIONS["relu"].f(np.array([-2.0, -0.0, 0.0]), np.empty(3))
    assert not np.signbit(out).any()


def test_slope_of_relu_at_its_kink_is_zero() -> None:
    a = np.array([-1.0, -0.0, 0.0, 1e-300])
    assert ACTIVATIONS["relu"].slope(a, np.empty_like(a)).tolist() == [0.0, 0.0, 0.0, 1.0]
