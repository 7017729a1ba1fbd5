"""What each step adds to a shared parameter: signed bars, stacked entry by entry as the coins arrive.

Bars to the right of zero raise the entry's gradient, bars to the left lower it; the black tick is the total.
Since the stack is in order of arrival (the last step first), a step's bars never move when the next coin
lands: each step's bars over all entries are one path.
"""

from collections.abc import Callable
from functools import lru_cache
from html import escape
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.numerals import tint
from app.stage.matrix import matrix_of
from app.stage.paths import tenths, tenths_table
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.stage.weights import Weight
from app.stage.words import abridged
from app.wording.catalogue import _, kept_by_language

Array = NDArray[np.float64]
Places = list[tuple[int, int]]  # row and column
SHOWN = 12
WIDTH, LABEL, SCALE, PITCH, TOP = 236, 70, 104, 20, 24
HALF = SCALE / 2
ZERO = LABEL + HALF
TINY = 1e-200  # a stack shorter than this: its factors divided by it might be infinite


def shown(shape: Shape, name: str) -> int:
    """How many entries of a parameter have bars."""
    place = matrix_of(shape, name)
    return min(SHOWN, place.rows * place.columns)


def height(shape: Shape, name: str) -> int:
    """How tall the bars of a parameter are drawn, in pixels."""
    return TOP + PITCH * shown(shape, name) + 6


class Stacks(NamedTuple):
    """What is drawn of one parameter. entries: n places, in the flat matrix. limit: the longest stack.

    terms : (T, n), over the limit. total : (n,).
    """

    entries: NDArray[np.intp]
    limit: float
    terms: Array
    total: Array


