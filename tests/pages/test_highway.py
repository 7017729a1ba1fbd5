"""The highway's address: a fragment, a page of its own, and a sentence where there is no road."""

from __future__ import annotations

import pytest
from httpx import Client

SENTENCE = "sentence=movie+was+not+good"
HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(("cell", "gate"), [("lstm", "Πf"), ("gru", "Πz")])
def test_the_fragment_has_both_tables_and_the_page_has_the_fragment(
    client: Client, cell: str, gate: str
) -> None:
    fragment = client.get(f"/highway?{SENTENCE}&cell={cell}", headers=HTMX).text
    assert fragment.count("<table") == 2 and gate in fragment and "<html" not in fragment
    whole = client.get(f"/highway?{SENTENCE}&cell={cell}").text
    assert "<html" in whole and gate in whole


def test_a_cell_without_a_road_says_so(client: Client) -> None:
    assert "has no road" in client.get(f"/highway?{SENTENCE}", headers=HTMX).text


def test_only_a_cell_with_a_road_has_the_panel_and_it_can_be_hidden(client: Client) -> None:
    assert 'id="highway"' not in client.get(f"/?{SENTENCE}").text
    assert 'id="highway"' in client.get(f"/?{SENTENCE}&cell=lstm").text
    assert 'id="highway"' not in client.get(f"/?{SENTENCE}&cell=lstm&hide=highway").text
