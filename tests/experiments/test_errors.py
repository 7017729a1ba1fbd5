"""Faults name field, rule and value, and carry values that any JSON can hold."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.experiments.errors import ExperimentError, FieldError, fault, presentable

JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_a_fault_names_field_rule_and_value() -> None:
    assert fault("hidden_size", "1 to 256", 900).message == "hidden_size must be 1 to 256, got 900"
    assert fault("cell", "elman", "x").message == 'cell must be elman, got "x"'
    assert fault("vocabulary", "a list", None).message == "vocabulary must be a list, got null"


@settings(deadline=None)
@given(JSON_LIKE)
def test_any_value_fits_strict_json(value: object) -> None:
    written = json.dumps(presentable(value), allow_nan=False, ensure_ascii=False).encode()
    assert len(written) < 20_000


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        ("\ud800", "\\ud800"),
        ("a\x00b\u202e", "a\\u0000b\\u202e"),
        ("👩\u200d🏫", "👩\u200d🏫"),
        ("x" * 100, "x" * 80 + "…"),
        (2**60, str(2**60)),
        (list(range(10)), [0, 1, 2, 3, 4, 5, 6, 7, "…"]),
        ([[1], {"a": 1}], ["…", "…"]),
        ({"a": [1, 2]}, {"a": "…"}),
        (b"raw", "b'raw'"),
    ],
)
def test_values_are_shown_short_and_whole(value: object, shown: object) -> None:
    assert presentable(value) == shown


def test_an_integer_of_ten_thousand_digits_is_shown_short() -> None:
    assert str(presentable(10**10_000)).startswith("0x") and len(presentable(10**10_000)) < 100


def test_an_error_says_all_its_faults() -> None:
    error = ExperimentError([FieldError("a", "a must be 1", 2), FieldError("b", "b must be given")])
    assert str(error) == "a must be 1; b must be given"


def test_faults_past_the_first_dozens_are_counted() -> None:
    error = ExperimentError(FieldError(str(i), f"{i} must go") for i in range(40))
    assert len(error.errors) == 33 and error.errors[-1].message == "experiment has 8 more faults"
