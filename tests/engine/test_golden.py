"""Every golden Elman run, number by number."""

from typing import Any

import numpy as np
import pytest

from app.engine import backward, check_gradients, step_downhill
from tests.engine.golden import ELMAN_RUNS, pass_of

TOLERANCE = {"rtol": 0.0, "atol": 1e-9}
each_run = pytest.mark.parametrize("run", ELMAN_RUNS, ids=lambda run: run["id"])


def test_there_are_twenty_elman_runs() -> None:
    assert len(ELMAN_RUNS) == 20


@each_run
def test_forward_pass_and_loss(run: dict[str, Any]) -> None:
    trace = pass_of(run)
    expected, chain = run["expect"]["forward"], trace.chains["left_to_right"]
    np.testing.assert_allclose(chain.h[:, 0], expected["left_to_right"]["h"], **TOLERANCE)
    np.testing.assert_allclose(
        chain.preactivation[:, 0], expected["left_to_right"]["preactivation"], **TOLERANCE
    )
    np.testing.assert_allclose(trace.logit[0], expected["readout"]["logit"], **TOLERANCE)
    np.testing.assert_allclose(trace.y_hat[0], expected["readout"]["y_hat"], **TOLERANCE)
    np.testing.assert_allclose(
        backward(trace, run["experiment"]["target"]).loss[0], run["expect"]["loss"], **TOLERANCE
    )


@each_run
def test_backward_pass(run: dict[str, Any]) -> None:
    back = backward(pass_of(run), run["experiment"]["target"])
    chain, expected = back.chains["left_to_right"], run["expect"]["backward"]
    np.testing.assert_allclose(back.d_y_hat[0], expected["readout"]["dL_dy_hat"], **TOLERANCE)
    np.testing.assert_allclose(back.d_logit[0], expected["readout"]["dL_dlogit"], **TOLERANCE)
    arrays = {"dL_dh": chain.d_h, "dL_dpreactivation": chain.d_preactivation, "dL_dx": chain.d_x}
    for name, found in arrays.items():
        np.testing.assert_allclose(found[:, 0], expected["left_to_right"][name], **TOLERANCE)
    for name, jacobian in expected["left_to_right"]["dh_dh_prev_out_by_in"].items():
        later = int(name.removeprefix("dO").split("_")[0])
        np.testing.assert_allclose(chain.dh_dh_prev[later - 1, 0], jacobian, **TOLERANCE)


@each_run
def test_gradients_contributions_and_norms(run: dict[str, Any]) -> None:
    gradients = backward(pass_of(run), run["experiment"]["target"]).gradients
    for group, expected in run["expect"]["gradients"].items():
        assert gradients[group].keys() == expected.keys()
        for name, numbers in expected.items():
            found = gradients[group][name]
            np.testing.assert_allclose(found.total, numbers["total"], **TOLERANCE)
            if "contributions" in numbers:
                np.testing.assert_allclose(found.terms, numbers["contributions"], **TOLERANCE)
                np.testing.assert_allclose(found.norms, numbers["norms"], **TOLERANCE)


@each_run
def test_update(run: dict[str, Any]) -> None:
    question, expected = run["experiment"], run["expect"]["update"]
    trace = pass_of(run)
    update = step_downhill(trace, backward(trace, question["target"]), question["learning_rate"])
    assert update.y_hat is not None
    assert update.problem is None
    np.testing.assert_allclose(update.y_hat[0], expected["y_hat"], **TOLERANCE)
    np.testing.assert_allclose(update.loss, expected["loss"], **TOLERANCE)
    for group, named in expected["parameters"].items():
        for name, values in named.items():
            np.testing.assert_allclose(update.parameters[group][name], values, **TOLERANCE)


@each_run
def test_finite_differences_confirm_every_entry(run: dict[str, Any]) -> None:
    trace = pass_of(run)
    check = check_gradients(trace, backward(trace, run["experiment"]["target"]))
    assert check.method == "central differences, all entries"
    assert check.entries_checked == sum(
        values.size for group in trace.weights.parameters().values() for values in group.values()
    )
    assert check.max_abs_error < 1e-8
