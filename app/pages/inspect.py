"""The inspector's address: one part of one experiment, as a fragment for htmx or a page of its own."""

from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.pages.answers import run_of
from app.pages.benched import benched
from app.pages.question import experiment_of, own, pairs_of
from app.pages.refusing import answered
from app.pages.rendering import part_or_page
from app.pages.view import read
from app.stage.inspection import inspect
from app.wording.catalogue import _

router = APIRouter(include_in_schema=False)
OWN = ("part",)


@router.get("/inspect")
async def show(request: Request) -> Response:
    """What there is to say about a part; the last state's first unit when none is named."""
    return await benched(request, lambda request: answered(request, "inspector", lambda: _show(request)))


def _show(request: Request) -> Response:
    pairs = pairs_of(request)
    run, view = run_of(experiment_of(pairs, OWN)), read(pairs)
    found = inspect(run, own(pairs, OWN).get("part") or f"h-{len(run.words)}.0")
    query = view.query(run.experiment)
    carried = parse_qsl(query, keep_blank_values=True)
    heading = _("Inspector: {part}", part=found.part)
    return part_or_page(
        request, "_inspector.html", heading, view, run.experiment, found=found, query=query, carried=carried
    )
