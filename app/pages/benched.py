"""Parts of a page on the workbench: a bounded number at once, and each once for all who ask together."""

from collections.abc import Callable
from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from app.pages.asker import wants_fragment
from app.serving.compression import packed

Answer = Callable[[Request], Response]


async def benched(request: Request, answer: Answer) -> Response:
    """The answer to a request that depends on its address alone, and on whether htmx asks; packed already."""
    state, scope = request.app.state, request.scope
    accepted = request.headers.get("accept-encoding", "")
    address = (scope["path"], scope["query_string"], scope.get("root_path", ""))
    question = (*address, wants_fragment(request), accepted)

    def packed_answer(request: Request) -> Response:
        return packed(answer(request), accepted, state.settings.compress_from_bytes)

    found = await state.flights.share(question, lambda: state.parts.run(packed_answer, request))
    return cast(Response, found)
