"""Hands on over HTTP: fragments, pages without scripts, and errors in words."""

import re
from html import unescape
from typing import Any

import pytest

QUERY = "sentence=movie+was+not+good&target=0&weights=lecture"
FRAGMENT = {"HX-Request": "true", "Accept": "text/html"}


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def lab(client: Any, name: str, own: str = "", query: str = QUERY) -> str:
    answer = client.get(f"/labs/{name}?{query}{own}", headers=FRAGMENT)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_all_labs_come_as_one_fragment(client: Any) -> None:
    html = client.get(f"/labs?{QUERY}", headers=FRAGMENT).text
    assert html.lstrip().startswith('<section id="labs"')
    assert "<html" not in html
    assert "Reviews as one block" in html


def test_without_htmx_they_are_a_whole_page_with_forms_that_work(client: Any) -> None:
    html = client.get(f"/labs?{QUERY}", headers={"Accept": "text/html"}).text
    assert "<html" in html
    assert '<form class="labform" action="/labs/batch" method="get"' in html
    one = client.get(f"/labs/batch?{QUERY}&padding=before&mask=off", headers={"Accept": "text/html"}).text
    assert "<html" in one
    assert 'value="before" checked' in one


def test_the_block_follows_its_switches(client: Any) -> None:
    held, read = text(lab(client, "batch")), text(lab(client, "batch", "&padding=before&mask=off"))
    assert "(B, T, V) = (3, 4, 5)" in held
    assert "4 held 0 0 0 0 0" in held
    assert "1 zeros 0 0 0 0 0" in read
    for number in ("0.717169", "0.718232", "0.574209", "180", "30 (16.7 %)", "150 (83.3 %)"):
        assert number in held


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ("&padding=around", 'padding must be after or before, got "around"'),
        ("&mask=maybe", 'mask must be on or off, got "maybe"'),
        ("&padding=%3Cscript%3E", "padding must be after or before, got"),
    ],
)
def test_a_choice_that_is_none_is_answered_in_words(client: Any, own: str, message: str) -> None:
    answer = client.get(f"/labs/batch?{QUERY}{own}", headers=FRAGMENT)
    assert answer.status_code == 422
    assert message in unescape(answer.text)
    assert "<script>" not in answer.text
    assert '<section id="lab-batch"' in answer.text


def test_a_lab_that_is_not_there_is_not_found(client: Any) -> None:
    assert client.get(f"/labs/nothing?{QUERY}", headers={"Accept": "application/json"}).status_code == 404


def test_a_question_with_a_fault_has_no_labs(client: Any) -> None:
    answer = client.get("/labs?sentence=good&hidden_size=900", headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "hidden_size"


def test_hostile_words_are_shown_and_not_run(client: Any) -> None:
    query = "sentence=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E+it%27s&corpus=custom"
    html = client.get(f"/labs?{query}", headers=FRAGMENT).text
    assert "<img" not in html
