"""The page's address: whole pages, fragments for htmx, refusals, and links that lead somewhere."""

from __future__ import annotations

import gc
import re
import weakref
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest

import app.pages.answers
from app.experiments.experiment import Experiment
from app.experiments.presets import presets
from app.experiments.query import permalink
from app.experiments.run import Run, run
from tests.conftest import Client

HTMX = {"HX-Request": "true"}


class Reader(HTMLParser):
    """Collects elements with their attributes, and the text inside those that have an id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [a for t, a in self.found if t == tag and all(a.get(k) == v for k, v in wanted.items())]

    def one(self, tag: str, **wanted: str) -> dict[str, str]:
        (only,) = self.all(tag, **wanted)
        return only


def query(**fields: str) -> str:
    return "/?" + urlencode(fields)


def test_the_bare_address_shows_the_welcome_run(client: Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Reader(answer.text)
    assert page.one("input", id="sentence")["value"] == "movie was not good"
    assert len(page.all("section", id="stage")) == 1


def test_a_fragment_is_the_run_without_the_page_around_it(client: Client) -> None:
    answer = client.get(query(sentence="movie was bad", weights="lecture"), headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text and 'id="run"' in answer.text and "<title>movie was bad" in answer.text
    assert answer.headers["HX-Push-Url"] == "/?sentence=movie+was+bad&weights=lecture"
    assert "HX-Request" in answer.headers["Vary"]


def test_a_fragment_of_the_address_one_is_at_pushes_nothing(client: Client) -> None:
    here = "/?sentence=movie+was+bad&weights=lecture"
    answer = client.get(here, headers={**HTMX, "HX-Current-URL": f"http://testserver{here}"})
    assert "HX-Push-Url" not in answer.headers


@pytest.mark.parametrize("shown", ["http://[::1", "//[", "", "not an address", "http://x/?sentence=&cell=%ff"])
def test_whatever_a_browser_says_it_shows_the_answer_stands(client: Client, shown: str) -> None:
    answer = client.get(query(sentence="movie was bad"), headers={**HTMX, "HX-Current-URL": shown})
    assert answer.status_code == 200 and answer.headers["HX-Push-Url"] == "/?sentence=movie+was+bad"


def test_no_part_of_the_page_takes_a_name_of_the_question_or_of_the_view_for_itself() -> None:
    from app.pages import credit, inspect, labs, ledger, view

    asked = {*Experiment.model_fields, "review", "edit", *view.NAMES}
    for part in (credit, inspect, labs, ledger):
        assert not asked & set(part.OWN), part.__name__


def test_defaults_of_the_form_are_left_out_of_the_address(client: Client) -> None:
    typed = dict(sentence="a b", target="1", corpus="movie", weights="drawn", hidden_size="3", clip_norm="",
                 activation="tanh", bias="inside", loss="bce", learning_rate="0.1", seed="0",
                 initial_state="zeros")  # fmt: skip
    answer = client.get(query(**typed), headers=HTMX)
    assert answer.headers["HX-Push-Url"] == "/?sentence=a+b"


def test_back_asks_for_the_whole_page(client: Client) -> None:
    answer = client.get("/?sentence=a", headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert answer.text.startswith("<!doctype html>")


def test_a_refused_fragment_is_the_form_alone(client: Client) -> None:
    answer = client.get(query(sentence="a", hidden_size="900"), headers=HTMX)
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#rail"
    assert "HX-Push-Url" not in answer.headers
    page = Reader(answer.text)
    field = page.one("input", name="hidden_size")
    assert field["value"] == "900" and field["aria-invalid"] == "true"
    assert field["aria-describedby"] == page.one("p", id="error-hidden_size")["id"]
    assert "hidden_size must be 1 to 256, got 900" in answer.text and 'id="stage"' not in answer.text


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sentence": ""}, "sentence must"),
        ({"sentence": "a", "seed": "x"}, "seed must be"),
        ({"sentence": "a", "colour": "red"}, "colour"),
        ({"sentence": "a", "edit": "left_to_right.W_hh.7.7|1"}, "edit"),
    ],
)
def test_a_whole_page_says_what_is_wrong(client: Client, fields: dict[str, str], message: str) -> None:
    answer = client.get(query(**fields))
    assert answer.status_code == 422
    assert message in answer.text and "This network cannot be run as asked" in answer.text


def test_the_page_links_to_its_json_twin_and_to_itself(client: Client) -> None:
    page = Reader(client.get("/?weights=lecture&sentence=movie+was+bad&target=0").text)
    links = {a["href"] for a in page.all("a")}
    own = "sentence=movie+was+bad&target=0&weights=lecture"
    assert {f"/?{own}", f"/api/v1/run?{own}"} <= links
    assert client.get(f"/api/v1/run?{own}").json()["permalink"] == f"/?{own}"


def test_every_link_of_the_page_answers(client: Client) -> None:
    page = Reader(client.get("/").text)
    asked = {a["href"] for a in page.all("a")} | {
        attrs[name] for _, attrs in page.found for name in ("hx-get", "src") if name in attrs
    } | {a["href"] for a in page.all("link")}  # fmt: skip
    local = sorted(path for path in asked if path.startswith("/"))
    assert len(local) > 25
    for path in local:
        assert client.get(path, follow_redirects=True).status_code == 200, path


def test_every_preset_has_a_link_and_runs(client: Client) -> None:
    links = {a["href"] for a in Reader(client.get("/").text).all("a")}
    for preset in presets():
        path = permalink(preset.experiment)
        assert path in links, preset.name
        assert client.get(path).status_code == 200, preset.name


def test_below_a_sub_path_no_address_of_the_page_leaves_it(make_client: object) -> None:
    client = make_client(root_path="/unrolled")  # type: ignore[operator]
    text = client.get("/unrolled/?sentence=a+b").text
    addresses = re.findall(r'(?:href|src|action|hx-get|data-plotly)="(/[^"]*)"', text)
    assert len(addresses) > 25
    assert [each for each in addresses if not each.startswith("/unrolled/")] == []


def test_typed_text_is_escaped_wherever_it_stands(client: Client) -> None:
    text = "<script>hit()</script> \"'><img src=x onerror=hit()> {{7*7}}"
    for path in ("/", "/inspect", "/ledger", "/charts", "/panels"):
        answer = client.get(f"{path}?{urlencode({'sentence': text})}")
        assert answer.status_code == 200, path
        assert (
            "<script>hit" not in answer.text and "<img" not in answer.text and "49" not in title(answer.text)
        )


def title(text: str) -> str:
    return text[text.index("<title>") : text.index("</title>")]


def test_a_head_request_is_answered_without_a_body(client: Client) -> None:
    answer = client.head("/?sentence=movie+was+good")
    assert answer.status_code == 200 and answer.content == b""


@pytest.mark.parametrize("cell", ["elman", "lstm"])
def test_a_page_lets_go_of_its_run_at_once(
    client: Client, monkeypatch: pytest.MonkeyPatch, cell: str
) -> None:
    """Held in a circle by what rendered it, a run and its arrays would live until the collector comes."""
    runs: list[weakref.ref[Run]] = []

    def watched(experiment: Experiment) -> Run:
        found = run(experiment)
        runs.append(weakref.ref(found))
        return found

    monkeypatch.setattr(app.pages.answers, "run", watched)
    gc.disable()
    try:
        assert client.get(query(sentence="it lets go of this", cell=cell)).status_code == 200
        app.pages.answers._cached.cache_clear()
        assert [found() for found in runs] == [None]
    finally:
        gc.enable()
