"""A step of training at a time: the same numbers as an update, an epoch, and the way back."""

from typing import Any

import numpy as np
import pytest

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.query import to_query
from app.experiments.run import Run, run
from app.labs.descent import descent

R3: dict[str, Any] = {"sentence": "movie was not good", "target": 0, "weights": "lecture"}


def answer(**fields: Any) -> Run:
    return run(Experiment(**{**R3, **fields}))


def steps(*on: str, rate: float = 0.1) -> list[dict[str, Any]]:
    return [{"on": each, "rate": rate} for each in on]


@pytest.mark.parametrize("fields", [{}, {"cell": "gru", "bidirectional": True}, {"task": "next_word"},
                                    {"clip_norm": 0.05, "initial_state": "random"}], ids=str)  # fmt: skip
def test_a_step_on_this_sentence_is_the_update_of_its_run(fields: dict[str, Any]) -> None:
    before, after = answer(**fields), answer(**fields, steps=steps("this"))
    assert after.loss == pytest.approx(before.update.loss, abs=1e-14)
    for group, named in before.update.parameters.items():
        for name, values in named.items():
            np.testing.assert_allclose(after.parameters[group][name], values, atol=1e-15)


def test_a_step_on_all_is_an_epoch_and_on_a_review_by_number_that_review() -> None:
    assert answer(steps=steps("all", "all")).loss == answer(epochs=2).loss
    assert answer(steps=steps("3")).loss == answer(steps=steps("this")).loss
    assert answer(steps=steps("1")).loss != answer(steps=steps("3")).loss


def test_a_step_on_one_review_can_hurt_another() -> None:
    """R1's loss after a step on R3 rises, .3324 to .3905."""
    found = answer(sentence="movie was good", target=1, steps=steps("3"))
    first, last = descent(found).moments
    assert (first.own, last.own) == (pytest.approx(0.3324, abs=5e-5), pytest.approx(0.3905, abs=5e-5))


def test_earlier_steps_keep_their_rate_when_the_learning_rate_changes() -> None:
    assert answer(steps=steps("3"), learning_rate=5.0).loss == answer(steps=steps("3")).loss


def test_the_history_ends_at_the_loss_of_the_run() -> None:
    edit = {"name": "left_to_right.W_hh", "index": (0, 1), "value": 0.7}
    for fields in ({"epochs": 3, "steps": steps("1", "this", "all")}, {"edits": (edit,), "epochs": 2}):
        found = answer(**fields)
        moments = descent(found).moments
        assert moments[-1].own == pytest.approx(found.loss, abs=1e-14)
        assert moments[-1].steps == found.experiment.epochs + len(found.experiment.steps)
    assert descent(answer()).moments == ()
    assert [moment.on for moment in descent(answer(epochs=1, steps=steps("1", "this"))).moments] == [
        "", "all", "1", "this",
    ]  # fmt: skip


def test_the_mean_is_that_of_the_golden_batch() -> None:
    first, second = descent(answer(epochs=1)).moments
    assert first.mean == pytest.approx((0.33244395 + 0.50809943 + 1.28468409) / 3, abs=1e-8)
    assert second.mean is not None and first.mean is not None and second.mean < first.mean


def test_a_long_way_is_told_in_few_moments() -> None:
    found = answer(epochs=1000)
    moments = descent(found).moments
    assert len(moments) <= 50 and moments[-1].steps == 1000
    assert moments[-1].own == pytest.approx(found.loss, abs=1e-12)


def test_undo_is_the_experiment_before_and_the_address_stays_short() -> None:
    start = answer()
    found = descent(start)
    assert found.undone is None and found.begun is None
    experiment = start.experiment
    for _ in range(20):
        move = next(move for move in descent(run(experiment)).moves if move.on == "all")
        assert move.experiment is not None
        experiment = move.experiment
    assert to_query(experiment).endswith("&steps=all~0.1~20&weights=lecture")
    assert run(experiment).loss == answer(epochs=20).loss
    back = descent(run(experiment)).undone
    assert back is not None and to_query(back).endswith("&steps=all~0.1~19&weights=lecture")
    begun = descent(run(experiment)).begun
    assert begun is not None and to_query(begun) == to_query(start.experiment)
    epochs = descent(answer(epochs=2)).undone
    assert epochs is not None and epochs.epochs == 1


def test_where_no_more_steps_are_allowed_a_move_says_why() -> None:
    found = descent(answer(steps=steps(*["this"] * 256)))
    assert found.moves[0].experiment is None
    assert found.moves[0].problem == "steps must be at most 256 steps {on, rate}"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (steps("4"), 'steps must be all, this or a review from 1 to 3, got "4"'),
        (steps("0"), r"steps\[0\].on must be all, this or the number of a review"),
        (steps("this", rate=-1), r"steps\[0\].rate must be 0 to 1000000, got -1"),
        (["this"], r"steps\[0\] must be an object \{on, rate\}"),
    ],
)
def test_steps_that_cannot_be_taken_are_refused(wrong: Any, message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        answer(steps=wrong)


def test_steps_that_leave_the_finite_numbers_say_so() -> None:
    with pytest.raises(ExperimentError, match="training must stay finite, step"):
        answer(bias="outside", loss="mse", steps=steps(*["3"] * 200, rate=1e6))


def test_a_step_on_the_whole_of_no_reviews_is_refused() -> None:
    with pytest.raises(ExperimentError, match="at least 1 review to learn from"):
        answer(corpus="custom", weights="drawn", steps=steps("all"))
    assert answer(corpus="custom", weights="drawn", steps=steps("this")).loss > 0.0
    assert [move.on for move in descent(answer(corpus="custom", weights="drawn")).moves] == ["this"]
