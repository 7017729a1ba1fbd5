"""What a request says: the experiment and the parts asked for, from a query or a body."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from app.experiments import query
from app.experiments.course import Course, read_course
from app.experiments.errors import ExperimentError, FieldError, presentable_text
from app.experiments.experiment import Experiment
from app.experiments.strict_json import read_json
from app.serving.problems import FieldProblem, Problem

# Reading a longer body takes milliseconds by itself; a thread does it.
LONG_BODY = 32 * 1024
_DETAILED = 3


# Used as `contextlib.suppress` is. A generator under `contextmanager` would take thrice the time.
class faults_as_problems:
    """Answer 422 to an experiment that cannot be run, naming every fault."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ExperimentError):
            raise as_problem(error) from error


def as_problem(error: ExperimentError) -> Problem:
    """The 422 of an experiment's faults."""
    messages = [fault.message for fault in error.errors]
    more = len(messages) - _DETAILED
    detail = "; ".join(messages[:_DETAILED]) + (f"; and {more} more" if more > 0 else "")
    return Problem(422, detail, error.errors)


def by_query(request: Request) -> tuple[Experiment, str | None]:
    """The experiment of a query string, and the parts asked for."""
    items = pairs(request)
    include = only([text for name, text in items if name == "include"])
    return Experiment(**query.parse(items, aside=("include",))), include


def include_alone(request: Request) -> str | None:
    """The parts asked for in the query of a request whose body holds the experiment."""
    items = pairs(request)
    others = dict.fromkeys(presentable_text(name) for name, _ in items if name != "include")
    if others:
        raise ExperimentError(
            FieldError(name, f"{name} must be in the body, got it in the query", name) for name in others
        )
    return only([text for _, text in items])


def by_body(body: bytes) -> Experiment:
    """The experiment of a JSON body. Raises Problem 400 for a body that is no JSON."""
    return Experiment(**members(body))


def course_by_body(body: bytes) -> tuple[Course, Experiment]:
    """The course and the experiment of a JSON body. Raises Problem 400 for a body that is no JSON."""
    return read_course(members(body))


def members(body: bytes) -> dict[str, Any]:
    """The members of the JSON object in a body. Raises Problem 400 for a body that is no JSON."""
    try:
        data = read_json(body.decode("utf-8"))
    except ValueError as error:
        raise Problem(400, f"The body must be JSON: {presentable_text(str(error))}") from error
    if not isinstance(data, dict):
        rule = (
            f"body must be a JSON object of an experiment's fields, got {_KINDS.get(type(data), 'a number')}"
        )
        raise ExperimentError([FieldError("body", rule, data)])
    return data


def expect_json(request: Request) -> None:
    """Raises Problem 415 unless the body is declared as JSON, in UTF-8 as JSON always is."""
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.partition(";")
    charset = parameters.strip().lower()
    if kind.strip().lower() != "application/json" or charset not in ("", "charset=utf-8", 'charset="utf-8"'):
        shown = presentable_text(given) or "nothing"
        raise Problem(
            415,
            f"Content-Type must be application/json, got {shown}",
            [FieldProblem("Content-Type", f"Content-Type must be application/json, got {shown}", shown)],
        )


def pairs(request: Request) -> list[tuple[str, str]]:
    """The decoded pairs of the query; bytes that are no UTF-8 stay lone surrogates, which fields refuse."""
    raw: bytes = request.scope["query_string"]
    return query.pairs_of(raw.decode("utf-8", "surrogateescape"), "surrogateescape")


def only(texts: list[str]) -> str | None:
    """The one value of ``include``, None when it is not given."""
    if len(texts) > 1:
        raise ExperimentError(
            [FieldError("include", f"include must be given once, got {len(texts)} values", len(texts))]
        )
    return texts[0] if texts else None


_KINDS = {list: "a list", str: "text", bool: "true or false", type(None): "null"}
