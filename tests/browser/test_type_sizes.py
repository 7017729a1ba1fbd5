"""No text is smaller than twelve pixels: indices, scripts in formulas, numbers on bars."""

from __future__ import annotations

import pytest

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
        page.evaluate(
            """(part) => {
              const form = document.getElementById("inspecting");
              form.elements.part.value = part;
              form.dispatchEvent(new CustomEvent("inspect"));
            }""",
            part,
        )
        eventually(page, f"document.getElementById('inspector').dataset.partShown === {part!r}")
        assert page.evaluate(SMALL) == [], part
