"""One catalogue of sentences. English stands in the source and is the key; other languages are GNU gettext's.

`make catalogue` gathers the sentences into `locale/unrolled.pot` and carries them into every language's .po
and .mo, which lie beside the source: nothing is built before the product runs. Where a language has no words
for a sentence yet, the English ones are used.
"""

import gettext
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

LOCALE = Path(__file__).with_name("locale")
ENGLISH = "en"
# What each language calls itself.
LANGUAGES = {ENGLISH: "English", "hi": "हिन्दी"}
CATALOGUES = {
    name: gettext.translation("unrolled", LOCALE, [name], fallback=name == ENGLISH) for name in LANGUAGES
}
_SPOKEN = ContextVar("spoken", default=ENGLISH)
P = ParamSpec("P")
R = TypeVar("R")


BLANK = re.compile(r"(\{\{|\}\}|%)|\{(\w+)\}")
ITSELF = {"{{": "{", "}}": "}", "%": "%%"}


class Sentences(dict[str, tuple[str, str]]):
    """Those of one language as they are first said: as they stand, and with their blanks as `%` fills them.

    A page says a hundred, and `gettext` and `format` take twice as long as all else about them.
    """

    def __init__(self, of: gettext.NullTranslations) -> None:
        self.of = of

    def __missing__(self, english: str) -> tuple[str, str]:
        said = self.of.gettext(english)
        blank = BLANK.sub(lambda found: ITSELF[found[1]] if found[1] else f"%({found[2]})s", said)
        self[english] = said, blank
        return said, blank


SENTENCES = {name: Sentences(catalogue) for name, catalogue in CATALOGUES.items()}


def language() -> str:
    """The language that is spoken here and now, by its code."""
    return _SPOKEN.get()


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speak a language of `LANGUAGES` for a while, in this thread or task alone."""
    before = _SPOKEN.set(name)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def _(english: str, **values: object) -> str:
    """The sentence in the language that is spoken. values : what stands in its {blanks}."""
    said, blank = SENTENCES[_SPOKEN.get()][english]
    return blank % values if values else said


def n_(one: str, many: str, count: int, **values: object) -> str:
    """The sentence for so many things; {count} stands for their number."""
    said = CATALOGUES[_SPOKEN.get()].ngettext(one, many, count)
    return said.format(count=count, **values)


def N_(english: str) -> str:
    """A sentence that is gathered here and said later, by `_`."""
    return english


def kept_by_language(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """An `lru_cache` for what makes sentences: each language has results of its own. most : its size."""

    def keep(function: Callable[P, R]) -> Callable[P, R]:
        @lru_cache(maxsize=most)
        def kept(spoken: str, *args: P.args, **kwargs: P.kwargs) -> R:
            del spoken
            return function(*args, **kwargs)

        @wraps(function)
        def asked(*args: P.args, **kwargs: P.kwargs) -> R:
            return kept(_SPOKEN.get(), *args, **kwargs)  # type: ignore[arg-type]  # they are hashable

        return asked

    return keep
