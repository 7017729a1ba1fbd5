"""Templates and the answers made from them."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.serving.assets import asset_url

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# What the answer depends on besides its address: htmx asks for fragments of the page under the page's own name.
VARY = "HX-Request, HX-Request-Type, HX-History-Restore-Request"


@cache
def environment() -> Environment:
    """The template environment: everything escaped, every name defined."""
    loader = FileSystemLoader(TEMPLATES)
    found = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    found.filters["drawn"] = Markup  # SVG and MathML from app.stage, where every typed text was escaped
    return found


def render(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The template as an answer. `root` is the path the product is served under, `asset` a static file's address."""
    root = request.scope.get("root_path", "").rstrip("/")
    text = environment().get_template(template).render(root=root, asset=lambda name: asset_url(name, root), **context)
    return HTMLResponse(text, status, headers={"Vary": VARY})


def wants_fragment(request: Request) -> bool:
    """Whether htmx asked for a part; on Back it asks for the whole page again."""
    headers = request.headers
    return headers.get("hx-request") == "true" and headers.get("hx-history-restore-request") != "true" and headers.get("hx-request-type") != "full"
