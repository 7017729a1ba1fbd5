"""Errors as RFC 9457 problem details, and as a page where a person asked for one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Any, Protocol

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.serving.negotiation import prefers_html

MEDIA_TYPE = "application/problem+json"
ECHOED_CHARACTERS = 200

log = logging.getLogger("unrolled")


class Fault(Protocol):
    """One field that breaks a rule: its name, the rule in words, and the value given, fit for JSON."""

    @property
    def field(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def value(self) -> Any: ...


@dataclass(frozen=True)
class FieldProblem:
    """A fault of the request itself."""

    field: str
    message: str
    value: Any = None


class Problem(HTTPException):
    """An error with a defined answer. Raise it anywhere below the application.

    It is an HTTPException, so that FastAPI lets it through while it reads a body.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        title: str | None = None,
        kind: str = "about:blank",
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.title = title or HTTPStatus(status).phrase
        self.kind = kind
        self.errors = tuple(errors)

    def as_dict(self) -> dict[str, Any]:
        """The members of the problem document, in the order RFC 9457 names them."""
        return {
            "type": self.kind,
            "title": self.title,
            "status": self.status_code,
            "detail": self.detail,
            "errors": [{"field": e.field, "message": e.message, "value": e.value} for e in self.errors],
        }

    def response(self) -> Response:
        return Response(
            orjson.dumps(self.as_dict()), self.status_code, headers=self.headers, media_type=MEDIA_TYPE
        )


ProblemPage = Callable[[Request, Problem], str]


def echo(value: Any) -> Any:
    """The value as an answer may carry it: a finite number, short valid Unicode, or the name of its type."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and -(2**53) <= value <= 2**53:
        return value
    if isinstance(value, int):
        return hex(value)[:ECHOED_CHARACTERS]  # str() refuses integers of thousands of digits.
    if isinstance(value, float):
        return str(value)
    text = value if isinstance(value, str) else type(value).__name__
    cut = text if len(text) <= ECHOED_CHARACTERS else text[:ECHOED_CHARACTERS] + "…"
    # A lone surrogate, which JSON text may smuggle in, becomes a question mark.
    return cut.encode("utf-8", "replace").decode("utf-8")


def from_http(error: HTTPException, request: Request) -> Problem:
    """A Problem for what Starlette and FastAPI raise by themselves: 400, 404, 405."""
    if isinstance(error, Problem):
        return error
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(allowed(request, headers.get("Allow", ""))))
    return Problem(error.status_code, _EXPLAINED.get(error.status_code, error.detail), headers=headers)


def allowed(request: Request, told: str) -> set[str]:
    """Every method that an address answers. A router tells those of one route, where several share it."""
    methods = set(told.split(", ")) - {""}
    for route in request.app.router.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    # HEAD is answered wherever GET is
    return methods | {"HEAD"} if "GET" in methods else methods


_EXPLAINED = {
    400: "The body could not be read as JSON",
    404: "Nothing is served at this address",
    405: "This address does not answer that method",
}


def from_validation(error: RequestValidationError) -> Problem:
    """A 422 that names each field the way the request spelt it: body.reviews.0.text is reviews.0.text."""
    errors = [
        FieldProblem(".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0]), item["msg"],
                     echo(item.get("input")))
        for item in error.errors()
    ]  # fmt: skip
    return Problem(422, "; ".join(f"{item.field}: {item.message}" for item in errors[:3]), errors)


def plain_page(request: Request, problem: Problem) -> str:
    """A page without style or script, for when the pages' own renderer is not there."""
    del request
    title = escape(f"{problem.status_code} {problem.title}")
    rows = "".join(f"<li>{escape(str(item.message))}</li>" for item in problem.errors)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<h1>{title}</h1><p>{escape(str(problem.detail))}</p><ul>{rows}</ul>"
    )


def answer(request: Request, problem: Problem, page: ProblemPage) -> Response:
    """The problem as the page or the document that the request prefers; the API always answers JSON."""
    if not wants_page(request):
        response = problem.response()
    else:
        response = HTMLResponse(page(request, problem), problem.status_code, headers=problem.headers)
    response.headers.add_vary_header("Accept")
    return response


def wants_page(request: Request) -> bool:
    root = request.scope.get("root_path", "")
    path = request.scope["path"].removeprefix(root)
    return not path.startswith("/api/") and prefers_html(request.headers.get("accept", ""))


def install(app: FastAPI, page: ProblemPage = plain_page) -> None:
    """Answer every error of the application as a problem; `page` renders it for people."""

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(request, from_http(error, request), page)

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return answer(request, from_validation(error), page)

    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)


class UnexpectedErrors:
    """Middleware: an exception nobody expected is logged and answered 500, without its traceback; a problem
    that no handler was asked about is answered as it is.

    Starlette's own handler stands outside all middleware, where an answer gets no security headers.
    """

    def __init__(self, app: ASGIApp, page: ProblemPage = plain_page) -> None:
        self.app, self.page = app, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except ClientDisconnect:  # in the middle of its request: nobody is there to be answered
            return
        except Exception as error:
            if started:
                raise
            request = Request(scope)
            problem = from_http(error, request) if isinstance(error, HTTPException) else _unexpected(request)
            await answer(request, problem, self.page)(scope, receive, send)


def _unexpected(request: Request) -> Problem:
    """Only the path is logged: a query carries the sentence somebody typed."""
    log.exception("%s %s failed", request.method, request.scope["path"])
    return Problem(500, "The server failed on this request. It has been logged.")


_FIELD_SCHEMA = {
    "type": "object",
    "required": ["field", "message", "value"],
    "properties": {"field": {"type": "string"}, "message": {"type": "string"}, "value": {}},
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": _FIELD_SCHEMA},
    },
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route or the application: problem documents for these statuses."""
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": SCHEMA}}}
        for status in statuses
    }
