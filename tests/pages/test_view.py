"""How a page is looked at: hidden, locked, embedded, themed, from a frame on; never part of the question."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl

import httpx
import pytest

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.query import parse
from app.experiments.run import run
from app.pages.view import HIDEABLE, NAMES, PLAIN, View, read
from app.stage.stage import Stage
from tests.conftest import Client
from tests.pages.test_page import HTMX, Reader

MOVIE = "/?sentence=movie+was+not+good&target=0&weights=lecture&hidden_size=4"


def test_a_view_reads_back_from_its_address() -> None:
    view = View(hide=("target", "ledger"), lock=True, embed=("bars",), theme="projector")
    assert read(view.pairs()) == view
    assert read([("embed", "1")]).embed == ()
    assert read([("hide", ""), ("sentence", "movie")]) == PLAIN


def test_the_boxes_of_a_form_may_name_a_part_each() -> None:
    asked = [("hide", "charts"), ("hide", "ledger"), ("hide", "charts")]
    assert read(asked).hide == ("ledger", "charts")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"hide": "ledger,nose"}, 'hide must be some of sentence, target, rail, .*, panels, got "nose"'),
        ({"lock": "yes"}, 'lock must be 0 or 1, got "yes"'),
        ({"embed": "rail"}, 'embed must be some of 1, bars, .*, panels, got "rail"'),
        ({"view": "blue"}, 'view must be stage, light, dark, projector or text, got "blue"'),
        ({"at": "sideways"}, r'at must be phase.step.part, such as back.3.1, .*, got "sideways"'),
        ({"at": "back.3.1.9"}, "at must be phase.step.part"),
        ({"at": "back.³"}, "at must be phase.step.part"),
    ],
)
def test_an_unknown_value_is_refused_by_field_rule_and_value(said: dict[str, str], message: str) -> None:
    with pytest.raises(ExperimentError, match=message):
        read(list(said.items()))


def test_a_view_said_twice_is_refused() -> None:
    with pytest.raises(ExperimentError, match="lock must be given once, got 2 values"):
        read([("lock", "1"), ("lock", "0")])


def test_no_name_of_a_view_is_a_field_of_the_question(client: Client) -> None:
    assert not set(NAMES) & set(Experiment.model_fields)
    for name in NAMES:
        answer = client.get(f"/api/v1/run?sentence=movie&{name}=1")
        assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == name


def test_a_page_refuses_an_unknown_view_and_keeps_the_question(client: Client) -> None:
    answer = client.get(MOVIE + "&hide=nose")
    assert answer.status_code == 422 and "hide must be some of" in answer.text
    assert Reader(answer.text).one("input", id="sentence")["value"] == "movie was not good"


def test_a_view_alone_shows_the_welcome_run(client: Client) -> None:
    answer = client.get("/?view=projector")
    assert answer.status_code == 200
    page = Reader(answer.text)
    assert page.one("html")["data-theme"] == "projector"
    assert page.one("input", id="sentence")["value"] == "movie was not good"


ELEMENTS = {
    "sentence": ("input", {"id": "sentence"}),
    "examples": ("details", {"id": "examples"}),
    "hidden_size": ("input", {"id": "f-hidden_size"}),
    "tools": ("div", {"class": "tools"}),
    "inspector": ("aside", {"id": "inspector"}),
    "ledger": ("section", {"id": "ledger"}),
    "labs": ("section", {"id": "labs"}),
    "charts": ("section", {"id": "charts"}),
    "panels": ("section", {"id": "panels"}),
    "cards": ("div", {"class": "shelf"}),
    "take": ("details", {"class": "take menu"}),
    "links": ("nav", {"class": "links"}),
    "compare": ("details", {"class": "beside menu"}),
    "bars": ("section", {"class": "panel adds"}),
    "target": ("fieldset", {"class": "target"}),
}


@pytest.mark.parametrize("name", ELEMENTS)
def test_what_is_hidden_is_not_on_the_page_and_all_else_is(client: Client, name: str) -> None:
    whole, less = Reader(client.get(MOVIE).text), Reader(client.get(f"{MOVIE}&hide={name}").text)
    for other, (tag, wanted) in ELEMENTS.items():
        assert len(whole.all(tag, **wanted)) == 1, other
        assert len(less.all(tag, **wanted)) == (other != name), other


def test_every_name_that_can_be_hidden_is_answered(client: Client) -> None:
    answer = client.get(f"{MOVIE}&hide={','.join(HIDEABLE)}")
    assert answer.status_code == 200
    assert not Reader(answer.text).all("select", id="f-activation")


def test_a_hidden_control_still_submits_its_value(client: Client) -> None:
    page = Reader(client.get(f"{MOVIE}&hide=rail,sentence,target").text)
    sent = {a["name"]: a["value"] for a in page.all("input", type="hidden") if a["name"] != "part"}
    assert sent["sentence"] == "movie was not good" and sent["target"] == "0"
    assert sent["weights"] == "lecture" and sent["hidden_size"] == "4"
    assert sent["hide"] == "sentence,target,rail"


def test_a_change_keeps_the_view_in_the_address_and_forgets_the_first_frame(client: Client) -> None:
    answer = client.get(f"{MOVIE}&hide=ledger&at=back.2", headers=HTMX)
    assert answer.headers["HX-Push-Url"].endswith("&hide=ledger")
    assert 'id="ledger"' not in answer.text


def test_links_to_other_experiments_keep_what_is_hidden(client: Client) -> None:
    page = Reader(client.get(MOVIE + "&hide=ledger").text)
    examples = [a["href"] for a in page.all("a") if "hx-target" in a and a["hx-target"] == "#run"]
    assert examples and all(href.endswith("&hide=ledger") for href in examples)
    panels = Reader(client.get("/panels" + MOVIE[1:] + "&hide=ledger").text)
    reviews = [a["href"] for a in panels.all("a") if a.get("href", "").startswith("/?")]
    assert reviews and all(href.endswith("&hide=ledger") for href in reviews)


def test_the_first_frame_is_named_in_full(client: Client) -> None:
    for at, whole in (("back.3", "back.3.1"), ("back.3.2", "back.3.2"), ("loss", "loss.4.1")):
        page = Reader(client.get(f"{MOVIE}&at={at}").text)
        assert page.one("section", id="stage")["data-at"] == whole


@pytest.mark.parametrize(
    ("at", "rule"),
    [("back.9", "back has the steps 1 to 4"), ("back.2.99", "back.2 has the parts 1 to ")],
)
def test_a_frame_that_the_run_does_not_have_is_refused(client: Client, at: str, rule: str) -> None:
    answer = client.get(f"{MOVIE}&at={at}")
    assert answer.status_code == 422
    assert f"at must be a frame of this run: {rule}" in answer.text


def test_a_locked_page_says_so_and_nothing_on_it_can_be_changed(client: Client) -> None:
    answer = client.get(MOVIE + "&lock=1")
    page = Reader(answer.text)
    assert "Locked for an exercise." in answer.text
    assert "disabled" in page.one("fieldset", **{"class": "ask"})
    assert "disabled" in page.one("fieldset", **{"class": "knobs"})
    assert not page.all("button", **{"class": "primary"}) and not page.all("details", id="examples")
    assert not page.all("section", id="labs")


def test_a_locked_page_leads_to_no_other_experiment(client: Client) -> None:
    own = Reader(client.get(MOVIE + "&lock=1").text).all("section", id="stage")
    assert own
    for part in ("/?", "/panels?", "/inspect?", "/ledger?", "/charts?"):
        text = client.get(part + MOVIE[2:] + "&lock=1", headers=HTMX if part != "/?" else {}).text
        elsewhere = [a["href"] for a in Reader(text).all("a") if a.get("href", "").startswith("/?")]
        assert all("lock=1" in href and "sentence=movie+was+not+good&" in href for href in elsewhere)


@pytest.mark.parametrize("lab", ["", "/train", "/nudge"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_no_lab_answers_for_a_locked_page(client: Client, lab: str, headers: dict[str, str]) -> None:
    asked = f"/labs{lab}{MOVIE[1:]}"
    assert client.get(asked, headers=headers).status_code == 200
    answer = client.get(asked + "&lock=1", headers=headers)
    assert answer.status_code == 422
    assert "lock must be left out where labs are asked for: they change the run, got" in answer.text


def test_no_weight_of_a_locked_page_can_be_typed_over(client: Client) -> None:
    asked = "/inspect" + MOVIE[1:] + "&part=W_hh-0.0"
    assert 'name="edit_value"' in client.get(asked, headers=HTMX).text
    assert 'name="edit_value"' not in client.get(asked + "&lock=1", headers=HTMX).text
    typed = "&edit_place=left_to_right.W_hh.0.0&edit_value=0.5&lock=1"
    answer = client.get(MOVIE + typed)
    assert answer.status_code == 422
    assert "edit_value must be left out of a locked exercise (lock=1)" in answer.text


def test_an_edit_without_script_keeps_the_view(client: Client) -> None:
    typed = "&edit_place=left_to_right.W_hh.0.0&edit_value=0.5&hide=charts"
    answer = client.get(MOVIE + typed)
    assert answer.status_code == 303 and answer.headers["location"].endswith("&hide=charts")


def test_an_embedded_stage_has_no_header_and_a_way_out(client: Client) -> None:
    page = Reader(client.get(MOVIE + "&embed=1").text)
    assert len(page.all("section", id="stage")) == 1
    assert not page.all("header") and not page.all("form") and not page.all("section", id="ledger")
    assert page.one("a", target="_blank")["href"] == MOVIE.replace("&weights=lecture&hidden_size=4", "") + (
        "&hidden_size=4&weights=lecture"
    )


def test_an_embedded_stage_brings_the_parts_that_are_asked_for(client: Client) -> None:
    page = Reader(client.get(MOVIE + "&embed=inspector,ledger").text)
    assert page.all("aside", id="inspector") and page.all("section", id="ledger")
    assert not page.all("section", id="charts") and not page.all("header")


def test_only_an_embedded_stage_may_be_framed(client: Client) -> None:
    framed, whole = client.get(MOVIE + "&embed=1").headers, client.get(MOVIE).headers
    assert framed["content-security-policy"].endswith("frame-ancestors 'self'")
    assert framed["x-frame-options"] == "SAMEORIGIN"
    assert whole["content-security-policy"].endswith("frame-ancestors 'none'")
    assert whole["x-frame-options"] == "DENY"


def test_a_school_that_is_named_may_frame_the_embedded_stage(make_client) -> None:
    headers = make_client(frame_ancestors="https://school.example").get(MOVIE + "&embed=1").headers
    assert headers["content-security-policy"].endswith("frame-ancestors 'self' https://school.example")
    assert "x-frame-options" not in headers


def test_an_embedded_question_with_a_fault_is_refused_in_its_frame(client: Client) -> None:
    answer = client.get("/?sentence=movie&hidden_size=0&embed=1")
    assert answer.status_code == 422 and "hidden_size must be" in answer.text
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert not Reader(answer.text).all("header")


def test_two_views_of_one_run_that_are_asked_for_together_are_two_answers(make_client) -> None:
    """Requests that are under way share an answer; the view is part of what they ask."""
    client = make_client(inline_work=0)

    async def together() -> list[httpx.Response]:
        return await asyncio.gather(client.http.get(MOVIE), client.http.get(MOVIE + "&hide=ledger"))

    whole, less = client.portal.call(together)
    assert 'id="ledger"' in whole.text and 'id="ledger"' not in less.text


@pytest.mark.parametrize("more", ["", "&cell=lstm", "&bidirectional=true", "&task=next_word"])
def test_the_whole_story_is_told_in_sentences_and_tables_without_a_drawing(client: Client, more: str) -> None:
    experiment = Experiment(**parse(parse_qsl(MOVIE[2:] + more)))
    answer = client.get(f"{MOVIE}{more}&view=text")
    page, found = Reader(answer.text), Stage(run(experiment))
    assert answer.status_code == 200 and not page.all("script", type="module")
    assert len(page.all("svg")) == 1  # the mark of the header
    assert answer.text.count("<h3>") > len(found.frames)
    for frame in found.frames:
        assert frame.caption in answer.text and frame.formula in answer.text
    assert f"{float(run(experiment).forward.h[0, 0]):.4f}".replace("-", "\u2212") in answer.text


def test_the_text_leads_back_to_the_pictures_and_keeps_the_rest_of_the_view(client: Client) -> None:
    page = Reader(client.get(MOVIE + "&view=text&hide=ledger&lock=1").text)
    (back,) = {a["href"] for a in page.all("a") if a.get("href", "").startswith("/?")}
    assert back.endswith("&hide=ledger&lock=1") and "view=" not in back


def test_the_form_of_links_makes_the_one_that_was_ticked(client: Client) -> None:
    asked = MOVIE[2:] + "&hide=charts&hide=ledger&lock=1&embed=1&embed=bars&view=dark&at=back.3"
    page = Reader(client.get("/share?" + asked).text)
    link = page.one("input", id="share-link")["value"]
    address = link.removeprefix("http://testserver")
    assert address.endswith("&hide=ledger,charts&lock=1&embed=bars&view=dark&at=back.3.1")
    assert client.get(address).status_code == 200
    assert {a["value"] for a in page.all("input", name="hide") if "checked" in a} == {"charts", "ledger"}
    sent = {a["name"]: a["value"] for a in page.all("input", type="hidden")}
    assert sent["sentence"] == "movie was not good" and sent["target"] == "0"


def test_what_cannot_be_shown_cannot_be_shared(client: Client) -> None:
    answer = client.get("/share?" + MOVIE[2:] + "&at=back.9")
    assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "at"
