"""Every refusal is a problem document that names field, rule and value, whatever comes in."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.api import runs
from app.serving import problems
from app.serving.jobs import Jobs
from app.serving.limits import Workbench
from app.settings import Settings
from tests.conftest import Client

JSON = {"content-type": "application/json"}


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body.keys() == {"type", "title", "status", "detail", "errors"} and body["status"] == status
    for error in body["errors"]:
        assert error.keys() == {"field", "message", "value"}
    return body


def messages(answer: httpx.Response, status: int = 422) -> list[str]:
    return [error["message"] for error in problem(answer, status)["errors"]]


def post(client: Client, **fields: Any) -> httpx.Response:
    return client.post("/api/v1/run", json={"sentence": "movie was good", **fields})


def test_a_value_out_of_bounds(client: Client) -> None:
    body = problem(post(client, hidden_size=900), 422)
    assert body["detail"] == "hidden_size must be 1 to 256, got 900"
    assert body["errors"] == [
        {"field": "hidden_size", "message": "hidden_size must be 1 to 256, got 900", "value": 900}
    ]


def test_a_wrong_type_and_an_unknown_field_at_once(client: Client) -> None:
    assert messages(post(client, seed="x", colour="red")) == [
        'seed must be a whole number, 0 to 4294967295, got "x"', "colour is not a field of an experiment",
    ]  # fmt: skip


def test_detail_tells_three_faults_and_counts_the_rest(client: Client) -> None:
    body = problem(post(client, a=1, b=1, c=1, d=1), 422)
    assert (
        body["detail"].endswith("c is not a field of an experiment; and 1 more") and len(body["errors"]) == 4
    )


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("", 'sentence must be text with at least 1 word, got ""'),
        ("…!", 'sentence must be text with at least 1 word, got "…!"'),
        ("a " * 300, "sentence must be 1 to 256 words, got 300"),
    ],
)
def test_no_words_or_too_many(client: Client, sentence: str, message: str) -> None:
    assert messages(post(client, sentence=sentence)) == [message]
    assert messages(client.get("/api/v1/run", params={"sentence": sentence})) == [message]


def test_no_sentence_at_all(client: Client) -> None:
    assert messages(client.get("/api/v1/run")) == ["sentence must be given"]


def test_a_word_outside_an_explicit_vocabulary_is_named_with_its_position(client: Client) -> None:
    given = messages(post(client, vocabulary=["movie", "was"]))
    assert given == ['sentence must use words of the vocabulary: word 3, "good", is not in it']


def test_shapes_that_do_not_fit_say_expected_and_given(client: Client) -> None:
    given = messages(
        post(client, parameters={"left_to_right": {"W_xh": [[1, 2, 3]], "b_h": [1]}}, hidden_size=3)
    )
    assert given == [
        "parameters.left_to_right.W_xh must have shape (5, 3), got (1, 3)",
        "parameters.left_to_right.b_h must have shape (3,), got (1,)",
    ]


def test_a_prediction_outside_the_domain_of_bce_names_the_step(client: Client) -> None:
    given = post(
        client, bias="outside", weights="lecture", edits=[{"name": "readout.b_y", "index": [0], "value": 0.6}]
    )
    (message,) = messages(given)
    assert problem(given, 422)["errors"][0]["field"] == "bias"
    assert "y_hat = 1.307" in message and "step 3" in message


def one_unit(W_xh: float, W_hh: float) -> dict[str, Any]:
    return {
        "left_to_right": {"W_xh": [[W_xh]] * 5, "W_hh": [[W_hh]], "b_h": [0]},
        "readout": {"W_hy": [[1]], "b_y": [0]},
    }


@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_an_overflow_names_step_and_quantity(client: Client, activation: str) -> None:
    parameters = one_unit(W_xh=1, W_hh=1e6)
    given = post(client, sentence="movie was good " * 30, activation=activation, parameters=parameters)
    (error,) = problem(given, 422)["errors"]
    assert error["message"].startswith("preactivation must stay finite, at step 53 it outgrew")
    assert error["value"] == "Infinity"


def test_a_gradient_that_overflows_is_a_plain_refusal(client: Client) -> None:
    # The states stay at 0 while the gradient grows a millionfold a step.
    parameters = one_unit(W_xh=0, W_hh=1e6)
    given = post(client, sentence="movie was good " * 30, activation="identity", parameters=parameters)
    (error,) = problem(given, 422)["errors"]
    assert "finite" in error["message"] and error["value"] == "Infinity"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "Expecting value"),
        (b"{", "double quotes"),
        (b"{} {}", "Extra data"),
        (b'{"a": 1, "a": 2}', '"a" is given twice'),
        (b'{"parameters": {"readout": {}, "readout": {}}}', '"readout" is given twice'),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"seed": NaN}', "NaN is not JSON"),
        (b'{"seed": -Infinity}', "-Infinity is not JSON"),
        (b'{"seed": ' + b"9" * 5000 + b"}", "a whole number of 5000 digits is too long"),
        (b'{"sentence": "\xff"}', "utf-8"),
        (b"\xef\xbb\xbf{}", "BOM"),
        ('{"sentence": "a"}'.encode("utf-16"), "utf-8"),
    ],
    ids=range(13),
)
def test_a_body_that_is_no_json(client: Client, body: bytes, detail: str) -> None:
    answer = client.post("/api/v1/run", content=body, headers=JSON)
    found = problem(answer, 400)["detail"]
    assert found.startswith("The body must be JSON: ") and detail in found


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[1]", "body must be a JSON object of an experiment's fields, got a list"),
        (b'"a"', "body must be a JSON object of an experiment's fields, got text"),
        (b"null", "body must be a JSON object of an experiment's fields, got null"),
        (b"1e999", "body must be a JSON object of an experiment's fields, got a number"),
        (b"true", "body must be a JSON object of an experiment's fields, got true or false"),
        (b"{}", "sentence must be given"),
        (
            b'{"sentence": "\\ud800"}',
            'sentence must be at most 20000 characters of valid Unicode, got "\\ud800"',
        ),
        (b'{"sentence": "a", "\\ud800": 1}', "\\ud800 is not a field of an experiment"),
        (b'{"sentence": "a", "seed": true}', "seed must be a whole number, 0 to 4294967295, got true"),
        (b'{"sentence": "a", "learning_rate": 1e999}', 'learning_rate must be 0 to 1000000, got "Infinity"'),
        (b'{"sentence": "a", "learning_rate": ' + b"9" * 390 + b"}", None),
        (b'{"sentence": "a", "__class__": {}}', "__class__ is not a field of an experiment"),
        (b'{"sentence": "a", "words": []}', "words is not a field of an experiment"),
        (b'{"sentence": "a", "model_config": {}}', "model_config is not a field of an experiment"),
    ],
    ids=range(14),
)
def test_json_that_is_no_experiment(client: Client, body: bytes, message: str | None) -> None:
    given = messages(client.post("/api/v1/run", content=body, headers=JSON))
    assert len(given) == 1 and (message is None or given == [message])


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""]
)
def test_a_body_of_another_kind(client: Client, kind: str) -> None:
    answer = client.post("/api/v1/run", content=b"{}", headers={"content-type": kind})
    assert messages(answer, 415) == [f"Content-Type must be application/json, got {kind or 'nothing'}"]


def test_json_may_name_its_charset(client: Client) -> None:
    headers = {"content-type": "Application/JSON; charset=UTF-8"}
    answer = client.post("/api/v1/run", content=b'{"sentence": "a"}', headers=headers)
    assert answer.status_code == 200


def test_a_post_keeps_its_experiment_in_the_body(client: Client) -> None:
    answer = client.post("/api/v1/run?seed=3&include=check", json={"sentence": "a"})
    assert messages(answer) == ["seed must be in the body, got it in the query"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("sentence=%ff", 'sentence must be at most 20000 characters of valid Unicode, got "\\udcff"'),
        ("sentence=a&%ff=1", "\\udcff is not a field of an experiment"),
        (
            "sentence=a&review=%ff|1",
            'reviews[0].text must be at most 20000 characters of valid Unicode, got "\\udcff"',
        ),
        ("sentence=a&sentence=b", "sentence must be given once, got 2 values"),
        ("sentence=a&include=check&include=check", "include must be given once, got 2 values"),
        ("sentence=a&hidden_size=1e1", 'hidden_size must be a whole number, 1 to 256, got "1e1"'),
    ],
)
def test_a_hostile_query(client: Client, query: str, message: str) -> None:
    assert messages(client.get("/api/v1/run?" + query)) == [message]


HOSTILE = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{7*7}}", "${7*7}", "%00", "a\x00b",
    "\u202eevil\u202c", "\ufeffa", "a" * 10_000, "'; DROP TABLE x; --", "../../etc/passwd",
    "😀" * 300, "ก" * 200,
    "\u0301" * 5000 + "a", "\U0010ffff a", "👨‍👩‍👧‍👦" * 200, "a\u2028b\u2029c",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_data(client: Client, text: str) -> None:
    fields = {
        "sentence": text, "corpus": "custom", "hidden_size": 2,
        "reviews": [{"text": text, "label": 1}, {"text": "plain", "label": 0}],
    }  # fmt: skip
    answer = client.post("/api/v1/run", json=fields, params={"include": "forward"})
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        body = answer.json()
        assert "".join(body["words"]) != "" and body["experiment"]["sentence"] == text
        query = body["permalink"].removeprefix("/?")
        assert client.get(f"/api/v1/run?{query}&include=forward").content == answer.content
    else:
        assert len(problem(answer, 422)["detail"]) < 1000


def test_a_method_that_is_not_there(client: Client) -> None:
    problem(client.request("DELETE", "/api/v1/run"), 405)
    problem(client.post("/api/v1/corpora"), 405)


def test_a_body_too_large(make_client: Any) -> None:
    small = make_client(max_body_bytes=1024)
    answer = small.post("/api/v1/run", json={"sentence": "a" * 2000})
    assert problem(answer, 413)["detail"].startswith("body must be at most 1024 bytes, got")


def test_large_runs_beyond_the_queue_are_told_when_to_come_back() -> None:
    gate = threading.Event()
    workbench = Workbench(places=1, queue=0, retry_after_seconds=3)
    app = FastAPI()
    runs.install(app, Settings(inline_work=0), workbench, Jobs())
    problems.install(app)

    async def scenario() -> tuple[httpx.Response, httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as http:
            held = asyncio.ensure_future(workbench.run(gate.wait, 30))
            await asyncio.sleep(0.05)
            refused = await http.get("/api/v1/run?sentence=a")
            gate.set()
            await held
            return refused, await http.get("/api/v1/run?sentence=a")

    refused, answered = asyncio.run(scenario())
    assert problem(refused, 503)["detail"].endswith("try again in 3 seconds")
    assert refused.headers["retry-after"] == "3"
    assert answered.status_code == 200


def test_a_long_body_is_read_by_a_worker_and_answers_alike(client: Client) -> None:
    fields = {"sentence": "a b", "reviews": [{"text": "word " * 200, "label": 1}] * 60}
    long = client.post("/api/v1/run", json=fields)
    assert len(json.dumps(fields)) > 32 * 1024 and long.status_code == 200
    assert client.post("/api/v1/run", content=b"[" * 40_000, headers=JSON).status_code == 400
