"""The ledger over HTTP: a fragment for htmx, a page without it, and errors in words."""

from html.parser import HTMLParser
from typing import Any

import pytest

QUERY = "sentence=movie+was+not+good&target=0&weights=lecture"
FRAGMENT = {"HX-Request": "true", "Accept": "text/html"}


class Elements(HTMLParser):
    """Every element with its attributes and the text inside it."""

    EMPTY = frozenset({"input", "meta", "link", "br", "path", "rect"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []
        self.open: list[dict[str, Any]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = {"tag": tag, "text": "", **{name: value or "" for name, value in attrs}}
        self.found.append(element)
        if tag not in self.EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()["tag"] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element["text"] += data

    def all(self, tag: str, **attributes: str) -> list[dict[str, Any]]:
        wanted = {name.replace("_", "-").removeprefix("-"): value for name, value in attributes.items()}
        return [e for e in self.found if e["tag"] == tag and all(e.get(k) == v for k, v in wanted.items())]


def ledger(client: Any, more: str = "", query: str = QUERY) -> Elements:
    answer = client.get(f"/ledger?{query}{more}", headers=FRAGMENT)
    assert answer.status_code == 200, answer.text
    return Elements(answer.text)


def test_the_fragment_is_the_section_alone(client: Any) -> None:
    found = ledger(client)
    assert [e["id"] for e in found.all("section")] == ["ledger"]
    assert not found.all("html")
    assert found.all("h2", id="ledger-h")[0]["text"] == "The ledger of Whh"


def test_without_htmx_it_is_a_whole_page_with_a_way_back(client: Any) -> None:
    answer = client.get(f"/ledger?{QUERY}", headers={"Accept": "text/html"})
    found = Elements(answer.text)
    assert len(found.all("html")) == 1
    assert found.all("section", id="ledger")
    assert [a["href"] for a in found.all("a") if a["text"] == "Back to the stage"] == [f"/?{QUERY}"]


def test_every_step_is_a_body_of_its_own_and_every_number_names_its_part(client: Any) -> None:
    found = ledger(client)
    assert [body["data-t"] for body in found.all("tbody")] == ["4", "3", "2", "1"]
    assert len(found.all("table", _class="grid")) == 1
    cells = {b["data-part"]: b["text"] for b in found.all("b") if "data-part" in b}
    assert cells["dh-3.1"] == "−.031"
    assert cells["jac-4.0.1"] == ".212"
    assert cells["in-W_hh-3-1.2"] == "−.033"
    assert cells["tot-W_hh-1.0"] == ".160"
    assert cells["total-W_hh"] == ".294"


def test_every_part_of_the_ledger_opens_in_the_inspector(client: Any) -> None:
    for parameter in ("W_xh", "W_hh", "b_h", "W_hy", "b_y"):
        for cell in ledger(client, f"&parameter={parameter}").all("b"):
            if "data-part" in cell:
                answer = client.get(f"/inspect?{QUERY}&part={cell['data-part']}", headers=FRAGMENT)
                assert answer.status_code == 200, cell["data-part"]


def test_the_tabs_are_links_that_swap_the_ledger(client: Any) -> None:
    tabs = [a for a in ledger(client).all("a") if a.get("id", "").startswith("ledger-tab")]
    assert [a["text"] for a in tabs] == ["Wxh", "Whh", "bh", "Why", "by"]
    assert tabs[0]["href"] == tabs[0]["hx-get"] == f"/ledger?{QUERY}&parameter=W_xh"
    assert {(a["hx-target"], a["hx-swap"]) for a in tabs} == {("#ledger", "outerHTML")}
    assert [a["text"] for a in tabs if a.get("aria-current")] == ["Whh"]


def test_the_check_waits_until_it_is_seen_and_can_be_asked_for_at_once(client: Any) -> None:
    late = ledger(client).all("p", id="ledger-check")[0]
    assert late["hx-trigger"] == "revealed"
    assert "Check it by finite differences" in late["text"]
    answer = client.get(late["hx-get"], headers=FRAGMENT)
    assert (
        "All 9 entries of ∂L/∂Whh agree with finite differences" in Elements(answer.text).all("p")[0]["text"]
    )
    at_once = ledger(client, "&check=1").all("p", id="ledger-check")[0]
    assert "All 9 entries of ∂L/∂Whh agree with finite differences" in at_once["text"]


def test_long_sentences_turn_pages(client: Any) -> None:
    query = "sentence=" + "+".join(["movie"] * 30)
    found = ledger(client, "&page=2", query)
    assert [body["data-t"] for body in found.all("tbody")] == ["6", "5", "4", "3", "2", "1"]
    pages = [a for a in found.all("a") if a.get("id", "").startswith("ledger-page")]
    assert [a["text"] for a in pages] == ["steps 30–7", "steps 6–1"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("&parameter=W_xx", "parameter must be one of W_xh, W_hh, b_h, W_hy, b_y, got"),
        ("&page=2", "page must be 1 to 1, got 2"),
        ("&page=-1", "page must be 1 to 1000000, got"),
        ("&page=9999999999999999999999", "page must be 1 to 1000000, got"),
        ("&into=x", "into must be 0 to 1000000, got"),
        ("&surprise=1", "surprise"),
    ],
)
def test_a_wrong_question_is_answered_in_words(client: Any, more: str, message: str) -> None:
    for path in ("/ledger", "/ledger/check"):
        answer = client.get(f"{path}?{QUERY}{more}", headers=FRAGMENT)
        if path == "/ledger/check" and "page=2" in more:
            continue  # the check has no pages
        assert answer.status_code == 422
        assert message in answer.text


def test_a_hostile_word_stays_a_word(client: Any) -> None:
    hostile = "%3Cimg+src%3Dx+onerror%3Dalert(1)%3E+%22%3E%3Cscript%3E+%7B%7B7*7%7D%7D"
    for parameter in ("W_xh", "W_hh"):
        found = ledger(client, f"&parameter={parameter}", f"sentence={hostile}&corpus=custom")
        assert not found.all("img")
        assert not found.all("script")
        assert not any(name.startswith("on") for element in found.found for name in element)
