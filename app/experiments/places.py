"""Where a weight stands: rows and columns by number, or by the word of the vocabulary they belong to.

Written, "left_to_right.W_hh.0.1" is row 0, column 1; "left_to_right.W_xh~good.1" the row of the word good,
"readout.W_hy.1~good" its column. A word is not escaped: it ends at the last point in front of a column of
W_xh, and with the text elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from app.engine import parameter_shapes
from app.engine.network import TASKS, Shapes
from app.experiments.fields import Edit
from app.text import words

if TYPE_CHECKING:
    from app.experiments.experiment import Experiment

Index = tuple[int, ...]
Place = tuple[int | str, ...]


UNITS = {"W_xh": (1,), "W_hh": (0, 1), "b_h": (0,), "b_hn": (0,), "W_hy": (0,)}
"""The axes that count hidden units: those of each gate, or of each direction, side by side."""
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


def written(name: str, place: Sequence[int | str]) -> str:
    """A place as text."""
    return name + "".join(f".{part}" if isinstance(part, int) else f"~{part}" for part in place)


def read(text: str) -> tuple[str, list[int | str]]:
    """The name of a parameter and the place in it; what is no number there stays text."""
    numbers, tilde, word = text.partition("~")
    name, *parts = re.split(r"\.(?=[0-9])", numbers)
    place = [_number(part) for part in parts]
    if tilde and name.endswith(".W_xh"):
        word, point, column = word.rpartition(".")
        return name, [*place, word, _number(column)] if point else [*place, column]
    return name, [*place, word] if tilde else place


def _number(text: str) -> int | str:
    return int(text) if _NUMBER.fullmatch(text) else text


def word_axis(experiment: Experiment, name: str) -> int | None:
    """The axis of a parameter that has an entry for each word, None where it has none."""
    if name.endswith(".W_xh"):
        return 0
    by_word = {"readout.W_hy": 1, "readout.b_y": 0} if TASKS[experiment.task] else {}
    return by_word.get(name)


def row_of(experiment: Experiment, word: str) -> int | None:
    """The row of a word in the vocabulary, however it is spelt; None where it has none."""
    token = words.token(word, experiment.lowercase)
    return experiment.entries.index(token) if token in experiment.entries else None


def unknown_word(experiment: Experiment, edit: Edit) -> bool:
    """Whether an edit names a word that the vocabulary does not hold."""
    return any(isinstance(part, str) and row_of(experiment, part) is None for part in edit.index)


def stands(experiment: Experiment, edit: Edit) -> bool:
    """Whether the network of an experiment has the entry that an edit types over."""
    shape, index = _shape(experiment, edit.name), numbered(experiment, edit.name, edit.index)
    return shape is not None and index is not None and within(index, shape)


def carried(before: Experiment, after: Experiment, edit: Edit) -> Edit | None:
    """The edit of the same weight in another experiment with such a cell; None where it has none.

    A weight is that of a gate and of a unit, of a word or of the one output there is: not of a number.
    """
    index, shape = numbered(before, edit.name, edit.index), _shape(after, edit.name)
    if index is None or shape is None or word_axis(before, edit.name) != word_axis(after, edit.name):
        return None
    of_units, place = UNITS.get(edit.name.partition(".")[2], ()), list(edit.index)
    for axis in of_units:
        block, unit = divmod(index[axis], before.hidden_size)
        if unit >= after.hidden_size:
            return None
        place[axis] = block * after.hidden_size + unit
    there = numbered(after, edit.name, place)
    if there is None or not within(there, shape):
        return None
    return edit.model_copy(update={"index": worded(after, edit.name, there)})


def would_stand(experiment: Experiment, edit: Mapping[str, Any]) -> bool:
    """The same of an edit as it was written. To build an experiment for each of many takes a second."""
    try:
        return stands(experiment, Edit(**edit))
    except ValidationError:
        return False


def within(index: Index, shape: Index) -> bool:
    """Whether an array of a shape has an entry there."""
    return len(index) == len(shape) and all(i < n for i, n in zip(index, shape, strict=True))


def _shape(experiment: Experiment, name: str) -> Index | None:
    group, _, parameter = name.partition(".")
    return shapes(experiment).get(group, {}).get(parameter)


def shapes(experiment: Experiment) -> Shapes:
    """The shape of every parameter the network can have, biases included whatever ``bias`` says."""
    return parameter_shapes(replace(experiment.network, bias="inside"), len(experiment.entries))


def numbered(experiment: Experiment, name: str, place: Sequence[int | str]) -> Index | None:
    """A place in numbers; None where a word has no row, or stands where none is meant."""
    axis, found = word_axis(experiment, name), []
    for k, part in enumerate(place):
        number = part if isinstance(part, int) else row_of(experiment, part) if k == axis else None
        if number is None:
            return None
        found.append(number)
    return tuple(found)


def worded(experiment: Experiment, name: str, index: Index) -> Place:
    """An index with the word in place of its number, where one of its numbers is a word's."""
    axis = word_axis(experiment, name)
    return tuple(experiment.entries[i] if k == axis else i for k, i in enumerate(index))


def settled(experiment: Experiment) -> tuple[Edit, ...]:
    """One edit an entry, in one order and spelling: what is the same experiment must give the same bytes."""
    last: dict[tuple[str, Index], float] = {}
    for edit in experiment.edits:
        index = numbered(experiment, edit.name, edit.index)
        if index is not None:
            last[edit.name, index] = edit.value
    return tuple(
        Edit(name=name, index=worded(experiment, name, index), value=last[name, index])
        for name, index in sorted(last)
    )
