"""Coins: the page makes them of numbers that stand elsewhere, and there it finds the engine's."""

from __future__ import annotations

from functools import cache
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from app.stage.matrix import matrix_of, pays_numbers, shows_products
from app.stage.numbers import GRADIENT_SCALE, colours, shorts
from app.stage.stage import Stage
from tests.stage.cases import CASES, GATED, LONG, drawing_of, stage_of
from tests.stage.minted import Cells, minted
from tests.stage.networks import GRID, NAMES

ASKED: dict[str, dict[str, Any]] = {
    **{name: {"sentence": "movie was bad", **fields} for name, fields in zip(NAMES, GRID, strict=True)},
    **{name: CASES[name] for name in ("cat, outside", "cat, mixed", "eight units", "nine units", "one word",
                                      "typed state", "many words", "two ways, late bias", "seventy steps")},
    **{name: GATED[name] for name in ("gru, closed", "lstm, closed, nine units", "lstm, eight units")},
    "both ways, closed": {"cell": "gru", "bidirectional": True, "sentence": LONG, "hidden_size": 2},
    "strips for length": {"sentence": "w " * 130, "hidden_size": 8},
    "few words come": {"task": "next_word", "sentence": "a b c a b", "corpus": "custom",
                       "vocabulary": ["a", "b", "c"], "hidden_size": 5, "bidirectional": True},
}  # fmt: skip


@cache
def made(name: str) -> tuple[Stage, dict[str, Cells]]:
    found = stage_of(**ASKED[name])
    return found, minted(drawing_of(found))


def blamed(values: NDArray[Any]) -> Cells:
    return list(zip(colours(values, GRADIENT_SCALE), shorts(values), strict=True))


@pytest.mark.parametrize("name", ASKED)
def test_every_coin_is_the_engines_factors_of_its_step(name: str) -> None:
    found, coins = made(name)
    shape, steps = found.shape, range(1, found.shape.steps + 1)
    assert {part for part in coins if part.startswith("coin-")} == {
        f"coin-{key}-{t}" for key in shape.shared for t in steps
    }
    for key in shape.shared:
        if not pays_numbers(shape, key):
            assert not any(part.startswith(("in-", "top-", "left-")) and f"-{key}-" in part for part in coins)
            continue
        outer = shape.weights[key].gradient(found.run)
        standing = f"top-{key}" in {part.rpartition("-")[0] for part in coins}
        assert standing == (matrix_of(shape, key).rows > 1 and shape.weights[key].role != "words")
        for t in steps:
            assert coins[f"{'top' if standing else 'in'}-{key}-{t}"] == blamed(outer.right[t - 1, 0])
            if standing:
                seen = np.asarray(outer.left)[t - 1, 0]
                assert [text for _, text in coins[f"left-{key}-{t}"]] == shorts(seen)


@pytest.mark.parametrize("name", [name for name in ASKED if shows_products(made(name)[0].shape)])
def test_a_small_coin_shows_the_engines_products(name: str) -> None:
    found, coins = made(name)
    for key in found.shape.shared:
        weight = found.shape.weights[key]
        if f"left-{key}-1" not in coins:
            continue
        for t, term in enumerate(weight.gradient(found.run).terms, 1):
            assert [coins[f"in-{key}-{t}-{i}"] for i in range(len(term))] == [blamed(row) for row in term]


def test_a_word_is_paid_in_its_row() -> None:
    found, _ = made("eight units")
    card = drawing_of(found).find(".//svg[@id='W_xh']/g[@class='layer coin mould']")
    assert card is not None
    tops = [float(top) for top in card.attrib["data-rows"].split()]
    assert tops == [22.0 * row for row in found.run.ids]


def test_numbers_are_listed_only_where_nothing_shows_them() -> None:
    def listed(name: str) -> list[ElementTree.Element]:
        return list(drawing_of(made(name)[0]).iter("data"))

    closed = {each.attrib["id"] for each in listed("gru, closed")}
    assert closed == {"all-da_r", "all-da_z", "all-da_n", "all-du_n"}
    assert not any(listed(name) for name in ("lstm, eight units", "eight units", "lstm, closed, nine units"))
