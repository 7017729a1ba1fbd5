"""Two chains on the stage, driven by keyboard: opposite order, one clock, the numbers of the API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from app.experiments.experiment import Experiment
from app.experiments.query import to_query
from tests.browser.theatre import Theatre, address, open_page, written

FIELDS = {"target": 0, "weights": "drawn", "bidirectional": "true"}


@pytest.fixture
def theatre(page: Page) -> Theatre:
    return open_page(page, address("movie was not good", **FIELDS))


@pytest.fixture
def answer(live_server: Any) -> dict[str, Any]:
    query = to_query(Experiment(sentence="movie was not good", target=0, bidirectional=True))
    found: dict[str, Any] = httpx.get(f"{live_server.url}/api/v1/run?{query}").json()
    return found


def test_the_lanes_step_in_opposite_order(theatre: Theatre, page: Page) -> None:
    for phase, upper in (("forward", (1, 2, 3, 4)), ("back", (4, 3, 2, 1))):
        for t in upper:
            theatre.goto(phase, t)
            assert {el.get_attribute("id") for el in page.locator(".column.cur").all()} == {
                f"col-{t}",
                f"col_r-{5 - t}",
            }


def test_the_joined_states_are_not_known_before_the_output(theatre: Theatre, answer: dict[str, Any]) -> None:
    theatre.goto("forward", 2)
    assert not theatre.seen("h-4") and not theatre.seen("end_r-1")
    theatre.goto("output")
    shown = theatre.numbers("h-4") + theatre.numbers("end_r-1")
    assert shown == [written(value) for value in answer["forward"]["readout"]["input"]]


def test_the_direction_is_a_choice_of_the_page(page: Page) -> None:
    open_page(page, address("movie was not good", target=0))
    assert page.locator("#col_r-1").count() == 0
    page.locator("#f-bidirectional").select_option("true")
    page.locator("#col_r-1").wait_for(state="attached")
    page.wait_for_url("**bidirectional=true**")


@pytest.mark.parametrize("cell", ["elman", "lstm"])
def test_four_words_of_two_chains_are_seen_whole(page: Page, cell: str) -> None:
    theatre = open_page(page, address("movie was not good", **FIELDS, cell=cell))
    theatre.goto("back", 1)
    room, held = page.locator(".scene > .track").evaluate("(el) => [el.clientWidth, el.scrollWidth]")
    assert held <= room, (held, room)
    for part in ("end_r-1", "h_r-5", "dz", "y"):
        assert theatre.seen(part), part
