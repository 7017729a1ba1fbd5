"""The highway's address: what the road alone carries, as a fragment for htmx or a page of its own."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.pages.asked import run_asked
from app.pages.asker import wants_fragment
from app.pages.benched import benched
from app.pages.rendering import render
from app.stage.highway import highways
from app.wording.catalogue import _

router = APIRouter(include_in_schema=False)


@router.get("/highway")
async def fragment(request: Request) -> Response:
    """The tables of an experiment's road; a sentence where its cell has none."""
    return await benched(request, _answer)


def _answer(request: Request) -> Response:
    run, view = run_asked(request)
    context: dict[str, Any] = {"highways": highways(run), "cell": run.experiment.cell, "view": view}
    if wants_fragment(request):
        return render(request, "_highway.html", **context)
    back = view.address(run.experiment, request.scope.get("root_path", "").rstrip("/"))
    heading = _("How open is the highway?")
    return render(request, "_plain.html", heading=heading, part="_highway.html", back=back, **context)