def _stacks(run: Run, shape: Shape, name: str) -> Stacks:
    """The entries with the longest stacks, in the matrix's order. A step adds left_t outer right_t."""
    weight = shape.weights[name]
    outer = weight.gradient(run)
    left, right, total = _left(run, weight), outer.right[:, 0], outer.total.ravel()
    # The longer of an entry's two stacks, the one to the right and the one to the left, is the mean of these.
    longest = (np.abs(left).T.dot(np.abs(right)).ravel() + np.abs(total)) / 2
    entries = (-longest).argsort(kind="stable")[: shown(shape, name)]
    entries.sort()
    limit = float(longest[entries].max()) or 1.0
    rows, columns = np.divmod(entries, total.size // left.shape[1])
    entered, blamed = left[:, rows], right[:, columns]
    # No number on the way may outgrow float64.
    terms = entered * blamed / limit if limit < TINY else entered * (blamed / limit)
    return Stacks(entries, limit, terms, total[entries])


def _left(run: Run, weight: Weight) -> Array:
    """What enters the product at each step, (T, N): the word's code, the state before, or a bias's 1."""
    if weight.role == "state":
        return run.forward.chains[weight.group].h_prev
    if weight.key == "W_hy":
        return run.forward.readout_input
    if weight.role in ("bias", "readout"):
        return np.ones((len(run.words), 1))
    words = np.zeros((len(run.words), len(run.vocabulary)))
    words[np.arange(len(run.words)), run.ids] = 1.0
    return words


def stacks_of(run: Run, shape: Shape) -> dict[str, Stacks]:
    """What is drawn of each shared parameter."""
    return {name: _stacks(run, shape, name) for name in shape.shared}


def bar_numbers(stacks: dict[str, Stacks]) -> dict[str, Array]:
    """The totals of the entries, and the longest stack of a parameter."""
    totals = {f"totals {name}": of.total for name, of in stacks.items()}
    return totals | {f"limits {name}": np.array([-of.limit, of.limit]) for name, of in stacks.items()}


def bar_places(stacks: dict[str, Stacks]) -> dict[str, Array]:
    """Where the ticks of the totals stand."""
    return {f"ticks {name}": of.total / of.limit * HALF + ZERO for name, of in stacks.items()}


def bar_lines(run: Run, shape: Shape, stacks: dict[str, Stacks]) -> dict[str, list[str]]:
    """The paths and labels of all bars."""
    sides = [side for of in stacks.values() for side in SIDES[: len(of.entries)]]
    paths = _paths(np.concatenate([of.terms for of in stacks.values()], axis=1), sides)
    lines: dict[str, list[str]] = {}
    first = 0
    for name, of in stacks.items():
        here = slice(3 * first, 3 * (first := first + len(of.entries)))
        weight, columns = shape.weights[name], matrix_of(shape, name).columns
        places = [divmod(entry, columns) for entry in of.entries.tolist()]
        lines |= {
            f"bars {name}": ["".join(of_step[here]) for of_step in paths],
            f"entries {name}": [_place(*place) for place in places],
            f"arrows {name}": NAMES[weight.role](run, places),
        }
    return lines


# The three pieces of a bar's path.
STARTS, STOPS = tenths_table("M"), tenths_table(after="v-13z")
SIDES = [f" {TOP + k * PITCH}v13H" for k in range(SHOWN)]


def _paths(terms: Array, sides: list[str]) -> list[list[str]]:
    """The paths of each step's bars in three pieces, empty where a term is zero.

    A bar starts where the bars of its sign that came before it end.
    terms : (T, n), a stack of 1 reaching the end of the scale. sides : (n,).
    """
    late = terms[::-1] * HALF
    right = np.maximum(late, 0.0)
    ends = np.where(late > 0.0, right.cumsum(0), (late - right).cumsum(0))
    paths = np.empty((*terms.shape, 3), dtype=object)
    paths[..., 0] = tenths((ends - late)[::-1] + ZERO, STARTS)
    paths[..., 1] = sides
    paths[..., 2] = tenths(ends[::-1] + ZERO, STOPS)
    paths[terms == 0.0] = ""
    pieces: list[list[str]] = paths.reshape(len(terms), -1).tolist()
    return pieces


@lru_cache(maxsize=4096)
def _place(i: int, j: int) -> str:
    return f"{i}.{j}"


@kept_by_language(4096)
def _arrow(source: str, j: int) -> str:
    """From what, to which unit."""
    return f"{escape(source)} \u2192 {j + 1}" if source else _("unit {j}", j=j + 1)


def _words(run: Run, places: Places) -> list[str]:
    return [_arrow(abridged(run.vocabulary[i], 6)[0], j) for i, j in places]


def _answers(run: Run, places: Places) -> list[str]:
    """Of a readout that every step pays to: from which unit to which word; of its bias the word."""
    return [f"{i + 1} \u2192 {escape(abridged(run.vocabulary[j], 6)[0])}" for i, j in places]


# The names of entries: each leads from a word or a unit, or from nothing for a bias, to a unit or a word.
NAMES: dict[str, Callable[[Run, Places], list[str]]] = {
    "words": _words,
    "state": lambda run, places: [_arrow(str(i + 1), j) for i, j in places],
    "bias": lambda run, places: [_arrow("", j) for _, j in places],
    "readout": _answers,
}


def bars(shape: Shape, sheet: Sheet, name: str) -> str:
    """The bars of one parameter, an SVG."""
    tall = height(shape, name)
    low, high = sheet.cells[f"limits {name}"].texts
    paths = (
        f'<path id="bars-{name}-{t}" class="bar t-{tint(t, shape.steps)}" '
        f'd="{sheet.line(f"bars {name}", t - 1)}"/>'
        for t in range(shape.steps, 0, -1)
    )
    ticks = (
        f'<path class="tick" d="M{x} {TOP + k * PITCH - 3}v19"/>'
        for k, x in enumerate(sheet.lines[f"ticks {name}"])
    )
    return "".join(
        (
            f'<svg class="bars" id="bars-{name}" data-name="{name}" width="{WIDTH}" height="{tall}" '
            f'viewBox="0 0 {WIDTH} {tall}" '
            f'role="group" aria-label="' + _("what each step adds to {name}", name=name) + '">',
            f'<text class="tk" x="{LABEL}" y="12">{low}</text><text class="tk" x="{ZERO:g}" y="12" '
            'text-anchor="middle">0</text>'
            f'<text class="tk" x="{LABEL + SCALE}" y="12" text-anchor="end">{high}</text>'
            f'<text class="tk" x="{WIDTH}" y="12" text-anchor="end">' + _("total") + f"</text>"
            f'<path class="zero" d="M{ZERO:g} 18V{tall - 2}"/>',
            *paths,
            f'<g id="tick-{name}">',
            *ticks,
            "</g>",
            *(_label(sheet, name, k) for k in range(shown(shape, name))),
            "</svg>",
        )
    )


def _label(sheet: Sheet, name: str, k: int) -> str:
    """An entry's name and total, over the whole width so that it can be clicked anywhere."""
    entry, arrow, total = (
        sheet.line(f"entries {name}", k),
        sheet.line(f"arrows {name}", k),
        sheet.number(f"totals {name}", k),
    )
    y = TOP + k * PITCH
    return (
        f'<g class="entry c" data-part="tot-{name}-{entry}"><rect x="0" y="{y - 3}" width="{WIDTH}" '
        f'height="{PITCH - 1}"/>'
        f'<text class="entryname" x="0" y="{y + 10.5}">{arrow}</text>'
        f'<text class="num" x="{WIDTH}" y="{y + 10.5}" text-anchor="end">{total}</text></g>'
    )
