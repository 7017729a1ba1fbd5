"""The rows of the notes' coverage table about batches and about two directions, as a student sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.experiments.experiment import Experiment
from app.experiments.query import permalink
from tests.browser.test_coverage import near, numbers
from tests.browser.theatre import Theatre, address, eventually, open_page, watch_of, watched
from tests.conftest import LiveServer
from tests.engine.golden import by_id

ARRIVED = "document.querySelectorAll('.run > .later, .run > section > .later').length === 0"


@pytest.fixture(scope="module")
def opened(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """The golden run of both directions, every part of its page there."""
    with watched(browser, live_server.url, reduced_motion="reduce") as page:
        open_page(page, permalink(Experiment(**by_id("bi-movie-R3-bce")["experiment"])))
        eventually(page, ARRIVED)
        yield page


@pytest.fixture
def theatre(opened: Page) -> Iterator[Theatre]:
    yield Theatre(opened)
    watch_of(opened).assert_clean()


def card(page: Page, number: str) -> str:
    """What a slip of the notes shows, opened."""
    slip = page.locator(f"#slip-{number}")
    if slip.get_attribute("open") is None:
        slip.locator("summary").click()
    return slip.inner_text()


def test_rows_62_63_both_chains_answer_and_both_are_trained(theatre: Theatre) -> None:
    theatre.goto("output", part=2)
    assert numbers(theatre, "y") == near([0.652075])
    assert "0.652075" in theatre.said()
    theatre.goto("again", part=2)
    assert "from 1.05577 to 0.871844" in theatre.said()


def test_rows_62_72_the_states_at_the_ends_are_those_of_the_golden_run(theatre: Theatre) -> None:
    theatre.key("End")
    assert numbers(theatre, "h-4") == near([0.6852, -0.4596, 0.5315])
    assert numbers(theatre, "end_r-1") == near([-0.2048, 0.4488, -0.1167])


def test_rows_64_73_each_position_has_both_states_and_an_output(theatre: Theatre) -> None:
    card(theatre.page, "E18")
    drawn = theatre.page.locator("#slip-E18 .laststates")
    expect(drawn).to_be_visible()
    assert drawn.locator(".entry").count() == 4 * 6 and drawn.locator(".answer").count() == 4


def test_row_69_a_later_word_changes_the_earlier_state_of_one_chain(theatre: Theatre) -> None:
    told = card(theatre.page, "E18")
    moved = [line for line in told.splitlines() if "as the last word, by" in line]
    assert len(moved) == 2
    assert re.search(r"→ moves.*by\s+0$", moved[0]) and not re.search(r"by\s+0$", moved[1])


def test_rows_70_71_one_starts_at_the_start_and_the_other_at_the_end(theatre: Theatre) -> None:
    theatre.goto("forward", 1)
    assert theatre.seen("h-0") and theatre.seen("h_r-5")
    current = theatre.page.locator(".column.cur").all()
    assert [column.get_attribute("id") for column in current] == ["col-1", "col_r-4"]
    theatre.goto("unfold", part=1)
    folded = theatre.page.locator(".folded")
    assert "reads from 1 to 4" in folded.inner_text() and "reads from 4 to 1" in folded.inner_text()


def test_row_74_two_of_the_three_schedules_are_wrong(theatre: Theatre) -> None:
    told = card(theatre.page, "E19")
    for part in ("0 %", "7.3 %", "1.9 %", "2.3 %", "0.871844"):
        assert part in told


def test_the_slip_of_the_readout_is_a_switch(theatre: Theatre) -> None:
    card(theatre.page, "E22")
    right, wrong = (theatre.page.locator("#slip-E22 .laststates").nth(k) for k in (0, 1))
    expect(right).to_be_visible()
    expect(wrong).to_be_hidden()
    assert right.locator(".answer").text_content() == "0.652075"
    theatre.page.locator("#way-E22-1").focus()
    theatre.key("ArrowRight")
    expect(wrong).to_be_visible()
    expect(right).to_be_hidden()
    assert wrong.locator(".answer").text_content() == "0.79488"


def test_row_51_a_batch_is_a_block_and_padding_matters_without_a_mask(page: Page) -> None:
    open_page(page, address("movie was good", target=1))
    page.locator("#lab-batch-show, #labs").first.wait_for()
    lab = page.locator("#labs")
    expect(lab.get_by_text("(3, 4, 5)").first).to_be_attached()
    told = str(lab.text_content())
    for answer in ("0.717169", "0.718232", "0.574209"):
        assert answer in told, answer
