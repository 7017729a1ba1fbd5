"""Changing weights before the sweeps are over is wrong, by so much."""

import numpy as np
import pytest

from app.engine import EngineError, Network, OneHot, backward, draw_parameters, forward, step_downhill
from app.engine.cells import CELLS
from app.engine.schedules import SCHEDULES, update_by
from tests.engine.golden import by_id, pass_of

LEFT, RIGHT = "left_to_right", "right_to_left"
BOTH_CHAINS = by_id("bi-movie-R3-bce")


@pytest.mark.parametrize("rate", [0.1, 1.0])
def test_after_both_sweeps_is_exact(rate: float) -> None:
    trace = pass_of(BOTH_CHAINS)
    found = update_by("after both sweeps", trace, 0.0, rate)
    right = step_downhill(trace, backward(trace, 0.0), rate)
    assert max(error for group in found.errors.values() for error in group.values()) < 1e-14
    assert found.loss == pytest.approx(right.loss, abs=1e-14)
    for group, named in right.parameters.items():
        for name, values in named.items():
            np.testing.assert_allclose(found.parameters[group][name], values, rtol=0, atol=1e-15)


@pytest.mark.parametrize(("rate", "error"), [(0.1, 0.073), (1.0, 0.73)])
def test_readout_first_sends_another_gradient_down(rate: float, error: float) -> None:
    found = update_by("readout first", pass_of(BOTH_CHAINS), 0.0, rate).errors
    assert found[LEFT]["W_xh"] == pytest.approx(error, abs=0.6 * 10 ** -(3 if rate == 0.1 else 2))
    assert found["readout"] == {"W_hy": 0.0, "b_y": 0.0}


@pytest.mark.parametrize(("rate", "left", "right"), [(0.1, 0.019, 0.023), (1.0, 0.20, 0.26)])
def test_inside_the_sweep_carries_the_rest_wrongly(rate: float, left: float, right: float) -> None:
    found = update_by("inside the sweep", pass_of(BOTH_CHAINS), 0.0, rate).errors
    digits = 3 if rate == 0.1 else 2
    assert round(found[LEFT]["W_xh"], digits) == left
    assert round(found[RIGHT]["W_xh"], digits) == right


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_right_schedule_is_exact_for_every_cell(cell: str, bidirectional: bool) -> None:
    network = Network(cell=cell, bidirectional=bidirectional, hidden_size=4)
    trace = forward(network, draw_parameters(network, 5, 0), OneHot.of([0, 1, 2, 1], 5))
    errors = {name: update_by(name, trace, 1.0, 0.5).errors for name in SCHEDULES}
    for group, named in errors["after both sweeps"].items():
        assert max(named.values()) < 1e-12
        if group != "readout":
            for wrong in ("readout first", "inside the sweep"):
                assert max(errors[wrong][group].values()) > 1e-4


@pytest.mark.parametrize("bias", ["outside", "mixed", "none"])
def test_it_is_wherever_the_bias_stands(bias: str) -> None:
    network = Network(bias=bias, loss="mse", bidirectional=True)
    trace = forward(network, draw_parameters(network, 5, 0), OneHot.of([0, 1, 2, 1], 5))
    errors = update_by("after both sweeps", trace, 1.0, 0.5).errors
    assert max(error for named in errors.values() for error in named.values()) < 1e-12


def test_unknown_schedules_and_more_than_a_sentence_are_refused() -> None:
    network = Network()
    parameters = draw_parameters(network, 5, 0)
    with pytest.raises(EngineError, match="schedule must be one of after both sweeps, readout first, inside"):
        update_by("before", forward(network, parameters, OneHot.of([0], 5)), 1.0, 0.1)
    two = forward(network, parameters, OneHot.batch([[0], [1]], 5))
    with pytest.raises(EngineError, match="a schedule is shown on 1 sentence with 1 prediction, got a logit"):
        update_by("readout first", two, 1.0, 0.1)
