"""MathML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from app.stage.formulas import d, display, hat_y, matrix, mn, num, op, row, units, upright, var, vector
from tests.stage.cases import NAMES, plain, stage


@pytest.mark.parametrize("name", NAMES)
def test_every_formula_is_well_formed(name: str) -> None:
    for frame in stage(name).frames:
        ElementTree.fromstring(f"<formula>{frame.formula}</formula>")


def test_a_long_vector_shows_its_first_three_numbers_and_its_last() -> None:
    assert plain(vector([0.1, 0.2, 0.3, 0.4])) == "[.100.200.300.400]"
    assert plain(vector([0.1, 0.2, 0.3, 0.4, 0.5])) == "[.100.200.300⋯.500]"
    assert plain(upright([0.1, 0.2, 0.3, 0.4, 0.5])) == "[.100.200.300⋮.500]"


def test_texts_and_numbers_give_the_same_vector() -> None:
    assert vector([".100", "−.200"]) == vector([0.1, -0.2])


def test_one_or_two_units_stand_in_a_row_and_more_upright() -> None:
    assert units([0.1, 0.2]) == vector([0.1, 0.2]) and units([0.1, 0.2, 0.3]) == upright([0.1, 0.2, 0.3])


def test_a_large_matrix_keeps_its_corners() -> None:
    lines = [[f"{i}{j}" for j in range(6)] for i in range(6)]
    assert plain(matrix(lines)) == "[000102⋯05101112⋯15202122⋯25⋮⋮⋮⋯⋮505152⋯55]"


def test_terms_carry_their_class_and_names_their_index() -> None:
    assert mn("1", "f") == '<mn class="f">1</mn>' and num(0.5) == "<mn>0.5</mn>"
    assert var("W", "hh", "⊤") == "<msubsup><mi>W</mi><mi>hh</mi><mo>⊤</mo></msubsup>"
    assert var("h", 3) == "<msub><mi>h</mi><mn>3</mn></msub>"
    assert plain(display(d(hat_y(), var("h", 3)), op("="), row(mn("2"), cls="b"))) == "∂y^∂h3=2"
