"""Addresses that are answered before FastAPI's own stack sets anything up for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]


class Straight:
    """Middleware: a GET of one of these paths goes straight to its endpoint, everything else to the router.

    A stack of exits, two layers of handlers and a list of routes to try cost more than a small answer, and
    these endpoints use none of it. What they raise, `UnexpectedErrors` around them answers.
    """

    def __init__(self, app: ASGIApp, endpoints: Mapping[str, Endpoint]) -> None:
        self.app, self.endpoints = app, endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self.endpoints.get(path_of(scope)) if scope.get("method") == "GET" else None
        if endpoint is None:
            return await self.app(scope, receive, send)
        answer = await endpoint(Request(scope, receive, send))
        await answer(scope, receive, send)


def path_of(scope: Scope) -> str:
    """The path below the one the product is served under."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def endpoints(routes: Iterable[BaseRoute]) -> dict[str, Endpoint]:
    """What answers a GET, by path: endpoints that read their request themselves, at paths without parameters.

    Of FastAPI's routes those do that are not in the schema.
    """
    return {
        route.path: route.endpoint
        for route in routes
        if isinstance(route, Route)
        and "GET" in (route.methods or ())
        and not route.param_convertors
        and (type(route) is Route or not route.include_in_schema)
    }
