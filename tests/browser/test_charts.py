"""The charts in a browser: drawn under the policy, in the colours of the theme, on the theatre's clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.theatre import seldom

R3 = "sentence=movie+was+not+good&target=0&weights=lecture"
BACKWARD = {"light": "rgb(180, 20, 92)", "dark": "rgb(255, 138, 186)"}


def open_charts(page: Page, question: str = R3) -> Locator:
    """The page with its charts drawn. They come last, and wait for an idle moment of the page."""
    page.goto(f"/?{question}")
    expect(page.locator(".chart[data-drawn=yes]")).to_have_count(3, timeout=30_000)
    return page.locator("#charts")


def line_colour(page: Page) -> str:
    line = page.locator("#chart-norms .scatterlayer .trace .js-line").last
    return str(line.evaluate("(path) => getComputedStyle(path).stroke"))


def test_three_charts_are_drawn_after_the_stage_without_a_violation(page: Page) -> None:
    open_charts(page)
    expect(page.locator("#chart-contributions .bars .point")).to_have_count(4)
    expect(page.locator("#chart-norms .scatterlayer .point")).to_have_count(8)
    expect(page.locator("#chart-states .textpoint")).to_have_count(12)
    # The page's watch fails the test on any policy violation, error or foreign request.


def test_plotly_is_fetched_after_the_stage_stands(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_charts(page)
    order = [url for url in asked if "/charts?" in url or "plotly-cartesian" in url or "/css/unrolled" in url]
    assert [bool(re.search("plotly-cartesian", url)) for url in order] == [False, False, True]


@pytest.mark.parametrize("choice, title", [
    ("norms-scale=log", "norm, logarithmic scale"),
    ("norms-scale=linear", "norm, absolute scale"),
    ("contributions-measure=norm", "norm of the contribution"),
])  # fmt: skip
def test_a_switch_changes_the_view_and_the_name_on_the_axis(page: Page, choice: str, title: str) -> None:
    open_charts(page)
    name, _, value = choice.partition("=")
    page.locator(f"[name={name}][value={value}]").check(force=True)
    expect(page.locator(f"#chart-{name.partition('-')[0]} .ytitle")).to_have_text(title)


def test_switches_answer_the_arrow_keys(page: Page) -> None:
    open_charts(page)
    page.locator("[name=norms-scale][value=log]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#chart-norms .ytitle")).to_have_text("norm, absolute scale")


def test_charts_follow_the_theme_while_the_page_is_open(page: Page) -> None:
    open_charts(page)
    assert line_colour(page) == BACKWARD["light"]
    page.emulate_media(color_scheme="dark")
    expect(page.locator("#chart-norms .js-line").last).to_have_css("stroke", BACKWARD["dark"])


def test_the_theme_button_recolours_the_charts(page: Page) -> None:
    open_charts(page)
    for _ in range(2):  # system, light, dark
        page.locator("[data-do=theme]").click()
    expect(page.locator("#chart-norms .js-line").last).to_have_css("stroke", BACKWARD["dark"])


def test_a_click_on_a_bar_sends_the_theatre_to_that_step(page: Page) -> None:
    open_charts(page)
    page.evaluate("""() => { document.querySelector(".theatre").addEventListener(
        "goto", (event) => { document.title = JSON.stringify(event.detail); }); }""")
    page.locator("#chart-contributions .plot").scroll_into_view_if_needed()
    box: Any = page.locator("#chart-contributions .bars .point").nth(3).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    expect(page).to_have_title('{"phase":"back","t":4,"part":1}')


def test_the_current_step_is_framed_in_every_chart_when_the_clock_moves(page: Page) -> None:
    open_charts(page)
    tell = """(t) => document.querySelector(".theatre").dispatchEvent(
        new CustomEvent("frame", { bubbles: true, detail: { phase: "back", t, part: 1 } }))"""
    page.evaluate(tell, 3)
    expect(page.locator(".now:visible")).to_have_count(3)
    frame: Any = page.locator("#chart-contributions .now")
    page.wait_for_timeout(400)
    inner, bar = frame.bounding_box(), page.locator("#chart-contributions .bars .point").nth(2).bounding_box()
    assert (
        bar is not None and inner["x"] <= bar["x"] and bar["x"] + bar["width"] <= inner["x"] + inner["width"]
    )
    page.evaluate(tell, 0)
    expect(page.locator(".now:visible")).to_have_count(0)


def test_another_question_brings_other_charts_and_no_second_plotly(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_charts(page)
    page.locator("#sentence").fill("movie was good")
    page.locator("#sentence").press("Enter")
    expect(page.locator("#chart-contributions .bars .point")).to_have_count(3)
    expect(page.locator(".chart[data-drawn=yes]")).to_have_count(3)
    assert sum("plotly-cartesian" in url for url in asked) == 1


def test_charts_fit_a_phone_and_follow_the_window(new_page: Callable[..., Page]) -> None:
    page = new_page(width=390)
    open_charts(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 760, "height": 900})
    page.wait_for_timeout(500)
    width = page.locator("#chart-norms .main-svg").first.bounding_box()
    assert width is not None and width["width"] > 500


def test_two_hundred_words_and_hostile_ones_draw_without_a_violation(page: Page) -> None:
    hostile = "%3Cimg+src%3Dx+onerror%3Dalert(1)%3E+%E2%80%AE+%3Ca+href%3D'javascript:alert(1)'%3Ex%3C/a%3E"
    open_charts(page, f"sentence={hostile}")
    open_charts(page, "sentence=" + "+".join(f"w{k}" for k in range(200)))
    expect(page.locator("#chart-contributions .bars .point")).to_have_count(200)


@pytest.mark.parametrize(
    ("part", "dark"),
    [("#charts", True), ("#panels", False), seldom("#charts", False), seldom("#panels", True)],
)
def test_axe_finds_nothing_in_charts_and_panels(new_page: Callable[..., Page], dark: bool, part: str) -> None:
    page = new_page(dark=dark)
    open_charts(page)
    expect(page.locator("#panels .slipspanel")).to_be_visible()
    for summary in page.locator(f"{part} summary").all():
        summary.click()
    results = Axe().run(page, context=part)
    found = [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in results.response["violations"]]
    assert not found, found


def test_the_tables_are_there_without_scripts(new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(f"/?{R3}")
    page.get_by_role("link", name="Charts and their numbers").click()
    expect(page.locator(".numbers table")).to_have_count(3)
    expect(page.locator(".plotbox").first).to_be_hidden()
    page.go_back()
    page.get_by_role("link", name="Words to numbers").click()
    expect(page.get_by_role("heading", name="31 parameters")).to_be_visible()


def test_each_word_of_a_review_leads_to_its_run(page: Page) -> None:
    open_charts(page)
    page.locator(".reviewtable a").nth(1).click()
    expect(page).to_have_url(re.compile("sentence=movie\\+was\\+bad"))
    expect(page.locator(".chart[data-drawn=yes]")).to_have_count(3)
