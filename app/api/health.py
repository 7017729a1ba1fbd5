"""Whether the server lives, and whether it is ready to compute."""

from __future__ import annotations

from fastapi import APIRouter

from app.experiments.presets import welcome
from app.experiments.run import run

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process answers", operation_id="healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="The product computes: a small run has just succeeded", operation_id="readyz")
async def readyz() -> dict[str, str]:
    run(welcome())
    return {"status": "ready"}
