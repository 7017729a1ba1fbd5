"""The page by keyboard alone: the clock, the numbers, the inspector; focus always seen, never trapped."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.theatre import Opener, Theatre, address, eventually, open_page, seldom, watch_of, watched
from tests.conftest import LiveServer

FOCUS = """() => {
  const el = document.activeElement, style = getComputedStyle(el), box = el.getBoundingClientRect();
  const shape = getComputedStyle(el.querySelector(":scope > rect") ?? el);
  // A hidden radio button shows its focus on the label beside it.
  const beside = el.matches("input[type=radio]") ? el.nextElementSibling ?? el.parentElement : el;
  const label = getComputedStyle(beside);
  const again = (window.focused ??= new WeakSet()).has(el);
  window.focused.add(el);
  return {
    again, name: el === document.body ? "body" : `${el.tagName}.${el.getAttribute("class") ?? ""}#${el.id}`,
    where: el.closest("#panels, #charts, #ledger, #inspector, #stage, header, .side, dialog")?.id,
    seen: [style.boxShadow, label.boxShadow, style.outlineStyle === "none" ? "none" : style.outlineWidth]
      .some((value) => value !== "none" && value !== "0px") || parseFloat(shape.strokeWidth) >= 3,
    inside: box.width * box.height > 0,
    label: el.getAttribute("aria-label") ?? el.textContent.trim().slice(0, 40),
  };
}"""


@pytest.fixture(scope="module")
def opened(browser: Browser, live_server: LiveServer) -> Iterator[Theatre]:
    with watched(browser, live_server.url, reduced_motion="reduce") as page:
        yield open_page(page, address("movie was not good", target=0))


@pytest.fixture
def theatre(opened: Theatre) -> Iterator[Theatre]:
    """One page for all, its focus taken away and the clock at the start."""
    opened.page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    opened.page.keyboard.press("Home")
    yield opened
    watch_of(opened.page).assert_clean()


def test_arrows_home_end_and_brackets_move_the_clock(theatre: Theatre) -> None:
    last = len(theatre.moments()) - 1
    at = []
    for key in (
        "ArrowRight",
        "ArrowRight",
        "ArrowLeft",
        "End",
        "ArrowRight",
        "ArrowLeft",
        "Home",
        "ArrowLeft",
    ):
        theatre.key(key)
        at.append(theatre.index())
    assert at == [1, 2, 1, last, last, last - 1, 0, 0]
    phases = [theatre.moment().phase]
    for _ in range(9):
        theatre.key("]")
        phases.append(theatre.moment().phase)
    assert phases[:-1] == [
        "unfold", "forward", "output", "loss", "outback", "back", "accumulate", "update", "again",
    ]  # fmt: skip
    assert phases[-1] == "again", "after the last phase there is none"
    theatre.key("[")
    assert theatre.moment().phase == "update" and theatre.moment().part == 1


def test_space_plays_and_pauses(theatre: Theatre) -> None:
    button = theatre.page.locator("[data-do=play]")
    theatre.key(" ")
    expect(button).to_have_accessible_name("Pause")
    theatre.key(" ")
    expect(button).to_have_accessible_name("Play")
    button.focus()
    theatre.key(" ")
    expect(button).to_have_accessible_name("Pause")
    theatre.key("Enter")
    expect(button).to_have_accessible_name("Play")


def test_a_question_mark_opens_the_help_and_escape_closes_it(theatre: Theatre) -> None:
    page = theatre.page
    page.locator("[data-do=forward]").focus()
    theatre.key("?")
    expect(page.locator("#help")).to_be_visible()
    before = theatre.index()
    theatre.key("ArrowRight")
    theatre.key("End")
    assert theatre.index() == before, "behind an open dialog the clock stands"
    theatre.key("Escape")
    expect(page.locator("#help")).to_be_hidden()
    assert page.evaluate("document.activeElement.dataset.do") == "forward", "focus is where it was"


@pytest.mark.parametrize("field", ["#sentence", "#f-seed", "#f-activation"])
def test_keys_in_a_field_belong_to_the_field(theatre: Theatre, field: str) -> None:
    page, before = theatre.page, theatre.index()
    typed = page.locator(field).input_value()
    page.route("**/?*", lambda route: route.abort())
    watch_of(page).allow("ERR_FAILED|Failed to fetch")
    page.focus(field)
    for key in ("Home", " ", "ArrowRight", "ArrowLeft", "End", "[", "]", "?"):
        page.keyboard.press(key)
    assert theatre.index() == before
    expect(page.locator("#help")).to_be_hidden()
    expect(page.locator(".theatre.playing")).to_have_count(0)
    if field == "#sentence":
        assert page.input_value(field) == f" {typed}[]?"
        page.fill(field, typed)
    elif field == "#f-activation":
        page.locator(field).select_option(typed)
    else:
        page.fill(field, typed)
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(550)
    page.unroute("**/?*")


def test_arrows_walk_the_numbers_and_enter_explains_one(theatre: Theatre) -> None:
    page = theatre.page
    theatre.key("End")
    before = theatre.index()
    stop = page.locator(".track.grid [tabindex='0']")
    expect(stop).to_have_count(1)
    stop.focus()
    names = [focused_part(page)]
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowUp"):
        theatre.key(key)
        names.append(focused_part(page))
    assert all(a != b for a, b in pairwise(names)), names
    assert theatre.index() == before, "inside the numbers the arrows are theirs"
    expect(stop).to_have_count(1)
    asked = focused_part(page)
    theatre.key("Enter")
    expect(page.locator("#inspector")).to_have_attribute("data-part-shown", asked)
    expect(page.locator(".picked")).to_have_count(1)
    theatre.key("Escape")
    assert page.evaluate("document.activeElement.className") == "pp", "Escape leaves the numbers"
    theatre.key("Home")
    assert theatre.index() == 0


def focused_part(page: Page) -> str:
    """The name of the focused number, as the server knows it."""
    found: str = page.evaluate(
        """() => {
          const el = document.activeElement;
          if (el.dataset.part) return el.dataset.part;
          if (!el.classList.contains("c")) return el.id;
          const group = el.closest("[id]");
          return `${group.id}.${[...group.querySelectorAll(".c")].indexOf(el)}`;
        }"""
    )
    assert found
    return found


@pytest.mark.parametrize(("phase", "t"), [("loss", 4), ("back", 3), ("again", 0)])
def test_every_number_in_sight_can_be_reached_by_arrows(theatre: Theatre, phase: str, t: int) -> None:
    """Walk from each number in all four ways: whoever is seen is reached from somewhere."""
    theatre.goto(phase, t, part=2)
    missed = theatre.page.evaluate(
        """() => {
          const missed = [];
          for (const grid of document.querySelectorAll(".theatre .grid")) {
            const shown = (el) => el.getClientRects().length && getComputedStyle(el).visibility !== "hidden";
            // A number that another one covers is not in sight.
            const middle = (el) => {
              const box = el.getBoundingClientRect();
              return [box.x + box.width / 2, box.y + box.height / 2];
            };
            const key = (el) => middle(el).map(Math.round).join();
            const all = [...grid.querySelectorAll(".c, .vec.code, .slot[id], #loss, #fold")].filter(shown);
            const top = new Map(all.map((el) => [key(el), el]));
            const cells = [...top.values()], reached = new Set();
            const open = [grid.querySelector("[tabindex='0']")];
            while (open.length) {
              const el = open.pop();
              if (reached.has(el)) continue;
              reached.add(el);
              for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]) {
                el.focus();
                el.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
                if (!reached.has(document.activeElement)) open.push(document.activeElement);
              }
            }
            const left = cells.filter((el) => !reached.has(el));
            const names = left.slice(0, 5).map((el) => el.id || el.parentElement.id);
            if (left.length) missed.push([grid.className, cells.length, ...names]);
          }
          return missed;
        }"""
    )
    assert missed == []


def tab_round(page: Page, key: str, limit: int = 250) -> list[dict[str, Any]]:
    """Every stop of Tab until focus leaves the page or has come round."""
    stops: list[dict[str, Any]] = []
    page.evaluate("window.focused = undefined")
    for _ in range(limit):
        page.keyboard.press(key)
        stop: dict[str, Any] = page.evaluate(FOCUS)
        if stop["name"] == "body" or stop["again"]:
            return stops
        stops.append(stop)
    raise AssertionError(f"focus never comes round: {[stop['name'] for stop in stops[-6:]]}")


@pytest.mark.parametrize("width", [1440, seldom(390)])
def test_focus_is_seen_at_every_stop_and_nothing_traps_it(new_page: Opener, width: int) -> None:
    page = new_page(width=width, reduced_motion="reduce")
    open_page(page, address("movie was bad", target=0), charts=True)
    eventually(page, "document.querySelectorAll('.later').length === 0")
    page.locator("#ledger-check").scroll_into_view_if_needed()
    expect(page.locator("#ledger-check a")).to_have_count(0)
    page.evaluate("window.scrollTo(0, 0)")
    forward = tab_round(page, "Tab")
    assert len(forward) > 40
    assert "skip" in forward[0]["name"]
    unseen = [stop["name"] for stop in forward if not stop["seen"]]
    assert unseen == []
    assert [stop["name"] for stop in forward if not stop["inside"]] == []
    assert forward[-1]["where"] == "panels", [stop["name"] + stop["label"] for stop in forward[-4:]]
    assert {"stage", "inspector", "ledger", "charts", "panels"} <= {stop["where"] for stop in forward}
    back = tab_round(page, "Shift+Tab")
    assert len(back) >= len(forward) - 2


def test_the_skip_link_leads_past_the_form(theatre: Theatre) -> None:
    page = theatre.page
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#stage') !== null")
    page.evaluate("history.replaceState(null, '', location.pathname + location.search)")


def open_examples(page: Page) -> None:
    page.locator("#examples > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#examples .sheet")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#examples a') !== null")


def test_escape_closes_the_examples(theatre: Theatre) -> None:
    open_examples(theatre.page)
    theatre.key("Escape")
    expect(theatre.page.locator("#examples .sheet")).to_be_hidden()


def test_escape_gives_the_focus_back_to_the_examples(theatre: Theatre) -> None:
    open_examples(theatre.page)
    theatre.key("Escape")
    theatre.page.wait_for_timeout(100)
    assert theatre.page.evaluate("document.activeElement.closest('#examples > summary') !== null")


def test_a_run_changed_by_keyboard_keeps_the_focus(theatre: Theatre) -> None:
    page = theatre.page
    page.focus("#f-seed")
    page.keyboard.press("End")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    eventually(page, "location.search.includes('seed=05') || location.search.includes('seed=5')")
    expect(page.locator("#stage .frame.on")).to_have_count(1)
    assert page.evaluate("document.activeElement.id") == "f-seed"


@pytest.mark.parametrize("way", ["#edit-value", "#edit-set"])
def test_a_weight_typed_over_keeps_the_focus(theatre: Theatre, way: str) -> None:
    page = theatre.page
    page.evaluate("document.querySelector('#inspecting').elements.part.value = 'W_hh-1.2'")
    page.evaluate("document.querySelector('#inspecting').dispatchEvent(new CustomEvent('inspect'))")
    expect(page.locator("#inspector")).to_have_attribute("data-part-shown", "W_hh-1.2")
    page.fill("#edit-value", "0.75" if way == "#edit-value" else "0.5")
    page.focus(way)
    page.keyboard.press("Enter")
    eventually(page, "location.search.includes('edit=')")
    expect(page.locator("#inspector")).to_have_attribute("data-part-shown", "W_hh-1.2")
    expect(page.locator(way)).to_be_focused()
    page.focus("#edit-undo")
    page.keyboard.press("Enter")
    eventually(page, "!location.search.includes('edit=')")
    expect(page.locator("#inspector[data-part-shown]")).to_be_focused()


def test_a_check_that_replaces_its_button_keeps_the_focus(theatre: Theatre) -> None:
    page = theatre.page
    page.route("**/ledger/check*", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.locator("#ledger table").wait_for()
    button = page.locator("#ledger-check a")
    if button.count():
        button.focus()
        page.wait_for_timeout(50)
    expect(page.locator("#ledger-check.good")).to_be_visible()
    expect(page.locator("#ledger-check.good")).to_be_focused()
    page.unroute("**/ledger/check*")
