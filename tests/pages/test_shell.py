"""A page is rendered once for a shape and filled in for each run: what differs must never stay behind."""

from __future__ import annotations

import re

import pytest

from app.pages import shell
from tests.conftest import Client
from tests.pages.test_page import Reader, query

MARKS = "\x02" + "7\x03 \x04track\x05 </svg><b class=typed>"


@pytest.mark.parametrize(
    "pair",
    [
        ("sentence=movie+was+good&seed=1", "sentence=movie+was+bad&seed=2"),
        ("sentence=a+b&learning_rate=0.1", "sentence=c+d&learning_rate=0.25"),
        ("sentence=a+b&recurrent_radius=1", "sentence=a+b&recurrent_radius=2"),
        ("corpus=custom&review=a+b|1&sentence=a", "corpus=custom&review=b+a|1&sentence=b"),
    ],
)
def test_runs_of_one_shape_share_a_shell_and_nothing_else(client: Client, pair: tuple[str, str]) -> None:
    shell._shell.cache_clear()
    first, second = (client.get(f"/?{asked}").text for asked in pair)
    assert shell._shell.cache_info().hits == 1 and first != second
    shell._shell.cache_clear()
    assert client.get(f"/?{pair[1]}").text == second, "the page depends on who asked before"


@pytest.mark.parametrize("more", ["", "&cell=lstm&lock=1", "&embed=1&task=next_word&view=dark", "&at=back"])
def test_no_mark_is_left_in_a_page(client: Client, more: str) -> None:
    answer = client.get(f"/?sentence=a+b{more}")
    assert answer.status_code == 200 and not re.search("[\x02-\x05]", answer.text)


def test_marks_that_somebody_typed_are_text(client: Client) -> None:
    answer = client.get(query(sentence="a b", corpus="custom", review=f"a {MARKS}|1"))
    page = Reader(answer.text)
    assert answer.status_code == 200
    assert len(page.all("svg", id="col-1")) == 1 and not page.all("b", **{"class": "typed"})
