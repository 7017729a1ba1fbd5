"""How numbers are written and coloured."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.numerals import MINUS, long, short, tint
from app.stage.numbers import GRADIENT_SCALE, Kind, colours, shorts, written

FINITE = st.floats(allow_nan=False, allow_infinity=False)
EDGES = (
    0.0005,
    0.00095,
    0.00949999,
    0.9995,
    0.99949,
    9.995,
    99.95,
    9999.5,
    9.5e99,
    1e-24,
    9.6e-25,
    9.5e-5,
    5e-324,
)


def read(text: str) -> float:
    return float(text.replace(MINUS, "-").replace(f"e{MINUS}", "e-"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (0.53705, ".537"), (-0.37995, "−.380"), (1.0, "1.00"), (-1.0, "−1.00"),
        (2.345, "2.35"), (12.34, "12.3"), (-123.4, "−123"), (12345.0, "1.2e4"), (4.2e-4, "4e−4"),
        (-4.2e-19, "−4e−19"), (1.8e-310, "2e−310"), (1.7e308, "2e308"), (0.9996, "1.00"), (0.0005001, ".001"),
    ],
)  # fmt: skip
def test_a_cell_shows_three_decimals_or_a_power_of_ten(value: float, text: str) -> None:
    assert short(value) == text


@given(FINITE)
@example(5e-324)
@example(-1.7976931348623157e308)
def test_a_short_number_fits_its_cell_and_is_never_a_false_zero(value: float) -> None:
    text = short(value)
    assert 1 <= len(text) <= 7
    assert (text == "0") == (value == 0.0)
    assert "-" not in text and not re.search(r"(^|−)0\d", text)
    assert text.startswith(MINUS) == (value < 0)


@given(FINITE)
def test_a_short_number_is_the_number_to_its_last_digit(value: float) -> None:
    if 5e-4 <= abs(value) < 9e99:
        assert read(short(value)) == pytest.approx(value, rel=0.05, abs=0.00051)


@given(st.lists(FINITE | st.floats(-2, 2) | st.floats(-1e-3, 1e-3), min_size=1, max_size=40))
@example([sign * edge for edge in EDGES for sign in (1, -1)])
@example([sign * np.nextafter(edge, 0) for edge in EDGES for sign in (1, -1)])
def test_many_numbers_are_written_as_each_of_them(values: list[float]) -> None:
    assert shorts(values) == [short(value) for value in values]
    plain, weights = Kind([np.array(values)], 1.0, False), Kind([np.array(values)], GRADIENT_SCALE, True)
    one, other = written([plain, weights], [weights])
    trimmed, toned = shorts(values, trim=True), colours(values, GRADIENT_SCALE)
    assert [text.decode() for text in one] == [*shorts(values), *trimmed, *colours(values), *toned]
    assert [text.decode() for text in other] == [*trimmed, *toned]


def test_weights_drop_their_closing_zeros() -> None:
    assert shorts([0.5, -0.3, 0.0, 1.0, 0.125, -20.0], trim=True) == [".5", "−.3", "0", "1", ".125", "−20"]


@given(st.lists(FINITE, min_size=1, max_size=20))
def test_colours_are_clipped_symmetric_and_absolute(values: list[float]) -> None:
    found = colours(values)
    mirrored = [text.translate(str.maketrans("pn", "np")) for text in colours([-value for value in values])]
    assert found == mirrored
    assert all(re.fullmatch(r"v-(0|[pn]([1-9]|10))", text) for text in found)


def test_gradients_reach_the_last_colour_at_a_half() -> None:
    assert colours([0.5, 0.25, -0.5], GRADIENT_SCALE) == ["v-p10", "v-p5", "v-n10"]
    assert colours([0.5, 2.0, -1.0]) == ["v-p5", "v-p10", "v-n10"]


def test_a_long_number_has_six_digits_and_a_true_minus() -> None:
    assert (long(0.6044848), long(-1.654301), long(0.0)) == ("0.604485", "−1.6543", "0")
    assert long(-2.9e-8) == "−2.9000 × 10⁻⁸"


def test_the_scale_of_time_runs_over_all_its_tints() -> None:
    assert [tint(t, 12) for t in range(1, 13)] == list(range(1, 13))
    assert (tint(1, 1), tint(1, 2), tint(2, 2)) == (6, 1, 12)
