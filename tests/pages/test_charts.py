"""The fragment of charts: figures as data blocks, tables for everybody, refusals in words."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from app.figures.chart import Chart, Table
from app.pages.charts import data_block

R3 = "sentence=movie+was+not+good&target=0&weights=lecture"
HTMX = {"HX-Request": "true"}


class Blocks(HTMLParser):
    """The data blocks of a page, and how many elements of each kind it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inside, self.blocks, self.tags, self.scripts = False, [], [], []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "script":
            self.scripts.append(dict(attrs))
            self.inside = dict(attrs).get("type") == "application/json"

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.blocks.append(json.loads(data))


def test_the_fragment_holds_three_charts_with_their_figures_and_tables(client: Any) -> None:
    answer = client.get(f"/charts?{R3}", headers=HTMX)
    page = Blocks(answer.text)
    assert answer.status_code == 200 and answer.text.lstrip().startswith('<section id="charts"')
    assert [len(block) for block in page.blocks] == [1, 6, 2]
    assert (page.tags.count("figure"), page.tags.count("table"), page.tags.count("details")) == (3, 3, 3)
    assert "0.685221" in answer.text and "0.63466" in answer.text


def test_without_scripts_the_charts_are_a_page_of_tables_that_leads_back(client: Any) -> None:
    answer = client.get(f"/charts?{R3}")
    assert answer.text.lstrip().lower().startswith("<!doctype html>")
    assert Blocks(answer.text).tags.count("table") == 3 and "/?sentence=movie+was+not+good" in answer.text


def test_nothing_in_the_fragment_is_styled_or_scripted_inline(client: Any) -> None:
    html = client.get(f"/charts?{R3}", headers=HTMX).text
    assert not re.search(r"\sstyle=|\son\w+=|<style", html)
    kinds = [(script.get("type"), bool(script.get("src"))) for script in Blocks(html).scripts]
    assert kinds == [("application/json", False)] * 3 + [("module", True)]


def test_a_word_cannot_break_out_of_the_fragment(client: Any) -> None:
    hostile = "x</script><script>alert(1)</script> <img src=x onerror=alert(1)> {{ 7*7 }} \u202e"
    answer = client.get("/charts", params={"sentence": hostile}, headers=HTMX)
    page = Blocks(answer.text)
    assert answer.status_code == 200 and len(page.blocks) == 3 and "img" not in page.tags
    assert len(page.scripts) == 4 and "49" not in page.scripts[-1]


def test_a_data_block_holds_no_character_that_could_end_it() -> None:
    chart = Chart("x", "x", "x", "back", (), {"": {"data": ["</script>"]}}, (), Table("x", (), ()))
    assert "<" not in data_block(chart) and json.loads(data_block(chart))[""]["data"] == ["</script>"]


@pytest.mark.parametrize("fragment", ["charts", "panels"])
@pytest.mark.parametrize("question, words", [
    ("sentence=", "sentence must be text with at least 1 word"),
    ("sentence=a&hidden_size=900", "hidden_size must be"),
])  # fmt: skip
def test_a_question_without_an_answer_is_refused_in_words(
    client: Any, question: str, words: str, fragment: str
) -> None:
    answer = client.get(f"/{fragment}?{question}", headers={**HTMX, "Accept": "text/html"})
    assert answer.status_code == 422 and words in answer.text
