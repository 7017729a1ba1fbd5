"""MathML."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from app.experiments.experiment import Experiment
from app.experiments.run import run
from app.numerals import long
from app.stage.formulas import (
    d,
    display,
    hat_y,
    matrix,
    mn,
    num,
    op,
    plus,
    row,
    stretches,
    times,
    units,
    upright,
    var,
    vector,
)
from app.stage.inspection import inspect
from tests.stage.cases import CASES, NAMES, plain, stage, stage_of


@pytest.mark.parametrize("name", NAMES)
def test_every_formula_is_well_formed(name: str) -> None:
    for frame in stage(name).frames:
        ElementTree.fromstring(f"<formula>{frame.formula}</formula>")


def test_a_long_vector_shows_its_first_three_numbers_and_its_last() -> None:
    assert plain(vector([0.1, 0.2, 0.3, 0.4])) == "[.100.200.300.400]"
    assert plain(vector([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])) == "[.100.200.300⋯.600]"
    assert plain(upright([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])) == "[.100.200.300⋮.600]"


def test_dots_never_stand_for_a_single_number() -> None:
    assert plain(vector([0.1, 0.2, 0.3, 0.4, 0.5])) == "[.100.200.300.400.500]"
    assert plain(matrix([[f"{i}{j}" for j in range(5)] for i in range(5)])) == (
        "[00010203041011121314202122232430313233344041424344]"
    )
    for size, cut in ((5, False), (9, True)):
        drawn = stage_of(sentence="movie was not good", hidden_size=size)  # a vocabulary of 5
        totals = [frame.formula for frame in drawn.frames if frame.phase == "accumulate" and frame.part == 1]
        assert "⋮" not in totals[0] and ("⋯" in totals[0]) == cut, size

def test_texts_and_numbers_give_the_same_vector() -> None:
    assert vector([".100", "−.200"]) == vector([0.1, -0.2])


def test_a_formula_may_break_before_a_sign_and_between_matrices() -> None:
    pieces = stretches(var("z"), op("="), vector([0.1]), upright([0.2]), op("+"), mn("3"), op("="), mn("4"))
    assert [plain(piece) for piece in pieces] == ["z", "=[.100]", "[.200]", "+3", "=4"]
    assert '<mo form="infix">+</mo>' in pieces[3]


def test_a_negative_number_is_taken_away_and_multiplied_in_brackets() -> None:
    assert plain("".join(plus(-0.21))) == "−0.21" and plain("".join(plus(0.21))) == "+0.21"
    assert plain(times(-0.5)) == "(−0.5)" and plain(times(0.5)) == "0.5"


@pytest.mark.parametrize("name", NAMES)
def test_no_formula_adds_a_minus_or_multiplies_by_a_bare_one(name: str) -> None:
    found = run(Experiment(**CASES[name]))
    steps = len(found.words)
    parts = [
        f"a-{steps}.0",
        f"xw-{steps}.0",
        f"da-{steps}.0",
        f"dh-{steps}.0",
        f"in-W_hh-{steps}-0.0",
        "z.0",
        "y.0",
        f"yh-{steps}.0",
        f"jac-{steps}.0.0",
        "W_hh-0.0",
        "step-W_xh-0.0",
        "loss",
        "dy.0",
        "dz.0",
    ]
    told = [formula for part in parts for formula in inspect(found, part).formulas]
    for formula in [*told, *(frame.formula for frame in stage(name).frames)]:
        assert not re.search("[+·−]−", plain(formula)), plain(formula)


def test_an_update_starts_from_the_number_of_the_old_weight() -> None:
    found = run(Experiment(**CASES["movie"]))
    weight = long(float(found.parameters["left_to_right"]["W_hh"][0, 1]))
    for part in ("W_hh-0.1", "step-W_hh-0.1", "new-W_hh-0.1"):
        assert f"={weight}−0.1·" in plain("".join(inspect(found, part).formulas))


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
