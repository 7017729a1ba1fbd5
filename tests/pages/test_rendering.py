"""A part of the page is a part for htmx, and a page of its own for everybody else."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from httpx import Client

QUERY = "sentence=movie+was&task=next_word&cell=lstm"
PARTS = {
    "/adds": "What each step adds",
    "/highway": "How open is the highway?",
    "/credit": "Which loss blames which step",
    "/charts": "Charts",
    "/inspect": "Inspector: h-2.0",
    "/labs": "Hands on",
    "/labs/rate": "Hands on",
    "/ledger": "The ledger of ",
    "/ledger/check": "The check of ",
    "/panels": "Words, parameters, symbols, slips",
}


@pytest.mark.parametrize(("path", "heading"), PARTS.items())
def test_a_part_stands_in_a_page_of_its_own_under_its_heading(
    client: Client, path: str, heading: str
) -> None:
    part = client.get(f"{path}?{QUERY}", headers={"HX-Request": "true"}).text
    page = client.get(f"{path}?{QUERY}").text
    assert "<html" not in part and part.strip() in page
    assert f'<h1 class="unseen">{heading}' in page and f"<title>{heading}" in page


@pytest.mark.parametrize("path", PARTS)
def test_the_page_of_a_part_is_seen_as_the_stage_is_and_leads_back_to_it(
    make_client: Callable[..., Client], path: str
) -> None:
    client = make_client(root_path="/unrolled/")
    page = unescape(client.get(f"/unrolled{path}?{QUERY}&view=dark&lang=hi").text)
    assert '<html lang="hi" data-theme="dark">' in page
    assert '<a class="brand" href="/unrolled/?lang=hi">' in page
    assert f'<a href="/unrolled/?{QUERY}&view=dark&lang=hi">' in page
