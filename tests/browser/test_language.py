"""The page in Hindi, and a sentence that runs from right to left, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import found, opener
from tests.browser.theatre import address, open_page, seldom

__all__ = ["opener"]  # a fixture
ARABIC = "كان الفيلم جيدا"
CLIPPED = """() => [...document.querySelectorAll("button, a, summary, select, .phase, h2, th")]
  .filter((el) => el.checkVisibility() && el.clientWidth > 1 && el.scrollWidth > el.clientWidth + 1
    && getComputedStyle(el).overflowX !== "visible").map((el) => el.textContent.trim())"""


@pytest.mark.parametrize(("width", "theme"), [seldom(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_in_hindi_and_nothing_is_clipped(opener, width: int, theme: str) -> None:
    page = opener(width, theme, address("movie was not good", target=0, lang="hi"), charts=True).page
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    expect(page.locator("#charts .chart").first).to_be_attached()
    assert not found(page)
    assert not page.evaluate(CLIPPED)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_scripts_speak_the_language_of_the_page(page: Page) -> None:
    open_page(page, address("movie was good", lang="hi"))
    theme = page.locator("[data-do=theme]")
    expect(theme).to_have_attribute("aria-label", re.compile("[\u0900-\u097f]"))
    page.locator(".pp").click()
    expect(page.locator(".pp")).to_have_attribute("aria-label", "रोकें")


def test_a_change_keeps_the_language_and_the_other_stays_a_click_away(page: Page) -> None:
    open_page(page, address("movie was good", lang="hi"))
    page.select_option("#f-activation", "relu")
    expect(page.locator("#languages a[hreflang=en]")).to_have_attribute("href", re.compile("activation=relu"))
    expect(page).to_have_url(re.compile("activation=relu.*lang=hi"))
    page.locator("#languages a[hreflang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#f-activation")).to_have_value("relu")


def test_words_from_right_to_left_stand_in_the_order_of_time(page: Page) -> None:
    """The columns are time's; a word keeps to itself, so that no number beside it changes its place."""
    open_page(page, address(ARABIC))
    words = page.locator(".strip .jump bdi")
    assert words.all_inner_texts() == ARABIC.split()
    lefts = [page.locator(f"#col-{t}").bounding_box()["x"] for t in (1, 2, 3)]
    assert lefts == sorted(lefts)
    assert page.evaluate("getComputedStyle(document.getElementById('sentence')).direction") == "rtl"
    rows = page.locator("#ledger tbody.step th[scope=rowgroup]")
    expect(rows).to_have_count(3)
    for row, t in zip(rows.all(), (3, 2, 1), strict=True):
        chip, word = row.locator(".chip").bounding_box(), row.locator("bdi").bounding_box()
        assert row.locator(".chip").inner_text() == str(t) and chip["x"] + chip["width"] <= word["x"] + 0.5
