"""What each step adds: with a change at once, with a whole page a moment after the stage."""

from __future__ import annotations

import re

import pytest
from httpx import Client

HTMX = {"HX-Request": "true"}
CELLS = ("elman", "lstm", "gru")


def bars(html: str) -> list[str]:
    """The drawings of a page that have bars in them."""
    return re.findall(r'<svg class="bars" id=.*?</svg>', html, re.DOTALL)


def section(html: str) -> str:
    found = re.search(r'<section id="adds".*?</section>', html, re.DOTALL)
    assert found
    return found[0]


@pytest.mark.parametrize("more", ["", "&bidirectional=true", "&task=next_word"])
@pytest.mark.parametrize("cell", CELLS)
def test_they_are_the_same_with_a_change_by_themselves_and_on_a_page_of_their_own(
    client: Client, cell: str, more: str
) -> None:
    query = f"sentence=movie+was+not+good&cell={cell}{more}"
    change = section(client.get(f"/?{query}", headers=HTMX).text)
    assert bars(change) and "hx-get" not in change
    assert section(client.get(f"/adds?{query}", headers=HTMX).text) == change
    own = client.get(f"/adds?{query}").text
    assert "<html" in own and section(own) == change


@pytest.mark.parametrize("cell", CELLS)
def test_a_whole_page_keeps_their_room_and_says_where_they_are(client: Client, cell: str) -> None:
    query = f"sentence=movie+was+not+good&cell={cell}"
    waiting = section(client.get(f"/?{query}").text)
    late = section(client.get(f"/adds?{query}", headers=HTMX).text)
    asked = re.findall(r'(?:hx-get|href)="(/adds\?[^"]*)"', waiting)
    assert len(asked) == 2 and asked[0] == asked[1]
    assert section(client.get(asked[0].replace("&amp;", "&"), headers=HTMX).text) == late
    sizes = r'<svg class="bars"[^>]* width="(\d+)" height="(\d+)"'
    assert not bars(waiting) and re.findall(sizes, waiting) == re.findall(sizes, late) != []


def test_a_wrong_question_is_told(client: Client) -> None:
    answer = client.get("/adds?sentence=good&hidden_size=900", headers=HTMX)
    assert answer.status_code == 422 and "hidden_size must be 1 to 256, got 900" in answer.text
