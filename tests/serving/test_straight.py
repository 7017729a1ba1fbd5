"""What goes past FastAPI's own stack is answered as if it did not."""

from __future__ import annotations

import pytest
from fastapi import APIRouter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.serving import straight
from app.serving.problems import Problem, UnexpectedErrors
from app.serving.straight import Straight, endpoints

ASKED = "sentence=so+good&hidden_size=2"


async def read(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"straight {request.query_params}")


async def refuse(request: Request) -> PlainTextResponse:
    raise Problem(422, "bad")


async def missing(request: Request) -> PlainTextResponse:
    raise HTTPException(404)


async def routed(request: Request) -> PlainTextResponse:
    return PlainTextResponse("routed")


@pytest.fixture(scope="module")
def app(make_client):
    ways = {"/read": read, "/refuse": refuse, "/missing": missing}
    routes = [Route(path, routed, methods=["GET", "POST"]) for path in (*ways, "/other")]
    return make_client(app=UnexpectedErrors(Straight(Starlette(routes=routes), ways)))


def test_a_get_goes_straight_and_all_else_to_the_router(app) -> None:
    assert app.get("/read?a=1").text == "straight a=1"
    assert app.get("/other").text == app.post("/read").text == "routed"
    assert app.get("/read/").status_code == 307  # the router's, to the address without a slash


@pytest.mark.parametrize(("path", "status", "detail"), [
    ("/refuse", 422, "bad"), ("/missing", 404, "Nothing is served at this address"),
])  # fmt: skip
def test_what_an_endpoint_raises_is_answered_around_it(app, path: str, status: int, detail: str) -> None:
    answer = app.get(path)
    assert (answer.status_code, answer.json()["detail"]) == (status, detail)
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_endpoints_that_read_their_request_themselves_go_straight() -> None:
    router = APIRouter(routes=[Route("/own", read), Route("/posted", read, methods=["POST"])])
    router.get("/hidden", include_in_schema=False)(read)
    router.get("/{name}", include_in_schema=False)(read)
    router.get("/told")(read)
    assert endpoints(router.routes) == {"/own": read, "/hidden": read}


def test_the_page_its_parts_and_the_run_go_straight(make_client, monkeypatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(straight, "path_of", lambda scope: asked.append(scope["path"]) or "/not there")
    by_router = make_client()
    paths = ["/", "/api/v1/run", "/ledger", "/inspect", "/charts", "/worksheet"]
    through = [by_router.get(f"{path}?{ASKED}") for path in paths]
    monkeypatch.undo()
    past = [by_router.get(f"{path}?{ASKED}") for path in paths]
    assert asked == paths
    for one, other in zip(through, past, strict=True):
        assert (one.status_code, one.content, dict(one.headers)) == (200, other.content, dict(other.headers))


def test_the_path_is_that_below_the_sub_path() -> None:
    assert straight.path_of({"path": "/unrolled/read", "root_path": "/unrolled"}) == "/read"
    assert straight.path_of({"path": "/read"}) == "/read"
