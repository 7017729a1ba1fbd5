"""The charts of a run: figures as data blocks for the script, captions and tables for everybody."""

from dataclasses import dataclass

import orjson
from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from app.experiments.query import to_query
from app.figures import Chart, charts
from app.pages.asked import run_asked
from app.pages.asker import root_of
from app.pages.benched import benched
from app.pages.rendering import part_or_page
from app.wording.catalogue import _

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Drawn:
    """A chart with its figures as the text of a data block."""

    chart: Chart
    data: Markup


@router.get("/charts")
async def fragment(request: Request) -> Response:
    """The charts of an experiment, as the page loads them; as a page of its own without scripts."""
    return await benched(request, _answer)


def _answer(request: Request) -> Response:
    run, view = run_asked(request)
    drawn = [Drawn(chart, data_block(chart)) for chart in charts(run)]
    json = f"{root_of(request)}/api/v1/run?{to_query(run.experiment)}"
    return part_or_page(
        request, "_charts.html", _("Charts"), view, run.experiment,
        drawn=drawn, json=json, steps=len(run.words),
    )  # fmt: skip


def data_block(chart: Chart) -> Markup:
    """The views as JSON that cannot end the script element it stands in."""
    text = orjson.dumps(chart.views).decode().replace("<", "\\u003c")
    return Markup(text)
