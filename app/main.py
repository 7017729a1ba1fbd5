"""The application: routers, assets, error handlers, middleware; nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from app.api import corpora, health, runs, train
from app.pages import adds, charts, compare, credit, exports, highway, inspect, labs, ledger, panels, share
from app.pages import routes as page
from app.serving import docs, problems
from app.serving.assets import StaticAssets
from app.serving.compression import Compression
from app.serving.flights import Flights
from app.serving.head import HeadAsGet
from app.serving.jobs import Jobs
from app.serving.language import Language
from app.serving.limits import RequestLimits, Workbench
from app.serving.security import SecurityHeaders
from app.serving.straight import Straight, endpoints
from app.serving.subpath import SubPath
from app.settings import VERSION, Settings, settings

DESCRIPTION = (
    "A recurrent network on a sentence, with every gradient of backpropagation through time. "
    "Limits that a request meets are named in its answer and in this schema. In a query an empty value "
    "stands for the field's default, as a form sends what was left blank; a question too long for an address "
    "is asked by POST. HEAD is answered wherever GET is."
)
PARTS = (adds, charts, compare, credit, ledger, highway, inspect, panels, labs, share, exports)


def closing(jobs: Jobs) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """The life of the application, at whose end no process of its own is left."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        del app
        yield
        jobs.close()

    return life


def create_app(config: Settings | None = None) -> FastAPI:
    """The ASGI application under the given settings, the environment's when none are given."""
    config = config or settings()
    jobs = Jobs(
        config.worker_processes, config.queued_jobs, config.retry_after_seconds, config.job_seconds
    )
    app = FastAPI(
        title="Unrolled",
        lifespan=closing(jobs),
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        responses=problems.documented(400, 404, 405, 413, 414, 422, 500),
        # Nobody is told what students do; and asking at every request whether somebody listens takes time.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    workbench = Workbench(config.concurrent_runs, config.queued_runs, config.retry_after_seconds)
    app.state.settings, app.state.workbench, app.state.jobs = config, workbench, jobs
    app.state.parts = Workbench(config.concurrent_runs, config.queued_parts, config.retry_after_seconds)
    app.state.flights = Flights()
    runs.install(app, config, workbench, jobs, app.state.flights)
    app.router.routes += page.ROUTES
    for router in (train.router(config, workbench, jobs), corpora.router, health.router, docs.router):
        app.include_router(router)
    for part in PARTS:
        app.include_router(part.router)
    app.mount("/static", StaticAssets())
    problems.install(app, problems.plain_page)
    plain = [*app.routes, *(route for part in PARTS for route in part.router.routes)]
    # The last one added stands outermost.
    app.add_middleware(Straight, endpoints=endpoints(plain))
    app.add_middleware(Language)
    app.add_middleware(
        RequestLimits, max_body_bytes=config.max_body_bytes, max_query_bytes=config.max_query_bytes
    )
    app.add_middleware(problems.UnexpectedErrors, page=problems.plain_page)
    if config.root_path:
        app.add_middleware(SubPath, root_path=config.root_path)
    app.add_middleware(Compression, minimum_bytes=config.compress_from_bytes)
    app.add_middleware(HeadAsGet)
    app.add_middleware(SecurityHeaders, frame_ancestors=config.frame_ancestors)
    return app
