"""A moved copy of a weight changes the loss by its own contribution, and all copies by the total."""

from typing import Any

import numpy as np
import pytest

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.run import Run, run
from app.labs.entries import contributions, label, uses, weight_at, weights_of
from app.labs.nudge import nudge

NETWORKS: list[dict[str, Any]] = [
    {"weights": "lecture"},
    {"bias": "outside", "loss": "mse", "initial_state": "random"},
    {"bias": "mixed"},
    {"activation": "sigmoid", "bias": "none"},
    {"cell": "lstm", "bidirectional": True},
    {"cell": "gru"},
    {"cell": "gru", "bidirectional": True, "task": "next_word"},
    {"cell": "lstm", "task": "next_word"},
]


def answer(**fields: Any) -> Run:
    return run(Experiment(**{"sentence": "movie was not good was", "target": 0, "hidden_size": 3, **fields}))


@pytest.mark.parametrize("fields", NETWORKS, ids=str)
def test_contributions_of_an_entry_are_those_of_its_matrix(fields: dict[str, Any]) -> None:
    found = answer(**fields)
    for weight in weights_of(found):
        gradient = found.gradients[weight.group][weight.name]
        added = contributions(gradient, weight.index)
        np.testing.assert_allclose(added, gradient.terms[(slice(None), *weight.index)], atol=1e-16)
        np.testing.assert_allclose(added.sum(), gradient.total[weight.index], atol=1e-15)
        assert len(added) == len(uses(found, weight))


@pytest.mark.parametrize("fields", NETWORKS, ids=str)
def test_a_moved_copy_changes_the_loss_by_its_contribution(fields: dict[str, Any]) -> None:
    found = answer(**fields)
    for weight in list(weights_of(found))[::5]:
        moved = nudge(found, weight.address, 0, 1e-5)
        assert moved.complete and len(moved.rows) == len(moved.uses) + 1
        for row in moved.rows:
            assert row.two_sided == pytest.approx(row.slope, rel=1e-8, abs=2e-9)
            assert row.loss is not None
            assert row.one_sided == pytest.approx((row.loss - found.loss) / 1e-5)
            assert row.one_sided == pytest.approx(row.slope, rel=1e-4, abs=1e-4)
        *copies, together = moved.rows
        assert together.step == 0
        assert sum(row.slope for row in copies) == pytest.approx(together.slope, abs=1e-14)


def test_all_copies_moved_are_the_weight_typed_over() -> None:
    found = answer(weights="lecture")
    moved = nudge(found, "left_to_right.W_hh.0.1", 0, 0.5)
    edit = {"name": "left_to_right.W_hh", "index": (0, 1), "value": moved.value + 0.5}
    other = answer(weights="lecture", edits=(edit,))
    assert moved.chosen.loss == pytest.approx(other.loss, abs=1e-14)
    assert moved.moved is not None
    distances = np.linalg.norm(other.forward.h - found.forward.h, axis=1)
    np.testing.assert_allclose(moved.moved, distances, atol=1e-15)


def test_a_copy_moves_no_state_before_its_step() -> None:
    left = nudge(answer(bidirectional=True), "left_to_right.W_hh.0.1", 3, 0.1).moved
    right = nudge(answer(bidirectional=True), "right_to_left.W_hh.0.1", 3, 0.1).moved
    assert left is not None and right is not None
    assert not left[:2].any() and (left[2:] > 0).all()
    assert not right[3:].any() and (right[:3] > 0).all()
    assert nudge(answer(), "readout.W_hy.0.0").moved is None


def test_without_a_state_to_read_the_first_copy_of_W_hh_does_nothing() -> None:
    moved = nudge(answer(), "left_to_right.W_hh.0.1", 1, 0.5)
    assert moved.chosen.slope == moved.chosen.one_sided == 0.0
    assert moved.chosen.loss == moved.loss


def test_a_long_sentence_shows_the_copies_around_the_chosen_one() -> None:
    found = answer(sentence=" ".join(["movie was good"] * 20))
    moved = nudge(found, "left_to_right.b_h.1", 30)
    assert [row.step for row in moved.rows] == [*range(24, 36), 0]
    assert not moved.complete
    assert [row.step for row in nudge(found, "left_to_right.b_h.1", 0).rows] == [*range(49, 61), 0]
    assert moved.moved is not None and len(moved.moved) == 60


def test_a_loss_that_is_not_defined_is_none_and_not_a_number() -> None:
    moved = nudge(answer(bias="outside"), "readout.b_y.0", 0, 5.0)
    assert moved.chosen.loss is moved.chosen.one_sided is moved.chosen.two_sided is None


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("left_to_right.W_hh.0.9",), "weight must be an entry of left_to_right.W_xh"),
        (("left_to_right.W_hh.0",), "weight must be an entry of"),
        (("left_to_right.W_hh.0.x",), "weight must be an entry of"),
        (("",), "weight must be an entry of"),
        (("left_to_right.W_hh.0.1", 6), "step must be 0 to 5, 0 for all copies at once, got 6"),
        (("readout.W_hy.0.0", 2), "step must be 0 or 5, 0 for all copies at once, got 2"),
        (("left_to_right.W_hh.0.1", 1, 0.0), "size must be a number other than 0"),
        (("left_to_right.W_hh.0.1", 1, float("inf")), "size must be a number other than 0"),
    ],
)
def test_what_there_is_none_of_is_refused(asked: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        nudge(answer(), *asked)


@pytest.mark.parametrize(
    ("fields", "address", "expected"),
    [
        ({}, "left_to_right.W_xh.1.2", "was → 3"),
        ({}, "left_to_right.b_h.2", "3"),
        ({"cell": "lstm"}, "left_to_right.W_hh.0.4", "1 → f 2"),
        ({"cell": "gru"}, "left_to_right.b_hn.1", "2"),
        ({"task": "next_word"}, "readout.W_hy.0.2", "1 → good"),
    ],
)
def test_an_entry_is_called_by_what_it_joins(fields: dict[str, Any], address: str, expected: str) -> None:
    found = answer(**fields)
    assert label(found, weight_at(found, address)) == expected


def test_a_weight_is_found_by_its_word_as_by_its_number() -> None:
    found = run(Experiment(sentence="movie was fine"))
    assert weight_at(found, "left_to_right.W_xh~fine.1") == weight_at(found, "left_to_right.W_xh.5.1")
    for address in ("left_to_right.W_xh~great.1", "left_to_right.W_hh~fine.1", "left_to_right.W_xh.-1.0", ""):
        with pytest.raises(ExperimentError, match="weight must be an entry of"):
            weight_at(found, address)
