"""Every string of the stage in which two runs of one shape differ: numbers, words, and lines that move with
them.

The drawing and the scenes place these strings and never look at a number. So they can be run once for a shape
with a mark in the place of each string, and the result filled in for every run of that shape: see `template`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from numpy.typing import NDArray

DOTS, DOTS_DOWN = "\u22ef", "\u22ee"


@dataclass(frozen=True)
class Cells:
    """An array (N, width) as its cells show it: a text and a colour class for each number, row by row.

    cut, low : only the first three columns, or rows, and the last one are here; no other is shown as text.
    """

    texts: Sequence[str]
    tones: Sequence[str]
    width: int
    cut: bool = False
    low: bool = False

    def row(self, i: int) -> list[tuple[str, str]]:
        """Colour and text of each cell of a row."""
        here = slice(i * self.width, (i + 1) * self.width)
        return list(zip(self.tones[here], self.texts[here], strict=True))

    def listed(self, i: int) -> list[str]:
        """The texts of a row, with dots where it is cut."""
        texts = self.texts[i * self.width : (i + 1) * self.width]
        return [*texts[:3], DOTS, texts[-1]] if self.cut else list(texts)

    def matrix(self, first: int = 0, rows: int | None = None) -> list[list[str]]:
        """The texts of all rows, with dots where they are cut; or of so many rows from `first` on."""
        count = len(self.texts) // self.width if rows is None else rows
        lines = [self.listed(i) for i in range(first, first + count)]
        return [*lines[:3], [DOTS_DOWN] * len(lines[0]), lines[-1]] if self.low else lines


@dataclass(frozen=True)
class Place:
    """Where an array's strings stand: its texts from `texts` on, its colours from `tones` on."""

    texts: int
    tones: int
    rows: int
    width: int
    cut: bool
    low: bool


@dataclass(frozen=True)
class Index:
    """Where everything stands in the list of strings; the same for all runs of a shape."""

    cells: dict[str, Place]
    lines: dict[str, slice]


class Numbers:
    """The numbers of some arrays with their texts, for lines that tell them."""

    def __init__(self, arrays: dict[str, NDArray[Any]], texts: list[bytes]) -> None:
        """arrays : by name, (N, width). texts : of all numbers, array by array."""
        self.arrays, self.written = arrays, texts
        starts = accumulate([array.size for array in arrays.values()], initial=0)
        self.starts = dict(zip(arrays, starts, strict=False))

    def values(self, name: str) -> list[float]:
        """All numbers of an array, row by row."""
        values: list[float] = self.arrays[name].ravel().tolist()
        return values

    def texts(self, name: str) -> list[str]:
        """Their texts."""
        first = self.starts[name]
        return [text.decode() for text in self.written[first : first + self.arrays[name].size]]

    def firsts(self, name: str) -> list[str]:
        """The texts of the first column."""
        first, array = self.starts[name], self.arrays[name]
        return [text.decode() for text in self.written[first : first + array.size : array.shape[1]]]


class Sheet:
    """Cells by the id of what shows them (`a`, `dh`, `tot-W_hh`); lines by what they are, one a step."""

    def __init__(self, index: Index, strings: Iterable[str]) -> None:
        """strings : all of them, as `index` places them."""
        kept = list(strings)
        self.lines = {name: kept[here] for name, here in index.lines.items()}
        self.cells = {name: _cells(kept, place) for name, place in index.cells.items()}

    def line(self, name: str, i: int = 0) -> str:
        return self.lines[name][i]

    def number(self, name: str, i: int = 0) -> str:
        """The text of one number of an array."""
        return self.cells[name].texts[i]

    def step(self, name: str, t: int) -> list[str]:
        """The texts of step t of an array over time, t from 1."""
        return self.cells[name].listed(t - 1)


def _cells(strings: list[str], place: Place) -> Cells:
    count = place.rows * place.width
    texts, tones = (strings[first : first + count] for first in (place.texts, place.tones))
    return Cells(texts, tones, place.width, place.cut, place.low)
