"""Parts of a page on the workbench: a bounded number at once, and each once for all who ask together."""

from collections.abc import Callable
from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from app.pages.rendering import wants_fragment

Answer = Callable[[Request], Response]


async def benched(request: Request, answer: Answer) -> Response:
    """The answer to a request that depends on its address alone, and on whether htmx asks."""
    state, scope = request.app.state, request.scope
    address = (scope["path"], scope["query_string"], scope.get("root_path", ""), wants_fragment(request))
    found = await state.flights.share(address, lambda: state.parts.run(answer, request))
    return cast(Response, found)
