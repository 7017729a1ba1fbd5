"""The page of a run without what one run fills in: rendered once for all runs of a shape in a view.

A page of one shape differs from the next in a dozen texts and in its drawings. Templates cost ten times as
much as filling in what they left blank.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any

from markupsafe import Markup

from app.pages.rendering import rendered
from app.stage.outline import Outline
from app.stage.template import MARK, Template

# What the templates call `shown`: texts that each run has its own of. They are escaped as they are filled in,
# but for the settings, which come as markup.
TEXTS = (
    "title",
    "sentence",
    "query",
    "seen",
    "address",
    "json",
    "part",
    "name",
    "opened",
    "beside",
    "before",
)
RAIL = "rail"


@lru_cache(maxsize=64)
def shell(template: str, outline: Outline, target: str, **context: Any) -> Template:
    """The template with a blank for each text, the rail, and each drawing of the stage, in this order."""
    names = (*TEXTS, RAIL, *outline.drawings)
    blanks = {name: Markup(MARK % place) for place, name in enumerate(names)}
    text = rendered(
        template,
        outline=outline,
        shown={name: blanks[name] for name in TEXTS},
        form={"sentence": blanks["sentence"], "target": target, "sentence_error": ""},
        rail=blanks[RAIL],
        drawing={name: blanks[name] for name in outline.drawings},
        **context,
    )
    return Template(text)


def filled(blank: Template, texts: dict[str, str], rail: str, drawings: dict[str, bytes]) -> bytes:
    """A shell with everything of one run in it, in UTF-8. texts : by name, as they are."""
    own = [escape(texts[name]).encode() for name in TEXTS]
    return blank.fill([*own, rail.encode(), *drawings.values()])
