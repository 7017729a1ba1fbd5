"""Files to take along come from the page's address, safely named, and refuse as the page refuses."""

from __future__ import annotations

import re
from io import BytesIO

import numpy as np
import pytest

from app.pages.exports import FILES
from tests.conftest import Client

MOVIE = "sentence=movie+was+not+good&target=0&weights=lecture"
each_file = pytest.mark.parametrize("name", FILES)


@each_file
def test_a_file_is_a_download_with_its_type_and_the_headers_of_every_answer(
    client: Client, name: str
) -> None:
    answer = client.get(f"/export/{name}?{MOVIE}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == FILES[name].media_type
    disposition = f'attachment; filename="unrolled-movie-was-not-good{FILES[name].ending}"'
    assert answer.headers["content-disposition"] == disposition
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert client.get(f"/export/{name}?{MOVIE}").content == answer.content


@each_file
@pytest.mark.parametrize(
    "sentence", ['a"b;\r\nSet-Cookie: x=1', "मराठी भाषा", "../../etc/passwd", "é" * 300, "w" * 300]
)
def test_the_name_of_a_file_is_plain_ascii_whatever_was_typed(
    client: Client, name: str, sentence: str
) -> None:
    answer = client.get(f"/export/{name}", params={"sentence": sentence})
    assert answer.status_code == 200
    safe = rf'attachment; filename="unrolled-[a-z0-9-]{{1,40}}{re.escape(FILES[name].ending)}"'
    assert re.fullmatch(safe, answer.headers["content-disposition"])
    assert "set-cookie" not in answer.headers


@each_file
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("sentence=good&hidden_size=900", "hidden_size"),
        ("sentence=", "sentence"),
        ("", "sentence"),
        ("sentence=good&bogus=1", "bogus"),
        ("sentence=good&bias=outside&edit=readout.b_y.0|9", "bias"),
    ],
)
def test_a_question_with_a_fault_is_answered_as_a_problem(
    client: Client, name: str, query: str, field: str
) -> None:
    answer = client.get(f"/export/{name}?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    page = client.get(f"/export/{name}?{query}", headers={"Accept": "text/html"})
    assert page.status_code == 422 and page.headers["content-type"].startswith("text/html")


def test_an_unknown_file_is_not_found_and_the_known_ones_are_named(client: Client) -> None:
    answer = client.get(f"/export/run.xlsx?{MOVIE}")
    assert answer.status_code == 404 and "run.csv" in answer.json()["detail"]


def test_the_archive_that_is_downloaded_loads(client: Client) -> None:
    content = client.get(f"/export/run.npz?{MOVIE}").content
    with np.load(BytesIO(content), allow_pickle=False) as arrays:
        assert arrays["loss"] == pytest.approx(1.2846840862531625, abs=1e-12)


def test_the_worksheet_has_blanks_and_with_the_key_as_many_answers(client: Client) -> None:
    blank, key = client.get(f"/worksheet?{MOVIE}").text, client.get(f"/worksheet?{MOVIE}&key=1").text
    count = blank.count('class="blank"')
    assert count == key.count('class="blank"') == key.count('class="answer"') > 100
    assert 'class="answer"' not in blank and "0.7233" in key and "0.7233" not in blank
    assert 'class="sheetpage key"' in key and 'class="sheetpage key"' not in blank


def test_a_worksheet_of_any_network_is_written(client: Client) -> None:
    for more in ("cell=lstm", "cell=gru&bidirectional=true", "task=next_word", "hidden_size=64"):
        answer = client.get(f"/worksheet?sentence=movie+was+not+good+at+all&{more}&key=1")
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"), more


def test_hostile_words_stay_text_on_the_worksheet(client: Client) -> None:
    text = "<script>alert(1)</script> x'y \"z\" &amp; {{7*7}} T' W_hh"
    page = client.get("/worksheet", params={"sentence": text, "key": "1"}).text
    assert "<script>alert" not in page and "W_hh" in page and "{{" not in page


@pytest.mark.parametrize(
    ("query", "field"), [("sentence=good&key=2", "key"), ("sentence=&key=1", "sentence")]
)
def test_a_worksheet_that_cannot_be_is_refused_with_the_rule(client: Client, query: str, field: str) -> None:
    answer = client.get(f"/worksheet?{query}")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_the_menu_offers_every_file_and_both_worksheets(client: Client) -> None:
    page = client.get(f"/?{MOVIE}").text
    canonical = MOVIE.replace("&", "&amp;")
    for name in FILES:
        assert f'href="/export/{name}?{canonical}"' in page
    assert f'href="/worksheet?{canonical}"' in page and f'href="/worksheet?{canonical}&amp;key=1"' in page
    assert f'href="/api/v1/run?{canonical}" download="unrolled-movie-was-not-good.json"' in page
