"""The largest questions load and play: many words, many units, one word, one unit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.theatre import Opener, address, eventually, open_page, value_of

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
