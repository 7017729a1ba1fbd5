"""Served under a sub-path, the page finds its files, its parts and its own address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.theatre import eventually, open_page, watch_of, watched
from tests.conftest import LiveServer, serve


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with serve("--log-level", "warning", "--root-path", "/unrolled") as started:
        yield started


def test_page_parts_edits_examples_and_back_stay_below_the_sub_path(
    browser: Browser, server: LiveServer
) -> None:
    origin = server.url.removesuffix("/unrolled")
    asked: list[str] = []
    with watched(browser, origin) as page:
        page.on("request", lambda request: asked.append(request.url.removeprefix(origin)))
        theatre = open_page(page, "/unrolled/", charts=True)
        eventually(page, "document.querySelectorAll('.later').length === 0")
        eventually(page, "document.querySelectorAll('.chart[data-drawn=yes]').length === 3")
        theatre.key("ArrowRight")
        assert theatre.index() == 1
        page.fill("#sentence", "movie was bad")
        eventually(page, "location.search.includes('bad')")
        expect(page.locator("#stage .column")).to_have_count(3)
        assert page.url.startswith(f"{origin}/unrolled/?sentence=movie+was+bad")
        eventually(page, "document.querySelectorAll('.later').length === 0")
        page.locator("#W_hh-0 .c").nth(1).click()
        page.locator("#edit-value").fill("0.25")
        page.locator("#edit-value").press("Enter")
        eventually(page, "location.search.includes('edit=')")
        page.locator("#examples > summary").click()
        page.locator("#examples a").filter(has_text="Rat rat mat").click()
        eventually(page, "document.title.startsWith('Rat')")
        page.go_back()
        eventually(page, "document.getElementById('run')?.dataset.sentence === 'movie was bad'")
        href = page.locator("nav.links a[href*='/api/v1/run']").get_attribute("href")
        assert page.request.get(f"{origin}{href}").json()["permalink"].startswith("/unrolled/?")
        watch_of(page).assert_clean()
    own = [path for path in asked if not path.startswith(("data:", "blob:"))]
    assert len(own) > 20 and all(path.startswith("/unrolled/") for path in own)
    assert any(path.startswith("/unrolled/static/vendor/htmx") for path in own)
