"""Two experiments side by side or one over the other, on one clock, with what they differ in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.experiments.errors import ExperimentError, FieldError, fault
from app.experiments.experiment import Experiment
from app.experiments.presets import welcome
from app.experiments.query import encoded, to_query
from app.experiments.run import Run
from app.pages.answers import run_of
from app.pages.asker import root_of
from app.pages.benched import benched
from app.pages.counterparts import COUNTERPARTS, Counterpart, offered
from app.pages.differences import Differences, differences
from app.pages.question import experiment_of, pairs_of
from app.pages.rendering import render
from app.pages.view import THEMES, View, read, without
from app.serving.security import showing_frames
from app.stage.outline import Phase
from app.stage.pairing import beats, phases_of
from app.stage.stage import Stage

router = APIRouter(include_in_schema=False)
KEPT = ("stack", "view", "lang")  # what its links keep
OWN = ("a", "b", "with", *KEPT)
FRAMED = View(hide=("transport", "links"), embed=())


@dataclass(frozen=True)
class Side:
    """One of the two. letter: A or B. frame: the address of its stage alone; opened: of its own page."""

    letter: str
    name: str
    frame: str
    opened: str


@dataclass(frozen=True)
class Compared:
    """The page. beats: the moments of both as JSON. others: what the first can be set beside, by address."""

    sides: tuple[Side, Side]
    differences: Differences
    beats: Markup
    phases: tuple[Phase, ...]
    last: int
    stacked: bool
    arranged: str
    swapped: str
    others: tuple[tuple[str, Counterpart], ...]


@router.get("/compare")
async def show(request: Request) -> Response:
    """Two experiments, each an encoded query: a, and b or what it is to be made from a."""
    return await benched(request, _answer)


def _answer(request: Request) -> Response:
    try:
        return _compared(request, pairs_of(request))
    except ExperimentError as error:
        return render(request, "compare_refused.html", 422, errors=error.errors)


def _compared(request: Request, pairs: Sequence[tuple[str, str]]) -> Response:
    """The page, or the way to it when the second is made from the first. Raises ExperimentError."""
    asked = _own(pairs)
    view = read([(name, asked.get(name, "")) for name in ("view", "lang")])
    if view.text:
        raise ExperimentError([fault("view", f"one of {', '.join(THEMES)} here", asked["view"])])
    root = root_of(request)
    a = _side("a", asked["a"]) if "a" in asked else welcome()
    if "b" not in asked:
        other = asked.get("with") or next(iter(offered(a)))
        address = _address(root, a, _made(a, other), asked)
        _require_short(address, other, request.app.state.settings.max_query_bytes)
        return RedirectResponse(address, 303)
    found = _page(root, a, _side("b", asked["b"]), asked, view)
    answer = render(request, "compare.html", compared=found, view=view)
    answer.headers.update(showing_frames(request.app.state.settings.frame_ancestors))
    return answer


def _own(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What the address says. Raises ExperimentError for what is no name of this page, or there twice."""
    said: dict[str, str] = {}
    for name, text in pairs:
        if name not in OWN:
            raise ExperimentError([FieldError(name, f"{name} is not known here; known are {', '.join(OWN)}")])
        if name in said:
            raise ExperimentError([FieldError(name, f"{name} must be given once, got 2 values", 2)])
        if text:
            said[name] = text
    if said.get("stack", "1") not in ("0", "1"):
        raise ExperimentError([fault("stack", "0 or 1", said["stack"])])
    return said


def _side(name: str, query: str) -> Experiment:
    """One of the two. Raises ExperimentError with the side's name before each field's."""
    pairs = parse_qsl(query, keep_blank_values=True)
    try:
        if read(pairs).lock:
            raise ExperimentError([fault("lock", "left out of a comparison: it leads to other runs", "1")])
        return experiment_of(without(pairs))
    except ExperimentError as error:
        raise ExperimentError(_named(name, error)) from error


def _named(name: str, error: ExperimentError) -> list[FieldError]:
    return [FieldError(f"{name}.{e.field}", f"{name}: {e.message}", e.value) for e in error.errors]


def _made(a: Experiment, name: str) -> Experiment:
    """The counterpart of this name. Raises ExperimentError."""
    if name not in COUNTERPARTS:
        raise ExperimentError([fault("with", f"one of {', '.join(COUNTERPARTS)}", name)])
    try:
        return COUNTERPARTS[name].make(a)
    except ExperimentError as error:
        raise ExperimentError(_named("with", error)) from error


def _require_short(address: str, name: str, most: int) -> None:
    if len(address) > most:
        rule = f"another one: this needs an address of {len(address)} bytes, and {most} are read"
        raise ExperimentError([fault("with", rule, name)])


def _address(root: str, a: Experiment, b: Experiment, asked: dict[str, str], **more: str) -> str:
    kept = {name: asked.get(name, "") for name in KEPT} | more
    own = [(name, text) for name, text in kept.items() if text]
    return f"{root}/compare?{encoded([('a', to_query(a)), ('b', to_query(b)), *own])}"


def _page(root: str, a: Experiment, b: Experiment, asked: dict[str, str], view: View) -> Compared:
    runs = _run("a", a), _run("b", b)
    found = differences(*runs)
    stories = Stage(runs[0]).frames, Stage(runs[1]).frames
    moments = beats(*stories)
    framed = View(FRAMED.hide, embed=(), theme=view.theme, lang=view.lang)
    one, other = (
        Side(letter, name, framed.address(each, root), view.address(each, root))
        for letter, name, each in zip("AB", found.names, (a, b), strict=True)
    )
    stacked, alone = asked.get("stack") == "1", _without_b(root, a, asked)
    return Compared(
        sides=(one, other),
        differences=found,
        beats=Markup(orjson.dumps([(beat.a, beat.b) for beat in moments]).decode()),
        phases=phases_of(moments, stories),
        last=len(moments) - 1,
        stacked=stacked,
        arranged=_address(root, a, b, asked, stack="" if stacked else "1"),
        swapped=_address(root, b, a, asked),
        others=tuple((f"{alone}&with={name}", each) for name, each in offered(a).items()),
    )


def _without_b(root: str, a: Experiment, asked: dict[str, str]) -> str:
    kept = [(name, asked[name]) for name in KEPT if name in asked]
    return f"{root}/compare?{encoded([('a', to_query(a)), *kept])}"


def _run(name: str, experiment: Experiment) -> Run:
    """The run of a side. Raises ExperimentError, by its name, where the numbers leave the range of floats."""
    try:
        return run_of(experiment)
    except ExperimentError as error:
        raise ExperimentError(_named(name, error)) from error
