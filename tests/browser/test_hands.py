"""Hands on in a real browser: by mouse, by keyboard, and what stays where it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.theatre import eventually, seldom

ADDRESS = "/?sentence=movie+was+not+good&target=0&weights=lecture"
RULES = {"resultTypes": ["violations"], "iframes": False}


def opened(page: Page, address: str = ADDRESS) -> Page:
    page.goto(address)
    eventually(page, "document.querySelectorAll('.later').length === 0")
    return page


def test_the_learning_rate_is_dragged_by_keyboard_and_the_page_follows(page: Page) -> None:
    opened(page)
    slider = page.locator("#rate-drag")
    slider.focus()
    told = page.locator("#rate-said").inner_text()
    slider.press("ArrowRight")
    eventually(page, "document.querySelector('#f-learning_rate').value === '0.125'")
    assert "learning_rate=0.125" in page.url
    expect(page.locator("#rate-said")).to_contain_text("η = 0.125: predicted")
    assert page.locator("#rate-said").inner_text() != told
    eventually(page, "document.activeElement.id === 'rate-drag'")


def test_dragging_tells_what_the_engine_found_before_anything_is_asked(page: Page) -> None:
    opened(page)
    slider = page.locator("#rate-drag")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.1 * box["width"] + 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    mark = page.locator("#lab-rate .mark.on")
    expect(page.locator("#rate-said")).to_have_text(mark.get_attribute("data-said") or "nothing")
    assert float(page.locator("#rate-typed").input_value()) == pytest.approx(0.5, abs=0.06)
    assert "learning_rate" not in page.url
    page.mouse.up()
    eventually(page, "location.search.includes('learning_rate=')")


def test_the_page_stays_where_it_is_while_a_new_run_comes(page: Page) -> None:
    opened(page)
    page.locator("#rate-drag").scroll_into_view_if_needed()
    page.locator("#rate-drag").focus()
    before = page.evaluate("document.querySelector('#rate-drag').getBoundingClientRect().top")
    page.locator("#rate-drag").press("ArrowRight")
    eventually(page, "document.querySelector('#f-learning_rate').value === '0.125'")
    eventually(page, "document.querySelectorAll('.later').length === 0")
    after = page.evaluate("document.querySelector('#rate-drag').getBoundingClientRect().top")
    assert after == pytest.approx(before, abs=60)


def test_a_nudge_is_slid_and_keeps_the_focus(page: Page) -> None:
    opened(page)
    page.locator("#nudge-slide").focus()
    page.locator("#nudge-slide").press("End")
    expect(page.locator("#lab-nudge .verdict")).to_contain_text("moved by ε = 1.0:")
    eventually(page, "document.activeElement.id === 'nudge-slide'")


def test_the_inspector_leads_to_the_nudge_of_its_weight(page: Page) -> None:
    opened(page)
    page.locator("#W_hh-0 .c").nth(1).click()
    page.locator("#edit-nudge").click()
    expect(page.locator("#nudge-weight")).to_have_value("left_to_right.W_hh.0.1")


@pytest.mark.parametrize(("width", "dark"), [seldom(1440, False), (390, True)])
def test_axe_finds_nothing_in_the_labs(new_page: Callable[..., Any], width: int, dark: bool) -> None:
    page = opened(new_page(width=width, dark=dark, bypass_csp=True))
    page.evaluate("document.querySelectorAll('.lab details').forEach((el) => (el.open = true))")
    page.locator("label:has(#batch-off)").click()
    expect(page.locator("#lab-batch .read").first).to_be_visible()
    found = Axe().run(page, context="#labs", options=RULES).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:160]) for each in found] == []


def test_targets_in_the_labs_are_large_enough(new_page: Callable[..., Any]) -> None:
    page = opened(new_page(width=390))
    small = page.evaluate(
        """[...document.querySelectorAll("#labs :is(a, button, select, summary, input)")]
          .filter((el) => el.checkVisibility() && !["hidden", "radio"].includes(el.type))
          .map((el) => [el.outerHTML.slice(0, 80), el.getBoundingClientRect()])
          .filter(([, box]) => box.width < 24 || box.height < 24).map(([html]) => html)"""
    )
    assert small == []


def test_a_step_of_training_is_undone_by_back_and_keeps_the_focus(page: Page) -> None:
    opened(page)
    before = page.locator("#lab-train .verdict").inner_text()
    page.locator("#train-all").focus()
    page.locator("#train-all").press("Enter")
    expect(page.locator("#lab-train .verdict")).to_contain_text("After 1 step")
    assert "steps=all" in page.url
    eventually(page, "document.activeElement.id === 'train-all'")
    page.go_back()
    expect(page.locator("#lab-train .verdict")).to_have_text(before)


def drawn(page: Page) -> None:
    """The page with every column forward."""
    opened(page)
    page.evaluate(
        """document.querySelector(".theatre").dispatchEvent(
          new CustomEvent("goto", { detail: { phase: "forward", t: 4, part: 1 } }))"""
    )


def test_a_word_is_typed_over_in_place_and_keeps_the_focus(page: Page) -> None:
    drawn(page)
    page.locator("#x-4 .word").dblclick()
    page.keyboard.type("bad")
    page.keyboard.press("Enter")
    eventually(page, "document.querySelector('.jump[data-t=\"4\"] bdi').textContent === 'bad'")
    assert "sentence=movie+was+not+bad" in page.url
    eventually(page, "document.activeElement.id === 'x-4'")
    page.keyboard.press("F2")
    page.keyboard.type("good")
    page.keyboard.press("Escape")
    assert page.locator(".retype").count() == 0
    assert page.locator(".jump[data-t='4'] bdi").inner_text() == "bad"


def test_a_number_of_the_first_state_is_typed_over_in_place(page: Page) -> None:
    drawn(page)
    page.locator("#h-0 .c").nth(1).dblclick()
    page.locator(".retype").fill("0.5")
    page.locator(".retype").press("Enter")
    eventually(page, "location.search.includes('initial_state=0.0,0.5,0.0')")
    expect(page.locator("#h-0 .c text").nth(1)).to_have_text(".500")


def test_a_double_click_on_a_weight_opens_its_field(page: Page) -> None:
    drawn(page)
    page.locator("#W_hh-0 .c").nth(1).dblclick()
    eventually(page, "document.activeElement.id === 'edit-value'")
    page.keyboard.type("0.75")
    page.keyboard.press("Enter")
    eventually(page, "location.search.includes('edit=left_to_right.W_hh.0.1%7C0.75')")


def test_a_word_lights_what_belongs_to_its_step_and_the_other_way_round(page: Page) -> None:
    drawn(page)
    page.locator("#x-3 .word").hover()
    for lit in ("#col-3", "#bars-W_hh-3", "#slot-W_hh-3", "#ledger tbody[data-t='3']"):
        expect(page.locator(f"{lit}.kin")).to_have_count(1)
    assert page.locator(".column.kin").count() == 1
    page.locator("#col-2").hover()
    expect(page.locator(".jump.kin")).to_have_attribute("data-t", "2")
    page.locator("#slot-W_hh-1").focus()
    expect(page.locator("#col-1.kin")).to_have_count(1)
