"""The sentences that scripts say: English in the scripts, and beside them on a page of another language."""

import re
from functools import cache
from pathlib import Path

from app.wording.catalogue import ENGLISH, _, language

SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "js"
SAID = re.compile(r'\bsay\("([^"\\]+)"')


@cache
def sentences() -> tuple[str, ...]:
    """Every one of them, in English."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(SCRIPTS.rglob("*.js")))
    return tuple(dict.fromkeys(found for text in texts for found in SAID.findall(text)))


def scripted() -> dict[str, str]:
    """Each by its English; nothing for a page in English, which needs none."""
    return {} if language() == ENGLISH else {english: _(english) for english in sentences()}
