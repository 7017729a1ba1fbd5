"""The stage looks as it did when somebody looked at it: pictures against the references that are kept.

LIMIT is between what fonts do and what faults do, both measured on eight looks of all kinds: other pairs of
fonts (narrow, wide, with serifs) came to 0.6 to 3; cells without their colours to 6.6 and more, a
missing readout to 8, a missing lane to 11, hidden weights to 10, hidden columns to 17, another theme to 11. A
hidden pulse or card of a column may stay below it: their tests are others.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looks import (
    NETWORKS,
    THEMES,
    UNITS,
    Look,
    Picture,
    every_look,
    one_each,
    png_of,
    show,
    taken,
    unlike_its_reference,
)
from tests.browser.theatre import seldom, watch_of, watched
from tests.conftest import LiveServer

LIMIT = 5.0
DRESS = """(css) => {
  window.dress ??= new CSSStyleSheet();
  window.dress.replaceSync(css);
  const others = document.adoptedStyleSheets.filter((sheet) => sheet !== window.dress);
  document.adoptedStyleSheets = [...others, window.dress];
}"""
FAULTS = {
    "an empty stage": ".column, .readout, .origin { visibility: hidden }",
    "a missing lane": ".lane:last-of-type { visibility: hidden }",
    "no weights": ".shelf * { visibility: hidden }",
    "no colours": ".theatre .c rect { fill: var(--surface) !important }",
}
FONTS = {
    "narrow": ':root { --text: "Liberation Sans Narrow"; --figures: "Liberation Mono" }',
    "wide": ':root { --text: "DejaVu Sans", Verdana; --figures: "DejaVu Sans Mono" }',
    "serifs": ':root { --text: serif; --figures: "Liberation Mono", "Courier New" }',
}


class Studio(NamedTuple):
    """The page that is looked at, and a page to make pictures small with."""

    page: Page
    canvas: Page


@pytest.fixture(scope="module")
def studio(browser: Browser, live_server: LiveServer) -> Iterator[Studio]:
    with watched(browser, live_server.url, reduced_motion="reduce") as page:
        canvas = browser.new_page()
        yield Studio(page, canvas)
        canvas.close()


def assert_looks_alike(studio: Studio, look: Look, folder: Path) -> None:
    picture = taken(studio.page, look, studio.canvas)
    far = unlike_its_reference(picture, look, studio.canvas)
    if far > LIMIT:
        drawn = folder / f"{look}.png"
        drawn.write_bytes(as_png(picture))
        pytest.fail(f"{look} is {far:.1f} from {look.sheet}, see {drawn}; if meant, `make references`")
    over = studio.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert over <= 0, f"{look} is {over} px wider than its window"
    watch_of(studio.page).assert_clean()


def as_png(picture: Picture) -> bytes:
    """The whole picture, in few colours."""
    palette, indices = np.unique((picture.reshape(-1, 3) >> 6) * 85, axis=0, return_inverse=True)
    return png_of(indices.reshape(picture.shape[:2]).astype(np.uint8), palette)


def two_of_three() -> list[Any]:
    """Every network at two of its three lengths; the third, not the same of all, is left to `make soak`."""
    return [seldom(look) if k % 3 == k // 3 % 3 else look for k, look in enumerate(one_each())]


@pytest.mark.parametrize("look", two_of_three(), ids=str)
def test_every_network_at_every_length_looks_as_it_did(studio: Studio, look: Look, tmp_path: Path) -> None:
    show(studio.page, look.network, look.steps)
    assert_looks_alike(studio, look, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("steps", UNITS)
@pytest.mark.parametrize("network", NETWORKS)
def test_it_does_in_every_width_and_theme(studio: Studio, network: str, steps: int, tmp_path: Path) -> None:
    show(studio.page, network, steps)
    for look in every_look(network, steps):
        assert_looks_alike(studio, look, tmp_path)


def test_the_looks_of_a_run_have_every_width_and_every_theme() -> None:
    looks = one_each()
    assert {(look.network, look.steps) for look in looks} == {(n, t) for n in NETWORKS for t in UNITS}
    often = [look for look in two_of_three() if isinstance(look, Look)]
    assert {look.network for look in often} == set(NETWORKS) and {look.steps for look in often} == set(UNITS)
    assert len({(look.width, look.theme) for look in often}) == 9


@pytest.mark.slow
def test_faults_are_seen_and_fonts_are_not(studio: Studio) -> None:
    look = Look("elman-two-ways", 3, 1440, "light")
    show(studio.page, look.network, look.steps)

    def far(css: str, of: Look = look) -> float:
        studio.page.evaluate(DRESS, css)
        return unlike_its_reference(taken(studio.page, of, studio.canvas), look, studio.canvas)

    seen = {fault: far(css) for fault, css in FAULTS.items()}
    seen |= {theme: far("", Look(look.network, 3, 1440, theme)) for theme in THEMES if theme != look.theme}
    passed = {font: far(css) for font, css in FONTS.items()}
    assert min(seen.values()) > LIMIT, seen
    assert max(passed.values()) < LIMIT, passed
