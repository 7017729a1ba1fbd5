"""The credit matrix's address: which loss blames which step, as a fragment for htmx or a page of its own."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.pages.answers import run_of
from app.pages.benched import benched
from app.pages.ledger import whole
from app.pages.question import experiment_of, own, pairs_of
from app.pages.refusing import answered
from app.pages.rendering import part_or_page
from app.pages.view import read
from app.stage.next_word.credit import credit
from app.wording.catalogue import _

router = APIRouter(include_in_schema=False)
OWN = ("losses", "columns")


@router.get("/credit")
async def show(request: Request) -> Response:
    """The matrix of every chain, from a loss and a step on."""
    return await benched(request, lambda request: answered(request, "credit", lambda: _show(request)))


def _show(request: Request) -> Response:
    pairs = pairs_of(request)
    mine = own(pairs, OWN)
    experiment = experiment_of(pairs, OWN)
    found = credit(run_of(experiment), *(whole(name, mine.get(name, ""), 1) for name in OWN))
    view = read(pairs)
    heading, query = _("Which loss blames which step"), view.query(experiment)
    return part_or_page(request, "_credit.html", heading, view, experiment, credit=found, query=query)
