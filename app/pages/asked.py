"""The run that a fragment's address asks for, or the reasons why there is none."""

from starlette.requests import Request

from app.experiments.errors import ExperimentError
from app.experiments.run import Run
from app.pages.answers import run_of
from app.pages.question import experiment_of, pairs_of
from app.pages.view import View, read
from app.serving.problems import Problem


def run_asked(request: Request) -> tuple[Run, View]:
    """The run of the address and the view of it. Raises Problem 422 with every fault of the question."""
    pairs = pairs_of(request)
    try:
        return run_of(experiment_of(pairs)), read(pairs)
    except ExperimentError as error:
        raise Problem(422, str(error), error.errors) from error
