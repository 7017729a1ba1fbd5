"""Two runs beside each other: what differs, in words and in numbers; addresses that are wrong."""

from __future__ import annotations

from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import numpy as np
import pytest

from app.experiments.experiment import Experiment
from app.experiments.query import to_query
from app.experiments.run import Run, run
from app.figures.writing import number
from app.pages.counterparts import COUNTERPARTS, kind_of, offered
from app.pages.differences import LABELS, compared, differences
from app.pages.view import View, read
from tests.conftest import Client
from tests.pages.test_page import HTMX, Reader

MOVIE = Experiment(sentence="movie was not good", target=0, weights="lecture")
QUERY = to_query(MOVIE)
A = f"/compare?a={quote(QUERY, safe='')}"


def beside(**changes: object) -> Run:
    return run(MOVIE.changed(**changes))


def address(other: Experiment) -> str:
    return f"{A}&b={quote(to_query(other), safe='')}"


def test_every_field_has_a_name() -> None:
    assert set(LABELS) == set(Experiment.model_fields)


@pytest.mark.parametrize(
    ("changes", "label", "a", "b"),
    [
        ({"activation": "relu"}, "Activation f", "tanh", "ReLU"),
        ({"bias": "none"}, "Bias", "inside f", "none"),
        ({"cell": "lstm"}, "Cell", "RNN", "LSTM"),
        ({"hidden_size": 4}, "Hidden units", "3", "4"),
        ({"lowercase": False}, "Capitals", "folded", "kept"),
        ({"clip_norm": 0.5}, "Clip", "none", "0.5"),
        ({"epochs": 2}, "Epochs before this run", "0", "2"),
        ({"initial_state": [0.1, 0.2, 0.3]}, "First state", "zeros", "0.1, 0.2, 0.3"),
        ({"edits": [{"name": "left_to_right.W_hh", "index": [0, 1], "value": 0.5}]},
         "Weights typed over", "none", "W_hh[0, 1] = 0.5"),
    ],
)  # fmt: skip
def test_what_was_asked_differently_is_said_and_nothing_else(
    changes: dict[str, object], label: str, a: str, b: str
) -> None:
    (row,) = differences(run(MOVIE), beside(**changes)).asked
    assert (row.label, [p.text for p in row.a], [p.text for p in row.b]) == (label, [a], [b])


def test_words_that_the_other_sentence_does_not_have_there_are_marked() -> None:
    (row,) = differences(run(MOVIE), beside(sentence="movie was very good")).asked
    assert [(piece.text, piece.differs) for piece in row.b] == [
        ("movie", False), ("was", False), ("very", True), ("good", False)
    ]  # fmt: skip


def test_numbers_are_the_engines() -> None:
    one, other = run(MOVIE), beside(activation="sigmoid")
    found = differences(one, other)
    results = {figure.name: figure for figure in found.results}
    assert results["Loss L"].a == number(one.loss, 5) and results["Loss L"].b == number(other.loss, 5)
    assert results["Prediction ŷ"].b == number(float(other.forward.y_hat[0]), 5)
    (lane,) = found.lanes
    assert [step.a for step in lane.steps] == [number(float(v), 5) for v in one.backward.d_h_norm]
    assert [step.b for step in lane.steps] == [number(float(v), 5) for v in other.backward.d_h_norm]


def test_weights_are_the_same_or_apart_by_so_much_or_of_another_shape() -> None:
    same = differences(run(MOVIE), beside(activation="relu")).weights
    assert same and all(figure.said == "the same" and not figure.differs for figure in same)
    edit = {"name": "left_to_right.W_hh", "index": [0, 0], "value": 0.8}  # 0.3 in the lecture
    apart = {figure.name: figure.said for figure in differences(run(MOVIE), beside(edits=[edit])).weights}
    assert apart["W<sub>hh</sub>"] == "differ by up to 0.5" and apart["W<sub>xh</sub>"] == "the same"
    larger = {figure.name: figure for figure in differences(run(MOVIE), beside(hidden_size=4)).weights}
    assert larger["W<sub>hh</sub>"].b == "4 × 4" and larger["W<sub>hh</sub>"].said == "another shape"
    less = {figure.name: figure for figure in differences(run(MOVIE), beside(bias="none")).weights}
    assert less["b<sub>h</sub>"].said == "only A has it" and less["b<sub>h</sub>"].b == "none"


