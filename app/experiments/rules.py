"""The rule of every field in words, and the translation of validation errors into them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic_core import ErrorDetails

from app.experiments import fields
from app.experiments.errors import FieldError, fault, presentable, presentable_text
from app.experiments.fields import LARGEST, LARGEST_SEED, LIMITS


def _one_of(choice: Any) -> str:
    *most, last = get_args(choice)
    return f"{', '.join(most)} or {last}"


_NUMBER = f"a number, {-LARGEST:.15g} to {LARGEST:.15g}"
_RATE = f"a number, 0 to {LARGEST:.15g}"
_POSITIVE = f"a number, above 0 and at most {LARGEST:.15g}"
_MATRIX = "a list of rows of numbers"
_ROW = "a list of numbers"
_CHAIN = {"W_xh": _MATRIX, "W_hh": _MATRIX, "b_h": _ROW, "b_hn": _ROW}
_READOUT = {"W_hy": _MATRIX, "b_y": _ROW}
_GROUPS = {"left_to_right": _CHAIN, "right_to_left": _CHAIN, "readout": _READOUT}
_PARAMETERS = (
    "an object of left_to_right and right_to_left {W_xh, W_hh, b_h, b_hn} and readout {W_hy, b_y}"
)

# The rule of a path; a number in a path is "*". The part before a comma names the kind of value: it is said
# only when the kind is wrong.
RULES: dict[str, str] = {
    "sentence": f"text, at most {LIMITS.max_sentence_characters} characters of valid Unicode",
    "target": "a whole number, 0 or 1",
    "corpus": _one_of(fields.CorpusName),
    "reviews": f"a list, at most {LIMITS.max_reviews} reviews {{text, label}}",
    "reviews.*": "an object {text, label}",
    "reviews.*.text": f"text, at most {LIMITS.max_review_characters} characters of valid Unicode",
    "reviews.*.label": "a whole number, 0 or 1",
    "vocabulary": f"a list, 1 to {LIMITS.max_vocabulary} words",
    "vocabulary.*": "text, 1 word of valid Unicode",
    "lowercase": "true or false",
    "task": _one_of(fields.Task),
    "cell": _one_of(fields.Cell),
    "activation": _one_of(fields.Activation),
    "bias": _one_of(fields.Bias),
    "loss": _one_of(fields.LossName),
    "hidden_size": f"a whole number, 1 to {LIMITS.max_hidden_size}",
    "bidirectional": "true or false",
    "initial_state": f"zeros, random or a list of numbers, {-LARGEST:.15g} to {LARGEST:.15g}",
    "seed": f"a whole number, 0 to {LARGEST_SEED}",
    "recurrent_radius": _RATE,
    "forget_bias": _NUMBER,
    "parameters": _PARAMETERS,
    **{f"parameters.{group}": f"an object {{{', '.join(names)}}}" for group, names in _GROUPS.items()},
    **{
        f"parameters.{group}.{name}": rule
        for group, names in _GROUPS.items()
        for name, rule in names.items()
    },
    "learning_rate": _RATE,
    "clip_norm": _POSITIVE,
    "epochs": f"a whole number, 0 to {LIMITS.max_epochs}",
    "steps": f"a list, at most {LIMITS.max_steps} steps {{on, rate}}",
    "steps.*": "an object {on, rate}",
    "steps.*.on": "all, this or the number of a review",
    "steps.*.rate": _RATE,
    "weights": _one_of(fields.Weights),
    "edits": f"a list, at most {LIMITS.max_edits} edits {{name, index, value}}",
    "edits.*": "an object {name, index, value}",
    "edits.*.name": "text, a parameter such as left_to_right.W_hh",
    "edits.*.index": "a list, 1 or 2 whole numbers from 0, or words",
    "edits.*.index.*": "a whole number from 0 or a word of the vocabulary",
    "edits.*.value": _NUMBER,
}
_ROWS = frozenset(f"{matrix}.*" for matrix, rule in RULES.items() if rule == _MATRIX)
_TOO_MANY_OR_FEW = frozenset("too_long too_short string_too_long string_too_short".split())
_OUT_OF_RANGE = _TOO_MANY_OR_FEW | frozenset(
    "greater_than greater_than_equal less_than less_than_equal finite_number unicode".split()
)


def explain(details: Iterable[ErrorDetails], rules: Mapping[str, str] = RULES) -> list[FieldError]:
    """Each validation error as a fault that names field, rule and value.

    A list is counted without the entries that are at fault, which say so themselves where too few are left.
    """
    found = [(detail["type"], detail["loc"], detail["input"]) for detail in details]
    around = {location[:depth] for _, location, _ in found for depth in range(len(location))}
    return [
        _explain(kind, location, value, rules) for kind, location, value in found
        if not (kind == "too_short" and location in around)
    ]  # fmt: skip


def _explain(kind: str, location: Sequence[int | str], value: Any, rules: Mapping[str, str]) -> FieldError:
    # A name that is no valid Unicode has no path of its own: the name is the value.
    name = (path(location) if location else str(value)) or '""'
    if kind == "missing":
        return FieldError(name, f"{presentable_text(name)} must be given")
    if kind == "extra_forbidden" or not location:
        known = presentable_text(name)
        where = path(location[:-1]) or "an experiment"
        return FieldError(known, f"{known} is not a field of {where}", presentable(value))
    rule = rule_of(location, rules)
    if kind in _TOO_MANY_OR_FEW and re.search("[0-9]", rule):
        value = len(value)
    return fault(name, rule.partition(", ")[2] or rule if kind in _OUT_OF_RANGE else rule, value)


def rule_of(location: Sequence[int | str], rules: Mapping[str, str] = RULES) -> str:
    """The rule stated for a path; entries of matrices and states are numbers."""
    pattern = ".".join("*" if isinstance(part, int) else part for part in location)
    if pattern in _ROWS:
        return _ROW
    return rules.get(pattern, _NUMBER)


def path(location: Sequence[int | str]) -> str:
    """A path as it is written: ``parameters.left_to_right.W_xh[0][1]``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")
