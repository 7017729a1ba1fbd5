"""The inspector over HTTP: fragments, the form that types a weight over, and errors in words."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

QUERY = "sentence=movie+was+not+good&target=0&weights=lecture"
FRAGMENT = {"HX-Request": "true", "Accept": "text/html"}


def inspect(client: Any, part: str, query: str = QUERY) -> str:
    answer = client.get(f"/inspect?{query}&part={part}", headers=FRAGMENT)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def fields(html: str, form: str) -> list[tuple[str, str]]:
    """The inputs of a form, by name and value."""
    inside = html.split(f"<form {form}", 1)[1].split("</form>", 1)[0]
    found = []
    for tag in re.findall(r"<input [^>]*>", inside):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        assert name is not None
        found.append((unescape(name[1]), unescape(value[1]) if value else ""))
    return found


def test_the_fragment_is_the_aside_alone(client: Any) -> None:
    html = inspect(client, "h-3.1")
    assert html.lstrip().startswith('<aside id="inspector"')
    assert "<html" not in html
    assert "Unit 2 at “ not ”" in text(html)
    assert '<span class="chip t-8">3</span>' in html
    for term in ("a 3 0.620888", "h 3 = tanh(a 3 ) 0.551746", "in PyTorch output[2, 1]", "finite difference"):
        assert term in text(html)


def test_without_htmx_it_is_a_whole_page(client: Any) -> None:
    answer = client.get(f"/inspect?{QUERY}&part=h-3.1", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert "<html" in answer.text
    assert '<aside id="inspector"' in answer.text


def test_without_a_part_it_shows_the_last_state(client: Any) -> None:
    answer = client.get(f"/inspect?{QUERY}", headers=FRAGMENT)
    assert 'data-part-shown="h-4.0"' in answer.text


def test_numbers_lead_to_the_parts_they_come_from(client: Any) -> None:
    html = inspect(client, "h-3.1")
    buttons = re.findall(r'<button form="opening" name="part" value="([^"]*)">', html)
    assert {"W_xh-4.1", "hw-3.1", "b_h-0.1", "a-3.1", "dh-3.1", "fp-3.1", "da-3.1"} <= set(buttons)
    for part in buttons:
        inspect(client, part)
    assert fields(html, 'id="opening"') == parse_qsl(QUERY)


def test_a_typed_weight_becomes_an_edit_of_the_experiment(client: Any) -> None:
    html = inspect(client, "W_hh-0.1")
    assert 'hx-target="#run" hx-swap="outerHTML"' in html
    assert '<label for="edit-value">Type a new value' in html
    sent = [(name, "0.75" if name == "edit_value" else value) for name, value in fields(html, 'class="edit"')]
    answer = client.get("/", params=sent, headers={"Accept": "text/html"})
    assert answer.status_code == 303
    query = urlsplit(answer.headers["location"]).query
    assert parse_qsl(query)[-1] == ("edit", "left_to_right.W_hh.0.1|0.75")
    again = inspect(client, "W_hh-0.1", query)
    assert f'href="/?{QUERY.replace("&", "&amp;")}"' in again
    assert "Take this edit back" in again
    assert ("edit_value", "0.75") in fields(again, 'class="edit"')


def test_the_form_carries_the_whole_experiment(client: Any) -> None:
    query = "sentence=it+is+good&corpus=custom&review=so+good%7C1&review=so+bad%7C0&activation=relu&seed=7"
    sent = fields(inspect(client, "b_h-0.2", query), 'class="edit"')
    assert [pair for pair in sent if pair[0] == "review"] == [("review", "so good|1"), ("review", "so bad|0")]
    assert ("edit_place", "left_to_right.b_h.2") in sent


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("h-9.1", "part must be at a step from 0 to 4, got"),
        ("W_hh-3.0", "part must be in row 0 to 2, got"),
        ("nothing", "part must be the name of a part of the picture"),
        ("%3Cscript%3Ealert(1)%3C/script%3E", "part must be the name of a part of the picture"),
        ("%00", "part must be the name of a part of the picture"),
        ("h-%D9%A1.1", "part must be the name of a part of the picture"),
    ],
)
def test_a_part_that_is_not_there_is_answered_in_words(client: Any, part: str, message: str) -> None:
    answer = client.get(f"/inspect?{QUERY}&part={part}", headers=FRAGMENT)
    assert answer.status_code == 422
    assert message in answer.text
    assert "<script>" not in answer.text
    assert '<aside id="inspector"' in answer.text  # the next question still finds its place


def test_a_script_gets_the_problem_with_part_rule_and_value(client: Any) -> None:
    answer = client.get(f"/inspect?{QUERY}&part=h-9.1", headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    message = 'part must be at a step from 0 to 4, got "h-9.1"'
    assert answer.json()["errors"] == [{"field": "part", "message": message, "value": "h-9.1"}]


def test_hostile_words_are_shown_and_not_run(client: Any) -> None:
    query = "sentence=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E+it%27s&corpus=custom"
    for part in ("x-1", "h-1.0", "W_xh-0.0", "in-W_hh-2-0.0", "slot-W_xh-1"):
        html = inspect(client, part, query)
        assert "<img" not in html
        assert not re.search(r"<[^>\"]*\sonerror", html)
