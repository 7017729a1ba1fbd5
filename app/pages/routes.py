"""The page: one address for one experiment, whole or, for htmx, the part that changed."""

from dataclasses import dataclass
from functools import cache

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.experiments.cost import multiply_adds
from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.presets import Preset, presets, welcome
from app.experiments.query import encoded, permalink, to_pairs, to_query
from app.experiments.run import Run
from app.pages.answers import run_of
from app.pages.drawn import UndrawnError
from app.pages.edits import edited_part, with_edit
from app.pages.exports import Offer, offers
from app.pages.form import form, with_typed_reviews
from app.pages.question import experiment_of, pairs_of
from app.pages.rendering import environment, render, wants_fragment
from app.settings import Settings
from app.stage.stage import Stage

TYPED = ("reviews_text", "edit_name", "edit_index", "edit_value")
TITLE = 60  # characters of the sentence in the title
DRAWN_INLINE = 1024  # units times steps up to which a stage is drawn in the event loop


@dataclass(frozen=True)
class Shown:
    """A run and what stands around it.

    query: the canonical one. json: the same answer for scripts. part: what the inspector shows first, the
    weight that was typed over or the last state's first unit. take: what can be taken along, by group.
    """

    run: Run
    stage: Stage
    query: str
    address: str
    json: str
    title: str
    part: str
    take: dict[str, list[Offer]]


async def page(request: Request) -> Response:
    """The page of an experiment; the welcome run when nothing is asked."""
    asked = pairs_of(request)
    pairs = with_edit(with_typed_reviews(asked))
    try:
        experiment = experiment_of(pairs, TYPED) if pairs else welcome()
        if any(name == "edit_value" for name, _ in asked) and not wants_fragment(request):
            return RedirectResponse(permalink(experiment, root_of(request)), 303)
        part = edited_part(asked)
        if is_light(experiment, request.app.state.settings):
            return _answered(request, experiment, part)
        state = request.app.state
        question = (to_query(experiment), part, root_of(request), *_asked_by(request))
        answered: Response = await state.flights.share(
            question, lambda: state.workbench.run(_answered, request, experiment, part)
        )
        return answered
    except ExperimentError as error:
        return _refused(request, pairs, error)


def _asked_by(request: Request) -> tuple[bool, str]:
    """What of its asker an answer depends on."""
    return wants_fragment(request), request.headers.get("hx-current-url", "")


def is_light(experiment: Experiment, limits: Settings) -> bool:
    """Whether its page costs so little that a thread of its own would cost more."""
    if len(experiment.words) * experiment.hidden_size > DRAWN_INLINE:
        return False
    return multiply_adds(experiment, ("contributions",), limits.check_work) <= limits.inline_work


def root_of(request: Request) -> str:
    """The path the product is served under, without a slash at its end."""
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/")


def _answered(request: Request, experiment: Experiment, part: str) -> Response:
    """The page of a run, or its new parts for htmx. part: what was typed over. Raises ExperimentError."""
    pairs = to_pairs(experiment)
    query = encoded(pairs)
    run, root = run_of(experiment, query), root_of(request)
    sentence = " ".join(run.words)
    title = sentence if len(sentence) < TITLE else sentence[: TITLE - 1] + "\u2026"
    shown = Shown(run, Stage(run), query, f"{root}/?{query}", f"{root}/api/v1/run?{query}", title,
                  part or f"h-{len(run.words)}.0",
                  offers(run, query, root))  # fmt: skip
    filled = form(pairs, shown={"hidden_size": str(experiment.hidden_size)})
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
        found = examples(root_of(request))
        return render(
            request, "page.html", 422, shown=None, form=filled, examples=found, fault=error,
            json=json_twin(request, error),
        )  # fmt: skip
    answer = render(request, "_question.html", 422, form=filled, fault=error)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#rail", "outerMorph"
    return answer


def json_twin(request: Request, error: ExperimentError) -> str | None:
    """The address of the answer that the page cannot draw; None where there is no answer."""
    if not isinstance(error, UndrawnError):
        return None
    return f"{root_of(request)}/api/v1/run?{to_query(error.experiment)}"


@cache
def examples(root: str) -> str:
    """The sheet of presets, rendered once: the same on every page."""
    groups: dict[str, list[tuple[Preset, str]]] = {}
    for preset in presets():
        groups.setdefault(preset.group, []).append((preset, permalink(preset.experiment, root)))
    return environment().get_template("_examples.html").render(root=root, groups=groups)


# Starlette's own route: what FastAPI's reads and checks is nothing here, and costs as much as a small run.
ROUTES = [Route("/", page, methods=["GET"])]
