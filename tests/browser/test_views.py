"""Ways to look at a run, in the browser: an exercise that is locked, a first frame, an embedded stage."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

MOVIE = "/?sentence=movie+was+not+good&target=0&weights=lecture"
WHERE = ".frame.on .where"


def test_the_story_begins_with_the_frame_of_the_address(page: Page) -> None:
    page.goto(MOVIE + "&at=back.3.2")
    expect(page.locator(WHERE)).to_contain_text("Back through time part 2")
    assert "cur" in page.locator("#col-3").get_attribute("class").split()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(WHERE)).to_contain_text("part 1")


def test_every_control_of_a_locked_page_is_out_of_use_and_the_story_plays(page: Page) -> None:
    page.goto(MOVIE + "&lock=1")
    for field in page.locator("#question :is(input:not([type=hidden]), select, textarea)").all():
        expect(field).to_be_disabled()
    expect(page.locator("#inspector .what")).to_be_visible()
    expect(page.locator("#inspector .edit")).to_have_count(0)
    page.keyboard.press("End")
    expect(page.locator(WHERE)).to_contain_text("Again")


def test_a_change_with_hidden_controls_keeps_them_hidden(page: Page) -> None:
    page.goto(MOVIE + "&hide=activation,charts,sentence")
    page.locator("#f-bias").select_option("none")
    expect(page).to_have_url(re.compile(r"bias=none&.*&hide=sentence,activation,charts$"))
    expect(page.locator("#charts")).to_have_count(0)
    expect(page.locator("#f-activation")).to_have_count(0)


def test_the_theme_of_an_address_wins_over_the_readers_own(page: Page) -> None:
    page.goto(MOVIE)
    page.evaluate("localStorage.setItem('theme', 'dark')")
    page.goto(MOVIE + "&view=projector")
    assert page.evaluate("document.documentElement.dataset.theme") == "projector"
    page.goto(MOVIE)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_number_of_a_bare_stage_has_no_inspector_to_open(page: Page) -> None:
    page.goto(MOVIE + "&embed=1&at=forward.2.2")
    page.locator("#h-1 .c").first.click()
    expect(page.locator("#inspector")).to_have_count(0)
    expect(page.get_by_role("link", name="Open in Unrolled")).to_have_attribute("target", "_blank")


VIEWS = ["lock=1", "embed=1&view=dark", "embed=inspector&view=projector", "view=text"]


@pytest.mark.slow
@pytest.mark.parametrize("view", [*VIEWS, "/share?sentence=movie&lock=1&embed=1&view=dark"])
def test_axe_finds_nothing_in_any_view(new_page: Callable[..., Page], view: str) -> None:
    page = new_page(width=1024, reduced_motion="reduce", bypass_csp=True)
    page.goto(view if view.startswith("/") else f"{MOVIE}&{view}")
    expect(page.locator(".later")).to_have_count(0)
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:160]) for each in found] == []


def test_a_link_is_made_by_keyboard_and_begins_at_the_frame_in_hand(page: Page) -> None:
    page.goto(MOVIE + "&at=back.2.1")
    page.locator(".take > summary").focus()
    page.keyboard.press("Enter")
    page.locator("[data-share]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("input[name=at]")).to_have_value("back.2.1")
    page.get_by_label("Lock it").press("Space")
    page.get_by_role("button", name="Make the link").press("Enter")
    expect(page.locator("#share-link")).to_have_value(re.compile(r"&lock=1&at=back\.2\.1$"))
