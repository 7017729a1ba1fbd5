"""The application: routers, assets, error handlers, middleware; nothing else."""

from __future__ import annotations

from fastapi import FastAPI

from app.api import health
from app.settings import VERSION, Settings, settings


def create_app(config: Settings | None = None) -> FastAPI:
    """The ASGI application under the given settings, the environment's when none are given."""
    config = config or settings()
    app = FastAPI(title="Unrolled", version=VERSION, docs_url=None, redoc_url=None)
    app.include_router(health.router)
    return app
