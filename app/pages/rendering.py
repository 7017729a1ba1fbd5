"""Templates and the answers made from them."""

import secrets
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.pages.view import PLAIN
from app.serving.assets import asset_url

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# What the answer depends on besides its address: htmx asks for parts of the page under the page's name.
VARY = "HX-Request, HX-Request-Type, HX-History-Restore-Request"
PLACE = f"<!--{secrets.token_hex(16)}-->"  # nobody can type it
BLANKS = {name: secrets.token_hex(16) for name in ("query", "seen", "name", "beside", "before")}


@cache
def environment() -> Environment:
    """The template environment: everything escaped, every name defined."""
    loader = FileSystemLoader(TEMPLATES)
    found = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters["drawn"] = drawn
    found.globals |= {"once": once, "once_but": once_but, "asset_url": asset_url}
    return found


@lru_cache(maxsize=512)
def once(template: str, **context: Any) -> Markup:
    """A piece that comes with page after page, such as a control: rendered once for each context."""
    return Markup(environment().get_template(template).render(context))


def once_but(template: str, blanks: dict[str, str], **context: Any) -> Markup:
    """The same with blanks: what differs from page to page, as text by name, for the template to place."""
    found = once(template, **{name: BLANKS[name] for name in blanks}, **context)
    for name, text in blanks.items():
        found = Markup(found.replace(BLANKS[name], escape(text)))
    return found


@pass_context
def drawn(context: Context, markup: str | bytes) -> Markup:
    """Markup of our own, in which every typed text was escaped: HTML, SVG and MathML.

    Bytes are a drawing. It is put aside and takes its place in the finished answer: a template copies its
    text several times over.
    """
    if isinstance(markup, str):
        return Markup(markup)
    context["aside"].append(markup)
    return Markup(PLACE)


def render(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The template as an answer. It gets `root`, the path served under, and `asset`, which finds a file.

    `view` says how the page is looked at; without one, plainly.
    """
    context.setdefault("view", PLAIN)
    root = request.scope.get("root_path", "").rstrip("/")
    aside: list[bytes] = []
    text = (
        environment()
        .get_template(template)
        .render(root=root, asset=lambda name: asset_url(name, root), aside=aside, **context)
    )
    first, *rest = text.encode().split(PLACE.encode())
    body = b"".join([first, *(piece for pair in zip(aside, rest, strict=True) for piece in pair)])
    return HTMLResponse(body, status, headers={"Vary": VARY})


def wants_fragment(request: Request) -> bool:
    """Whether htmx asked for a part; on Back it asks for the whole page again."""
    headers = request.headers
    whole = headers.get("hx-history-restore-request") == "true" or headers.get("hx-request-type") == "full"
    return headers.get("hx-request") == "true" and not whole
