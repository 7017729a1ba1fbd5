"""What each step adds to a shared parameter: signed bars, stacked entry by entry in the order the coins arrive.

Bars to the right of zero raise the entry's gradient, bars to the left lower it; the black tick is the total. Since
the stack is in order of arrival (the last step first), a step's bars never move when the next coin lands: each
step's bars over all entries are one path.
"""

from html import escape
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.stage.matrix import matrix_of
from app.stage.numbers import MINUS, short, shorts, tint
from app.stage.paths import tenths
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.stage.words import abridged

Array = NDArray[np.float64]
SHOWN = 12
WIDTH, LABEL, SCALE, PITCH, TOP = 236, 62, 120, 20, 24
ZERO = LABEL + SCALE / 2


def shown(shape: Shape, name: str) -> int:
    """How many entries of a parameter have bars."""
    place = matrix_of(shape, name)
    return min(SHOWN, place.rows * place.columns)


class Stacks(NamedTuple):
    """What is drawn of one parameter. entries: places in the flat matrix, n of them. limit: the longest stack.

    terms : (T, n), over the limit. total : (n,).
    """

    entries: list[int]
    limit: float
    terms: Array
    total: Array


def _stacks(run: Run, shape: Shape, name: str) -> Stacks:
    """The entries with the longest stacks, in the matrix's order."""
    terms = _terms(run, name)
    # The longer of an entry's two stacks, the one to the right and the one to the left.
    longest = (np.abs(terms).sum(0) + np.abs(terms.sum(0))) / 2
    entries = np.sort(np.argsort(-longest, kind="stable")[: shown(shape, name)])
    limit = float(longest.max()) or 1.0
    total = run.gradients["left_to_right"][name].total.ravel()[entries]
    return Stacks(entries.tolist(), limit, terms[:, entries] / limit, total)


def bar_lines(run: Run, shape: Shape) -> dict[str, list[str]]:
    """The paths and labels of all bars."""
    stacks = {name: _stacks(run, shape, name) for name in shape.shared}
    tops = [TOP + k * PITCH for of in stacks.values() for k in range(len(of.entries))]
    segments = _segments(np.concatenate([of.terms for of in stacks.values()], axis=1), tops)
    totals = shorts(np.concatenate([of.total for of in stacks.values()]))
    ticks = tenths(ZERO + np.concatenate([of.total / of.limit for of in stacks.values()]) * SCALE / 2)
    lines: dict[str, list[str]] = {}
    first = 0
    for name, of in stacks.items():
        here = slice(first, first := first + len(of.entries))
        places = [divmod(entry, shape.units) for entry in of.entries]
        high = short(of.limit)
        lines |= {
            f"bars {name}": ["".join(of_step[here]) for of_step in segments],
            f"limits {name}": [MINUS + high, high],
            f"ticks {name}": ticks[here],
            f"entries {name}": [f"{i}.{j}" for i, j in places],
            f"arrows {name}": [_arrow(run, name, i, j) for i, j in places],
            f"totals {name}": totals[here],
        }
    return lines


def _terms(run: Run, name: str) -> Array:
    """What each step adds to each entry, (T, entries). A word's coin fills one row of W_xh: no product is needed."""
    steps = len(run.words)
    if name != "W_xh":
        return np.asarray(run.gradients["left_to_right"][name].terms).reshape(steps, -1)
    terms = np.zeros((steps, len(run.vocabulary), run.experiment.hidden_size))
    terms[np.arange(steps), run.ids] = run.backward.d_preactivation
    return terms.reshape(steps, -1)


def _segments(terms: Array, tops: list[int]) -> list[list[str]]:
    """For each step and entry the path of its bar, which starts where the bars of its sign that came before it end.

    terms : (T, n), a stack of 1 reaching the end of the scale. tops : (n,).
    """
    late = terms[::-1] * (SCALE / 2)
    right = np.maximum(late, 0.0)
    ends = np.where(late > 0.0, np.cumsum(right, 0), np.cumsum(late - right, 0))
    starts, stops = tenths(ZERO + (ends - late)[::-1]), tenths(ZERO + ends[::-1])
    drawn, count = terms.ravel().tolist(), len(tops)
    return [
        [f"M{starts[k]} {y}v13H{stops[k]}v-13z" if drawn[k] else "" for k, y in enumerate(tops, first)]
        for first in range(0, len(drawn), count)
    ]


def _arrow(run: Run, name: str, i: int, j: int) -> str:
    """The name of an entry: from what, to which unit."""
    if name == "b_h":
        return f"unit {j + 1}"
    source = escape(abridged(run.vocabulary[i], 6)[0]) if name == "W_xh" else str(i + 1)
    return f"{source} \u2192 {j + 1}"


def bars(shape: Shape, sheet: Sheet, name: str) -> str:
    """The bars of one parameter, an SVG."""
    height = TOP + PITCH * shown(shape, name) + 6
    low, high = (sheet.line(f"limits {name}", k) for k in range(2))
    paths = (
        f'<path id="bars-{name}-{t}" class="bar t-{tint(t, shape.steps)}" d="{sheet.line(f"bars {name}", t - 1)}"/>'
        for t in range(shape.steps, 0, -1)
    )
    ticks = (f'<path class="tick" d="M{x} {TOP + k * PITCH - 3}v19"/>' for k, x in enumerate(sheet.lines[f"ticks {name}"]))
    return "".join((
        f'<svg class="bars" id="bars-{name}" data-name="{name}" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'role="group" aria-label="what each step adds to {name}">',
        f'<text class="tk" x="{LABEL}" y="12">{low}</text><text class="tk" x="{ZERO:g}" y="12" text-anchor="middle">0</text>'
        f'<text class="tk" x="{LABEL + SCALE}" y="12" text-anchor="end">{high}</text>'
        f'<text class="tk" x="{WIDTH}" y="12" text-anchor="end">total</text><path class="zero" d="M{ZERO:g} 18V{height - 2}"/>',
        *paths, f'<g id="tick-{name}">', *ticks, "</g>", *(_label(sheet, name, k) for k in range(shown(shape, name))), "</svg>",
    ))  # fmt: skip


def _label(sheet: Sheet, name: str, k: int) -> str:
    """An entry's name and total, over the whole width so that it can be clicked anywhere."""
    entry, arrow, total = (sheet.line(f"{kind} {name}", k) for kind in ("entries", "arrows", "totals"))
    y = TOP + k * PITCH
    return (
        f'<g class="entry c" data-part="tot-{name}-{entry}"><rect x="0" y="{y - 3}" width="{WIDTH}" height="{PITCH - 1}"/>'
        f'<text class="entryname" x="0" y="{y + 10.5}">{arrow}</text>'
        f'<text class="num" x="{WIDTH}" y="{y + 10.5}" text-anchor="end">{total}</text></g>'
    )
