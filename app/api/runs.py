"""GET and POST /api/v1/run: an experiment in, its run out."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api import schemas
from app.api.answer import choose_parts
from app.api.computing import compute, compute_job
from app.api.requests import LONG_BODY, by_body, by_query, expect_json, faults_as_problems, include_alone
from app.experiments.cost import multiply_adds
from app.experiments.experiment import Experiment
from app.experiments.query import to_query
from app.serving.flights import Flights
from app.serving.jobs import Jobs
from app.serving.limits import Workbench
from app.serving.problems import documented
from app.settings import Settings

PATH = "/api/v1/run"


def install(
    app: FastAPI, limits: Settings, workbench: Workbench, jobs: Jobs, flights: Flights | None = None
) -> None:
    """The routes of a run; what takes long goes through the workbench, what takes longest is a job."""

    shared = flights or Flights()

    @app.get(
        PATH,
        tags=["run"],
        summary="Run an experiment given as a query",
        operation_id="run_by_query",
        response_class=Response,
        responses={200: schemas.RUN, **documented(422, 503)},
        openapi_extra={"parameters": schemas.query_parameters(limits)},
    )
    async def run_by_query(request: Request) -> Response:
        with faults_as_problems():
            experiment, include = by_query(request)
            return await respond(request, experiment, include)

    @app.post(
        PATH,
        tags=["run"],
        summary="Run an experiment given as JSON",
        operation_id="run_by_body",
        response_class=Response,
        responses={200: schemas.RUN, **documented(400, 415, 422, 503)},
        openapi_extra={"parameters": [schemas.include(limits)], "requestBody": schemas.body()},
    )
    async def run_by_body(request: Request) -> Response:
        with faults_as_problems():
            include = include_alone(request)
            expect_json(request)
            body = await request.body()
            long = len(body) > LONG_BODY
            experiment = await workbench.run(by_body, body) if long else by_body(body)
            return await respond(request, experiment, include)

    async def respond(request: Request, experiment: Experiment, include: str | None) -> Response:
        parts, omitted = choose_parts(include, experiment, limits)

        asked = (experiment, parts, omitted, request.scope.get("root_path", ""))
        work = multiply_adds(experiment, parts, limits.check_work)
        if work <= limits.inline_work:
            return Response(compute(*asked), media_type="application/json")
        question = (PATH, to_query(experiment), parts, *asked[3:])
        small = work <= limits.pool_work
        body = await shared.share(
            question, lambda: workbench.run(compute, *asked) if small else jobs.run(compute_job, *asked)
        )
        return Response(body, media_type="application/json")

    # FastAPI's routes read nothing here and cost as much as the engine does on a short sentence. They stay
    # for the schema; Starlette's stand before all others and answer.
    plain = [Route(PATH, run_by_query, methods=["GET"]), Route(PATH, run_by_body, methods=["POST"])]
    app.router.routes[:0] = plain
