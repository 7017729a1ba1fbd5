"""The page of a run without what one run fills in: rendered once for all runs of a shape in a view.

A page of one shape differs from the next in a dozen texts, in the numbers typed into its settings and in its
drawings. Templates cost ten times as much as filling in what they left blank.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from html import escape
from typing import Any

from markupsafe import Markup

from app.pages.exports import MENU
from app.pages.form import Form, emptied
from app.pages.rendering import rendered
from app.stage.outline import Outline
from app.stage.template import MARK, Template

# What the templates call `shown`: texts that each run has its own of.
TEXTS = (
    "title", "sentence", "query", "seen", "address", "json", "part", "name", "opened", "beside", "before",
)  # fmt: skip
DRAWING = "\x04%s\x05"
_DRAWN = re.compile("\x04(.*?)\x05")
KEPT = 128  # shells; one takes about fifty kilobytes


def page(
    template: str,
    outline: Outline,
    texts: Mapping[str, str],
    asked: Form,
    drawings: Mapping[str, list[bytes]],
    **context: Any,
) -> bytes:
    """A page in UTF-8.

    texts : by name, as they are. drawings : of the stage by name, as pieces of markup; and left, what of the
    page before was left out.
    context : what else the template asks for, the same in many pages, and hashable.
    """
    blank, typed = emptied(asked, MARK, len(TEXTS))
    strings = [escape(text).encode() for text in (*(texts[name] for name in TEXTS), *typed)]
    pieces: list[bytes] = []
    for before, name in _shell(template, outline, blank, **context):
        pieces += before.filled(strings)
        pieces += drawings[name] if name else ()
    return b"".join(pieces)


@lru_cache(maxsize=KEPT)
def _shell(template: str, outline: Outline, asked: Form, **context: Any) -> list[tuple[Template, str]]:
    """The template with a blank for each text and each typed value, cut where a drawing follows, by name."""
    marked = rendered(
        template,
        outline=outline,
        shown={name: MARK % place for place, name in enumerate(TEXTS)},
        form=replace(asked, sentence=MARK % TEXTS.index("sentence")),
        drawing={name: Markup(DRAWING % name) for name in outline.drawings},
        left=Markup(DRAWING % "left"),
        menu=MENU,
        **context,
    )
    texts, names = _DRAWN.split(marked)[::2], _DRAWN.findall(marked)
    return [(Template(text), name) for text, name in zip(texts, [*names, ""], strict=True)]
