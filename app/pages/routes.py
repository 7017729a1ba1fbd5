"""The page: one address for one experiment, whole or, for htmx, the part that changed."""

from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.presets import Preset, presets, welcome
from app.experiments.query import permalink, to_query
from app.experiments.run import Run
from app.pages.answers import run_of
from app.pages.edits import with_edit
from app.pages.form import form, with_typed_reviews
from app.pages.question import experiment_of, pairs_of
from app.pages.rendering import environment, render, wants_fragment
from app.stage.stage import Stage

router = APIRouter(include_in_schema=False)
TYPED = ("reviews_text", "edit_name", "edit_index", "edit_value")


@dataclass(frozen=True)
class Shown:
    """A run and what the page needs around it. query: the canonical one. json: the same answer for scripts."""

    run: Run
    stage: Stage
    query: str
    address: str
    json: str
    title: str


@router.get("/")
async def page(request: Request) -> Response:
    """The page of an experiment; the welcome run when nothing is asked."""
    pairs = with_edit(with_typed_reviews(pairs_of(request)))
    try:
        experiment = experiment_of(pairs, TYPED) if pairs else welcome()
        run = run_of(experiment)
    except ExperimentError as error:
        return _refused(request, pairs, error)
    if "edit_value" in request.query_params and not wants_fragment(request):
        return RedirectResponse(permalink(experiment, request.scope.get("root_path", "")), 303)
    return _shown(request, experiment, run)


def _shown(request: Request, experiment: Experiment, run: Run) -> Response:
    root = request.scope.get("root_path", "").rstrip("/")
    query = to_query(experiment)
    words = " ".join(run.words)
    shown = Shown(run, Stage(run), query, permalink(experiment, root), f"{root}/api/v1/run?{query}",
                  words if len(words) < 60 else words[:59] + "\u2026")  # fmt: skip
    filled = form(_pairs(query), shown={"hidden_size": str(experiment.hidden_size)})
    if not wants_fragment(request):
        return render(request, "page.html", shown=shown, form=filled, examples=examples(root), fault=None)
    answer = render(request, "_answer.html", shown=shown, form=filled)
    if not request.headers.get("hx-current-url", "").endswith(shown.address):
        answer.headers["HX-Push-Url"] = shown.address
    return answer


def _refused(request: Request, pairs: list[tuple[str, str]], error: ExperimentError) -> Response:
    """The form with what was typed and what is wrong; the picture that is on the page stays."""
    filled = form(pairs, error.errors)
    if not wants_fragment(request):
        return render(request, "page.html", 422, shown=None, form=filled, examples=examples(request.scope.get("root_path", "").rstrip("/")), fault=error)
    answer = render(request, "_question.html", 422, form=filled, fault=error)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#rail", "outerMorph"
    return answer


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


@cache
def examples(root: str) -> str:
    """The sheet of presets, rendered once: the same on every page."""
    groups: dict[str, list[tuple[Preset, str]]] = {}
    for preset in presets():
        groups.setdefault(preset.group, []).append((preset, permalink(preset.experiment, root)))
    return environment().get_template("_examples.html").render(root=root, groups=groups)
