"""The API's interactive reference, from files of this server alone."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.serving.assets import asset_url

router = APIRouter(include_in_schema=False)

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Unrolled: the JSON API</title>
<link rel="icon" type="image/svg+xml" href="{icon}">
<link rel="stylesheet" href="{style}">
<link rel="stylesheet" href="{own_style}">
</head>
<body>
<main id="reference" data-schema="{schema}"></main>
<noscript>A script draws this reference. The schema itself is at <a href="{schema}">{schema}</a>.</noscript>
<script src="{bundle}"></script>
<script type="module" src="{start}"></script>
</body>
</html>
"""


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    root = request.scope.get("root_path", "")
    return HTMLResponse(
        PAGE.format(
            icon=asset_url("favicon.svg", root),
            style=asset_url("vendor/swagger-ui/swagger-ui.css", root),
            own_style=asset_url("docs/docs.css", root),
            bundle=asset_url("vendor/swagger-ui/swagger-ui-bundle.js", root),
            start=asset_url("docs/docs.js", root),
            schema=f"{root}/openapi.json",
        )
    )
