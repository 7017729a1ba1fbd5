"""Steps at many learning rates: a line promises, the loss answers."""

from typing import Any

import pytest

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.run import Run, run
from app.labs.rate import beyond, rates


def answer(**fields: Any) -> Run:
    return run(
        Experiment(**{"sentence": "movie was not good", "target": 0, "weights": "lecture", **fields})
    )


@pytest.mark.parametrize("fields", [{}, {"cell": "lstm", "bidirectional": True, "weights": "drawn"},
                                    {"task": "next_word", "weights": "drawn"}], ids=str)  # fmt: skip
def test_each_step_is_the_update_of_a_run_with_that_rate(fields: dict[str, Any]) -> None:
    found = rates(answer(**fields))
    for step in found.steps[::9]:
        update = answer(**fields, learning_rate=step.rate).update
        assert (step.loss, step.predicted) == (update.loss, update.predicted_loss)
    assert found.own.rate == 0.1
    assert found.steps[0].loss == found.steps[0].predicted == found.before


def test_a_large_step_overshoots_as_the_notes_do_not_say() -> None:
    """E28: a rate of 10 on movie R3 lifts the loss 1.2847 to 3.5212."""
    found = rates(answer(learning_rate=10.0))
    assert found.before == pytest.approx(1.2847, abs=5e-5)
    assert found.own.loss == pytest.approx(3.5212, abs=5e-5)
    assert found.reach == 100.0
    assert found.best is not None and found.best.loss is not None and found.best.loss < found.before


def test_the_promise_is_a_straight_line_that_touches_the_loss() -> None:
    found = rates(answer(clip_norm=0.5), 1.0)
    assert found.clip_scale < 1.0
    slope = -found.clip_scale * found.gradient_norm**2
    for step in found.steps:
        assert step.predicted == pytest.approx(found.before + slope * step.rate)
    tiny = rates(answer(clip_norm=0.5, learning_rate=1e-6), 1e-6).own
    assert tiny.loss is not None
    assert (tiny.loss - found.before) / 1e-6 == pytest.approx(slope, rel=1e-4)


def test_a_loss_that_is_not_defined_says_why() -> None:
    steps = rates(answer(bias="outside"), 100.0).steps
    undefined = [step for step in steps if step.loss is None]
    assert undefined and all("bce is defined" in step.problem for step in undefined)


@pytest.mark.parametrize(("rate", "expected"), [(0.0, 1.0), (0.1, 1.0), (0.5, 1.0), (0.6, 10.0), (7e5, 7e5)])
def test_the_reach_is_a_power_of_ten_beyond_twice_the_rate(rate: float, expected: float) -> None:
    assert beyond(rate) == expected


@pytest.mark.parametrize("reach", [0.0, 0.05, float("nan"), 1e9])
def test_a_reach_that_leaves_out_the_rate_is_refused(reach: float) -> None:
    with pytest.raises(ExperimentError, match=r"reach must be 0\.1 to 1000000"):
        rates(answer(), reach)
