"""Links that show a run in a chosen way: a form that needs no script, and the address it makes."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.experiments.errors import ExperimentError
from app.experiments.query import to_pairs
from app.pages.answers import run_of
from app.pages.asker import root_of
from app.pages.benched import benched
from app.pages.question import experiment_of, pairs_of
from app.pages.rendering import render
from app.pages.view import ASIDE, HIDEABLE, TEXT, frame_at, read, without
from app.serving.problems import Problem
from app.stage.stage import Stage
from app.wording.catalogue import N_, _

router = APIRouter(include_in_schema=False)
LOOKS = {
    "": N_("the reader’s own theme"),
    "light": N_("light"),
    "dark": N_("dark"),
    "projector": N_("projector"),
    TEXT: N_("as text, no pictures"),
}
FRAME_HEIGHT = 900  # px, room for a stage of three units


@router.get("/share")
async def show(request: Request) -> Response:
    """The form, filled with the view of the address, and the link that it stands for."""
    return await benched(request, _answer)


def _answer(request: Request) -> Response:
    pairs = pairs_of(request)
    try:
        experiment, view = experiment_of(without(pairs)), read(pairs)
        if view.at:
            view = replace(view, at=frame_at(view.at, Stage(run_of(experiment)).frames))
    except ExperimentError as error:
        raise Problem(422, str(error), error.errors) from error
    root = root_of(request)
    begun = f"&at={view.at}" if view.at else ""
    link = f"{request.url.scheme}://{request.url.netloc}{view.address(experiment, root)}{begun}"
    title = escape(" ".join(word.typed for word in experiment.words), quote=True)
    size = f'width="100%" height="{FRAME_HEIGHT}"'
    code = f'<iframe src="{escape(link, quote=True)}" title="Unrolled: {title}" {size}></iframe>'
    back = view.address(experiment, root)
    return render(
        request, "_plain.html", heading=_("Share this run"), part="_share.html", back=back, view=view,
        carried=to_pairs(experiment), link=link, code=code, hideable=HIDEABLE, beside=ASIDE, looks=LOOKS,
    )  # fmt: skip
