"""Weights that were given for one network do not stand in the way of another, and keep what can be kept."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import pytest

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.presets import Preset, presets
from app.experiments.query import parse, to_pairs, to_query
from app.experiments.run import run
from app.pages.offer import offered
from app.pages.refitting import Before, fitting, mended
from tests.pages.test_page import HTMX, Reader

GIVEN = [preset.experiment for preset in presets() if preset.experiment.parameters]
LSTM = next(experiment for experiment in GIVEN if experiment.cell == "lstm")
HOST = "http://testserver"
CHANGES = [
    {"sentence": "movie was great"}, {"hidden_size": "2"}, {"corpus": "maharashtra"}, {"task": "next_word"},
    {"bidirectional": "true"}, {"bias": "none"}, {"cell": "elman"}, {"cell": "gru"}, {"lowercase": "false"},
]  # fmt: skip


def sent(experiment: Experiment, **changes: str) -> list[tuple[str, str]]:
    """What the form sends when some of its controls were changed."""
    shown = {"hidden_size": str(experiment.hidden_size), **dict(to_pairs(experiment))}
    return list({**shown, **changes}.items())


def moved(before: Experiment, **changes: str) -> Experiment:
    return mended(sent(before, **changes), page_of(before))


def page_of(experiment: Experiment) -> Before:
    return Before(f"{HOST}/?{to_query(experiment)}")


@pytest.mark.parametrize("changes", CHANGES, ids=str)
@pytest.mark.parametrize("before", GIVEN, ids=lambda experiment: experiment.cell)
def test_every_control_beside_given_weights_can_be_changed(client, before: Experiment, changes) -> None:
    here = {**HTMX, "HX-Current-URL": f"{HOST}/?{to_query(before)}"}
    answer = client.get(f"/?{urlencode(sent(before, **changes))}", headers=here)
    assert answer.status_code == 200, Reader(answer.text).all("p", **{"class": "error"})
    now = Experiment(**parse(parse_qsl(urlsplit(answer.headers.get("hx-push-url", "/?sentence=x")).query)))
    for name, text in changes.items():
        assert str(getattr(now, name)).lower() == text or answer.headers.get("hx-push-url") is None


def test_words_keep_their_rows_and_a_new_word_has_its_row_drawn() -> None:
    now, before = moved(LSTM, sentence="fine movie was not good"), run(LSTM)
    W_xh, drawn = run(now).parameters, run(now.changed(parameters=None)).parameters
    for word, row in zip(now.entries, W_xh["left_to_right"]["W_xh"], strict=True):
        k = now.entries.index(word)
        old = dict(zip(LSTM.entries, before.parameters["left_to_right"]["W_xh"], strict=True))
        np.testing.assert_array_equal(row, old.get(word, drawn["left_to_right"]["W_xh"][k]))
    for name in ("W_hh", "b_h"):
        np.testing.assert_array_equal(W_xh["left_to_right"][name], before.parameters["left_to_right"][name])


def test_edits_that_still_stand_are_kept() -> None:
    edits = [
        {"name": "left_to_right.W_xh", "index": ["fine", 0], "value": 1},
        {"name": "left_to_right.W_hh", "index": [0, 0], "value": 2},
        {"name": "left_to_right.W_hh", "index": [2, 2], "value": 3},
    ]
    before = Experiment(sentence="fine", edits=edits)
    asked = [*((n, t) for n, t in sent(before, sentence="good", hidden_size="2") if n != "edit"),
             *(pair for pair in to_pairs(before) if pair[0] == "edit")]  # fmt: skip
    assert [(edit.name, edit.index, edit.value) for edit in mended(asked, page_of(before)).edits] == [
        ("left_to_right.W_hh", (0, 0), 2.0)
    ]


def test_another_cell_leaves_behind_what_the_one_before_alone_could_use() -> None:
    kept = [("sentence", "a"), ("cell", "lstm"), ("seed", "3")]
    carried = [("activation", "relu"), ("bias", "outside"), ("edit", "readout.b_y.0|1.0")]
    there = Before(f"{HOST}/?sentence=a&{urlencode(carried)}")
    assert fitting([*kept, *carried], there) == kept
    assert fitting([*kept, *carried], Before(f"{there.address}&cell=lstm")) == [*kept, *carried]
    assert fitting([*kept, *carried], Before("")) == [*kept, *carried]
    without = [*kept, ("bias", "none")]
    assert fitting(without, Before(f"{HOST}/?sentence=a&bias=none")) == without


def test_an_address_in_numbers_is_left_behind_as_its_form_writes_it() -> None:
    """The form says the word of a row that the address gave by number."""
    there = Before(f"{HOST}/?sentence=movie&edit=left_to_right.W_xh.0.1|2")
    assert fitting([("cell", "gru"), ("edit", "left_to_right.W_xh~movie.1|2.0")], there) == [("cell", "gru")]


@pytest.mark.parametrize("there", presets(), ids=lambda preset: preset.name)
def test_a_link_leads_to_what_it_says_whatever_page_it_stands_on(client, there: Preset) -> None:
    """With scripts an example is asked for as a change is; the weights it brings are its own."""
    for here in presets():
        asked = to_query(there.experiment)
        headers = {**HTMX, "HX-Current-URL": page_of(here.experiment).address}
        answer = client.get(f"/?{asked}", headers=headers)
        came = answer.headers.get("hx-push-url", urlsplit(headers["HX-Current-URL"]).query)
        assert answer.status_code == 200 and came.removeprefix("/?") == asked, here.name


@pytest.mark.parametrize(
    ("fields", "place", "changes", "now"),
    [
        ({"cell": "lstm"}, ("left_to_right.W_hh", 0, 4), {"hidden_size": "4"}, (0, 5)),
        ({"cell": "lstm"}, ("left_to_right.W_xh", "movie", 3), {"hidden_size": "2"}, ("movie", 2)),
        ({"cell": "lstm"}, ("left_to_right.b_h", 5), {"hidden_size": "2"}, None),
        ({"cell": "gru"}, ("left_to_right.b_hn", 1), {"hidden_size": "2"}, (1,)),
        ({"cell": "gru"}, ("left_to_right.W_hh", 2, 0), {"hidden_size": "2"}, None),
        ({"bidirectional": True}, ("readout.W_hy", 4, 0), {"hidden_size": "2"}, (3, 0)),
        ({"bidirectional": True}, ("readout.W_hy", 2, 0), {"hidden_size": "2"}, None),
        ({"bidirectional": True}, ("readout.W_hy", 2, 0), {"bidirectional": "false"}, (2, 0)),
        ({"bidirectional": True}, ("readout.W_hy", 3, 0), {"bidirectional": "false"}, None),
        ({"task": "next_word"}, ("readout.W_hy", 2, "was"), {"hidden_size": "4"}, (2, "was")),
        ({}, ("readout.W_hy", 2, 0), {"task": "next_word"}, None),
        ({"task": "next_word"}, ("readout.b_y", "movie"), {"task": "sentiment"}, None),
    ],
    ids=str,
)
def test_what_is_typed_over_stays_with_its_gate_its_unit_and_its_direction(
    fields: dict[str, object], place: tuple[str, object], changes: dict[str, str], now: tuple[object] | None
) -> None:
    name, *index = place
    edits = [{"name": name, "index": index, "value": 0.5}]
    before = Experiment(**{"sentence": "movie was good", **fields}, edits=edits)
    assert [(e.name, e.index, e.value) for e in moved(before, **changes).edits] == (
        [(name, now, 0.5)] if now else []
    )


def test_what_is_wrong_beside_the_weights_is_said_and_an_address_is_taken_as_it_stands() -> None:
    with pytest.raises(ExperimentError, match="seed must be a whole number"):
        moved(LSTM, sentence="movie was great", seed="x")
    with pytest.raises(ExperimentError, match=r"parameters.left_to_right.W_xh must have shape \(6, 12\)"):
        mended(sent(LSTM, sentence="movie was great"), Before(""))


def test_another_task_leaves_the_loss_behind_and_offers_none(client) -> None:
    before = Experiment(sentence="movie was good", loss="mse")
    here = {**HTMX, "HX-Current-URL": f"{HOST}/?{to_query(before)}"}
    answer = client.get(f"/?{urlencode(sent(before, task='next_word'))}", headers=here)
    assert answer.status_code == 200
    assert not Reader(answer.text).all("select", name="loss")
    assert Reader(client.get("/?sentence=movie+was+good").text).all("select", name="loss")
    typed = client.get("/?sentence=movie+was+good&task=next_word&loss=mse")
    assert typed.status_code == 422 and Reader(typed.text).all("select", name="loss")


def refusal(client, pairs: list[tuple[str, str]]) -> tuple[str, list[str], dict[str, str]]:
    """The page that refuses what a form without scripts sends, where its offer leads, and what that says."""
    answer = client.get(f"/?{urlencode(pairs)}")
    assert answer.status_code == 422
    page = answer.text.partition('id="main"')[2].partition("</main>")[0]
    links = re.findall(r'<a href="(/\?sentence[^"]*)">', page)
    told = re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", page)
    names = {name: re.sub("<.*?>", "", text) for name, text in told}
    return page, [html.unescape(link) for link in links], names


@pytest.mark.parametrize("changes", CHANGES, ids=str)
@pytest.mark.parametrize("before", GIVEN, ids=lambda experiment: experiment.cell)
def test_without_scripts_one_link_leads_on_from_weights_that_do_not_fit(
    client, before: Experiment, changes: dict[str, str]
) -> None:
    pairs = sent(before, **changes)
    if client.get(f"/?{urlencode(pairs)}").status_code == 200 or before.loss != "bce":
        return
    _page, links, _told = refusal(client, pairs)
    assert len(links) == 1
    assert client.get(links[0]).status_code == 200
    offer = offered(pairs)
    assert offer is not None and offer.experiment == Experiment(**parse(parse_qsl(urlsplit(links[0]).query)))
    for name, text in changes.items():
        assert str(getattr(offer.experiment, name)).lower() == text
    given, kept = before.parameters.given(), offer.experiment.parameters.given()
    for group, names in kept.items():
        for name, value in names.items():
            assert value[: len(given[group][name])] == given[group][name]
    listed = {f"{group}.{name}" for group, names in given.items() for name in names}
    assert {*offer.kept, *offer.left} == listed
    assert {f"{group}.{name}" for group, names in kept.items() for name in names} == set(offer.kept)


def test_an_offer_names_what_it_leaves_out_keeps_and_draws(client) -> None:
    edits = [("edit", "left_to_right.W_hh.2.2|1"), ("edit", "left_to_right.W_xh~fine.0|2")]
    _page, _links, told = refusal(client, [*sent(LSTM, sentence="fine movie was not good"), *edits])
    assert told == {
        "Rows drawn for new words": "fine",
        "Kept as given": "left_to_right.W_xh, left_to_right.W_hh, left_to_right.b_h, readout.W_hy, "
        "readout.b_y, left_to_right.W_hh.2.2, left_to_right.W_xh~fine.0",
    }
    page, links, told = refusal(client, [*sent(LSTM, hidden_size="2"), *edits, ("embed", "1")])
    assert told["Left out"].endswith("readout.W_hy, left_to_right.W_hh.2.2, left_to_right.W_xh~fine.0")
    assert told["Kept as given"] == "readout.b_y" and "embed=1" in links[0]
    assert "the form above" not in page, "a bare stage has no form"


@pytest.mark.parametrize("weights", [
    "{}", "[]", "7", '{"left_to_right":[]}', '{"left_to_right":{"W_xh":7}}',
    '{"left_to_right":{"W_xh":[1,2,3,4,5]}}',
    '{"left_to_right":{"W_xh":[["a"],[],[],[],[]]}}', '{"there":{"W":[[1]]}}', '{"readout":{"b_y":[1e400]}}',
    '{"right_to_left":{"W_xh":[[1],[1],[1],[1],[1]]}}', '{"left_to_right":{"\u202e":[1]}}', "{",
])  # fmt: skip
def test_an_offer_stands_whatever_is_written_as_weights(client, weights: str) -> None:
    found = client.get(f"/?{urlencode([('sentence', 'movie was fine'), ('parameters', weights)])}")
    assert found.status_code in (200, 422)
    if offer := offered([("sentence", "movie was fine"), ("parameters", weights)]):
        assert run(offer.experiment) and offer.left and not offer.kept


def test_nothing_is_offered_where_more_is_wrong_or_nothing_may_be_changed(client) -> None:
    assert offered(sent(LSTM, hidden_size="2", seed="x")) is None
    assert offered([("sentence", "good"), ("hidden_size", "900")]) is None
    page = client.get(f"/?{urlencode(sent(LSTM, hidden_size='2'))}&lock=1")
    assert page.status_code == 422 and 'class="offer"' not in page.text


def test_rows_stay_with_their_words_when_as_many_words_are_others() -> None:
    six = LSTM.changed(sentence="fine movie was not good", parameters=None)
    rows = (run(six).parameters["left_to_right"]["W_xh"] + 1).tolist()
    before = six.changed(parameters={"left_to_right": {"W_xh": rows}})
    now = moved(before, sentence="great movie was not good")
    assert now.entries[-1] == "great" and len(now.entries) == len(before.entries)
    found = run(now).parameters["left_to_right"]["W_xh"].tolist()
    assert found[:-1] == rows[:-1] and found[-1] != rows[-1]
