"""A run as one table for a spreadsheet: a row for each number, which a filter or a pivot table arranges."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import product
from typing import Any

from app.experiments.run import Run
from app.exports.tables import Table, fitting, tables

HEAD = ("section", "chain", "name", "t", "i", "j", "word", "entry", "value")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
Row = Sequence[Any]


def table_csv(run: Run, most: int) -> bytes:
    """The table as UTF-8 with a mark in front, by which spreadsheets know it.

    Rows of numbers have the array's section, chain and name as in the JSON API; the step t and the indices i
    and j, which count from 1; the word at t; and, where an index runs over the vocabulary, its entry. Numbers
    are written so that reading them back gives the same bits. A text that a spreadsheet would take for a
    formula has an apostrophe before it.
    most : numbers in all; the largest arrays are left out for it, and named in rows of section "omitted"
    """
    kept, left_out = fitting(tables(run), most)
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(HEAD)
    writer.writerows(_texts(run))
    writer.writerows(
        ("omitted", "", table.name, "", "", "", "", "", f"{table.size} numbers") for table in left_out
    )
    for table in kept:
        writer.writerows(_numbers(run, table))
    return file.getvalue().encode("utf-8-sig")


def guarded(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would compute."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _texts(run: Run) -> Iterator[Row]:
    for name, value in run.experiment.canonical().items():
        if value is not None:
            yield ("experiment", "", name, "", "", "", "", "", _cell(value))
    for t, (word, token) in enumerate(zip(run.words, run.tokens, strict=True), 1):
        yield ("words", "", "token", t, "", "", guarded(word), guarded(token), "")


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _place(name: str) -> tuple[str, str, str]:
    """Section, chain and name: "forward.left_to_right.gates.i" is forward, left_to_right, gates.i."""
    first, *rest = name.split(".")
    chain = next((part for part in rest if part in ("left_to_right", "right_to_left", "readout")), "")
    return first, chain, ".".join(part for part in rest if part != chain) or first


def _numbers(run: Run, table: Table) -> Iterator[Row]:
    place, words = _place(table.name), [guarded(word) for word in run.words]
    inner, over_time = table.axes.removeprefix("T"), table.axes.startswith("T")
    entries = _entries(run, inner)
    indices = list(product(*(range(1, length + 1) for length in table.shape[over_time:])))
    padded = [((*index, "", "")[:2], entries(index)) for index in indices]
    numbers: Iterable[float] = table.numbers().ravel().tolist()
    steps: Iterable[tuple[Any, str]] = enumerate(words, 1) if over_time else (("", ""),)
    places = product(steps, padded)
    for ((t, word), ((i, j), entry)), number in zip(places, numbers, strict=True):
        yield (*place, t, i, j, word, entry, repr(number))


def _entries(run: Run, axes: str) -> Any:
    """From the indices of a number to the entry of the vocabulary that one of them stands for."""
    vocabulary = [guarded(entry) for entry in run.vocabulary]
    named = "VO" if run.network.per_step else "V"
    at = next((k for k, axis in enumerate(axes) if axis in named), None)
    return (lambda index: "") if at is None else (lambda index: vocabulary[index[at] - 1])
