"""The marks the stage is drawn with, as strings of SVG: cells, vectors, matrices, labels.

Strings joined by f-strings are many times cheaper than a template's loop over floats. Every text that a user
typed passes through `escape`; every other text here is ours or a number.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.stage.numbers import FORWARD_SCALE, colours, shorts

TRANSPOSE = "\u22a4"
Values = Sequence[float] | NDArray[Any]

__all__ = ["block", "column_vector", "escape", "plain_vector", "row_vector", "symbol"]


def _cell(x: float, y: float, width: float, height: float, colour: str, text: str) -> str:
    return (
        f'<g class="c {colour}"><rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3"/>'
        f'<text x="{x + width / 2:g}" y="{y + height / 2 + 4.5:g}">{text}</text></g>'
    )


def column_vector(
    part: str, values: Values, x: float, y: float, pitch: float, gap: float, numbered: bool, **look: Any
) -> str:
    """A vector standing upright, one cell a unit. `look`: width, scale, kind (a class), trim."""
    width, kind = look.get("width", 46), look.get("kind", "")
    head = f'<g id="{part}" class="vec {kind}">'
    if not numbered:
        return head + _strip(values, x, y, width, pitch, gap, look.get("scale", FORWARD_SCALE)) + "</g>"
    tones = colours(values, look.get("scale", FORWARD_SCALE))
    texts = shorts(values, look.get("trim", False))
    height = pitch - gap
    cells = [_cell(x, y + i * pitch, width, height, c, s) for i, (c, s) in enumerate(zip(tones, texts, strict=True))]
    return head + "".join(cells) + "</g>"


def row_vector(part: str, values: Values, x: float, y: float, pitch: float = 48, height: float = 20, **look: Any) -> str:
    """A vector lying down, as a row of a weight matrix."""
    tones = colours(values, look.get("scale", FORWARD_SCALE))
    texts = shorts(values, look.get("trim", False))
    cells = [_cell(x + i * pitch, y, pitch - 2, height, c, s) for i, (c, s) in enumerate(zip(tones, texts, strict=True))]
    return f'<g id="{part}" class="vec {look.get("kind", "")}">' + "".join(cells) + "</g>"


def plain_vector(part: str, values: Values, x: float, y: float, pitch: float, gap: float, numbered: bool, **look: Any) -> str:
    """Slopes: numbers that carry no colour, because a factor is neither positive nor negative news."""
    if not numbered:
        return column_vector(part, values, x, y, pitch, gap, numbered, **look)
    height, width, kind = pitch - gap, look.get("width", 42), look.get("kind", "")
    cells = [
        f'<g class="c"><rect x="{x:g}" y="{y + i * pitch:g}" width="{width}" height="{height:g}" rx="3"/>'
        f'<text x="{x + width / 2:g}" y="{y + i * pitch + height / 2 + 4.5:g}">{s}</text></g>'
        for i, s in enumerate(shorts(values))
    ]
    return f'<g id="{part}" class="vec slope {kind}">' + "".join(cells) + "</g>"


def _strip(values: Values, x: float, y: float, width: float, pitch: float, gap: float, scale: float) -> str:
    """Many units as bands of colour: one path for each colour, however many units share it."""
    bands: dict[str, list[str]] = {}
    for i, tone in enumerate(colours(values, scale)):
        bands.setdefault(tone, []).append(f"M{x:g} {y + i * pitch:g}h{width:g}v{pitch - gap:g}h-{width:g}z")
    frame = f'<rect class="frame" x="{x:g}" y="{y:g}" width="{width:g}" height="{len(np.ravel(values)) * pitch - gap:g}"/>'
    return "".join(f'<path class="b {tone}" d="{"".join(d)}"/>' for tone, d in bands.items()) + frame


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
    """A mathematical name with its subscript, such as h_3 or f'(a_3)."""
    sub = f'<tspan class="sub" dy="3.5">{index}</tspan>' if index else ""
    lift = -9.5 if after == TRANSPOSE else -3.5  # back to the baseline, or above it
    tail = f'<tspan class="{"sub" if after == TRANSPOSE else ""}" dy="{lift if index else 0:g}">{after}</tspan>' if after else ""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:g}" y="{y:g}" class="sym {classes}"{place}>{name}{sub}{tail}</text>'


def joined(parts: Iterable[str]) -> str:
    return "".join(parts)
