"""The credit matrix over HTTP: the API's numbers, each with its sentence; no loss reaches the future."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

import pytest

from app.numerals import short

QUERY = "sentence=movie+was+not+good&task=next_word&weights=lecture"
FRAGMENT = {"HX-Request": "true", "Accept": "text/html"}
BUTTON = re.compile(
    r'<button type="button" class="blame (r\d)" data-part="([^"]*)" data-lights="([^"]*)" '
    r'aria-label="([^"]*)">([^<]*)</button>'
)


def buttons(client: Any, query: str = QUERY) -> list[tuple[str, ...]]:
    answer = client.get(f"/credit?{query}", headers=FRAGMENT)
    assert answer.status_code == 200, answer.text
    assert "<html" not in answer.text
    return BUTTON.findall(answer.text)


def test_every_number_is_the_apis_and_names_its_loss_and_its_step(client: Any) -> None:
    credit = client.get(f"/api/v1/run?{QUERY}").json()["backward"]["credit"]
    expected = [
        (loss, t, short(credit[loss - 1][t - 1])) for loss in range(1, 4) for t in range(1, loss + 1)
    ]
    found = buttons(client)
    assert [(lights, text) for _, _, lights, _, text in found] == [
        (f"foot-{loss} lost-{loss} col-{t}", text) for loss, t, text in expected
    ]
    assert unescape(found[1][3]) == f"The loss after “was” blames step 1, “movie”, with {expected[1][2]}."
    assert unescape(found[2][3]).startswith("The loss after “was” blames its own state with ")


def test_darker_is_longer(client: Any) -> None:
    found = buttons(client, "sentence=a+b+c+d+e+f+g+h+i+j+k&task=next_word&hidden_size=8")
    tones = sorted((float(text.replace("−", "-")), int(tone[1:])) for tone, _, _, _, text in found)
    assert [tone for _, tone in tones] == sorted(tone for _, tone in tones)


def test_the_last_row_says_that_nothing_is_asked(client: Any) -> None:
    page = client.get(f"/credit?{QUERY}", headers=FRAGMENT).text
    assert page.count("no word comes: no loss") == 1
    assert page.count("no loss reaches the future") == 3 + 2 + 1


def test_two_chains_have_a_matrix_each(client: Any) -> None:
    query = f"{QUERY.replace('lecture', 'drawn')}&bidirectional=true"
    page = client.get(f"/credit?{query}", headers=FRAGMENT).text
    for title in ("left to right", "right to left"):
        assert page.count(f"<caption>{title}</caption>") == 1
    back = client.get(f"/api/v1/run?{query}").json()["backward"]["credit_right_to_left"]
    lower = [text for _, _, lights, _, text in BUTTON.findall(page) if "col_r-" in lights]
    assert lower == [short(back[loss][t]) for loss in range(3) for t in range(loss, 4)]


def test_a_long_sentence_is_seen_through_windows(client: Any) -> None:
    words = "+".join(f"w{k}" for k in range(30))
    query = f"sentence={words}&task=next_word"
    page = client.get(f"/credit?{query}&losses=13&columns=1", headers=FRAGMENT).text
    assert len(BUTTON.findall(page)) == 12 * 12
    assert page.count('aria-current="true"') == 2
    credit = client.get(f"/api/v1/run?{query}").json()["backward"]["credit"]
    assert BUTTON.findall(page)[0][4] == short(credit[12][0])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("&losses=5", "losses must be 1 to 4, got 5"),
        ("&columns=0", "columns must be 1 to 1000000, got"),
        ("&losses=x", "losses must be 1 to 1000000, got"),
    ],
)
def test_a_window_that_is_not_there_is_refused(client: Any, more: str, message: str) -> None:
    answer = client.get(f"/credit?{QUERY}{more}", headers=FRAGMENT)
    assert answer.status_code == 422 and message in unescape(answer.text)
    assert '<section id="credit"' in answer.text


def test_windows_leave_the_steps_that_were_learned_to_the_question(client: Any) -> None:
    words = "+".join(f"w{k}" for k in range(14))
    query = f"sentence={words}&task=next_word&steps=this~0.1~3"
    assert f"/credit?{escape(query)}" in client.get(f"/?{query}").text
    page = client.get(f"/credit?{query}", headers=FRAGMENT)
    assert page.status_code == 200
    links = [unescape(link) for link in re.findall('href="(/credit[^"]*)"', page.text)]
    assert links and all("steps=this~0.1~3" in link.replace("%7E", "~") for link in links)
    credit = client.get(f"/api/v1/run?{query}").json()["backward"]["credit"]
    moved = client.get(links[1], headers=FRAGMENT).text
    assert BUTTON.findall(moved)[0][4] == short(credit[12][0])


def test_one_answer_has_no_credit_matrix(client: Any) -> None:
    answer = client.get("/credit?sentence=movie+was", headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "task"


def test_without_a_script_it_is_a_page(client: Any) -> None:
    page = client.get(f"/credit?{QUERY}", headers={"Accept": "text/html"}).text
    assert "<html" in page and "Back to the stage" in page and len(BUTTON.findall(page)) == 6


def test_the_stage_offers_the_task_and_asks_for_no_label(client: Any) -> None:
    page = client.get(f"/?{QUERY}").text
    assert '<option value="next_word" selected>next word</option>' in page
    assert 'data-task="next_word"' in page and 'hx-get="/credit?' in page
    assert 'hx-get="/credit?' not in client.get("/?sentence=movie").text
