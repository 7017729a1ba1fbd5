"""What can be taken along is reached by keyboard, and always belongs to the run on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.theatre import address, open_page, watched
from tests.conftest import LiveServer

MENU = ".take > summary"


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    with watched(browser, live_server.url, width=1024, bypass_csp=True, reduced_motion="reduce") as page:
        open_page(page, address("movie was not good", target=0), charts=True)
        yield page


def queries(page: Page) -> set[str]:
    found = page.eval_on_selector_all(".take a", "(all) => all.map((a) => a.href.split('?')[1])")
    return {query.removesuffix("&key=1") for query in found}


def test_the_menu_opens_is_walked_and_closes_by_keyboard(page: Page) -> None:
    page.locator(MENU).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".take .sheet")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".take .sheet :is(a, button)").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".take .sheet")).to_be_hidden()
    expect(page.locator(MENU)).to_be_focused()


def test_a_click_elsewhere_closes_the_menu_and_one_inside_does_not(page: Page) -> None:
    page.locator(MENU).click()
    page.locator(".take h2").first.click()
    expect(page.locator(".take .sheet")).to_be_visible()
    page.locator("#adds-h").click()
    expect(page.locator(".take .sheet")).to_be_hidden()


def test_only_one_menu_is_open(page: Page) -> None:
    page.locator(MENU).click()
    page.locator("#examples > summary").click()
    expect(page.locator(".take .sheet")).to_be_hidden()
    expect(page.locator("#examples .sheet")).to_be_visible()


def test_the_links_follow_the_experiment(page: Page) -> None:
    before = queries(page)
    assert len(before) == 1 and "seed=7" not in before.pop()
    page.locator("#f-seed").fill("7")
    page.locator("#f-seed").press("Tab")
    page.wait_for_url("**seed=7**")
    expect(page.locator(".take a").first).to_have_attribute(
        "href", "/export/run.csv" + page.url[page.url.index("?") :]
    )
    assert queries(page) == {page.url.split("?")[1]}


@pytest.mark.parametrize(("title", "name"), [("Table (CSV)", "run.csv"), ("JSON", "run.json")])
def test_a_file_comes_down_under_a_name_that_says_what_it_is(page: Page, title: str, name: str) -> None:
    page.locator(MENU).click()
    with page.expect_download() as coming:
        page.locator(".take a").filter(has_text=title).click()
    assert coming.value.suggested_filename == name.replace("run", "unrolled-movie-was-not-good")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_menu(page: Page, theme: str) -> None:
    page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
    page.locator(MENU).click()
    assert Axe().run(page, context=".take").response["violations"] == []


SHEET = "/worksheet?sentence=movie+was+not+good&target=0&weights=lecture"


@pytest.mark.parametrize(("theme", "key"), [("light", "&key=1"), ("dark", "")])
def test_axe_finds_nothing_on_the_worksheet(page: Page, theme: str, key: str) -> None:
    page.goto(page.url.split("/?")[0] + SHEET + key)
    page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
    assert Axe().run(page).response["violations"] == []


def test_the_worksheet_fits_a_narrow_screen(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(page.url.split("/?")[0] + SHEET + "&key=1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 391


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_answers_begin_on_a_page_of_their_own(page: Page, paper: str) -> None:
    """The sheet is a few pages, its answers a few more; nothing that is for the screen alone is printed."""
    base, pages = page.url.split("/?")[0], []
    for key in ("", "&key=1"):
        page.goto(base + SHEET + key)
        pages.append(len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper))))
    assert 2 <= pages[0] <= 4 and pages[0] + 2 <= pages[1] <= 2 * pages[0]
    page.emulate_media(media="print")
    expect(page.locator("header")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('.key')).breakBefore") == "page"
    # No table is wider than the paper.
    page.set_viewport_size({"width": 680, "height": 900})
    assert page.evaluate(
        "[...document.querySelectorAll('.group')].every((g) => g.scrollWidth <= g.clientWidth)"
    )
