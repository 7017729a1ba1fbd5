"""The page: one address for one experiment, whole or, for htmx, the part that changed."""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.experiments.cost import multiply_adds
from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.presets import Preset, presets, welcome
from app.experiments.query import encoded, to_pairs, to_query
from app.experiments.run import Run
from app.exports.worksheet.sheet import worksheet
from app.pages.answers import run_of
from app.pages.counterparts import listed
from app.pages.edits import edited_part, refuse_locked, with_edit
from app.pages.exports import MENU, Offer, name_of
from app.pages.form import fitting, form, with_typed_reviews
from app.pages.question import experiment_of, pairs_of
from app.pages.rendering import environment, render, wants_fragment
from app.pages.view import PLAIN, View, frame_at, read, without
from app.serving.security import framing
from app.settings import Settings
from app.stage.frame import PHASES
from app.stage.stage import Stage

TYPED = ("reviews_text", "edit_name", "edit_index", "edit_value")
TITLE = 60  # characters of the sentence in the title
DRAWN_INLINE = 1024  # units times steps up to which a stage is drawn in the event loop


@dataclass(frozen=True)
class Shown:
    """A run and what stands around it.

    query: the canonical one. seen: the same with the view, for the parts of the page. address: the page's.
    json: the same answer for scripts. part: what the inspector shows first, the weight that was typed over or
    the last state's first unit. at: the frame to begin with, "" for the first. name: of the files that can
    be taken along. opened: the whole page, for who sees it embedded. others: what it can be compared with,
    at the address beside; before: the query of the run it was made from, encoded, or empty.
    """

    run: Run
    stage: Stage
    query: str
    seen: str
    address: str
    json: str
    title: str
    part: str
    at: str
    name: str
    opened: str
    others: tuple[tuple[str, str, str], ...]
    beside: str
    before: str

    @property
    def menu(self) -> tuple[tuple[str, tuple[Offer, ...]], ...]:
        """What can be taken along, by group."""
        return MENU


async def page(request: Request) -> Response:
    """The page of an experiment; the welcome run when nothing is asked."""
    asked = pairs_of(request)
    typed = with_edit(with_typed_reviews(without(asked)))
    pairs, view = fitting(typed, _shown_at(request)), PLAIN
    try:
        view = read(asked)
        refuse_locked(asked, view.lock)
        experiment = experiment_of(pairs, TYPED) if pairs else welcome()
        if any(name == "edit_value" for name, _ in asked) and not wants_fragment(request):
            return RedirectResponse(view.address(experiment, root_of(request)), 303)
        part = edited_part(asked, experiment)
        if is_light(experiment, request.app.state.settings):
            return _answered(request, experiment, part, view)
        state = request.app.state
        question = (to_query(experiment), part, view, root_of(request), *_asked_by(request))
        answered: Response = await state.flights.share(
            question, lambda: state.workbench.run(_answered, request, experiment, part, view)
        )
        return answered
    except ExperimentError as error:
        return _refused(request, pairs, error, view)


def _shown_at(request: Request) -> str:
    """The address that the page shows whose form asks; none for who asks for a page of its own."""
    return request.headers.get("hx-current-url", "") if wants_fragment(request) else ""


def _asked_by(request: Request) -> tuple[bool, str]:
    """What of its asker an answer depends on."""
    return wants_fragment(request), _shown_at(request)


def is_light(experiment: Experiment, limits: Settings) -> bool:
    """Whether its page costs so little that a thread of its own would cost more."""
    if len(experiment.words) * experiment.hidden_size > DRAWN_INLINE:
        return False
    return multiply_adds(experiment, ("contributions",), limits.check_work) <= limits.inline_work


def root_of(request: Request) -> str:
    """The path the product is served under, without a slash at its end."""
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/")


