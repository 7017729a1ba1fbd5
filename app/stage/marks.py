"""The marks the stage is drawn with, as strings of SVG: cells, vectors, matrices, labels.

Sizes of cells and what they look like stand in the style sheet. Every text that a user typed was escaped when
its sheet was made; every other text here is ours or a number.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.stage.layout import Geometry
from app.stage.matrix import TILES, Matrix
from app.stage.numbers import colours
from app.stage.sheet import Sheet

BANDS = 64  # in a vector that is drawn as colours
TRANSPOSE = "\u22a4"
Cell = tuple[str, str]


def upright(geo: Geometry, sheet: Sheet, name: str, i: int = 0) -> str:
    """A vector standing upright about x = 0 from y = 0 down, one cell a unit; or as bands of colour."""
    if not geo.numbered:
        frame = f'<rect class="band" x="-23" y="0" width="46" height="{geo.span:g}"/>'
        return sheet.line(f"band {name}", i) + frame
    rows = zip(_cells(geo), sheet.cells[name].row(i), strict=True)
    return "".join([f'<g class="c {tone}{cell}{number}</text></g>' for cell, (tone, number) in rows])


@lru_cache(maxsize=64)
def _cells(geo: Geometry) -> list[str]:
    """What stands between the colour and the number of each unit's cell."""
    text = geo.cell_height / 2 + 4.5
    return [f'"><rect y="{y:g}"/><text y="{y + text:g}">' for y in map(geo.row, range(geo.units))]


def junction(x: float, y: float, radius: float = 8.0) -> str:
    """Where a line takes something in."""
    half = radius / 2
    return (
        f'<circle class="plus" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'
        f'<path class="plus" d="M{x - half:g} {y:g}h{radius:g}M{x:g} {y - half:g}v{radius:g}"/>'
    )


def bands(geo: Geometry, values: NDArray[Any], scale: float) -> list[str]:
    """Vectors (N, H) as bands of colour; neighbours of one colour are one band where no gap parts them.

    Very many units share bands, each with the colour of its largest number.
    """
    shown = _largest(values.T, BANDS).T
    count = shown.shape[1]
    tones, pitch = colours(shown, scale), (geo.span + geo.gap) / count
    return [_band(tones[k : k + count], pitch, geo.gap) for k in range(0, len(tones), count)]


def _band(tones: list[str], pitch: float, gap: float) -> str:
    drawn: dict[str, list[str]] = {}
    first = 0
    for i in range(1, len(tones) + 1):
        if i == len(tones) or tones[i] != tones[first] or gap:
            height = (i - first) * pitch - gap
            drawn.setdefault(tones[first], []).append(f"M-23 {first * pitch:.4g}h46v{height:.4g}h-46z")
            first = i
    return _coloured(drawn)


def _coloured(drawn: dict[str, list[str]]) -> str:
    return "".join(f'<path class="b {tone}" d="{"".join(paths)}"/>' for tone, paths in drawn.items())


def row(cells: list[Cell], across: float) -> str:
    """The cells of a row; x = 0 is its left edge, y = 0 its baseline."""
    places = zip(_across(across, len(cells)), cells, strict=True)
    return "".join([f'<g class="c {tone}{cell}{text}</text></g>' for cell, (tone, text) in places])


@lru_cache(maxsize=256)
def _across(pitch: float, count: int) -> list[str]:
    """What stands between the colour and the number of each cell of a row."""
    middle = pitch / 2 - 1
    return [f'"><rect x="{x:g}"/><text x="{x + middle:g}">' for x in (j * pitch for j in range(count))]


def rows(prefix: str, lines: list[list[Cell]], across: float, down: float) -> str:
    """The cells of a matrix, a group for each row; x = 0 is its left edge, y = 0 the first row's baseline."""
    return "".join(
        f'<g id="{prefix}-{i}" class="vec"{_lowered(i * down)}>{row(line, across)}</g>'
        for i, line in enumerate(lines)
    )


def _lowered(y: float) -> str:
    return f' transform="translate(0 {y:g})"' if y else ""


def tiles(values: NDArray[Any], place: Matrix, scale: float) -> str:
    """A matrix as colour alone, its corner at (0, 0): one path for each colour.

    A matrix of very many cells is drawn in fewer tiles, each with the colour of its largest number.
    """
    shown = _largest(_largest(values, TILES).T, TILES).T
    drawn: dict[str, list[str]] = {}
    for tone, path in zip(colours(shown, scale), _tiles(place, *shown.shape), strict=True):
        drawn.setdefault(tone, []).append(path)
    return _coloured(drawn)


@lru_cache(maxsize=64)
def _tiles(place: Matrix, rows: int, columns: int) -> list[str]:
    """Path data of each tile, row by row."""
    across, down = place.width / columns, place.depth / rows
    gap = 1 if across > 6 else 0
    size = f"h{across - gap:.4g}v{down - gap:.4g}h-{across - gap:.4g}z"
    return [f"M{j * across:.4g} {i * down:.4g}{size}" for i in range(rows) for j in range(columns)]


def _largest(values: NDArray[Any], most: int) -> NDArray[Any]:
    """At most so many rows, each gathered from several: column by column, the number of largest magnitude."""
    if len(values) <= most:
        return values
    starts = np.arange(most) * len(values) // most
    high, low = np.maximum.reduceat(values, starts), np.minimum.reduceat(values, starts)
    return np.where(high >= -low, high, low)


def symbol(
    x: float,
    y: float,
    name: str,
    index: str | int = "",
    after: str = "",
    classes: str = "",
    anchor: str = "middle",
) -> str:
    """A mathematical name with its subscript, such as h_3 or W_hh with its transpose."""
    sub = f'<tspan class="sub" dy="3.5">{index}</tspan>' if index != "" else ""
    lift = -9.5 if after == TRANSPOSE else -3.5  # above the line, or back to it
    tail = (
        f'<tspan class="{"sub" if after == TRANSPOSE else ""}" dy="{lift if sub else 0:g}">{after}</tspan>'
        if after
        else ""
    )
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:g}" y="{y:g}" class="sym {classes}"{place}>{name}{sub}{tail}</text>'
