"""What a part of the page answers when its question has a fault: the part stays, with the reasons in it."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from app.experiments.errors import ExperimentError
from app.pages.asker import wants_fragment
from app.pages.rendering import render
from app.serving.problems import Problem


def answered(request: Request, place: str, answer: Callable[[], Response]) -> Response:
    """The answer, or a 422: for htmx the part itself, so that the next question finds it, else a problem.

    place : "inspector", "ledger" or "credit"
    """
    try:
        return answer()
    except ExperimentError as error:
        if wants_fragment(request):
            return render(request, "_refused_part.html", 422, place=place, errors=error.errors)
        raise Problem(422, str(error), error.errors) from error
