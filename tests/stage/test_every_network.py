"""Every kind of network answers for every part, and each number it claims is the finite difference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from app.experiments.run import Run
from app.stage.chains import chains_of
from app.stage.inspection import inspect
from app.stage.ledger import ledger
from app.stage.ledger_check import badge, gap_of
from app.stage.stage import Stage
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


DRAWN = list(range(len(GRID)))


@pytest.mark.parametrize("more", [{}, {"hidden_size": 9}], ids=str)
@pytest.mark.parametrize("index", DRAWN, ids=[NAMES[index] for index in DRAWN])
def test_every_part_that_a_stage_draws_opens(index: int, more: dict[str, object]) -> None:
    found = network(index, **more)
    names = set(drawn(Stage(found)))
    assert len(names) > 90
    for name in names:
        inspect(found, name)


def drawn(stage: Stage) -> Iterator[str]:
    """The names by which the page asks for what can be clicked on a stage; see nameOf in grid.js."""
    text = "".join(body.decode() for part, body in stage.parts.items() if part != "story")
    tree = ElementTree.fromstring(f"<page>{text}</page>")
    parents = {child: parent for parent in tree.iter() for child in parent}
    for element in tree.iter():
        kinds, own = element.get("class", "").split(), element.get("id")
        if element.get("data-part"):
            yield element.attrib["data-part"]
        elif "c" in kinds:
            group = element
            while not group.get("id"):
                group = parents[group]
            cells = [cell for cell in group.iter() if "c" in cell.get("class", "").split()]
            yield f"{group.get('data-shows') or group.get('id')}.{cells.index(element)}"
        elif own and ({"edge", "curves", "slot", "code"} & set(kinds) or own in ("loss", "fold")):
            yield own
        elif own and "vec" in kinds:  # a strip of many units: where it was clicked says which
            yield f"{element.get('data-shows') or own}.0"


@pytest.mark.parametrize("index", range(len(GRID)), ids=NAMES)
def test_what_reaches_a_state_is_its_own_loss_and_what_is_carried_back(index: int) -> None:
    for chain in chains_of(network(index)):
        assert chain.own + chain.carried == pytest.approx(chain.backward.d_h, abs=1e-15)
