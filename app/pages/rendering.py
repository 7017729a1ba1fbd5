"""Templates and the answers made from them."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.experiments.experiment import Experiment
from app.pages.asker import root_of, wants_fragment
from app.pages.scripted import scripted
from app.pages.view import PLAIN, View
from app.serving.assets import asset_url
from app.wording.catalogue import LANGUAGES, _, kept_by_language, language, n_

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# What the answer depends on besides its address: htmx asks for parts of the page under the page's name.
VARY = "HX-Request, HX-Request-Type, HX-History-Restore-Request"


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
    found.add_extension("jinja2.ext.i18n")
    found.install_gettext_callables(_, n_, newstyle=True)  # type: ignore[attr-defined]
    # Markup of our own, in which every typed text was escaped: HTML, SVG and MathML.
    found.filters["drawn"] = Markup
    # A sentence that a context brings. `_` is for those that stand in the template: it takes them as markup.
    found.filters["said"] = said
    found.globals |= {
        "once": once,
        "asset_url": asset_url,
        "language": language,
        "languages": LANGUAGES,
        "scripted": scripted,
    }
    return found


def said(english: str) -> str:
    """A sentence that was gathered by `N_`, in the language that is spoken."""
    return _(english)


def rendered(template: str, root: str = "", **context: Any) -> str:
    """A template as text. It gets `root`, the path served under, and `asset`, which finds a file."""
    place = environment().get_template(template)
    return place.render(root=root, asset=lambda name: asset_url(name, root), **context)


@kept_by_language(512)
def once(template: str, **context: Any) -> Markup:
    """A piece that comes with page after page, such as a control: rendered once for each context."""
    return Markup(environment().get_template(template).render(context))


def render(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The template as an answer; `view` says how the page is looked at, without one plainly."""
    context.setdefault("view", PLAIN)
    return answer(rendered(template, root_of(request), **context), status)


def part_or_page(
    request: Request,
    part: str,
    heading: str,
    view: View,
    experiment: Experiment,
    status: int = 200,
    **context: Any,
) -> HTMLResponse:
    """The template of a part: alone for htmx, which has its place, else as a page with a way to the stage."""
    context |= {"view": view}
    if wants_fragment(request):
        return render(request, part, status, **context)
    back = view.address(experiment, root_of(request))
    return render(request, "_plain.html", status, heading=heading, back=back, part=part, **context)


def answer(body: str | bytes, status: int = 200) -> HTMLResponse:
    """A page, or a part of one."""
    return HTMLResponse(body, status, headers={"Vary": VARY})
