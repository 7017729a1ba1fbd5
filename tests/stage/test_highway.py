"""How open the highway is: the road's product beside the whole derivative."""

from __future__ import annotations

import numpy as np
import pytest

from app.stage.highway import highways
from app.stage.numbers import short, shorts
from tests.stage.cases import stage, stage_of

GOLDEN = {"lstm": ("f", "c"), "gru": ("z", "h")}


@pytest.mark.parametrize("cell", GOLDEN)
def test_a_row_multiplies_the_valves_still_ahead(cell: str) -> None:
    run = stage(f"{cell}, golden").run
    (road,) = highways(run)
    valves = run.forward.gates[road.gate]
    assert (road.gate, road.state) == GOLDEN[cell] and (road.first, road.last) == (1, 4)
    for row in road.rows:
        product = np.prod(valves[row.t :], axis=0)
        assert list(row.product) == shorts(product) and list(row.valve) == shorts(valves[row.t - 1])
        assert row.alone == short(float(product.max()))
        assert row.whole == short(float(run.backward.dhT_dh_norm[row.t - 1]))


def test_the_forget_valves_pass_back_a_third_to_two_fifths_on_the_third_review() -> None:
    (road,) = highways(stage("lstm, golden").run)
    assert road.start.product == (".323", ".391", ".414")


def test_the_blame_is_of_what_the_road_carries() -> None:
    lstm, gru = (stage(f"{cell}, golden").run for cell in ("lstm", "gru"))
    assert lstm.backward.d_c is not None
    for run, blame in ((lstm, lstm.backward.d_c), (gru, gru.backward.d_h)):
        assert [row.blame for row in highways(run)[0].rows] == shorts(np.linalg.norm(blame, axis=1))


def test_two_chains_have_a_road_each_and_the_second_ends_at_the_first_word() -> None:
    there, back = highways(stage_of(sentence="movie was not good", cell="lstm", bidirectional=True).run)
    assert (there.first, there.last) == (1, 4) and (back.first, back.last) == (4, 1)
    assert set(back.rows[0].product) == set(there.rows[3].product) == {"1.00"} != set(back.rows[3].product)


def test_many_units_are_told_by_the_first_and_the_last() -> None:
    (road,) = highways(stage_of(sentence="movie was", cell="gru", hidden_size=9).run)
    assert [len(row.valve) for row in road.rows] == [5, 5] and road.rows[0].valve[3] == "⋯"


def test_a_cell_without_a_road_has_none() -> None:
    assert highways(stage("movie").run) == ()
