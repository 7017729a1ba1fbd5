"""axe finds nothing in any theme or state; targets are large enough to hit, and text large enough to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.theatre import Theatre, address, eventually, open_page, seldom, watch_of, watched
from tests.conftest import LiveServer

AXE = Axe()
RULES = {"resultTypes": ["violations"], "iframes": False}
# axe adds itself as a script element, which the policy of the product rightly forbids.


@pytest.fixture(scope="module")
def opener(browser: Browser, live_server: LiveServer) -> Iterator[Callable[[int, str], Theatre]]:
    """A page for each width, kept for all tests, in the theme that is asked for."""
    kept: dict[int, Page] = {}
    contexts = []

    def open_in(width: int, theme: str, path: str = "", charts: bool = False) -> Theatre:
        if width not in kept:
            context = watched(browser, live_server.url, width=width, reduced_motion="reduce", bypass_csp=True)
            contexts.append(context)
            kept[width] = context.__enter__()
            watch_of(kept[width]).allow("status of 422")
        page = kept[width]
        theatre = open_page(page, path or address("movie was not good", target=0), charts)
        page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
        return theatre

    yield open_in
    for context in contexts:
        context.__exit__(None, None, None)


def found(page: Page, inside: str | None = None) -> list[Any]:
    """What axe finds, each as rule, first offending element and why."""
    page.evaluate("document.getAnimations().forEach((animation) => animation.finish())")
    answer = AXE.run(page, context=inside, options=RULES).response
    return [
        (
            each["id"],
            len(each["nodes"]),
            each["nodes"][0]["html"][:160],
            each["nodes"][0]["failureSummary"][:300],
        )
        for each in answer["violations"]
    ]


@pytest.mark.parametrize(
    ("width", "theme"),
    [(1440, "light"), seldom(1440, "dark"), (390, "dark"), seldom(390, "projector")],
)
def test_axe_finds_nothing_on_the_page(opener: Callable[..., Theatre], width: int, theme: str) -> None:
    """Everything below is there, charts drawn, foldable parts open, the story told as text."""
    page = opener(width, theme, charts=True).page
    eventually(page, "document.querySelectorAll('.later').length === 0")
    eventually(page, "document.querySelectorAll('.chart[data-drawn=yes]').length === 3")
    page.evaluate(
        "document.querySelectorAll('#panels details, #charts details').forEach((el) => (el.open = true))"
    )
    page.locator("[data-do=text]").click()
    assert found(page) == []


@pytest.mark.parametrize(("width", "theme"), [seldom(1440, "light"), (390, "dark"), seldom(390, "projector")])
def test_axe_finds_nothing_in_what_a_change_left_out(
    opener: Callable[..., Theatre], width: int, theme: str
) -> None:
    edit = ["left_to_right.W_hh.2.2|0.5", "left_to_right.W_xh~fun.2|0.5"]
    page = opener(width, theme, address("movie was fun", edit=edit)).page
    page.fill("#f-hidden_size", "2")
    page.press("#f-hidden_size", "Enter")
    expect(page.locator(".leftout")).to_contain_text("Whh, now of size 2 × 2; Wxh, now of size 6 × 2")
    room, wide = page.locator(".leftout").evaluate("(el) => [innerWidth, el.getBoundingClientRect().right]")
    assert wide <= room and found(page, "#rail") == []


MOMENTS = (("forward", 3, 3), ("output", 4, 2), ("back", 3, 2), ("accumulate", 0, 2), ("again", 0, 2))


@pytest.mark.parametrize(
    ("theme", "moments"),
    [("light", MOMENTS[::2]), ("dark", MOMENTS[3:4]), seldom("projector", MOMENTS[1:2])],
)
def test_axe_finds_nothing_on_the_stage_at_any_moment(
    opener: Callable[..., Theatre], theme: str, moments: tuple[tuple[str, int, int], ...]
) -> None:
    theatre = opener(1440, theme)
    for phase, t, part in moments:
        theatre.goto(phase, t, part)
        assert found(theatre.page, "#stage") == [], (phase, t, part)


@pytest.mark.parametrize(
    ("cell", "theme"), [seldom("lstm", "light"), ("gru", "dark"), seldom("lstm", "projector")]
)
def test_axe_finds_nothing_in_an_opened_cell(opener: Callable[..., Theatre], cell: str, theme: str) -> None:
    theatre = opener(1440, theme, address("movie was not good", cell=cell))
    eventually(theatre.page, "document.querySelectorAll('#highway .mini').length === 2")
    for phase in ("forward", "back"):
        theatre.goto(phase, 3, 3)
        assert found(theatre.page, "#stage") == [], phase
    assert found(theatre.page, "#highway") == [] and found(theatre.page, ".side") == []


def test_axe_finds_nothing_where_every_step_predicts(opener: Callable[..., Theatre]) -> None:
    theatre = opener(1440, "dark", address("movie was not good", task="next_word"))
    for moment in (("loss", 2, 1), ("back", 2, 1)):
        theatre.goto(*moment)
        assert found(theatre.page, "#stage") == [], moment
    eventually(theatre.page, "document.querySelectorAll('.credit .blame').length === 6")
    assert found(theatre.page, "#credit") == []


@pytest.mark.parametrize("theme", ["light", seldom("dark"), seldom("projector")])
def test_axe_finds_nothing_in_what_opens(opener: Callable[..., Theatre], theme: str) -> None:
    """The help, the sheet of examples, an error beside its field, the own reviews."""
    page = opener(390 if theme == "dark" else 1440, theme).page
    page.locator("[data-do=help]").click()
    assert found(page, "#help") == []
    page.keyboard.press("Escape")
    page.locator("#examples > summary").click()
    assert found(page, "header") == []
    page.keyboard.press("Escape")
    page.locator("#f-hidden_size").fill("900")
    page.locator("#f-hidden_size").press("Tab")
    expect(page.locator("#error-hidden_size")).to_be_visible()
    assert found(page, "header") == []
    page.locator("#f-hidden_size").fill("3")
    page.locator("#f-corpus").select_option("custom")
    expect(page.locator("#reviews")).to_be_visible()
    assert found(page, "header") == []


PARTS = {"light": ("W_hh-0.1", "h-2.0", "edge-3"), "dark": ("in-W_xh-3.1", "loss", "tot-W_hh-1.1", "norm-2")}


@pytest.mark.parametrize("theme", [seldom("light"), "dark"])
def test_axe_finds_nothing_in_the_inspector(opener: Callable[..., Theatre], theme: str) -> None:
    page = opener(1440, theme).page
    eventually(page, "document.querySelectorAll('#inspector .later').length === 0")
    for part in PARTS[theme]:
        page.evaluate(
            """(part) => {
              const form = document.getElementById("inspecting");
              form.elements.part.value = part;
              form.dispatchEvent(new CustomEvent("inspect"));
            }""",
            part,
        )
        expect(page.locator("#inspector")).to_have_attribute("data-part-shown", part)
        assert found(page, "#inspector") == [], part


def test_axe_finds_nothing_on_a_refusal(opener: Callable[..., Theatre]) -> None:
    page = opener(1440, "light").page
    page.goto(address("movie was good", hidden_size=900))
    expect(page.locator("#refusal-h")).to_be_visible()
    assert found(page) == []


TARGETS = """() => {
  const small = [], hit = "a, button, select, summary, input:not([type=hidden]), textarea";
  const all = [...document.querySelectorAll(hit)];
  for (const el of all) {
    const style = getComputedStyle(el), shown = el.getClientRects().length && style.visibility !== "hidden";
    if (!shown || el.closest(".unseen, .skip") || el.matches(".skip")) continue;
    // A hidden radio button is hit through its label; a link in a sentence is as high as its line.
    const target = el.matches("[type=radio]") ? el.labels[0] : el;
    const box = target.getBoundingClientRect();
    const line = el.closest("p, td, li, dd, summary");
    const inline = el.matches("a") && style.display === "inline" && line;
    if (inline || !box.width) continue;
    if (Math.min(box.width, box.height) < 23.9)
      small.push([el.tagName, el.className, el.textContent.trim().slice(0, 20), box.width, box.height]);
  }
  return small;
}"""


@pytest.mark.parametrize("width", [1440, 390])
def test_what_can_be_hit_is_at_least_24_pixels_high_and_wide(
    opener: Callable[..., Theatre], width: int
) -> None:
    theatre = opener(width, "light", address("movie was not good but long", target=0))
    page = theatre.page
    eventually(page, "document.querySelectorAll('.later').length === 0")
    page.evaluate("document.querySelectorAll('details').forEach((el) => (el.open = true))")
    page.locator("[data-do=help]").click()
    small = page.evaluate(TARGETS)
    assert small == []


SMALL = """() => {
  const small = new Set();
  for (const root of document.querySelectorAll("#stage, .side .adds")) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const el = node.parentElement;
      if (!node.data.trim() || !el.getClientRects().length) continue;
      if (el.closest("title, option, .unseen, math")) continue;
      const size = parseFloat(getComputedStyle(el).fontSize);
      const svg = el.closest("svg[viewBox]"), width = svg?.viewBox.baseVal.width;
      const scale = width ? svg.getBoundingClientRect().width / width : 1;
      const name = `${el.tagName}.${el.getAttribute("class")} ${node.data.trim().slice(0, 12)}`;
      // A word too long for any phase's button is cut to nothing on purpose: its size is 0.
      if (size && size * scale < 11.99) small.add(`${name} ${size} x ${scale.toFixed(2)}`);
    }
  }
  return [...small].slice(0, 8);
}"""


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_no_text_is_smaller_than_twelve_pixels(opener: Callable[..., Theatre], width: int) -> None:
    """As computed, and as drawn where a drawing is scaled."""
    theatre = opener(width, "light")
    eventually(theatre.page, "document.querySelectorAll('.later').length === 0")
    assert theatre.page.evaluate(SMALL) == []
    for phase, t, part in MOMENTS:
        theatre.goto(phase, t, part)
        assert theatre.page.evaluate(SMALL) == [], (phase, t, part)


def test_every_control_has_a_name_and_every_message_its_field(opener: Callable[..., Theatre]) -> None:
    page = opener(1440, "light").page
    nameless = page.evaluate(
        """() => {
          const all = document.querySelectorAll("input:not([type=hidden]), select, textarea, button");
          const named = (el) => el.labels?.length || el.getAttribute("aria-label") || el.textContent.trim();
          return [...all].filter((el) => !named(el)).map((el) => el.outerHTML);
        }"""
    )
    assert nameless == []
    twice = page.evaluate(
        """() => {
          const ids = [...document.querySelectorAll("[id]")].map((el) => el.id);
          return ids.filter((id, k) => ids.indexOf(id) !== k);
        }"""
    )
    assert twice == []


def test_the_narrow_page_never_scrolls_sideways(opener: Callable[..., Theatre]) -> None:
    for width in (320, 390, 1024):
        theatre = opener(width, "light")
        eventually(theatre.page, "document.querySelectorAll('.later').length === 0")
        for phase in ("unfold", "back", "again"):
            theatre.goto(phase)
            assert theatre.page.evaluate("document.documentElement.scrollWidth") <= width + 1, (width, phase)
