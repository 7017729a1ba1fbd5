"""What is wrong with an experiment: field, rule and value, in words a student can act on."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_SHOWN_CHARACTERS = 80
_SHOWN_ENTRIES = 8
_TOLD = 32
_JOINERS = "\u200c\u200d"  # they hold emoji and some scripts together, and are seen by that alone


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault. ``value`` is safe to write as JSON: finite, short, and valid Unicode."""

    field: str
    message: str
    value: Any = None


class ExperimentError(Exception):
    """An experiment that cannot be run, with the faults found."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        """errors : at least one fault; past the first few dozen they are only counted."""
        found = tuple(errors)
        more = len(found) - _TOLD
        rest = (FieldError("experiment", f"experiment has {more} more faults", more),) if more > 0 else ()
        self.errors = found[:_TOLD] + rest
        super().__init__("; ".join(error.message for error in self.errors))

    def __reduce__(self) -> tuple[type[ExperimentError], tuple[tuple[FieldError, ...]]]:
        """It travels between processes with its faults."""
        return ExperimentError, (self.errors,)


def fault(field: str, rule: str, value: object) -> FieldError:
    """The fault in its one wording: "hidden_size must be 1 to 256, got 900"."""
    shown = presentable(value)
    return FieldError(field, f"{presentable_text(field)} must be {rule}, got {_spoken(shown)}", shown)


def presentable(value: object) -> Any:
    """``value`` cut down to what a message can carry and JSON can hold."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else presentable_text(_digits(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value).replace("inf", "Infinity").replace("nan", "NaN")
    if isinstance(value, str):
        return presentable_text(value)
    if isinstance(value, dict):
        return {presentable_text(str(key)): "…" for key in list(value)[:_SHOWN_ENTRIES]}
    if isinstance(value, list | tuple):
        shown = [_entry(entry) for entry in value[:_SHOWN_ENTRIES]]
        return [*shown, "…"] if len(value) > _SHOWN_ENTRIES else shown
    return presentable_text(str(value))


def presentable_text(text: str) -> str:
    """``text`` shortened, with lone surrogates, controls and direction marks written as escapes."""
    short = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
    plain = short.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() or c in _JOINERS else f"\\u{ord(c):04x}" for c in plain)


def _digits(value: int) -> str:
    # str() refuses integers of thousands of digits; hex() does not.
    return str(value) if value.bit_length() < 4096 else hex(value)


def _entry(value: object) -> Any:
    return "…" if isinstance(value, list | tuple | dict) else presentable(value)


def _spoken(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
