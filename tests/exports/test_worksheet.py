"""A worksheet asks for the run's numbers, gives what is needed to find them, and tells what it leaves out."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from app.experiments.run import Run
from app.exports.worksheet.grids import FEW, MINUS, MOST, Grid, asked, marked, told
from app.exports.worksheet.sheet import Task, parts, steps_asked, worksheet
from tests.exports.cases import ELMAN, OTHERS, elman, label, of_network

EVERY = [*ELMAN, *map(label, OTHERS)]
each_run = pytest.mark.parametrize("name", EVERY)
EXPONENTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def found(name: str) -> Run:
    return elman(name) if name in ELMAN else of_network(OTHERS[EVERY.index(name) - len(ELMAN)])


def task(run: Run, title: str) -> Task:
    return next(task for task in worksheet(run).tasks if task.title.startswith(title))


def numbers(grid: Grid) -> Any:
    return np.array([[number(text) for text in row] for row in grid.rows])


def number(text: str) -> float:
    mantissa, _, power = text.replace(MINUS, "-").partition("·10")
    return float(mantissa) * 10.0 ** int(power.translate(EXPONENTS) or 0)


def grids(task: Task) -> dict[str, Grid]:
    return {grid.name: grid for _, group in task.groups for grid in group}


@each_run
def test_a_sheet_tells_the_whole_story_in_order(name: str) -> None:
    titles = [task.title for task in worksheet(found(name)).tasks]
    stems = [re.split(r", from|s? and loss", title)[0] for title in titles]
    story = ["Codes", "How many numbers must it learn?", "Forward", "Prediction", "Back through the output",
             "Back through time", "What each step adds", "One step downhill"]  # fmt: skip
    if found(name).network.per_step:
        story.remove("Back through the output")
    assert list(dict.fromkeys(stems)) == story


@each_run
def test_every_task_asks_something_and_no_text_is_missing(name: str) -> None:
    for one in worksheet(found(name)).tasks:
        every = [grid for _, group in one.groups for grid in group]
        assert any(not grid.given for grid in every), one.title
        for grid in every:
            assert len({len(row) for row in grid.rows}) == 1
            assert not grid.heads or len(grid.heads) == len(grid.rows)
            assert max(len(grid.rows), len(grid.rows[0])) <= max(MOST, 12)
            assert not re.search("nan|inf", " ".join(map(" ".join, grid.rows)))


@pytest.mark.parametrize("name", ["the lecture", "outside", "mixed", "no bias", "given state"])
def test_the_answers_are_the_runs_numbers(name: str) -> None:
    run, near = found(name), {"abs": 6e-5}
    chain, deltas = run.forward, run.backward.d_preactivation
    forward, back = grids(task(run, "Forward")), grids(task(run, "Back through time"))
    for t in range(1, len(run.words) + 1):
        assert numbers(forward[marked(f"a_{t}")])[0] == pytest.approx(
            run.forward.preactivation[t - 1], **near
        )
        assert numbers(forward[marked(f"h_{t}")])[0] == pytest.approx(chain.h[t - 1], **near)
        assert numbers(back[marked(f"δ_{t}")])[0] == pytest.approx(deltas[t - 1], **near)
    ends = grids(task(run, "Prediction"))
    assert ends[marked("*L*")].rows == ((told(run.loss),),)
    assert ends[marked("*ŷ*")].rows == ((told(float(run.forward.y_hat[0])),),)
    after = grids(task(run, "One step"))
    assert numbers(after[marked("new W_hh")]) == pytest.approx(
        run.update.parameters["left_to_right"]["W_hh"], **near
    )


def test_the_parts_of_the_steps_add_up_to_the_total_that_is_asked() -> None:
    run = elman("the lecture")
    groups = task(run, "What each step adds").groups
    steps = np.sum([numbers(group[0]) for word, group in groups if word], axis=0)
    assert steps == pytest.approx(numbers(groups[-1][1][0]), abs=3e-4)
    assert not groups[-1][1][0].given


def test_what_is_asked_of_a_small_network_can_be_computed_from_what_is_given() -> None:
    """By hand: from the printed numbers alone, forwards through every step."""
    run = elman("the lecture")
    given = {grid.name: numbers(grid) for grid in worksheet(run).given}
    rows = next(grid for grid in worksheet(run).given if grid.heads)
    h = given[marked("h_0")][0]
    for word in run.words:
        x = given[marked("W_xh")][rows.heads.index(word)]
        h = np.tanh(x + h @ given[marked("W_hh")] + given[marked("b_h")][0])
    assert numbers(grids(task(run, "Forward"))[marked("h_4")])[0] == pytest.approx(h, abs=1e-3)


def test_after_a_gap_the_state_is_given_and_the_totals_are_too() -> None:
    run = elman("wide")
    sheet = worksheet(run)
    assert steps_asked(len(run.words)) == [0, 1, 16, 17]
    assert sheet.left_out[0] == "Steps 3 to 16 are left out; every total includes them."
    _, third = task(run, "Forward").groups[2]
    entering = next(grid for grid in third if grid.name == marked("h_{t-1}"))
    assert entering.given and numbers(entering)[0] == pytest.approx(run.forward.h[15, :FEW], abs=6e-5)
    assert all(grid.given for grid in task(run, "What each step adds").groups[-1][1])


def test_a_large_network_gives_its_products_so_that_the_rest_can_be_found() -> None:
    run = elman("wide")
    _, first = task(run, "Forward").groups[0]
    printed = {grid.name: grid for grid in first}
    x, h = printed[marked("x_t W_xh")], printed[marked("h_{t-1} W_hh")]
    b = next(grid for grid in worksheet(run).given if grid.name == marked("b_h"))
    assert x.given and h.given
    assert numbers(x) + numbers(h) + numbers(b) == pytest.approx(numbers(printed[marked("a_1")]), abs=2e-4)
    assert any(f"the first {FEW} are printed" in said for said in worksheet(run).left_out)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_gates_have_weights_of_their_own_names(cell: str) -> None:
    run = of_network({"cell": cell})
    names = [name for name, _ in parts(run, "left_to_right", "W_hh", run.parameters["left_to_right"]["W_hh"])]
    assert names == [f"W_h{gate}" for gate in run.forward.gates]
    given = {grid.name for grid in worksheet(run).given}
    assert {marked(name) for name in names} <= given
    asked_for = grids(task(run, "Forward"))
    for gate, values in run.forward.gates.items():
        assert numbers(asked_for[marked(f"{gate}_1")])[0] == pytest.approx(values[0], abs=6e-5)


def test_the_count_is_asked_name_by_name_and_together() -> None:
    run = elman("the lecture")
    ((_, (table,)),) = task(run, "How many").groups
    assert table.rows[0] == ("5", "3", "15") and table.rows[-1] == ("", "", "31")


def test_no_mark_of_the_notation_is_left_in_a_formula() -> None:
    for name in EVERY:
        sheet = worksheet(found(name))
        formulas = [one.rule for one in sheet.tasks] + [grid.name for grid in sheet.given]
        assert not [formula for formula in formulas if re.search(r"_|\*|T'", formula)], name


def test_a_number_reads_the_same_on_paper() -> None:
    assert [told(value) for value in (0.0, -0.25, 1234.5, 0.0004, -1.5e-7)] == [
        "0", f"{MINUS}0.2500", "1234.5000", "4.0·10⁻⁴", f"{MINUS}1.5·10⁻⁷"]  # fmt: skip


def test_only_the_first_of_many_entries_are_asked() -> None:
    assert asked(np.zeros((MOST, MOST + 1))).shape == (MOST, FEW)
    assert asked(np.zeros(MOST)).shape == (MOST,)
