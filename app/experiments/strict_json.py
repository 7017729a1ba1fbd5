"""JSON without its traps: no NaN, no name given twice, no nesting that breaks the reader."""

from __future__ import annotations

import json
from typing import Any

from app.experiments.errors import presentable_text

_LONGEST_WHOLE = 400


def read_json(text: str | bytes) -> Any:
    """JSON of finite numbers and unrepeated names.

    Raises ValueError saying what is wrong with it.
    """
    try:
        return json.loads(text, parse_int=_whole, parse_constant=_no_constant, object_pairs_hook=_unrepeated)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _whole(text: str) -> int:
    # int() takes quadratic time, and refuses what is longer still in words about itself.
    if len(text) > _LONGEST_WHOLE:
        raise ValueError(f"a whole number of {len(text)} digits is too long")
    return int(text)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f'"{presentable_text(name)}" is given twice')
        found[name] = value
    return found
