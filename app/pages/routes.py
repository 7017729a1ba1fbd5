"""The page: one address for one experiment, whole or, for htmx, the part that changed."""

from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.experiments.cost import multiply_adds
from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.presets import Preset, presets, welcome
from app.experiments.query import encoded, nested, to_pairs, to_query
from app.experiments.run import Run
from app.exports.worksheet.sheet import worksheet
from app.pages import shell
from app.pages.answers import run_of
from app.pages.asker import Asker, asker
from app.pages.counterparts import listed
from app.pages.edits import edited_part, refuse_locked, with_edit
from app.pages.exports import name_of
from app.pages.form import form, with_typed_reviews
from app.pages.left_out import left_out
from app.pages.offer import offered
from app.pages.question import pairs_of
from app.pages.refitting import Before, fitting, mended
from app.pages.rendering import answer, render, rendered
from app.pages.view import PLAIN, View, frame_at, read, without
from app.serving.security import framing
from app.settings import Settings
from app.stage.adds import adds
from app.stage.frame import PHASES
from app.stage.held import held
from app.stage.stage import Stage
from app.wording.catalogue import _

TYPED = ("reviews_text", "edit_place", "edit_value")
TITLE = 60  # characters of the sentence in the title
DRAWN_INLINE = 1024  # units times steps up to which a stage is drawn in the event loop


class Change(NamedTuple):
    """What became of the page before. part: what was typed over, "" for nothing. left: what was left out."""

    part: str
    left: Markup


async def page(request: Request) -> Response:
    """The page of an experiment; the welcome run when nothing is asked."""
    asked, who = pairs_of(request), asker(request)
    typed_over = any(name == "edit_value" for name, _ in asked)
    # A weight that was typed just now is taken or refused; what may be left out is of the page before.
    before = Before("" if typed_over else who.shown)
    typed = with_typed_reviews(without(asked))
    pairs, view = fitting(with_edit(typed), before), PLAIN
    try:
        view = read(asked)
        refuse_locked(asked, view.lock)
        experiment = mended(pairs, before, TYPED) if pairs else welcome()
        if typed_over and not who.fragment:
            return RedirectResponse(view.address(experiment, who.root), 303)
        change = Change(edited_part(asked, experiment), left_out(typed, before, experiment))
        if is_light(experiment, request.app.state.settings):
            return _answered(request, who, experiment, change, view)
        state = request.app.state
        shared: Response = await state.flights.share(
            (to_query(experiment), change, view, who),
            lambda: state.workbench.run(_answered, request, who, experiment, change, view),
        )
        return shared
    except ExperimentError as error:
        return _refused(request, who, typed if typed_over else pairs, error, view)


def is_light(experiment: Experiment, limits: Settings) -> bool:
    """Whether its page costs so little that a thread of its own would cost more."""
    if len(experiment.words) * experiment.hidden_size > DRAWN_INLINE:
        return False
    return multiply_adds(experiment, ("contributions",), limits.check_work) <= limits.inline_work


def _answered(request: Request, who: Asker, experiment: Experiment, change: Change, view: View) -> Response:
    """The page of a run, or its new parts for htmx. Raises ExperimentError."""
    query = to_query(experiment)
    run, root, fragment = run_of(experiment, query), who.root, who.fragment
    if view.text:
        return _told(request, root, view, run, query)
    stage = Stage(run)
    texts = _texts(run, query, view, root)
    asked = form(to_pairs(experiment), shown={"hidden_size": str(experiment.hidden_size)}, **_kept(view))
    texts |= {"sentence": asked.sentence, "before": _before(who, query)}
    if change.part:
        texts["part"] = change.part
    pieces = held(stage.pieces, stage.shape.steps) | adds(run, stage.shape) if fragment else stage.pieces
    body = shell.page(
        "_answer.html" if fragment else "page.html",
        stage.outline,
        texts,
        asked,
        {**pieces, "left": [change.left.encode()]},
        root=root,
        view=view,
        changed=fragment,
        at=str(frame_at(view.at, stage.frames)) if view.at else "",
        others=listed(experiment),
        again=texts["before"] != "",
        examples="" if fragment else examples(root, view.tail),
    )
    found = answer(body) if fragment else _framed(request, answer(body), view)
    if fragment and not who.shown.endswith(texts["address"]):
        found.headers["HX-Push-Url"] = texts["address"]
    return found


