"""Every part of the page beside the stage answers for every kind of network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.experiments.query import to_query
from app.stage.weights import weights_in
from tests.stage.networks import GRID, NAMES, network

HTMX = {"HX-Request": "true", "Accept": "text/html"}


def addresses(index: int) -> Iterator[str]:
    run = network(index)
    query = to_query(run.experiment)
    yield f"/?{query}"
    yield f"/charts?{query}"
    yield f"/panels?{query}"
    yield f"/inspect?{query}"
    for key in weights_in(run):
        yield f"/ledger?{query}&parameter={key}&check=1"
        yield f"/inspect?{query}&part={key}-0.0"


@pytest.mark.parametrize("index", range(len(GRID)), ids=NAMES)
def test_nothing_beside_the_stage_answers_with_an_error(client: Any, index: int) -> None:
    for address in addresses(index):
        answer = client.get(address, headers=HTMX)
        assert answer.status_code == 200, address
        assert not re.search(r">\s*−?(nan|inf|None)\b|\sstyle=|\son\w+=", answer.text), address


@pytest.mark.parametrize("index", range(len(GRID)), ids=NAMES)
def test_the_ledgers_links_lead_to_every_weight(client: Any, index: int) -> None:
    run = network(index)
    query, seen, waiting = to_query(run.experiment), set[str](), [""]
    while waiting:
        answer = client.get(f"/ledger?{query}{waiting.pop()}", headers=HTMX).text
        found = set(re.findall(r'href="[^"]*&(?:amp;)?parameter=(\w+)"', answer)) - seen
        seen |= found
        waiting += [f"&parameter={key}" for key in found]
    assert seen == set(weights_in(run))


def test_a_gates_weight_is_edited_in_its_column_of_the_api(client: Any) -> None:
    run = network(4)
    query = to_query(run.experiment)
    html = client.get(f"/inspect?{query}&part=W_hf-1.0", headers=HTMX).text
    assert 'name="edit_place" value="left_to_right.W_hh.1.2"' in html  # unit 1 of the second of four gates
