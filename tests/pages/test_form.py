"""The question as a form: every value as typed, one control for each field, messages at their fields."""

from __future__ import annotations

import pytest

from app.experiments.errors import FieldError
from app.experiments.experiment import Experiment
from app.pages.form import CARRIED, CONTROLS, Control, form, with_typed_reviews


def value(pairs: list[tuple[str, str]], name: str, errors: tuple[FieldError, ...] = ()) -> str:
    return next(control.value for control in form(pairs, errors).controls if control.name == name)


def test_an_empty_question_shows_the_defaults() -> None:
    shown = {control.name: control.value for control in form([]).controls}
    assert shown["hidden_size"] == "3" and shown["learning_rate"] == "0.1" and shown["clip_norm"] == ""
    assert form([]).target == "1" and form([]).sentence == ""


def test_what_was_typed_stays_however_wrong_it_is() -> None:
    pairs = [("sentence", " a  b "), ("hidden_size", "900"), ("activation", "<tanh>"), ("seed", "x")]
    assert form(pairs).sentence == " a  b "
    assert [value(pairs, name) for name in ("hidden_size", "activation", "seed")] == ["900", "<tanh>", "x"]
    unknown = next(control for control in form(pairs).controls if control.name == "activation")
    assert unknown.options[-1] == ("<tanh>", "<tanh>"), (
        "a choice that does not exist is still shown as chosen"
    )


def test_each_message_stands_at_its_field_and_the_rest_below() -> None:
    errors = (
        FieldError("hidden_size", "hidden_size must be 1 to 256, got 900", 900),
        FieldError("sentence", "sentence must hold a word", ""),
        FieldError("reviews.0.label", "reviews[0].label must be 0 or 1", 7),
    )
    found = form([("sentence", "")], errors)
    assert {c.name: c.error for c in found.controls if c.error} == {"hidden_size": errors[0].message}
    assert found.sentence_error == "sentence must hold a word"
    assert found.other_errors == ("reviews[0].label must be 0 or 1",)


def test_the_first_of_two_messages_at_one_field_is_told() -> None:
    errors = (FieldError("seed", "first", 1), FieldError("seed", "second", 1))
    assert next(c.error for c in form([], errors).controls if c.name == "seed") == "first"


def test_every_field_of_an_experiment_has_a_control_or_is_carried_along() -> None:
    own = {name for name, _, _ in CONTROLS} | {"sentence", "target", "reviews", "edits"} | set(CARRIED)
    assert set(Experiment.model_fields) <= own


def test_what_has_no_control_is_carried_in_the_order_given() -> None:
    pairs = [
        ("sentence", "a"),
        ("edit", "readout.b_y.0|1"),
        ("edit", "readout.b_y.0|2"),
        ("vocabulary", "a,b"),
    ]
    assert form(pairs).carried == (
        ("edit", "readout.b_y.0|1"), ("edit", "readout.b_y.0|2"), ("vocabulary", "a,b"),
    )  # fmt: skip


def test_reviews_are_lines_under_custom_and_carried_under_any_other_corpus() -> None:
    pairs = [("review", "good fun|1"), ("review", "dull | and long|0")]
    own = form([("corpus", "custom"), *pairs])
    assert own.custom and own.reviews == "good fun | 1\ndull | and long | 0" and own.carried == ()
    other = form([("corpus", "movie"), *pairs])
    assert not other.custom and other.carried == tuple(pairs)


def test_typed_lines_become_reviews_and_come_back_unchanged() -> None:
    typed = "good fun | 1\n\n  dull | and long |0  \r\nno label"
    pairs = with_typed_reviews([("corpus", "custom"), ("review", "old|1"), ("reviews_text", typed)])
    assert pairs == [
        ("corpus", "custom"),
        ("review", "good fun|1"), ("review", "dull | and long|0"), ("review", "no label"),
    ]  # fmt: skip
    again = with_typed_reviews([("corpus", "custom"), ("reviews_text", form(pairs).reviews)])
    assert again == pairs


def test_a_form_without_the_text_area_keeps_the_reviews_it_was_given() -> None:
    pairs = [("sentence", "a"), ("review", "b|1")]
    assert with_typed_reviews(pairs) == pairs


@pytest.mark.parametrize("name", ["hidden_size", "learning_rate", "clip_norm", "seed"])
def test_numbers_are_marked_so_that_a_phone_shows_digits(name: str) -> None:
    assert next(control.step for control in form([]).controls if control.name == name)


def controls_of(**fields: str) -> dict[str, Control]:
    return {control.name: control for control in form(list(fields.items())).controls}


def test_a_cell_is_offered_the_controls_that_it_has() -> None:
    plain, lstm, gru = (controls_of(cell=cell) for cell in ("elman", "lstm", "gru"))
    assert "activation" in plain and "forget_bias" not in plain
    assert "activation" not in lstm and lstm["forget_bias"].value == "1.0"
    assert "activation" not in gru and "forget_bias" not in gru
    assert [len(found["bias"].options) for found in (plain, lstm, gru)] == [4, 2, 2]
    assert [name for name, _ in plain["cell"].options] == ["elman", "lstm", "gru"]


def test_a_control_with_an_error_is_shown_whatever_the_cell() -> None:
    asked = [("cell", "lstm"), ("activation", "relu")]
    found = form(asked, (FieldError("activation", "must be tanh", "relu"),))
    assert next(control.error for control in found.controls if control.name == "activation") == "must be tanh"
    assert "activation" not in dict(found.carried)


