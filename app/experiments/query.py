"""An experiment's URL form: the page's address, and the parameters of the API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable
from itertools import groupby
from typing import Any
from urllib.parse import quote_plus, unquote

from app.experiments import places
from app.experiments.errors import ExperimentError, FieldError, fault, presentable_text
from app.experiments.experiment import Experiment
from app.experiments.fields import LIMITS, Step
from app.experiments.strict_json import read_json

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_COUNT = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_TRUTH = {"true": True, "false": False, "1": True, "0": False}

Reader = Callable[[str], Any]


def pairs_of(text: str, errors: str = "replace") -> list[tuple[str, str]]:
    """The decoded pairs of a query string in order, blank ones kept.

    errors : what becomes of bytes that are no UTF-8, as `bytes.decode` names it
    """
    pieces = [piece.partition("=") for piece in text.replace("+", " ").split("&") if piece]
    if "%" not in text:
        return [(name, value) for name, _, value in pieces]
    return [(unquote(name, errors=errors), unquote(value, errors=errors)) for name, _, value in pieces]


def parse(items: Iterable[tuple[str, str]], aside: Collection[str] = ()) -> dict[str, Any]:
    """The fields of an experiment from the decoded pairs of a query string.

    aside : names that belong to the caller (``include``, a page's own) and are passed over.
    An empty value stands for the default, as a form sends what was left blank. What cannot be read stays
    text, so that the experiment itself names the rule.
    Raises ExperimentError for a field given twice and for text that is no JSON, review or edit.
    """
    values = _gather(items, aside)
    errors: list[FieldError] = []
    data: dict[str, Any] = {}
    for name, texts in values.items():
        try:
            data[name] = _read(name, texts)
        except _UnreadableError as error:
            errors.append(error.fault)
    if errors:
        raise ExperimentError(errors)
    return data


def to_query(experiment: Experiment) -> str:
    """The canonical query string. ``parse`` reads it back."""
    return encoded(to_pairs(experiment))


def to_pairs(experiment: Experiment) -> list[tuple[str, str]]:
    """What a canonical query string says: fields in order, defaults left out."""
    pairs: list[tuple[str, str]] = []
    given = experiment.model_fields_set
    for name, default in _DEFAULTS.items():
        if name in given and ((value := getattr(experiment, name)) != default or name == "sentence"):
            pairs.extend([(_SHORT.get(name, name), text) for text in _written(name, value)])
    return pairs


def encoded(pairs: list[tuple[str, str]]) -> str:
    """Pairs as a query string."""
    return "&".join([f"{name}={quoted(text)}" for name, text in pairs])


def quoted(text: str) -> str:
    """A value as a query string holds it. Most are numbers, names and words, which are what they are."""
    if text.isascii() and text.replace(" ", "").isalnum():
        return text.replace(" ", "+")
    return quote_plus(text, safe=",")


def nested(query: str) -> str:
    """A query string as a value of another one. It holds nothing else that is to be written otherwise."""
    return query.replace("%", "%25").replace("&", "%26").replace("=", "%3D").replace("+", "%2B")


def permalink(experiment: Experiment, root_path: str = "") -> str:
    """Path and query of the page that shows the experiment."""
    return f"{root_path.rstrip('/')}/?{to_query(experiment)}"


class _UnreadableError(Exception):
    def __init__(self, field: str, rule: str, value: str) -> None:
        self.fault = fault(field, rule, value)


_DEFAULTS = {name: field.default for name, field in Experiment.model_fields.items()}
_SHORT = {"reviews": "review", "edits": "edit"}
_LONG = {short: name for name, short in _SHORT.items()}
_ONCE = _DEFAULTS.keys() - {"reviews", "edits", "vocabulary"}
_MAY_BE_BLANK = _DEFAULTS.keys() - {"sentence"}


def _gather(items: Iterable[tuple[str, str]], aside: Collection[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, text in items:
        if name not in aside:
            values.setdefault(_LONG.get(name, name), []).append(text)
    errors = [_twice(name, len(texts)) for name, texts in values.items() if len(texts) > 1 and name in _ONCE]
    if errors:
        raise ExperimentError(errors)
    # A blank sentence stays: it is a fault of its own, as is a name that is none of an experiment's.
    return {
        name: filled
        for name, texts in values.items()
        if (filled := [text for text in texts if text or name not in _MAY_BE_BLANK])
    }


def _twice(name: str, count: int) -> FieldError:
    shown = presentable_text(name)
    return FieldError(shown, f"{shown} must be given once, got {count} values", count)


def _read(name: str, texts: list[str]) -> Any:
    if name in _READ_ALL:
        return _READ_ALL[name](texts)
    return _READ_ONE.get(name, str)(texts[0])


def _whole(text: str) -> Any:
    return int(text) if _WHOLE.fullmatch(text) else text


def _number(text: str) -> Any:
    # An overflow to infinity stays text: the message then shows what was typed.
    if not _DECIMAL.fullmatch(text) or len(text) > 400:
        return text
    value = float(text)
    return value if abs(value) != float("inf") else text


def _truth(text: str) -> Any:
    return _TRUTH.get(text, text)


def _state(text: str) -> Any:
    if text in ("zeros", "random"):
        return text
    if text.startswith("["):
        return _json("initial_state", text)
    numbers = [_number(part.strip()) for part in text.split(",")]
    return text if any(isinstance(number, str) for number in numbers) else numbers


def _vocabulary(texts: list[str]) -> Any:
    if len(texts) > 1:
        return texts
    if texts[0].startswith("["):
        return _json("vocabulary", texts[0])
    return [word.strip() for word in texts[0].split(",")]


def _review(text: str) -> dict[str, Any]:
    words, bar, label = text.rpartition("|")
    if not bar:
        raise _UnreadableError("review", "text|label with label 0 or 1", text)
    return {"text": words, "label": _whole(label)}


def _edit(text: str) -> dict[str, Any]:
    place, bar, value = text.rpartition("|")
    if not bar:
        raise _UnreadableError("edit", "name.index|value, such as left_to_right.W_hh.0.1|0.5", text)
    name, index = places.read(place)
    return {"name": name, "index": index, "value": _number(value)}


def _steps(texts: list[str]) -> Any:
    """on~rate, or on~rate~times for so many alike; not many more than there may be."""
    if texts[0].startswith("["):
        return _json("steps", texts[0])
    found: list[dict[str, Any]] = []
    for text in texts[0].split(","):
        on, mark, rate = text.strip().partition("~")
        rate, _, times = rate.partition("~")
        if not mark or not (times == "" or _COUNT.fullmatch(times)):
            raise _UnreadableError("steps", "on~rate or on~rate~times, such as this~0.1,all~0.5~20", text)
        room = LIMITS.max_steps + 1 - len(found)
        found += [{"on": on, "rate": _number(rate)}] * min(int(times or 1), room)
    return found


def _json(field: str, text: str) -> Any:
    try:
        return read_json(text)
    except ValueError as error:
        raise _UnreadableError(field, f"JSON ({error})", text) from None


def _parameters(text: str) -> Any:
    return _json("parameters", text)


_READ_ONE: dict[str, Reader] = {
    "target": _whole,
    "hidden_size": _whole,
    "seed": _whole,
    "epochs": _whole,
    "lowercase": _truth,
    "bidirectional": _truth,
    "recurrent_radius": _number,
    "forget_bias": _number,
    "learning_rate": _number,
    "clip_norm": _number,
    "initial_state": _state,
    "parameters": _parameters,
}
_READ_ALL: dict[str, Callable[[list[str]], Any]] = {
    "reviews": lambda texts: [_review(text) for text in texts],
    "edits": lambda texts: [_edit(text) for text in texts],
    "vocabulary": _vocabulary,
    "steps": _steps,
}


def _written(name: str, value: Any) -> list[str]:
    write = _WRITE.get(name)
    if write is not None:
        return write(value)
    return [str(value).lower() if isinstance(value, bool) else str(value)]


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _write_steps(steps: tuple[Step, ...]) -> list[str]:
    runs = ((step, sum(1 for _ in alike)) for step, alike in groupby(steps))
    return [",".join(f"{step.on}~{step.rate!r}{f'~{n}' if n > 1 else ''}" for step, n in runs)]


def _write_words(words: tuple[str, ...]) -> list[str]:
    joined = ",".join(words)
    # Commas inside a word, a bracket in front or space around would be read as something else.
    plain = _vocabulary([joined]) == list(words) if joined and not joined.startswith("[") else False
    return [joined if plain else _compact(words)]


_WRITE: dict[str, Callable[[Any], list[str]]] = {
    "reviews": lambda reviews: [f"{review.text}|{review.label}" for review in reviews],
    "edits": lambda edits: [f"{places.written(e.name, e.index)}|{e.value!r}" for e in edits],
    "vocabulary": _write_words,
    "steps": _write_steps,
    "initial_state": lambda state: [state if isinstance(state, str) else ",".join(map(repr, state))],
    "parameters": lambda parameters: [_compact(parameters.given())],
}