def test_steps_beyond_the_shorter_sentence_belong_to_the_longer_one() -> None:
    (lane,) = differences(run(MOVIE), beside(sentence="movie was bad")).lanes
    assert lane.two_texts and [step.t for step in lane.steps] == [1, 2, 3, 4]
    assert lane.steps[3].b == "" and lane.steps[3].said == "only A has it" and lane.steps[3].more == ""


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (2.0, 2.0, "the same"), (2.0, 1.0, "B is 0.5 times A"), (0.0, 1.0, "only B is not 0"),
        (1.0, 0.0, "only A is not 0"), (-1.0, 1.0, "of opposite sign"), (5e-324, 1e308, "B is larger"),
        (1e308, 5e-324, "A is larger"),
    ],
)  # fmt: skip
def test_how_two_numbers_compare_is_said_for_every_pair(a: float, b: float, words: str) -> None:
    assert compared(a, b) == words


@pytest.mark.parametrize("name", COUNTERPARTS)
def test_a_counterpart_differs_from_what_it_was_made_of(name: str) -> None:
    other = COUNTERPARTS[name].make(MOVIE.changed(cell="lstm") if name == "elman" else MOVIE)
    if COUNTERPARTS[name].fits(kind_of(MOVIE)):
        assert other != MOVIE and run(other).loss >= 0.0


EDITED = {"edits": [{"name": "left_to_right.W_hh", "index": [0, 1], "value": 0.5}], "recurrent_radius": 0.9}


@pytest.mark.parametrize(
    "changes",
    [{}, {"cell": "lstm", "clip_norm": 0.01}, {"cell": "gru", "bidirectional": True}, {"task": "next_word"},
     {"bias": "mixed", "loss": "mse", "epochs": 2, "steps": [{"on": "1", "rate": 0.5}]},
     {"initial_state": "random", "learning_rate": 0.7}, EDITED],
    ids=str,
)  # fmt: skip
def test_the_run_after_a_step_has_the_weights_and_the_loss_of_the_update(changes: dict[str, object]) -> None:
    asked = beside(**changes)
    learned = run(COUNTERPARTS["learned"].make(asked.experiment))
    assert learned.loss == pytest.approx(asked.update.loss, rel=1e-12)
    for group, names in asked.update.parameters.items():
        for name, values in names.items():
            np.testing.assert_allclose(learned.parameters[group][name], values, rtol=1e-12, atol=1e-15)


def test_the_run_after_a_step_is_asked_for_in_a_short_address() -> None:
    large = Experiment(sentence="movie was not good " * 64, hidden_size=64)
    learned = COUNTERPARTS["learned"].make(large)
    assert to_query(learned) == to_query(large) + "&steps=this~0.1"


def test_one_click_leads_from_the_page_to_the_comparison(client: Client) -> None:
    page = Reader(client.get(f"/?{QUERY}").text)
    links = {a["href"] for a in page.all("a") if a.get("href", "").startswith("/compare?")}
    assert links == {f"{A}&with={name}" for name in offered(MOVIE)} and "sigmoid" in offered(MOVIE)
    answer = client.get(f"{A}&with=sigmoid")
    assert answer.status_code == 303
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["a"] == [QUERY] and asked["b"] == [to_query(MOVIE.changed(activation="sigmoid"))]
    assert client.get(answer.headers["location"]).status_code == 200


