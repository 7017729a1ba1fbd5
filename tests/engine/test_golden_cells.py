"""The golden runs of the LSTM, the GRU and the two chains, number by number."""

from typing import Any

import numpy as np
import pytest

from app.engine import backward, check_gradients, step_downhill
from tests.engine.golden import RUNS, by_id, close, pass_of

TOLERANCE = {"rtol": 0.0, "atol": 1e-9}
each_run = pytest.mark.parametrize("run", RUNS[20:], ids=lambda run: run["id"])


def test_three_golden_runs_are_not_a_plain_elman_chain() -> None:
    assert [run["id"].split("-")[0] for run in RUNS[20:]] == ["lstm", "gru", "bi"]


@each_run
def test_forward_pass_and_loss(run: dict[str, Any]) -> None:
    trace = pass_of(run)
    expected = dict(run["expect"]["forward"])
    readout = expected.pop("readout")
    assert expected.keys() == trace.chains.keys()
    for name, arrays in expected.items():
        chain = trace.chains[name]
        np.testing.assert_allclose(chain.h[:, 0], arrays["h"], **TOLERANCE)
        if "c" in arrays:
            assert chain.c is not None
            np.testing.assert_allclose(chain.leaving(chain.c)[:, 0], arrays["c"], **TOLERANCE)
        assert chain.gates.keys() == arrays.get("gates", {}).keys()
        for gate, values in arrays.get("gates", {}).items():
            np.testing.assert_allclose(chain.gates[gate][:, 0], values, **TOLERANCE)
    np.testing.assert_allclose(trace.logit[0], readout["logit"], **TOLERANCE)
    np.testing.assert_allclose(trace.y_hat[0], readout["y_hat"], **TOLERANCE)
    if "input" in readout:
        np.testing.assert_allclose(trace.readout_input[0], readout["input"], **TOLERANCE)
    np.testing.assert_allclose(backward(trace, 0.0).loss[0], run["expect"]["loss"], **TOLERANCE)


@each_run
def test_backward_pass_and_contributions(run: dict[str, Any]) -> None:
    back = backward(pass_of(run), run["experiment"]["target"])
    for name, arrays in run["expect"]["backward"].items():
        np.testing.assert_allclose(back.chains[name].d_h[:, 0], arrays["dL_dh"], **TOLERANCE)
    for group, expected in run["expect"]["gradients"].items():
        assert back.gradients[group].keys() == expected.keys()
        for name, numbers in expected.items():
            found = back.gradients[group][name]
            np.testing.assert_allclose(found.total, numbers["total"], **TOLERANCE)
            if "contributions" in numbers:
                np.testing.assert_allclose(found.terms, numbers["contributions"], **TOLERANCE)
                norms = [np.linalg.norm(term) for term in np.array(numbers["contributions"])]
                np.testing.assert_allclose(found.norms, norms, **TOLERANCE)
                np.testing.assert_allclose(found.shares.sum(), 1.0, **TOLERANCE)


@each_run
def test_finite_differences_confirm_every_entry(run: dict[str, Any]) -> None:
    trace = pass_of(run)
    check = check_gradients(trace, backward(trace, run["experiment"]["target"]))
    assert check.entries_checked == sum(
        values.size for group in trace.weights.parameters().values() for values in group.values()
    )
    assert check.max_abs_error < 1e-8


def test_update_of_two_chains() -> None:
    run = by_id("bi-movie-R3-bce")
    trace = pass_of(run)
    update = step_downhill(trace, backward(trace, 0.0), 0.1)
    assert update.y_hat is not None
    np.testing.assert_allclose(update.y_hat[0], run["expect"]["update"]["y_hat"], **TOLERANCE)
    np.testing.assert_allclose(update.loss, run["expect"]["update"]["loss"], **TOLERANCE)


def test_road_of_the_cell_states_keeps_more_than_a_quarter() -> None:
    highway = pass_of(by_id("lstm-movie-R3-bce")).chains["left_to_right"].highway
    assert highway is not None
    close(highway[0, 0], [0.32, 0.39, 0.41], 2)
