"""The marks the stage is drawn with, as strings of SVG: cells, vectors, matrices, labels.

Where a mark stands depends on the sizes of the network alone, so the text of a vector or a matrix is a template,
kept from run to run, with two slots a cell: its colour and its number. Filling one with `%` is many times cheaper
than writing each cell anew, and a page has thousands of cells. Sizes of cells stand in the style sheet.

Every text that a user typed passes through `escape`; every other text here is ours or a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import chain
from typing import Any

from numpy.typing import NDArray

from app.stage.layout import Geometry
from app.stage.numbers import FORWARD_SCALE, colours, shorts

Values = Sequence[float] | NDArray[Any]
TRANSPOSE = "\u22a4"

__all__ = ["Cells", "block", "cells", "escape", "matrix_template", "row_template", "symbol", "upright", "upright_template"]


@dataclass(frozen=True)
class Cells:
    """The numbers of an array (N, M) as colour and text.

    texts : N rows of M texts. slots : N rows of 2 M strings, colour and text in turn, as the templates take them.
    """

    texts: list[list[str]]
    slots: list[tuple[str, ...]]

    def __getitem__(self, rows: slice) -> "Cells":
        return Cells(self.texts[rows], self.slots[rows])

    @property
    def flat(self) -> tuple[str, ...]:
        return tuple(chain.from_iterable(self.slots))


def cells(values: NDArray[Any], scale: float = FORWARD_SCALE, trim: bool = False) -> Cells:
    """The cells of an array (N, M), formatted in one pass."""
    width = values.shape[-1]
    texts = shorts(values, trim)
    both: list[str] = [""] * (2 * len(texts))
    both[::2], both[1::2] = colours(values, scale), texts
    return Cells(
        [texts[k : k + width] for k in range(0, len(texts), width)],
        [tuple(both[k : k + 2 * width]) for k in range(0, len(both), 2 * width)],
    )


@lru_cache(maxsize=64)
def upright_template(geo: Geometry) -> str:
    """The cells of a vector standing upright, one a unit; x = 0 is their middle, y = 0 the top."""
    text = geo.cell_height / 2 + 4.5
    rows = ((geo.row(i), geo.row(i) + text) for i in range(geo.units))
    return "".join(f'<g class="c %s"><rect y="{y:g}"/><text y="{base:g}">%s</text></g>' for y, base in rows)


def upright(geo: Geometry, drawn: Cells, row: int = 0) -> str:
    """One vector of a geometry: numbered cells, or bands of colour when there are too many units for numbers."""
    if geo.numbered:
        return upright_template(geo) % drawn.slots[row]
    bands: dict[str, list[str]] = {}
    for i, tone in enumerate(drawn.slots[row][::2]):
        bands.setdefault(tone, []).append(f"M-23 {geo.row(i):g}h46v{geo.cell_height:g}h-46z")
    paths = "".join(f'<path class="b {tone}" d="{"".join(d)}"/>' for tone, d in bands.items())
    return f'{paths}<rect class="band" x="-23" y="0" width="46" height="{geo.span:g}"/>'


@lru_cache(maxsize=64)
def row_template(columns: int, across: float) -> str:
    """The cells of a row; x = 0 is its left edge, y = 0 its baseline."""
    middle = across / 2 - 1
    return "".join(f'<g class="c %s"><rect x="{j * across:g}"/><text x="{j * across + middle:g}">%s</text></g>' for j in range(columns))


@lru_cache(maxsize=256)
def matrix_template(prefix: str, rows: int, columns: int, across: float, down: float) -> str:
    """The cells of a matrix, a group for each row; x = 0 is its left edge, y = 0 the first row's baseline."""
    cells = row_template(columns, across)
    return "".join(
        f'<g id="{prefix}-{i}" class="vec"{f""" transform="translate(0 {i * down:g})" """ if i else ""}>{cells}</g>' for i in range(rows)
    )


def block(values: NDArray[Any], x: float, y: float, across: float, down: float, scale: float, gap: float = 0.0) -> str:
    """A matrix as colour alone: one path for each colour."""
    columns = values.shape[1]
    bands: dict[str, list[str]] = {}
    for k, tone in enumerate(colours(values, scale)):
        row, column = divmod(k, columns)
        d = f"M{x + column * across:g} {y + row * down:g}h{across - gap:g}v{down - gap:g}h-{across - gap:g}z"
        bands.setdefault(tone, []).append(d)
    return "".join(f'<path class="b {tone}" d="{"".join(d)}"/>' for tone, d in bands.items())


def symbol(x: float, y: float, name: str, index: str = "", after: str = "", classes: str = "", anchor: str = "middle") -> str:
    """A mathematical name with its subscript, such as h_3 or W_hh with its transpose."""
    sub = f'<tspan class="sub" dy="3.5">{index}</tspan>' if index else ""
    lift = -9.5 if after == TRANSPOSE else -3.5  # above the line, or back to it
    tail = f'<tspan class="{"sub" if after == TRANSPOSE else ""}" dy="{lift if index else 0:g}">{after}</tspan>' if after else ""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:g}" y="{y:g}" class="sym {classes}"{place}>{name}{sub}{tail}</text>'


