"""What the finite-difference check says, and what it costs."""

import numpy as np
import pytest

from app.engine import Backward, Network, OneHot, backward, check_gradients, draw_parameters, forward
from app.engine.gradient_check import LEAST_ENTRIES, WORK, affordable_entries, compare

LEFT = "left_to_right"


def ask(network: Network, words: list[int], vocabulary: int, seed: int = 0) -> Backward:
    trace = forward(network, draw_parameters(network, vocabulary, seed), OneHot.of(words, vocabulary))
    return backward(trace, 1.0)


def test_a_small_network_is_checked_entry_by_entry() -> None:
    back = ask(Network(), [0, 1, 2], 5)
    check = check_gradients(back.trace, back)
    assert check.method == "central differences, all entries"
    assert check.entries_checked == 31
    assert {name: found.entries for name, found in check.per_parameter[LEFT].items()} == {
        "W_xh": 15,
        "W_hh": 9,
        "b_h": 3,
    }
    assert {name: found.entries for name, found in check.per_parameter["readout"].items()} == {
        "W_hy": 3,
        "b_y": 1,
    }
    worst = max(found.max_abs_error for group in check.per_parameter.values() for found in group.values())
    assert check.max_abs_error == worst < 1e-9


def test_a_large_network_is_sampled_and_every_parameter_is_looked_at() -> None:
    back = ask(Network(hidden_size=64), list(range(50)), 400)
    check = check_gradients(back.trace, back, seed=3)
    everything = 400 * 64 + 64 * 64 + 64 + 64 + 1
    assert check.method == f"central differences, {check.entries_checked} of {everything} entries"
    for group, named in check.per_parameter.items():
        for name, found in named.items():
            size = back.gradients[group][name].total.size
            assert found.entries >= min(LEAST_ENTRIES, size)
    assert check.max_abs_error < 1e-9


def test_a_sample_is_repeatable_and_its_cost_bounded() -> None:
    back = ask(Network(hidden_size=64), list(range(50)), 400)
    first, second = (check_gradients(back.trace, back, seed=3) for _ in range(2))
    assert first == second
    assert first.entries_checked <= affordable_entries(back.trace) + 5 * LEAST_ENTRIES
    assert 2 * affordable_entries(back.trace) * 50 * 64 * 94 <= WORK


def test_a_wrong_gradient_is_noticed_and_placed() -> None:
    back = ask(Network(), [0, 1, 2], 5)
    back.gradients[LEFT]["W_hh"].total[1, 2] += 1e-3
    check = check_gradients(back.trace, back)
    assert check.max_abs_error == pytest.approx(1e-3, rel=1e-4)
    assert check.per_parameter[LEFT]["W_hh"].max_abs_error == check.max_abs_error
    assert check.per_parameter[LEFT]["W_xh"].max_abs_error < 1e-9
    largest = float(np.abs(back.gradients[LEFT]["W_hh"].total).max())
    assert check.max_rel_error == pytest.approx(1e-3 / largest, rel=0.3)
    assert check.per_parameter[LEFT]["W_xh"].max_rel_error < 1e-7


def test_a_gap_is_measured_against_the_larger_of_the_two_numbers() -> None:
    found = compare(np.array([1.0, np.nan, -4.0]), np.array([1.5, 9.0, -4.0]))
    assert (found.max_abs_error, found.max_rel_error, found.entries) == (0.5, 0.125, 2)
    assert compare(np.zeros(2), np.zeros(2)).max_rel_error == 0.0
    assert compare(np.array([2e-11]), np.zeros(1)).max_rel_error == 1.0


def test_entries_whose_step_crosses_a_kink_are_left_out() -> None:
    """A unit at exactly 0: to one side its slope is 1, to the other 0, and the engine says 0."""
    network = Network(activation="relu", hidden_size=2)
    parameters = draw_parameters(network, 3, 0)
    parameters[LEFT]["W_xh"][0, 0] = 0.0
    parameters[LEFT]["b_h"][0] = 0.0
    back = backward(forward(network, parameters, OneHot.of([0, 1], 3)), 1.0)
    assert back.chains[LEFT].trace.preactivation[0, 0, 0] == 0.0
    check = check_gradients(back.trace, back)
    assert check.entries_checked == 6 + 4 + 2 + 2 + 1 - 2
    assert check.method == "central differences, 13 of 15 entries"
    assert check.max_abs_error < 1e-9


@pytest.mark.parametrize("margin", [1e-7, 1e-9])
def test_a_prediction_at_the_edge_of_the_domain_is_checked_with_a_smaller_step(margin: float) -> None:
    network = Network(bias="outside", hidden_size=2)
    parameters = draw_parameters(network, 3, 0)
    words = OneHot.of([0, 1], 3)
    parameters["readout"]["b_y"][:] = 0.0
    y_hat = forward(network, parameters, words).y_hat[0, 0]
    parameters["readout"]["b_y"][:] = 1.0 - margin - y_hat
    back = backward(forward(network, parameters, words), 1.0)
    check = check_gradients(back.trace, back)
    assert np.isfinite(check.max_abs_error)
    assert check.max_abs_error < 1e-3
