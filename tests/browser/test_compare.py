"""Two stages on one clock, in the browser: keys, the transport and the words of either move both."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page, expect

from tests.browser.theatre import eventually

MOVIE = "sentence=movie+was+not+good&target=0&weights=lecture"
WHERE = ".frame.on .where"


def open_pair(page: Page, other: str, **more: str) -> list[Frame]:
    tail = "".join(f"&{name}={value}" for name, value in more.items())
    page.goto(f"/compare?a={quote(MOVIE, safe='')}&b={quote(other, safe='')}{tail}")
    expect(page.locator(".duo .phase.on")).to_have_text("Unfold")
    sides = page.frames[1:]
    for side in sides:
        expect(side.locator(WHERE)).to_contain_text("Unfold")
    return sides


def both(sides: list[Frame], *texts: str) -> None:
    for side, text in zip(sides, texts if len(texts) > 1 else texts * 2, strict=True):
        expect(side.locator(WHERE)).to_contain_text(text)


@pytest.fixture
def still(new_page: Callable[..., Page]) -> Page:
    return new_page(reduced_motion="reduce")


def test_one_clock_moves_both(still: Page) -> None:
    sides = open_pair(still, MOVIE + "&activation=relu")
    still.keyboard.press("End")
    both(sides, "Again")
    still.keyboard.press("Home")
    both(sides, "Unfold part 1")
    still.keyboard.press("ArrowRight")
    both(sides, "Unfold part 2")
    still.locator(".duo .phase", has_text="Loss").click()
    both(sides, "Loss")
    still.locator(".duo .scrub").fill("3")
    both(sides, "1Forward part 2")


def test_a_longer_sentence_and_a_shorter_one_pass_through_each_phase_together(still: Page) -> None:
    sides = open_pair(still, "sentence=movie+was+bad&weights=lecture")
    still.keyboard.press("]")
    both(sides, "1Forward part 1")
    still.keyboard.press("]")
    still.keyboard.press("ArrowLeft")
    both(sides, "4Forward", "3Forward")


def test_a_word_and_a_key_inside_one_stage_move_both(still: Page) -> None:
    sides = open_pair(still, MOVIE + "&bias=none")
    sides[1].locator(".jump", has_text="not").click()
    both(sides, "3Forward part 1")
    sides[0].locator(".track").focus()
    still.keyboard.press("ArrowRight")
    both(sides, "3Forward part 2")


def test_both_play_and_pause_together(page: Page) -> None:
    sides = open_pair(page, MOVIE + "&activation=relu")
    page.locator(".duo [data-do=speed]").select_option("4")
    page.locator(".duo [data-do=play]").click()
    both(sides, "Forward")
    page.locator(".duo [data-do=play]").click()
    expect(page.locator(".duo [data-do=play]")).to_have_attribute("aria-label", "Play")
    shown = [side.locator(WHERE).text_content() for side in sides]
    page.wait_for_timeout(900)
    assert [side.locator(WHERE).text_content() for side in sides] == shown and shown[0] == shown[1]


def test_the_stages_stand_beside_each_other_where_there_is_room(new_page: Callable[..., Page]) -> None:
    def tops(page: Page) -> list[float]:
        return [box.bounding_box()["y"] for box in page.locator(".sidebox").all()]

    wide, narrow = new_page(width=1200), new_page(width=1024)
    open_pair(wide, MOVIE + "&seed=1")
    assert len(set(tops(wide))) == 1
    wide.get_by_role("link", name="One over the other").click()
    expect(wide.locator(".duo.stacked")).to_be_visible()
    assert len(set(tops(wide))) == 2
    open_pair(narrow, MOVIE + "&seed=1")
    assert len(set(tops(narrow))) == 2


LEVEL = """() => {
  const sides = [...document.querySelectorAll("iframe")].map((frame) => frame.contentDocument);
  const tops = sides.map((page) => page.querySelector(".scene").getBoundingClientRect().top);
  return Math.abs(tops[0] - tops[1]);
}"""


def test_the_stages_stand_level_whatever_their_stories_say(still: Page) -> None:
    """An LSTM's story needs more room than the notes' network, another much more when the loop unfolds."""
    open_pair(still, "sentence=movie+was+not+good&cell=lstm&bidirectional=true")
    for at in ("0", "1", "2", "9", "0"):
        still.locator(".duo .scrub").fill(at)
        eventually(still, f"({LEVEL})() < 1")


def test_the_theme_is_one_for_all_three(page: Page) -> None:
    sides = open_pair(page, MOVIE + "&seed=1")
    page.locator("[data-do=theme]").click()
    page.locator("[data-do=theme]").click()
    for side in sides:
        expect(side.locator("html")).to_have_attribute("data-theme", "dark")


def test_without_script_both_stories_and_the_tables_are_there(new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(f"/compare?a={quote(MOVIE, safe='')}&b={quote(MOVIE + '&activation=relu', safe='')}")
    expect(page.locator("table.differing").first).to_contain_text("ReLU")
    for side in page.frames[1:]:
        expect(side.locator(".frame").last).to_be_visible()


@pytest.mark.parametrize(("width", "view"), [(1440, "light"), (390, "dark"), (1440, "projector")])
def test_axe_finds_nothing_on_the_comparison(new_page: Callable[..., Page], width: int, view: str) -> None:
    page = new_page(width=width, reduced_motion="reduce", bypass_csp=True)
    open_pair(page, "sentence=movie+was+very+good", view=view)
    found = Axe().run(page, options={"resultTypes": ["violations"], "iframes": False}).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:160]) for each in found] == []
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider == 0
