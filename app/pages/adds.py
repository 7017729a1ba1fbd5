"""What each step adds to the shared weights, as a fragment for htmx or a page of its own."""

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from app.pages.asked import run_asked
from app.pages.benched import benched
from app.pages.rendering import part_or_page
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
    heading, gates = _("What each step adds"), gates_of(shape)
    return part_or_page(request, "_adds.html", heading, view, run.experiment, gates=gates, drawing=drawing)
