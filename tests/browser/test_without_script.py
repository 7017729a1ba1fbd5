"""Without JavaScript everything is still there: a form, a story, and a link to each part."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.theatre import address, watch_of, watched
from tests.conftest import LiveServer


@pytest.fixture(scope="module")
def opened(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    with watched(browser, live_server.url, java_script_enabled=False) as page:
        watch_of(page).allow("status of 422")
        yield page


@pytest.fixture
def page(opened: Page) -> Iterator[Page]:
    opened.goto(address("movie was good"))
    yield opened
    watch_of(opened).assert_clean()


def test_the_form_runs_a_sentence(page: Page) -> None:
    page.fill("#sentence", "movie was not good")
    page.locator(".target label:has([value='0'])").click()
    page.fill("#f-learning_rate", "0.5")
    page.get_by_role("button", name="Unroll").click()
    assert "sentence=movie+was+not+good" in page.url and "learning_rate=0.5" in page.url
    expect(page).to_have_title("movie was not good · Unrolled")
    expect(page.locator("#stage .column")).to_have_count(4)
    expect(page.locator("#sentence")).to_have_value("movie was not good")
    expect(page.locator("#f-learning_rate")).to_have_value("0.5")


def test_every_frame_of_the_story_is_told(page: Page) -> None:
    frames = page.locator(".story > .frame")
    assert frames.count() == 2 + 3 * 4 + 2 + 2 + 3 + 3 * 3 - 1 + 3 + 2 + 2
    for k in (0, frames.count() // 2, frames.count() - 1):
        expect(frames.nth(k)).to_be_visible()
    expect(frames.last).to_contain_text("The loss goes from")
    expect(page.locator(".transport")).to_be_hidden()
    expect(page.locator(".jump").first).to_be_hidden()


@pytest.mark.parametrize(
    ("path", "part", "said"),
    [
        ("/adds", "#adds", "the tick is the total"),
        ("/ledger", "#ledger", "share of the total"),
        ("/charts", "#charts", "Hidden states"),
        ("/panels", "#panels", "parameters"),
    ],
)
def test_each_part_is_a_link_to_a_page_of_its_own(page: Page, path: str, part: str, said: str) -> None:
    here = page.url
    page.locator(f"main a[href*='{path}?']").first.click()
    assert urlsplit(page.url).path == path
    expect(page.locator(part)).to_contain_text(said)
    page.get_by_role("link", name="Back to the stage").click()
    assert urlsplit(page.url).query == urlsplit(here).query


def test_the_inspector_is_reached_by_a_link(page: Page) -> None:
    assert page.locator("main a[href*='/inspect?']").count() > 0
    page.locator("main a[href*='/inspect?']").first.click()
    expect(page.locator("#inspector-h")).to_be_visible()


def test_a_weight_is_edited_in_the_inspectors_own_page(page: Page) -> None:
    page.goto(address("movie was good").replace("/?", "/inspect?") + "&part=W_hh-0.1")
    page.fill("#edit-value", "0.75")
    page.get_by_role("button", name="Set").click()
    assert "edit=left_to_right.W_hh.0.1" in page.url and urlsplit(page.url).path == "/"
    assert page.locator("#W_hh-0 .c > text").nth(1).text_content() == ".75"


def test_a_refused_value_is_told_beside_its_field_and_kept(page: Page) -> None:
    page.fill("#f-hidden_size", "900")
    page.get_by_role("button", name="Unroll").click()
    expect(page.locator("#error-hidden_size")).to_contain_text("hidden_size must be 1 to 256, got 900")
    expect(page.locator("#f-hidden_size")).to_have_value("900")
    expect(page.locator("#sentence")).to_have_value("movie was good")
    page.fill("#f-hidden_size", "2")
    page.get_by_role("button", name="Unroll").click()
    expect(page.locator("#stage .column")).to_have_count(3)


def test_examples_and_own_reviews_work(page: Page) -> None:
    page.locator("#examples > summary").click()
    page.locator("#examples a").filter(has_text="Rat rat mat").click()
    expect(page).to_have_title("Rat rat mat · Unrolled")
    page.locator("#f-corpus").select_option("custom")
    page.get_by_role("button", name="Unroll").click()
    page.fill("#reviews", "great fun | 1")
    page.get_by_role("button", name="Unroll").click()
    expect(page.locator("#reviews")).to_have_value("great fun | 1")
    expect(page.locator("#W_xh .wlabel").first).to_have_text("great")


def test_given_weights_that_no_longer_fit_are_told_and_one_link_goes_on(page: Page) -> None:
    page.locator("#examples > summary").click()
    page.locator("#examples a").filter(has_text="One unit").click()
    page.fill("#f-hidden_size", "2")
    page.get_by_role("button", name="Unroll").click()
    expect(page.locator(".offer")).to_contain_text("left_to_right.W_xh")
    expect(page.locator("#f-hidden_size")).to_have_value("2")
    page.get_by_role("link", name="Run it without what does not fit").click()
    expect(page.locator("#stage .column")).to_have_count(3)
    expect(page.locator("#f-hidden_size")).to_have_value("2")
