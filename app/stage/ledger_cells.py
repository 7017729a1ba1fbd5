"""Numbers of the ledger as HTML: one `<b>` a number, named by its part, and a window on large matrices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.stage.numbers import FORWARD_SCALE, colours, shorts
from app.stage.words import abridged

Values = Sequence[float] | NDArray[Any]
WHOLE_UNITS = 8  # up to so many hidden units every matrix is shown whole
WINDOW = 4  # beyond, this many rows and columns of it


@dataclass(frozen=True)
class Window:
    """The hidden units that matrices show: rows of W_hh (`into` the step), columns (`out` of it), from 0."""

    units: int
    into: int = 0
    out: int = 0

    @property
    def whole(self) -> bool:
        return self.units <= WHOLE_UNITS

    @property
    def size(self) -> int:
        return self.units if self.whole else WINDOW

    @property
    def rows(self) -> range:
        """Units of h_{t-1}."""
        return range(self.into, min(self.into + self.size, self.units))

    @property
    def columns(self) -> range:
        """Units of h_t."""
        return range(self.out, min(self.out + self.size, self.units))


def window(units: int, into: int = 0, out: int = 0) -> Window:
    """The window that starts at or before the units asked for, inside the network whatever was asked."""
    if units <= WHOLE_UNITS:
        return Window(units)
    last = (units - 1) // WINDOW * WINDOW
    return Window(
        units, min(max(into, 0), last) // WINDOW * WINDOW, min(max(out, 0), last) // WINDOW * WINDOW
    )


def cells(
    parts: Iterable[str],
    values: Values,
    columns: int,
    label: str,
    scale: float | None = FORWARD_SCALE,
    **look: Any,
) -> str:
    """Numbers in rows of `columns`, each with its part; no colour when `scale` is None. `look`: trim,
    or the texts."""
    texts = look.get("texts") or shorts(values, look.get("trim", False))
    tones = colours(values, scale) if scale else ["plain"] * len(texts)
    inside = "".join(
        [
            f'<b class="n {tone}" data-part="{part}">{text}</b>'
            for part, tone, text in zip(parts, tones, texts, strict=True)
        ]
    )
    return f'<span class="mx c{columns}" role="group" aria-label="{escape(label)}">{inside}</span>'


def vector(
    part: str,
    values: NDArray[Any],
    shown: range,
    label: str,
    scale: float | None,
    upright: bool,
    **look: Any,
) -> str:
    """The shown entries of a vector, lying down or standing up."""
    names = [f"{part}.{i}" for i in shown]
    return cells(names, values[shown.start : shown.stop], 1 if upright else len(shown), label, scale, **look)


def matrix(
    part: str, values: NDArray[Any], rows: range, columns: range, label: str, scale: float, mark: str = "."
) -> str:
    """The shown block of a matrix. The part of an entry is part + mark + row + "." + column."""
    names = [f"{part}{mark}{i}.{j}" for i in rows for j in columns]
    block = values[rows.start : rows.stop, columns.start : columns.stop]
    return cells(names, block.ravel(), len(columns), label, scale)


def product(
    part: str, left: NDArray[Any], right: NDArray[Any], rows: range, columns: range, label: str, scale: float
) -> str:
    """The shown block of left outer right, made from its factors alone."""
    names = [f"{part}-{i}.{j}" for i in rows for j in columns]
    block = np.multiply.outer(left[rows.start : rows.stop], right[columns.start : columns.stop])
    return cells(names, block.ravel(), len(columns), label, scale)


def word(text: str, room: int = 12) -> str:
    """A word that a user typed, shortened and isolated, safe in HTML."""
    shown, cut = abridged(text, room)
    title = f' title="{escape(text[:80])}"' if cut else ""
    return f"<bdi{title}>{escape(shown)}</bdi>"
