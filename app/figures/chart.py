"""What a chart is made of, and the ground all charts share."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.figures.writing import rounded
from app.numerals import tint as stop

Array = NDArray[np.float64]
Figure = dict[str, Any]
"""A Plotly figure. Colours and type are named by design token, `var(--ink)`; the page fills them in."""

MOST_TICKS = 14
TEXTS = 14  # steps up to which a bar carries its number
LABEL_LENGTH = 11
_JOINERS = "\u200c\u200d"  # they hold emoji and some scripts together
_SILENT = ("Cf", "Cc", "Zl", "Zp")


@dataclass(frozen=True)
class Option:
    """One way to look: its key in the names of views, and what the switch says, as HTML."""

    key: str
    label: str


@dataclass(frozen=True)
class Switch:
    """A choice among ways to look at one chart; the first option is the one it opens with."""

    name: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Table:
    """The numbers of a chart, written out. head : HTML; rows : text; note : what is left out, if anything."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Key:
    """One entry of the legend: the mark's kind, a class of the style sheet, and its meaning as HTML."""

    kind: str
    label: str


@dataclass(frozen=True)
class Chart:
    """One chart.

    name : its identifier; title : what it is; caption : what this run shows in it, as HTML
    phase : where in the animation a click on a timestep leads
    views : figures by the options' keys joined with a dot; every combination is there
    scale : the ends of the colour scale, when cells are coloured by value
    stops : the colours from one end of it to the other
    """

    name: str
    title: str
    caption: str
    phase: str
    switches: tuple[Switch, ...]
    views: dict[str, Figure]
    keys: tuple[Key, ...]
    table: Table
    scale: tuple[str, str] | None = None
    stops: tuple[str, ...] = ("n10", "n8", "n6", "n4", "n2", "0", "p2", "p4", "p6", "p8", "p10")


def var(token: str) -> str:
    """A design token as a colour."""
    return f"var(--{token})"


def tint(t: int, length: int) -> str:
    """The colour of step t of `length`."""
    return var(f"t{stop(t, length)}")


def label(word: str, length: int = LABEL_LENGTH) -> str:
    """A word as Plotly may show it: short, without Plotly's markup or characters that turn text around."""
    plain = "".join(c for c in word if c in _JOINERS or unicodedata.category(c) not in _SILENT)
    short = plain if len(plain) <= length else plain[: length - 1] + "…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def said(word: str) -> str:
    """A word of the sentence inside HTML: quoted, escaped, and kept from turning the text around it."""
    return f"“<bdi>{escape(word if len(word) <= 40 else word[:39] + '…')}</bdi>”"


def sub(name: str) -> str:
    """A name such as W_hh with its index set low, as HTML."""
    letter, _, index = name.partition("_")
    return f"{letter}<sub>{index}</sub>"


def time_axis(words: tuple[str, ...]) -> dict[str, Any]:
    """The axis of timesteps: number and word under each step while they fit, else every few steps' number."""
    steps = len(words)
    every = -(-steps // MOST_TICKS)
    shown = range(1, steps + 1, every)
    texts = [f"{t}<br>{label(words[t - 1])}" if every == 1 and steps <= 8 else str(t) for t in shown]
    return {
        "title": {"text": "timestep"},
        "tickvals": list(shown),
        "ticktext": texts,
        "range": [0.5, steps + 0.5],
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "tickcolor": var("line"),
        "linecolor": var("line"),
    }


def value_axis(title: str, **more: Any) -> dict[str, Any]:
    """The axis of values; `title` names the quantity and its scale."""
    return {
        "title": {"text": title, "standoff": 8},
        "fixedrange": True,
        "automargin": True,
        "gridcolor": var("line"),
        "zerolinecolor": var("edge"),
        "zerolinewidth": 1.5,
        "tickcolor": var("line"),
        **more,
    }


def step_bars(values: Array, texts: list[str], **more: Any) -> Figure:
    """A bar for each step in its tint, from values (T,); texts: T of them, shown up to TEXTS steps."""
    steps = len(values)
    found: Figure = {
        "type": "bar",
        "x": list(range(1, steps + 1)),
        "y": rounded(values).tolist(),
        "marker": {"color": [tint(t, steps) for t in range(1, steps + 1)], "line": {"width": 0}},
        **more,
    }
    if steps <= TEXTS:
        found |= {
            "text": texts,
            "textposition": "outside",
            "constraintext": "none",  # a bar that is narrow does not make its number small
            "cliponaxis": False,
            "textfont": {"family": var("figures"), "size": 12, "color": var("ink")},
        }
    return found


def layout(**more: Any) -> dict[str, Any]:
    """The ground of every chart: transparent, no dragging, no legend of Plotly's own."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "dragmode": False,
        "font": {"family": var("text"), "color": var("quiet"), "size": 12},
        "height": 300,
        "autosize": True,
        "margin": {"l": 56, "r": 12, "t": 12, "b": 54},
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": var("surface"),
            "bordercolor": var("edge"),
            "font": {"family": var("text"), "color": var("ink"), "size": 13},
        },
        **more,
    }
