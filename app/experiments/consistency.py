"""What the fields of an experiment must satisfy together: words, shapes, sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.engine.cells import CELLS
from app.engine.network import TASKS, WITHIN_GATES
from app.experiments import learning, places
from app.experiments.errors import FieldError, fault, presentable_text
from app.experiments.fields import LIMITS
from app.text import words
from app.text.vocabulary import UnknownWordError, encode

if TYPE_CHECKING:
    from app.experiments.experiment import Experiment


def faults(experiment: Experiment) -> list[FieldError]:
    """Every fault of an experiment whose fields are valid one by one."""
    found = [
        *_choices(experiment), *_sentence(experiment), *_reviews(experiment), *_vocabulary(experiment)
    ]  # fmt: skip
    if found:  # without words there are no shapes to compare with
        return found
    found = [*_state(experiment), *_parameters(experiment), *_edits(experiment)]
    return found or [*learning.faults(experiment)]


def implied_hidden_size(data: Mapping[str, Any]) -> int | None:
    """H read off the given parameters or initial state; None when nothing tells it."""
    given = data.get("parameters")
    cell = CELLS.get(str(data.get("cell", "elman")))
    gates = 1 if cell is None else cell.gates
    for name in ("left_to_right", "right_to_left"):
        chain = _group(given, name)
        rows: Any = chain.get("W_xh")
        found = (
            _length(chain.get("W_hh")),
            _length(chain.get("b_h"), gates),
            _length(rows[0] if _filled(rows) else None, gates),
            _length(chain.get("b_hn")),
        )
        if size := next(filter(None, found), None):
            return size
    chains = 2 if data.get("bidirectional") is True else 1
    W_hy = _group(given, "readout").get("W_hy")
    return _length(W_hy, chains) or _length(data.get("initial_state"))


def _length(value: Any, parts: int = 1) -> int | None:
    """The length of each part of a list; None where that is no hidden size."""
    if not _filled(value) or len(value) % parts:
        return None
    size = len(value) // parts
    return size if size <= LIMITS.max_hidden_size else None


def _filled(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) > 0


def _group(given: Any, name: str) -> Mapping[str, Any]:
    group = given.get(name) if isinstance(given, Mapping) else getattr(given, name, None)
    if isinstance(group, Mapping):
        return group
    return dict(group) if group is not None and hasattr(group, "model_fields_set") else {}


def _choices(experiment: Experiment) -> Iterator[FieldError]:
    """What a cell with gates, and a softmax at every step, leave no choice about."""
    cell, task = experiment.cell, experiment.task
    if not CELLS[cell].free:
        if experiment.activation != "tanh":
            yield fault(
                "activation", f"tanh for cell {cell}, whose gates have their own", experiment.activation
            )
        if experiment.bias not in WITHIN_GATES:
            yield fault("bias", f"{' or '.join(WITHIN_GATES)} for cell {cell}", experiment.bias)
    if TASKS[task] and experiment.loss != "bce":
        yield fault("loss", f"bce for task {task}, the cross-entropy of a softmax", experiment.loss)


def _sentence(experiment: Experiment) -> Iterator[FieldError]:
    count, task = len(experiment.words), experiment.task
    if count == 0:
        yield fault("sentence", "text with at least 1 word", experiment.sentence)
    elif count > LIMITS.max_words:
        yield fault("sentence", f"1 to {LIMITS.max_words} words", count)
    elif count == 1 and TASKS[task]:
        yield fault("sentence", f"2 to {LIMITS.max_words} words for task {task}", count)


def _reviews(experiment: Experiment) -> Iterator[FieldError]:
    for index, review in enumerate(experiment.reviews):
        count = len(words.split(review.text))
        if count == 0:
            yield fault(f"reviews[{index}].text", "text with at least 1 word", review.text)
        elif count > LIMITS.max_review_words:
            yield fault(f"reviews[{index}].text", f"1 to {LIMITS.max_review_words} words", count)


def _vocabulary(experiment: Experiment) -> Iterator[FieldError]:
    size = len(experiment.entries)
    if size > LIMITS.max_vocabulary:
        yield fault("vocabulary", f"1 to {LIMITS.max_vocabulary} words", size)
    if experiment.vocabulary is None:
        return
    first: dict[str, int] = {}
    for index, (typed, token) in enumerate(zip(experiment.vocabulary, experiment.entries, strict=True)):
        if [word.token for word in words.split(typed, experiment.lowercase)] != [token]:
            yield fault(f"vocabulary[{index}]", "exactly 1 word", typed)
        elif token in first:
            yield fault(f"vocabulary[{index}]", f"different from vocabulary[{first[token]}]", typed)
        first.setdefault(token, index)
    try:
        encode(experiment.words, experiment.entries)
    except UnknownWordError as error:
        word = presentable_text(error.word.typed)
        message = f'sentence must use words of the vocabulary: word {error.position}, "{word}", is not in it'
        yield FieldError("sentence", message, word)


def _state(experiment: Experiment) -> Iterator[FieldError]:
    state, size = experiment.initial_state, experiment.hidden_size
    if not isinstance(state, str) and len(state) != size:
        yield fault(
            "initial_state", f"zeros, random or {size} numbers, as hidden_size is {size}", list(state)
        )


def _parameters(experiment: Experiment) -> Iterator[FieldError]:
    if experiment.parameters is None:
        return
    given, known = experiment.parameters.given(), places.shapes(experiment)
    for group, names in given.items():
        if group not in known:
            yield fault(f"parameters.{group}", "left out unless bidirectional is true", names)
            continue
        for name, value in names.items():
            field = f"parameters.{group}.{name}"
            if name in known[group]:
                yield from _shape(field, value, known[group][name])
            else:
                yield fault(field, f"left out for cell {experiment.cell}", value)
    chain = next((group for group, names in given.items() if "W_hh" in names), None)
    if experiment.recurrent_radius is not None and chain:
        rule = f"left out when parameters.{chain}.W_hh is given"
        yield fault("recurrent_radius", rule, experiment.recurrent_radius)


def _shape(field: str, value: Sequence[Any], expected: tuple[int, ...]) -> Iterator[FieldError]:
    if len(expected) == 1:
        if len(value) != expected[0]:
            yield FieldError(field, _shape_message(field, expected, f"({len(value)},)"), [len(value)])
        return
    lengths = sorted({len(row) for row in value})
    if len(lengths) > 1:
        ragged = f"rows of {lengths[0]} to {lengths[-1]} numbers"
        yield FieldError(field, _shape_message(field, expected, ragged), lengths)
    elif (len(value), *lengths) != expected:
        given = (len(value), *(lengths or [0]))
        yield FieldError(field, _shape_message(field, expected, str(given)), list(given))


def _shape_message(field: str, expected: tuple[int, ...], given: str) -> str:
    return f"{field} must have shape {expected}, got {given}"


def _edits(experiment: Experiment) -> Iterator[FieldError]:
    if not experiment.edits:
        return
    known = {
        f"{group}.{name}": shape
        for group, names in places.shapes(experiment).items()
        for name, shape in names.items()
    }
    for edit in experiment.edits:
        shape, place = known.get(edit.name), places.written(edit.name, edit.index)
        index = places.numbered(experiment, edit.name, edit.index)
        if shape is None:
            yield fault("edits", f"entries of {', '.join(known)}", place)
        elif len(edit.index) == len(shape) and places.unknown_word(experiment, edit):
            yield fault("edits", f"entries of {edit.name}, shape {shape}, for words of the vocabulary", place)
        elif index is None or not places.within(index, shape):
            yield fault("edits", f"entries of {edit.name}, shape {shape}", place)
