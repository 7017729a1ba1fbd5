"""The page of every kind of network: axe, targets, sizes of text, and no sideways scrolling."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.test_accessibility import SMALL, TARGETS, found, opener
from tests.browser.theatre import Theatre, address, eventually, seldom

__all__ = ["opener"]

NETWORKS = {
    "LSTM": {"cell": "lstm"},
    "GRU, both ways": {"cell": "gru", "bidirectional": "true"},
    "both ways": {"bidirectional": "true"},
}
MOMENTS = (("forward", 3, 2), ("back", 2, 1), ("again", 0, 2))


def where(network: str) -> str:
    return address("movie was not good", target=0, weights="drawn", **NETWORKS[network])


def settled(theatre: Theatre) -> None:
    eventually(theatre.page, "document.querySelectorAll('.later').length === 0")


@pytest.mark.parametrize(
    ("network", "theme"),
    [("LSTM", "light"), seldom("GRU, both ways", "dark"), seldom("both ways", "projector")],
)
def test_axe_finds_nothing(opener: Callable[..., Theatre], network: str, theme: str) -> None:
    theatre = opener(1440, theme, where(network))
    theatre.goto(*MOMENTS[1])
    assert found(theatre.page, "#stage") == []


def test_axe_finds_nothing_around_the_stage_of_a_cell_with_gates(opener: Callable[..., Theatre]) -> None:
    theatre = opener(1440, "light", where("LSTM"))
    settled(theatre)
    for part in (".side", "#highway", "#ledger", "#panels"):
        assert found(theatre.page, part) == [], part


@pytest.mark.parametrize(("network", "width"), [("LSTM", 1440), ("LSTM", 390), ("both ways", 390)])
def test_targets_and_texts_are_large_enough(
    opener: Callable[..., Theatre],
    network: str,
    width: int,
) -> None:
    theatre = opener(width, "light", where(network))
    settled(theatre)
    for phase, t, part in MOMENTS:
        theatre.goto(phase, t, part)
        assert theatre.page.evaluate(SMALL) == [], (phase, t, part)
        sideways = theatre.page.evaluate("document.documentElement.scrollWidth")
        assert sideways <= width + 1, (phase, t, part)
    theatre.page.evaluate("document.querySelectorAll('details').forEach((el) => (el.open = true))")
    assert theatre.page.evaluate(TARGETS) == []
