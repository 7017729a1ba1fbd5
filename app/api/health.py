"""Whether the server lives, and whether it is ready to compute."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process answers")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="The product is ready for requests")
async def readyz() -> dict[str, str]:
    return {"status": "ready"}