def test_the_run_before_this_one_is_offered_too(client: Client) -> None:
    here = {**HTMX, "HX-Current-URL": f"http://testserver/?{QUERY}&hide=ledger"}
    text = client.get(f"/?{QUERY}&seed=1", headers=here).text
    before = [a["href"] for a in Reader(text).all("a") if "&b=" in a.get("href", "")]
    assert len(before) == 1 and parse_qs(urlsplit(before[0]).query)["b"] == [QUERY]


def test_the_page_shows_two_embedded_stages_and_may_frame_nobody_else(client: Client) -> None:
    answer = client.get(address(MOVIE.changed(activation="relu")))
    frames = Reader(answer.text).all("iframe")
    assert len(frames) == 2 and all(frame["title"] for frame in frames)
    for frame in frames:
        assert read(parse_qsl(urlsplit(frame["src"]).query)).embedded
        stage = client.get(frame["src"])
        assert stage.status_code == 200
        assert "frame-ancestors 'self'" in stage.headers["content-security-policy"]
    policy = answer.headers["content-security-policy"]
    assert "frame-src 'self'" in policy and policy.endswith("frame-ancestors 'none'")
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-src" not in client.get("/").headers["content-security-policy"]


def test_the_tables_are_there_without_script(client: Client) -> None:
    other = MOVIE.changed(activation="relu")
    text = client.get(address(other)).text
    assert number(run(MOVIE).loss, 5) in text and number(run(other).loss, 5) in text
    assert "What was asked differently" in text


def test_two_that_are_the_same_say_so(client: Client) -> None:
    text = client.get(address(MOVIE)).text
    assert "Both were asked the same: nothing differs" in text


def test_the_bare_address_compares_the_example(client: Client) -> None:
    answer = client.get("/compare")
    assert answer.status_code == 303 and answer.headers["location"].startswith(A + "&b=")


@pytest.mark.parametrize(
    ("tail", "message"),
    [
        ("&b=sentence%3Dmovie%26hidden_size%3D0", "b: hidden_size must be 1 to 256, got 0"),
        ("&b=nonsense%3D1", "b: "),
        ("&with=nobody", "with must be one of lstm, gru"),
        ("&b=sentence%3Da&stack=2", "stack must be 0 or 1"),
        ("&b=sentence%3Da&view=text", "view must be"),
        ("&b=sentence%3Da&c=1", "c is not known here; known are a, b, with, stack, view"),
        ("&a=sentence%3Da", "a must be given once, got 2 values"),
    ],
)
def test_a_fault_names_its_side_its_field_and_its_rule(client: Client, tail: str, message: str) -> None:
    answer = client.get(A + tail)
    assert answer.status_code == 422
    assert message in answer.text.replace("&#34;", '"').replace("&#39;", "'")


def test_weights_that_fit_no_address_are_refused_in_words(make_client) -> None:
    client = make_client(max_query_bytes=400)
    a = quote(to_query(MOVIE.changed(**EDITED)), safe="")
    answer = client.get(f"/compare?a={a}&with=learned")
    assert answer.status_code == 422 and "with must be another one: this needs an address of" in answer.text


def test_a_locked_page_compares_with_nothing(client: Client) -> None:
    assert View(lock=True).hides("compare")
    assert "/compare?" not in client.get(f"/?{QUERY}&lock=1").text
    answer = client.get(f"{A}%26lock%3D1")
    assert answer.status_code == 422 and "a: lock must be left out of a comparison" in answer.text


@pytest.mark.parametrize(
    "changes",
    [{"cell": "lstm"}, {"cell": "gru", "bias": "none"}, {"bidirectional": True, "bias": "mixed"},
     {"task": "next_word"}, {"sentence": "good", "loss": "mse"}],
)  # fmt: skip
def test_whatever_is_offered_can_be_compared(client: Client, changes: dict[str, object]) -> None:
    experiment = MOVIE.changed(**changes)
    for name in offered(experiment):
        asked = f"/compare?a={quote(to_query(experiment), safe='')}&with={name}"
        assert client.get(asked, follow_redirects=True).status_code == 200, name