def _answered(request: Request, experiment: Experiment, part: str, view: View) -> Response:
    """The page of a run, or its new parts for htmx. part: what was typed over. Raises ExperimentError."""
    pairs = to_pairs(experiment)
    query = encoded(pairs)
    shown = _shown(experiment, query, part, view, root_of(request), _before(request, query))
    filled = form(pairs, shown={"hidden_size": str(experiment.hidden_size)}, **_kept(view))
    if not wants_fragment(request):
        return _whole(request, view, shown=shown, form=filled, fault=None)
    answer = render(request, "_answer.html", shown=shown, form=filled, view=view)
    if not request.headers.get("hx-current-url", "").endswith(shown.address):
        answer.headers["HX-Push-Url"] = shown.address
    return answer


def _before(request: Request, query: str) -> str:
    """The query of the run on the page that htmx asks from, encoded once more; "" when it is this one."""
    here = urlsplit(request.headers.get("hx-current-url", ""))
    said = encoded(without(parse_qsl(here.query, keep_blank_values=True)))
    return quote(said, safe="") if here.path == f"{root_of(request)}/" and said not in ("", query) else ""


def _kept(view: View) -> dict[str, Any]:
    """What the form carries for a view."""
    return {"hidden": view.hidden_fields, "beside": view.pairs()}


def _shown(experiment: Experiment, query: str, part: str, view: View, root: str, before: str) -> Shown:
    run = run_of(experiment, query)
    stage = Stage(run)
    sentence, seen = " ".join(run.words), query + view.tail
    return Shown(
        run=run,
        stage=stage,
        query=query,
        seen=seen,
        address=f"{root}/?{seen}",
        json=f"{root}/api/v1/run?{query}",
        title=sentence if len(sentence) < TITLE else sentence[: TITLE - 1] + "\u2026",
        part=part or f"h-{len(run.words)}.0",
        at=str(frame_at(view.at, stage.frames)) if view.at else "",
        name=name_of(run),
        others=listed(experiment),
        beside=f"{root}/compare?{encoded([('a', query)])}",
        before=before,
        opened=replace(view, embed=None).address(experiment, root),
    )


def _whole(request: Request, view: View, status: int = 200, **context: Any) -> Response:
    """The page, or the stage alone for a frame in another page, which may then show it."""
    if view.text and context["shown"]:
        return _told(request, view, context["shown"])
    if view.embedded:
        answer = render(request, "embed.html", status, view=view, **context)
        answer.headers.update(framing(request.app.state.settings.frame_ancestors))
        return answer
    listed = examples(root_of(request), view.tail)
    return render(request, "page.html", status, view=view, examples=listed, **context)


def _told(request: Request, view: View, shown: Shown) -> Response:
    """The whole story in sentences and tables: for a screen reader, a printer, a browser without pictures."""
    phases = [(PHASES[key], tuple(found)) for key, found in groupby(shown.stage.frames, lambda f: f.phase)]
    drawn = replace(view, text=False, at=None).address(shown.run.experiment, root_of(request))
    sheet = worksheet(shown.run)
    answer = render(request, "text.html", shown=shown, view=view, phases=phases, sheet=sheet, drawn_at=drawn)
    if view.embedded:
        answer.headers.update(framing(request.app.state.settings.frame_ancestors))
    return answer


def _refused(request: Request, pairs: list[tuple[str, str]], error: ExperimentError, view: View) -> Response:
    """The form with what was typed and what is wrong; the picture that is on the page stays."""
    filled = form(pairs, error.errors, **_kept(view))
    if not wants_fragment(request):
        return _whole(request, view, 422, shown=None, form=filled, fault=error)
    answer = render(request, "_question.html", 422, form=filled, fault=error, view=view)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#rail", "outerMorph"
    return answer


@lru_cache(maxsize=64)
def examples(root: str, tail: str) -> str:
    """The sheet of presets, rendered once for each view; tail: what says the view."""
    groups: dict[str, list[tuple[Preset, str]]] = {}
    for preset in presets():
        groups.setdefault(preset.group, []).append((preset, f"{root}/?{to_query(preset.experiment)}{tail}"))
    return environment().get_template("_examples.html").render(root=root, groups=groups)


# Starlette's own route: what FastAPI's reads and checks is nothing here, and costs as much as a small run.
ROUTES = [Route("/", page, methods=["GET"])]
