from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.requests import Request

from app.serving import problems
from app.serving.problems import FieldProblem, Problem, UnexpectedErrors, echo

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


class Body(BaseModel):
    count: int


@pytest.fixture(scope="module")
def failing(make_client):
    """An application with a route for every way to fail."""
    app = FastAPI()
    problems.install(app)
    app.add_middleware(UnexpectedErrors)

    @app.get("/busy")
    async def busy() -> None:
        raise Problem(503, "try later", headers={"Retry-After": "2"})

    @app.get("/api/wrong")
    async def wrong() -> None:
        raise Problem(422, "bad", [FieldProblem("bias", "bias must be inside, got <b>", "<b>")])

    @app.get("/wrong")
    async def wrong_page() -> None:
        raise Problem(422, "bad <script>", [FieldProblem("bias", "bias must be inside, got <b>", "<b>")])

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the secret detail")

    @app.post("/body")
    async def body(body: Body) -> None: ...

    return make_client(app=app)


def test_an_unknown_address_is_a_problem_document(client) -> None:
    answer = client.get("/none")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank", "title": "Not Found", "status": 404,
        "detail": "Nothing is served at this address", "errors": [],
    }  # fmt: skip


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(client) -> None:
    answer = client.request("DELETE", "/healthz")
    assert (answer.status_code, answer.json()["title"]) == (405, "Method Not Allowed")
    assert answer.headers["allow"] == "GET, HEAD"
    assert client.get("/api/v1/train").headers["allow"] == "POST"
    assert client.request("PUT", "/api/v1/run").headers["allow"] == "GET, HEAD, POST"


def test_a_client_that_goes_in_the_middle_of_its_request_is_no_failure(caplog) -> None:
    sent = []

    async def gone(scope: Any, receive: Any, send: Any) -> None:
        await Request(scope, receive).body()

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/v1/run", "headers": []}
    asyncio.run(UnexpectedErrors(gone)(scope, receive, send))
    assert (sent, caplog.records) == ([], [])


def test_a_problem_keeps_its_headers(failing) -> None:
    answer = failing.get("/busy")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_a_problem_names_field_rule_and_value(failing) -> None:
    assert failing.get("/api/wrong").json()["errors"] == [
        {"field": "bias", "message": "bias must be inside, got <b>", "value": "<b>"}
    ]


def test_a_person_gets_a_page_with_every_text_escaped(failing) -> None:
    answer = failing.get("/wrong", headers={"Accept": BROWSER})
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert "Accept" in answer.headers["vary"]
    assert "bad &lt;script&gt;" in answer.text and "got &lt;b&gt;" in answer.text


def test_the_api_answers_a_person_with_the_document_as_well(failing) -> None:
    answer = failing.get("/api/wrong", headers={"Accept": BROWSER})
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("accept", "page"),
    [("*/*", False), ("", False), ("application/json", False), ("text/html", True), (BROWSER, True),
     ("text/html;q=0.5, application/json", False), ("application/problem+json, text/html;q=0.9", False)],
)  # fmt: skip
def test_a_page_is_sent_only_where_html_is_preferred(failing, accept: str, page: bool) -> None:
    kind = failing.get("/none", headers={"Accept": accept}).headers["content-type"]
    assert kind.startswith("text/html") == page


@pytest.mark.parametrize("accept", ["application/json", BROWSER])
def test_an_unexpected_error_is_logged_and_tells_nothing(failing, caplog, accept: str) -> None:
    with caplog.at_level(logging.ERROR, logger="unrolled"):
        answer = failing.get("/broken?sentence=private", headers={"Accept": accept})
    assert answer.status_code == 500
    assert "secret" not in answer.text and "Traceback" not in answer.text
    assert "The server failed on this request" in answer.text
    assert "the secret detail" in caplog.text and "private" not in caplog.text


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [('{"count": "many"}', 422, "valid integer"), ("{}", 422, "Field required"),
     ("{", 422, "JSON decode error"), ('{"count": NaN}', 422, "finite number"),
     ('{"count": "\\ud800"}', 422, "valid"),
     ('{"count": ' + "9" * 5000 + "}", (400, 422), ""), ("[" * 100_000, (400, 422), "")],
)  # fmt: skip
def test_a_body_that_does_not_fit_is_a_problem_not_a_failure(failing, body, status, message) -> None:
    answer = failing.post("/body", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (status if isinstance(status, tuple) else (status,)), answer.text
    assert answer.json()["status"] == answer.status_code
    assert message in "".join(error["message"] for error in answer.json()["errors"])


@pytest.mark.parametrize(
    ("value", "shown"),
    [(True, True), (None, None), (7, 7), (0.5, 0.5), (float("nan"), "nan"), (float("-inf"), "-inf"),
     ("a" * 300, "a" * 200 + "…"), ("\ud800", "?"), ({"a": 1}, "dict"), ([1], "list"), (10**30, hex(10**30))],
)  # fmt: skip
def test_an_echoed_value_is_short_finite_and_valid_text(value, shown) -> None:
    assert echo(value) == shown