def _before(who: Asker, query: str) -> str:
    """The query of the run on the page that htmx asks from, encoded once more; "" when it is this one."""
    if not who.shown:
        return ""
    here = urlsplit(who.shown)
    said = encoded(without(parse_qsl(here.query, keep_blank_values=True)))
    return quote(said, safe="") if here.path == f"{who.root}/" and said not in ("", query) else ""


def _kept(view: View) -> dict[str, Any]:
    """What the form carries for a view."""
    return {"hidden": view.hidden_fields, "beside": view.pairs()}


def _texts(run: Run, query: str, view: View, root: str) -> dict[str, str]:
    """What stands around a run, by name.

    query: the canonical one. seen: the same with the view, for the parts of the page. address: the page's.
    json: the same answer for scripts. part: what the inspector shows first, the last state's first unit.
    name: of the files that can be taken along. opened: the whole page, for who sees it embedded.
    beside: where it is compared with others.
    """
    sentence, seen = " ".join(run.words), query + view.tail
    address = f"{root}/?{seen}"
    return {
        "title": sentence if len(sentence) < TITLE else sentence[: TITLE - 1] + "\u2026",
        "query": query,
        "seen": seen,
        "address": address,
        "json": f"{root}/api/v1/run?{query}",
        "part": f"h-{len(run.words)}.0",
        "name": name_of(run),
        "opened": f"{root}/?{query}{replace(view, embed=None).tail}" if view.embedded else address,
        "beside": f"{root}/compare?a={nested(query)}{view.spoken_tail}",
    }


def _told(request: Request, root: str, view: View, run: Run, query: str) -> Response:
    """The whole story in sentences and tables: for a screen reader, a printer, a browser without pictures."""
    frames = Stage(run).frames
    phases = [(_(PHASES[key]), tuple(found)) for key, found in groupby(frames, lambda frame: frame.phase)]
    drawn = replace(view, text=False, at=None).address(run.experiment, root)
    shown = _texts(run, query, view, root)
    sheet = worksheet(run)
    told = render(request, "text.html", shown=shown, view=view, phases=phases, sheet=sheet, drawn_at=drawn)
    return _framed(request, told, view)


def _framed(request: Request, found: Response, view: View) -> Response:
    """A page; one that is made for a frame says who may show it there."""
    if view.embedded:
        found.headers.update(framing(request.app.state.settings.frame_ancestors))
    return found


def _refused(
    request: Request, who: Asker, pairs: list[tuple[str, str]], error: ExperimentError, view: View
) -> Response:
    """The form with what was typed and what is wrong; the picture that is on the page stays."""
    asked = form(pairs, error.errors, **_kept(view))
    context = {"form": asked, "view": view, "changed": False, "left": ""}
    if who.fragment:
        found = render(request, "_rail.html", 422, **context)
        found.headers["HX-Retarget"], found.headers["HX-Reswap"] = "#rail", "outerMorph"
        return found
    offer = None if view.lock else offered(pairs, TYPED)
    there = view.address(offer.experiment, who.root) if offer else ""
    context |= {"shown": None, "fault": error, "offer": offer, "offered_at": there}
    found = render(request, "page.html", 422, examples=examples(who.root, view.tail), **context)
    return _framed(request, found, view)


@lru_cache(maxsize=64)
def examples(root: str, tail: str) -> Markup:
    """The sheet of presets, rendered once for each view; tail: what says the view."""
    groups: dict[str, list[tuple[Preset, str]]] = {}
    for preset in presets():
        groups.setdefault(preset.group, []).append((preset, f"{root}/?{to_query(preset.experiment)}{tail}"))
    return Markup(rendered("_examples.html", root=root, groups=groups))


# Starlette's own route: what FastAPI's reads and checks is nothing here, and costs as much as a small run.
ROUTES = [Route("/", page, methods=["GET"])]
