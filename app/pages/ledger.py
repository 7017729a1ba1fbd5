"""The ledger's address: one parameter of one experiment, as a fragment for htmx or a page of its own."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run
from app.pages.answers import run_of
from app.pages.benched import benched
from app.pages.question import experiment_of, own, pairs_of
from app.pages.refusing import answered
from app.pages.rendering import part_or_page
from app.pages.view import View, read
from app.stage.ledger import ledger
from app.stage.ledger_check import badge
from app.stage.ledger_views import default
from app.stage.weights import weights_in
from app.wording.catalogue import _

router = APIRouter(include_in_schema=False)
OWN = ("parameter", "page", "into", "out", "check")
LARGEST = 10**6


@dataclass(frozen=True)
class Asked:
    """What an address asks of the ledger."""

    run: Run
    view: View
    parameter: str
    page: int
    into: int
    out: int
    check: bool


def asked(request: Request) -> Asked:
    """Raises ExperimentError."""
    pairs = pairs_of(request)
    mine = own(pairs, OWN)
    experiment = experiment_of(pairs, OWN)
    numbers = {
        name: whole(name, mine.get(name, ""), least) for name, least in (("page", 1), ("into", 0), ("out", 0))
    }
    run = run_of(experiment)
    return Asked(
        run,
        read(pairs),
        mine.get("parameter") or default(run),
        **numbers,
        check=mine.get("check") == "1",
    )


def whole(name: str, text: str, least: int) -> int:
    """A whole number of the address; `least` when it is left out."""
    if not text:
        return least
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and least <= int(text) <= LARGEST):
        raise ExperimentError([fault(name, f"{least} to {LARGEST}", text)])
    return int(text)


@router.get("/ledger")
async def show(request: Request) -> Response:
    """The ledger of one parameter; with check=1 the finite differences are in it at once."""
    return await benched(request, lambda request: answered(request, "ledger", lambda: _show(request)))


@router.get("/ledger/check")
async def check(request: Request) -> Response:
    """The finite differences of one parameter alone: many passes, so the table does not wait for them."""
    return await benched(request, lambda request: answered(request, "ledger", lambda: _check(request)))


def _show(request: Request) -> Response:
    ask = asked(request)
    drawn = ledger(ask.run, ask.parameter, ask.page, ask.into, ask.out)
    found = badge(ask.run, weights_in(ask.run)[ask.parameter]) if ask.check else None
    return _answer(
        request,
        "_ledger.html",
        _("The ledger of {parameter}", parameter=ask.parameter),
        ask,
        ledger=drawn,
        badge=found,
    )


def _check(request: Request) -> Response:
    ask = asked(request)
    if ask.parameter not in weights_in(ask.run):
        ledger(ask.run, ask.parameter)  # says what is wrong with it
    return _answer(
        request,
        "_ledger_check.html",
        _("The check of {parameter}", parameter=ask.parameter),
        ask,
        badge=badge(ask.run, weights_in(ask.run)[ask.parameter]),
    )


def _answer(request: Request, part: str, heading: str, ask: Asked, **context: Any) -> Response:
    experiment, view = ask.run.experiment, ask.view
    return part_or_page(request, part, heading, view, experiment, query=view.query(experiment), **context)
