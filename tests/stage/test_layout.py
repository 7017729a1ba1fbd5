"""Where the parts stand."""

from __future__ import annotations

import re

import numpy as np
import pytest

from app.stage.layout import COLUMN, EXIT, LEFT, MIDDLE, RIGHT, fan, funnel, geometry, stub
from app.stage.matrix import TILES, matrix_of
from app.stage.paths import PULSE_PER_DECADE, curve, pulse_widths, ribbon
from app.stage.rack import RACK, rack_depth
from app.stage.words import abridged
from tests.stage.cases import stage_of


@pytest.mark.parametrize("units", [1, 3, 4, 5, 8, 9, 40, 41, 256])
def test_the_halves_of_a_column_do_not_overlap(units: int) -> None:
    geo = geometry(units, 5, 4)
    assert geo.row(units - 1) + geo.cell_height == pytest.approx(geo.span)
    assert geo.backward > geo.middle + geo.span / 2
    assert geo.height > geo.bottom > geo.under + geo.span / 2
    assert LEFT < MIDDLE < RIGHT < EXIT < COLUMN


def test_numbers_are_written_for_eight_units_and_a_thousand_cells() -> None:
    assert geometry(8, 5, 12).numbered and geometry(3, 5, 256).numbered
    assert not geometry(9, 5, 12).numbered and not geometry(8, 5, 200).numbered


def test_every_unit_is_tied_to_every_unit_while_they_can_be_told_apart() -> None:
    """Nine arrows for three units."""
    assert fan(geometry(3, 5, 4)).count("M") == 9
    assert fan(geometry(16, 5, 4)).count("M") == 256
    assert fan(geometry(256, 5, 4)).count("M") == 256
    assert stub(geometry(3, 5, 4)).count("M") == funnel(geometry(3, 5, 4), 200.0).count("M") == 3


def test_a_pulse_is_twelve_pixels_wider_for_each_factor_of_ten() -> None:
    widths = pulse_widths(np.array([0.01, 0.1, 1.0]), 500.0)
    assert np.diff(widths) == pytest.approx([PULSE_PER_DECADE] * 2)


def test_a_vanished_pulse_is_a_hair_and_a_zero_pulse_is_none() -> None:
    assert pulse_widths(np.array([0.0, 5e-324, 1e-9, 1e300]), 80.0).tolist() == [0.0, 1.5, 1.5, 80.0]


def test_a_ribbon_is_closed_and_goes_from_edge_to_edge() -> None:
    path = ribbon(208, ("10", "20"), 96, ("12", "18"))
    assert path == "M208 10C152 10 152 12 96 12V18C152 18 152 20 208 20Z"


def test_a_curve_passes_through_its_middle() -> None:
    for activation in ("tanh", "identity"):
        points = re.findall(r"([\d.]+) ([\d.]+)", curve(activation, 24))
        assert points[len(points) // 2] == ("21.0", "12.0")


@pytest.mark.parametrize("steps", [1, 6, 7, 40, 41, 256])
def test_a_rack_has_a_place_for_every_coin(steps: int) -> None:
    assert 0 < rack_depth(steps) <= 260 and RACK > 80


def test_a_large_matrix_is_drawn_in_few_tiles_with_their_largest_number() -> None:
    stage = stage_of(sentence="movie good", hidden_size=200, edits=[
        {"name": "left_to_right.W_hh", "index": [7, 7], "value": -5}])  # fmt: skip
    block = stage.sheet.line("block W_hh")
    assert block.count("M") == TILES * TILES
    assert "v-n10" in block
    assert not matrix_of(stage.shape, "W_hh").numbered


@pytest.mark.parametrize(
    ("word", "room", "shown"),
    [
        ("good", 7, "good"), ("incomprehensible", 7, "incomp…"), ("naïveté", 7, "naïveté"),
        ("मराठी", 7, "मराठी"), ("電影不好看", 7, "電影不…"),
        ("👩\u200d🏫👩\u200d🏫👩\u200d🏫👩\u200d🏫", 7, "👩\u200d🏫👩\u200d🏫👩\u200d🏫…"),
        ("e" + "\u0301" * 40, 7, "…"), ("", 7, ""),
    ],
)  # fmt: skip
def test_a_word_is_cut_between_graphemes_and_wide_ones_count_twice(word: str, room: int, shown: str) -> None:
    assert abridged(word, room) == (shown, shown != word)
