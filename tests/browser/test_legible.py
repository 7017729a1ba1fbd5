"""What is written can be read: no text smaller than twelve pixels, no formula wider than its room."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.theatre import Opener, address, eventually, open_page

SMALL = """() => {
  const found = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const el = walk.currentNode.parentElement, style = getComputedStyle(el);
    const seen = el.getClientRects().length && style.visibility !== "hidden";
    if (!seen || !walk.currentNode.data.trim() || el.closest(".unseen, .phase")) continue;
    // A drawing may be scaled; a text turned by a right angle has its scale in b.
    const scale = el.closest("svg") ? el.getScreenCTM() : null;
    const size = parseFloat(style.fontSize) * (scale ? Math.hypot(scale.a, scale.b) : 1);
    if (size < 11.6) found.add(`${size} ${el.tagName} in ${el.closest("section, aside, main").className}`);
  }
  return [...found];
}"""

WIDER = """(place) => {
  const box = document.querySelector(place);
  return box ? box.scrollWidth - box.clientWidth : 0;
}"""


def open_part(page: Page, part: str) -> None:
    """Ask the inspector for a part, and wait for it."""
    page.evaluate(
        """(part) => {
          const form = document.getElementById("inspecting");
          form.elements.part.value = part;
          form.dispatchEvent(new CustomEvent("inspect"));
        }""",
        part,
    )
    eventually(page, f"document.getElementById('inspector').dataset.partShown === {part!r}")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 390])
def test_no_text_is_too_small_to_read(new_page: Opener, width: int) -> None:
    page = new_page(width, reduced_motion="reduce")
    theatre = open_page(page, address("movie was not good movie was bad", weights="lecture"))
    eventually(page, "document.querySelectorAll('.later').length === 0", seconds=20)
    eventually(page, "document.querySelectorAll('.g-xtitle').length > 0", seconds=20)
    for phase, t in (
        ("unfold", 0),
        ("forward", 3),
        ("output", 7),
        ("loss", 7),
        ("back", 3),
        ("update", 0),
        ("again", 0),
    ):
        theatre.goto(phase, t)
        assert page.evaluate(SMALL) == [], phase
    for part in ("in-W_hh-3-0.1", "total-W_hh", "jac-3.0.1", "dz.0", "W_hh-0.1", "a-3.0"):
        open_part(page, part)
        assert page.evaluate(SMALL) == [], part


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 390])
def test_formulas_of_many_units_keep_within_their_room(new_page: Opener, width: int) -> None:
    page = new_page(width, reduced_motion="reduce")
    theatre = open_page(page, address("movie was not good", hidden_size=12))
    for at in range(len(theatre.moments())):
        theatre.scrub(at)
        assert page.evaluate(WIDER, ".frame.on .formula") <= 1, theatre.moment()
    for part in ("z.0", "dh-2.0", "a-3.0", "hw-3.0", "in-W_hh-3-0.1", "x-2", "W_hh-0.1"):
        open_part(page, part)
        assert page.evaluate(WIDER, "#inspector .formulas") <= 1, part


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("menu", [".examples", ".take", ".beside"])
def test_a_menu_opens_within_the_window(new_page: Opener, width: int, menu: str) -> None:
    page = new_page(width, reduced_motion="reduce")
    open_page(page, address("movie was not good", weights="lecture"))
    page.locator(f"{menu} > summary").click()
    sheet = page.locator(f"{menu} > .sheet").bounding_box()
    assert sheet and sheet["x"] >= 0 and sheet["x"] + sheet["width"] <= width


COVERED = """(place) => {
  const sheet = document.querySelector(place), box = sheet.getBoundingClientRect(), covered = [];
  for (const y of [box.top + 4, (box.top + box.bottom) / 2, box.bottom - 4])
    for (const x of [box.left + 4, (box.left + box.right) / 2, box.right - 4])
      if (y > 0 && y < innerHeight && !sheet.contains(document.elementFromPoint(x, y))) covered.push([x, y]);
  return covered;
}"""


@pytest.mark.parametrize("menu", [".beside", ".take"])
def test_a_sheet_that_reaches_beyond_a_low_stage_lies_above_the_header(new_page: Opener, menu: str) -> None:
    page = new_page(reduced_motion="reduce")
    open_page(page, f"{address('a', hidden_size=1)}&hide=cards")
    page.locator(f"{menu} > summary").click()
    expect(page.locator(".theatre.raised")).to_have_count(1)
    assert page.evaluate(COVERED, f"{menu} > .sheet") == []
    page.keyboard.press("Escape")
    expect(page.locator(".theatre.raised")).to_have_count(0)


FREE = """() => {
  const box = (place) => document.querySelector(place).getBoundingClientRect();
  return box(".shelf").top - box(".folded > p").bottom;
}"""


@pytest.mark.parametrize("view", ["light", "projector"])
@pytest.mark.parametrize("way", ["false", "true"])
def test_the_folded_network_stands_above_the_weights(new_page: Opener, way: str, view: str) -> None:
    page = new_page(reduced_motion="reduce")
    asked = address("movie was good", cell="lstm", hidden_size=1, bidirectional=way)
    open_page(page, f"{asked}&view={view}")
    for width in (390, 690, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(FREE) >= 0, width


SIDEWAYS = """(() => {
  const rows = document.querySelector("#ledger .scroll");
  return rows.scrollWidth - rows.clientWidth;
})()"""


@pytest.mark.parametrize("way", ["false", "true"])
def test_the_rows_of_four_units_fit_a_wide_window(new_page: Opener, way: str) -> None:
    """Four are as many as a row shows with all of its numbers."""
    page = new_page()
    open_page(page, address("movie was not good", hidden_size=4, bidirectional=way))
    weights = page.get_by_role("navigation", name="Parameter").locator("a")
    weights.first.wait_for()
    assert weights.count() >= 5
    for k in range(weights.count()):
        weights.nth(k).click()
        eventually(page, f"document.querySelector('#ledger-tab-{k + 1}').ariaCurrent === 'true'")
        assert page.evaluate(SIDEWAYS) == 0, k


def test_rows_that_go_on_beside_the_window_keep_their_step_and_go_there_by_keyboard(new_page: Opener) -> None:
    page = new_page(width=1024)
    theatre = open_page(page, address("movie was not good", hidden_size=4))
    assert page.evaluate(SIDEWAYS) > 100
    rows, step = page.get_by_role("region", name="Rows of the ledger"), page.locator("#ledger tbody th").first
    before = step.bounding_box()
    rows.focus()
    told = theatre.index()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    eventually(page, "document.querySelector('#ledger .scroll').scrollLeft > 100")
    assert theatre.index() == told
    after = step.bounding_box()
    assert before and after and after["x"] == pytest.approx(before["x"], abs=1)
    edge = rows.evaluate("(rows) => getComputedStyle(rows).backgroundImage")
    assert edge.count("gradient") == 2, "a shadow where it goes on, and what covers it at the end"


def test_on_a_phone_a_formula_follows_its_caption_and_no_heading_breaks(new_page: Opener) -> None:
    page = new_page(width=390, height=844)
    open_page(page, address("movie was not good"))
    said, formula = (page.locator(f".story > .on {part}").bounding_box() for part in (".cap", ".formula"))
    assert said and formula and 0 <= formula["y"] - said["y"] - said["height"] < 20
    heads = page.locator(".wordspanel thead th")
    heads.first.wait_for()
    assert max(heads.evaluate_all("(all) => all.map((th) => th.clientHeight)")) < 36


def test_on_a_projector_a_caption_has_the_room_beside_its_formula(new_page: Opener) -> None:
    page = new_page()
    theatre = open_page(page, address("movie was not good", cell="lstm") + "&view=projector")
    theatre.goto("forward", 2, 3)
    said, formula = (page.locator(f".story > .on {part}").bounding_box() for part in (".cap", ".formula"))
    assert said and formula and said["height"] < formula["height"]
    assert said["width"] > 500


def test_on_a_phone_the_words_of_a_comparison_are_in_sight(new_page: Opener) -> None:
    page = new_page(width=390, height=844)
    page.goto("/compare?a=sentence%3Dmovie%2Bwas%2Bnot%2Bgood&with=lstm")
    said = page.locator(".differing:not(.asked) tbody td:last-child")
    said.first.wait_for()
    ends = said.evaluate_all("(all) => all.map((cell) => cell.getBoundingClientRect().right)")
    assert len(ends) > 12 and max(ends) <= 390, ends


def test_no_bar_reaches_the_name_of_its_entry(new_page: Opener) -> None:
    page = new_page()
    theatre = open_page(page, address("movie was not good", weights="drawn"))
    theatre.goto("accumulate")
    page.locator("#bars-W_xh .entryname").first.wait_for()
    ends = "(all) => all.map((el) => el.getBBox()).map((box) => [box.x, box.x + box.width])"
    names, bars = (
        page.locator(f"#bars-W_xh {part}").evaluate_all(ends) for part in (".entryname", ".bar:not([d=''])")
    )
    assert len(names) == 12 and max(end for _, end in names) < min(start for start, _ in bars)
