"""Hands on: the labs of a run, all at once or one as its own form asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.experiments.errors import ExperimentError, FieldError, fault
from app.experiments.query import to_pairs
from app.experiments.run import Run
from app.pages.answers import run_of
from app.pages.benched import benched
from app.pages.lab_of_batch import batch_lab
from app.pages.lab_of_freezing import freezing_lab
from app.pages.lab_of_nudge import nudge_lab
from app.pages.lab_of_rate import rate_lab
from app.pages.lab_of_training import training_lab
from app.pages.question import experiment_of, own, pairs_of
from app.pages.rendering import part_or_page
from app.pages.view import read
from app.serving.problems import Problem
from app.wording.catalogue import N_, _

router = APIRouter(include_in_schema=False)
Asked = Mapping[str, str]


@dataclass(frozen=True)
class Lab:
    """A lab of the page. asks: its own parameters. view: the context of its template."""

    title: str
    asks: tuple[str, ...]
    view: Callable[[Run, Asked], Any]


LABS = {
    "nudge": Lab(N_("Nudge one step’s copy of a weight"), ("weight", "step", "size"), nudge_lab),
    "rate": Lab(N_("Drag the learning rate"), ("reach",), rate_lab),
    "train": Lab(N_("Train, a step at a time"), (), training_lab),
    "freeze": Lab(N_("Freeze the state before"), ("weight", "state"), freezing_lab),
    "batch": Lab(N_("Reviews as one block"), ("padding", "mask"), batch_lab),
}
OWN = frozenset(name for lab in LABS.values() for name in lab.asks)


@dataclass(frozen=True)
class Shown:
    """A lab as it stands on the page: what its template places, or what is wrong with what was asked."""

    name: str
    title: str
    view: Any
    errors: tuple[FieldError, ...] = ()

    @property
    def template(self) -> str:
        """The file of its template."""
        return f"_lab_{self.name}.html"


@router.get("/labs")
async def every(request: Request) -> Response:
    """All labs as they begin."""
    return await benched(request, lambda request: _answer(request, None))


@router.get("/labs/{name}")
async def one(request: Request, name: str) -> Response:
    """One lab with its own parameters."""
    if name not in LABS:
        raise Problem(404, f"There is no lab {name!r}: {', '.join(LABS)}.")
    return await benched(request, lambda request: _answer(request, name))


def _answer(request: Request, name: str | None) -> Response:
    """One lab, or all of them when None."""
    pairs = pairs_of(request)
    try:
        view = read(pairs)
        if view.lock:
            rule = "left out where labs are asked for: they change the run"
            raise ExperimentError([fault("lock", rule, "1")])
        run = run_of(experiment_of(pairs, OWN))
    except ExperimentError as error:
        raise Problem(422, str(error), error.errors) from error
    asked = own(pairs, OWN)
    labs = [shown(each, run, asked) for each in (LABS if name is None else (name,))]
    context: dict[str, Any] = {
        "labs": labs,
        "carried": [*to_pairs(run.experiment), *view.pairs()],
        "query": view.query(run.experiment),
        "single": name is not None,
    }
    status = 422 if name is not None and labs[0].errors else 200
    return part_or_page(request, "_labs.html", _("Hands on"), view, run.experiment, status, **context)


def shown(name: str, run: Run, asked: Asked) -> Shown:
    """A lab with what was asked of it; a fault of its own parameters leaves the others alone."""
    lab = LABS[name]
    try:
        return Shown(name, lab.title, lab.view(run, {key: asked[key] for key in lab.asks if key in asked}))
    except ExperimentError as error:
        return Shown(name, lab.title, None, tuple(error.errors))
