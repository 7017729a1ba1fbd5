"""The largest questions load and play: many words, many units, one word, one unit."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_pictures import content, taken
from tests.browser.theatre import Opener, address, eventually, open_page, seldom, value_of

WORDS = " ".join(f"word{k % 60}" for k in range(256))


@pytest.mark.parametrize(
    ("sentence", "fields", "columns"),
    [
        (WORDS, {"hidden_size": 8}, 256),
        ("movie was not good", {"hidden_size": 256, "learning_rate": 0.001}, 4),
        ("good", {"hidden_size": 1}, 1),
    ],
    ids=["256 words", "256 units", "one word, one unit"],
)
def test_a_network_of_any_size_loads_scrubs_and_explains(
    new_page: Opener, sentence: str, fields: dict[str, Any], columns: int
) -> None:
    page = new_page(reduced_motion="reduce")
    theatre = open_page(page, address(sentence, weights="drawn", **fields))
    assert page.locator("#stage .column").count() == columns
    frames = len(theatre.moments())
    for share in (0.0, 0.13, 0.5, 0.77, 1.0, 0.31):
        at = round(share * (frames - 1))
        theatre.scrub(at)
        assert theatre.index() == at
    theatre.goto("back", t=max(1, columns // 2))
    assert theatre.moment().t == max(1, columns // 2)
    theatre.key("End")
    theatre.key("ArrowLeft")
    assert theatre.index() == frames - 2
    eventually(page, "document.querySelectorAll('.later').length === 0", seconds=20)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1441
    text = str(page.locator("#y .c > text").text_content())
    assert 0 < value_of(text) < 1


def test_a_column_out_of_sight_is_brought_into_sight_by_its_step(new_page: Opener) -> None:
    page = new_page(reduced_motion="reduce")
    theatre = open_page(page, address(WORDS, weights="drawn"))
    for t in (200, 3, 131, 256):
        theatre.goto("forward", t=t)
        inside = page.evaluate(
            """(t) => {
              const box = document.getElementById(`col-${t}`).getBoundingClientRect();
              const home = document.querySelector(".theatre").getBoundingClientRect();
              return box.left >= home.left - 1 && box.right <= home.right + 1;
            }""",
            t,
        )
        assert inside, t


def test_the_overview_shows_where_the_track_stands_and_leads_to_every_step(new_page: Opener) -> None:
    page = new_page(reduced_motion="reduce")
    theatre = open_page(page, address(WORDS, weights="drawn"))
    box = page.locator(".glance").bounding_box()
    assert box is not None
    for t in (1, 64, 200, 256):
        page.mouse.click(box["x"] + box["width"] * (t - 0.5) / 256, box["y"] + 20)
        assert theatre.moment().t == t
        frame, now = page.locator(".glance .window"), page.locator(".glance .now")
        first, width = (float(str(frame.get_attribute(name))) for name in ("x", "width"))
        assert first <= t <= first + width + 0.5 and 3 < width < 8
        assert str(now.get_attribute("d")).startswith(f"M{t - 1} 0h1")
    page.keyboard.press("ArrowLeft")
    assert theatre.moment().t == 255
    page.keyboard.press("Home")
    assert theatre.moment().t == 1
    slider = page.locator(".glance input")
    assert str(slider.get_attribute("aria-valuetext")).startswith("1 ")
    page.mouse.move(box["x"] + 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 1, box["y"] + 20, steps=3)
    page.mouse.up()
    assert theatre.moment().t == 129
    theatre.goto("back", t=100)
    page.mouse.click(box["x"] + box["width"] * 29.5 / 256, box["y"] + 20)
    assert (theatre.moment().phase, theatre.moment().t) == ("back", 30)


@pytest.mark.slow
def test_a_column_that_comes_into_sight_knows_what_its_frame_knows(new_page: Opener) -> None:
    page = new_page(reduced_motion="reduce")
    theatre = open_page(page, address(WORDS, weights="drawn"))
    theatre.goto("forward", t=250)
    theatre.goto("forward", t=100)
    assert [theatre.ghost(f"h-{t}") for t in (99, 100, 101, 102)] == [False, False, True, True]
    page.locator(".track").evaluate("(track) => { track.scrollLeft = 0; }")
    eventually(page, "!document.getElementById('col-3').classList.contains('far')")
    assert not theatre.ghost("h-3")
    page.locator(".track").evaluate("(track) => { track.scrollLeft = track.scrollWidth; }")
    eventually(page, "!document.getElementById('col-250').classList.contains('far')")
    assert theatre.ghost("h-250")


# The columns in sight as they are drawn, without what keyboards and screen readers get when there is time.
IN_SIGHT = """() => [...document.querySelectorAll(".track :is(.column, .foot-of):not(.far)")].map((el) => {
  const copy = el.cloneNode(true);
  copy.querySelectorAll("*").forEach((part) => {
    for (const name of ["tabindex", "role", "aria-label", "style"]) part.removeAttribute(name);
  });
  return copy.outerHTML;
})"""


@pytest.mark.parametrize(
    "fields", [{}, seldom({"cell": "lstm", "bidirectional": "true"}), seldom({"task": "next_word"})]
)
def test_columns_that_came_as_text_are_drawn_as_those_of_a_whole_page(
    new_page: Opener, fields: dict[str, Any]
) -> None:
    long = " ".join(f"word{k % 17}" for k in range(60))
    asked = {"weights": "drawn", **fields}
    narrow: dict[str, Any] = {"reduced_motion": "reduce", "width": 700}
    whole = open_page(new_page(**narrow), address(long, seed=4, **asked))
    swapped = open_page(new_page(**narrow), address(long, seed=3, **asked))
    swapped.page.fill("#f-seed", "4")
    swapped.page.press("#f-seed", "Enter")
    expect(swapped.page.locator(".track script")).not_to_have_count(0)
    moments = (("forward", 30), ("back", 12), ("forward", 16), ("again", 0), ("back", 40), ("unfold", 0))
    for phase, t in moments:
        seen = []
        for theatre in (whole, swapped):
            theatre.goto(phase, t=t)
            seen.append(theatre.page.evaluate(IN_SIGHT))
        assert seen[0] == seen[1], (phase, t)
        assert len(seen[0]) > 2
        if phase == "back":  # a picture draws more columns than a narrow screen shows
            one, other = (content(taken(theatre.page, "svg")) for theatre in (whole, swapped))
            assert one == other, t
    for theatre in (whole, swapped):
        theatre.page.locator("[data-do=text]").click()
    assert whole.page.locator(".story").inner_text() == swapped.page.locator(".story").inner_text()
