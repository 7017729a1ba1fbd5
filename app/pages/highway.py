"""The highway's address: what the road alone carries, as a fragment for htmx or a page of its own."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.pages.asked import run_asked
from app.pages.benched import benched
from app.pages.rendering import part_or_page
from app.stage.highway import highways
from app.wording.catalogue import _

router = APIRouter(include_in_schema=False)


@router.get("/highway")
async def fragment(request: Request) -> Response:
    """The tables of an experiment's road; a sentence where its cell has none."""
    return await benched(request, _answer)


def _answer(request: Request) -> Response:
    run, view = run_asked(request)
    asked, heading = run.experiment, _("How open is the highway?")
    found = highways(run)
    return part_or_page(request, "_highway.html", heading, view, asked, highways=found, cell=asked.cell)
