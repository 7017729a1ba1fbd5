"""Every kind of network answers for every part, and each number it claims is the finite difference."""

from __future__ import annotations

import re

import pytest

from app.experiments.run import Run
from app.stage.inspection import inspect
from app.stage.ledger import ledger
from app.stage.ledger_check import badge, gap_of
from app.stage.weights import weights_in
from tests.stage.networks import GRID, NAMES, every_part, network

ODD = [{"hidden_size": 1}, {"bias": "none", "initial_state": "random"}, {"sentence": "good"},
       {"hidden_size": 9, "sentence": "the movie was not good"},
       {"clip_norm": 0.01, "learning_rate": 0.0}]  # fmt: skip
CASES = [pytest.param(index, {}, id=name) for index, name in enumerate(NAMES)] + [
    pytest.param((5 * k + 7) % len(GRID), more, id=f"{NAMES[(5 * k + 7) % len(GRID)]} {more}")
    for k, more in enumerate(ODD)
]


def asked(index: int, more: dict[str, object]) -> Run:
    if more.get("sentence") == "good" and GRID[index]["task"] == "next_word":
        more = {**more, "sentence": "good movie"}  # one word has no next
    return network(index, **more)


@pytest.mark.parametrize(("index", "more"), CASES)
def test_every_part_opens_and_its_proof_holds(index: int, more: dict[str, object]) -> None:
    found = asked(index, more)
    for name in every_part(found):
        shown = inspect(found, name)
        assert shown.title and shown.what, name
        assert shown.proof is None or shown.proof.good, (name, shown.proof)
        text = re.sub(r"<[^>]*>", " ", repr(shown))
        assert not re.search(r"\b(nan|inf|None,None)\b", text), name


@pytest.mark.parametrize(("index", "more"), CASES)
def test_every_ledger_sums_to_its_gradient_and_every_number_in_it_opens(
    index: int, more: dict[str, object]
) -> None:
    found = asked(index, more)
    for key, weight in weights_in(found).items():
        drawn = ledger(found, key)
        assert gap_of(found, weight) < 1e-12
        assert badge(found, weight).good
        html = "".join(cell.html for row in drawn.rows for cell in row.cells) + "".join(
            b for _, b in drawn.total
        )
        for part in set(re.findall(r'data-part="([^"]*)"', html + drawn.norm)):
            inspect(found, part)
        assert all(len(row.cells) == len(drawn.headings) for row in drawn.rows)
