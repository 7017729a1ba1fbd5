"""A page in another language: chosen by the address, carried by its links, whole where words are missing."""

from __future__ import annotations

import re

import pytest

QUESTION = "sentence=cat+mat+rat"


def language_of(html: str) -> str:
    found = re.search(r'<html lang="(\w+)"', html)
    assert found
    return found[1]


def test_a_page_is_english_unless_its_address_says_otherwise(client) -> None:
    assert language_of(client.get("/").text) == "en"
    hindi = client.get("/", params={"lang": "hi"})
    assert language_of(hindi.text) == "hi"
    asked = client.get("/", headers={"accept-language": "hi"}).text
    assert language_of(asked) == "en"


def test_pieces_of_one_language_never_stand_in_another(client) -> None:
    first, hindi, again = (client.get(f"/?{QUESTION}{lang}").text for lang in ("", "&lang=hi", ""))
    assert 'aria-label="Playback"' in first and first == again
    assert 'aria-label="Playback"' not in hindi and re.search("[\u0900-\u097f]", hindi)
    assert not re.search("[\u0900-\u097f]", first.replace("हिन्दी", ""))


def test_english_needs_no_name(client) -> None:
    assert client.get(f"/?{QUESTION}&lang=en").text == client.get(f"/?{QUESTION}").text


@pytest.mark.parametrize("lang", ["xx", "HI", "hi,en"])
def test_a_language_that_is_not_there_is_refused_by_name(client, lang) -> None:
    answer = client.get(f"/?{QUESTION}", params={"lang": lang})
    assert answer.status_code == 422
    assert f"lang must be en or hi, got &#34;{lang}&#34;" in answer.text


def test_what_scripts_read_is_english(client) -> None:
    page = client.get(f"/?{QUESTION}&lang=hi&hide=cards").text
    json = re.search(r'href="(/api/v1/run\?[^"]+)"', page)
    assert json and "lang" not in json[1]
    refused = client.get("/api/v1/run?sentence=&lang=hi")
    assert refused.status_code == 422 and refused.text.isascii()


def test_links_and_the_form_carry_the_language(client) -> None:
    page = client.get(f"/?{QUESTION}&lang=hi").text
    assert '<input type="hidden" name="lang" value="hi">' in page
    parts = re.findall(r'hx-get="(/(?:inspect|ledger|labs|charts|panels)\?[^"]+)"', page)
    assert len(parts) >= 5 and all("lang=hi" in part for part in parts)


@pytest.mark.parametrize("path", ["/worksheet", "/compare", "/share", "/?view=text"])
def test_every_page_speaks_it_and_leads_on_in_it(client, path: str) -> None:
    page = client.get(f"/?{QUESTION}&lang=hi").text
    if path in ("/worksheet", "/compare", "/share"):
        link = re.search(rf'href="({path}\?[^"]+)"', page)
        assert link and "lang=hi" in link[1]
        answer = client.get(link[1].replace("&amp;", "&"), follow_redirects=True)
    else:
        answer = client.get(f"{path}&{QUESTION}&lang=hi")
    assert answer.status_code == 200 and language_of(answer.text) == "hi"
    assert re.search("[\u0900-\u097f]", answer.text)
    back = [link for link in re.findall(r'href="(/\?[^"#]*)"', answer.text)]
    assert back and all("lang=hi" in link for link in back)
