"""POST /api/v1/train: a course in, its progress and its final run out, as server-sent events."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.sse import EventSourceResponse
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.api import schemas
from app.api.answer import choose_parts
from app.api.computing import event, teach
from app.api.requests import (
    LONG_BODY,
    as_problem,
    course_by_body,
    expect_json,
    faults_as_problems,
    include_alone,
)
from app.experiments.errors import ExperimentError
from app.serving.jobs import Job, Jobs
from app.serving.limits import Workbench
from app.serving.problems import Problem, documented
from app.settings import Settings

PATH = "/api/v1/train"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
log = logging.getLogger("unrolled")


class Lesson(EventSourceResponse):
    """The events of a job, which ends when its client goes."""

    def __init__(self, job: Job) -> None:
        self.job = job
        super().__init__(events(job), headers=HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.job.leave()


def router(limits: Settings, workbench: Workbench, jobs: Jobs) -> APIRouter:
    """The route of a course."""
    routes = APIRouter(tags=["train"])

    @routes.post(
        PATH,
        summary="Train a network on a corpus, then run it",
        description=schemas.COURSE_ABOUT,
        operation_id="train",
        response_class=Response,
        responses={200: schemas.LESSON, **documented(400, 415, 422, 503)},
        openapi_extra={"parameters": [schemas.include(limits)], "requestBody": schemas.course_body()},
    )
    async def train(request: Request) -> Response:
        with faults_as_problems():
            include = include_alone(request)
            expect_json(request)
            body = await request.body()
            long = len(body) > LONG_BODY
            course, experiment = await workbench.run(course_by_body, body) if long else course_by_body(body)
            parts, omitted = choose_parts(include, experiment, limits)
        root_path = request.scope.get("root_path", "")
        return Lesson(jobs.enter(teach, course, experiment, parts, omitted, root_path, limits.course_seconds))

    # Starlette's route answers, FastAPI's stays for the schema, as with runs.
    routes.routes[:0] = [Route(PATH, train, methods=["POST"])]
    return routes


async def events(job: Job) -> AsyncIterator[bytes]:
    """What the job sends, a comment now and then while it is silent, and a problem where it fails."""
    yield b": accepted\n\n"
    try:
        async for answer in job.answers():
            yield b": still here\n\n" if answer is None else answer
    except ExperimentError as error:
        yield event("problem", as_problem(error).as_dict())
    except Problem as problem:
        yield event("problem", problem.as_dict())
    except Exception:
        log.exception("a course failed")
        failed = Problem(500, "The server failed on this request. It has been logged.")
        yield event("problem", failed.as_dict())
