"""What each step adds to the shared weights, as a fragment for htmx or a page of its own."""

from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from app.pages.asked import run_asked
from app.pages.asker import wants_fragment
from app.pages.benched import benched
from app.pages.rendering import render
from app.stage.adds import adds
from app.stage.outline import gates_of
from app.stage.shape import shape_of
from app.wording.catalogue import _

router = APIRouter(include_in_schema=False)


@router.get("/adds")
async def fragment(request: Request) -> Response:
    """The bars of every shared weight of an experiment."""
    return await benched(request, _answer)


def _answer(request: Request) -> Response:
    run, view = run_asked(request)
    shape = shape_of(run)
    # Every text that a user typed is escaped in it.
    drawing = {name: Markup(b"".join(pieces).decode()) for name, pieces in adds(run, shape).items()}
    context: dict[str, Any] = {"gates": gates_of(shape), "drawing": drawing, "view": view}
    if wants_fragment(request):
        return render(request, "_adds.html", **context)
    back = view.address(run.experiment, request.scope.get("root_path", "").rstrip("/"))
    heading = _("What each step adds")
    return render(request, "_plain.html", heading=heading, part="_adds.html", back=back, **context)
