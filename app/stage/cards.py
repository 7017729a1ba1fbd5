"""The one set of weights: a card for each parameter, with a rack for the coins that the steps pay in.

A card shows five layers in the same place, so that the eye never has to travel: the weight, the coin of a step
(what entered on the left, what it is blamed for on top, their products inside), the total, the step -eta g, and
the new weight. The storyboard says which layer is lit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.stage.column import abridged
from app.stage.marks import block, cells, escape, matrix_template, row_template
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE, short, tint
from app.stage.sheet import Sheet

Array = NDArray[Any]
TOP = 48  # the matrix starts here; the step's delta stands above it
RACK = 84
BASE = 14.5  # from the top of a cell to the baseline of its number


@dataclass(frozen=True)
class Matrix:
    """Where a card's matrix stands: left edge, cell pitch across and down, whether cells carry numbers."""

    rows: int
    columns: int
    left: float
    across: float
    down: float
    numbered: bool

    def at(self) -> str:
        """Where the first row's baseline starts."""
        return f'transform="translate({self.left:g} {TOP + BASE})"'

    @property
    def width(self) -> float:
        return self.columns * self.across

    @property
    def depth(self) -> float:
        return self.rows * self.down


def _matrix(rows: int, columns: int, left: float) -> Matrix:
    if columns <= 8 and rows <= 40:
        return Matrix(rows, columns, left, 48 if columns <= 4 else 42, 22, True)
    return Matrix(rows, columns, left, max(1.0, 240 / columns), max(1.0, min(12.0, 240 / rows)), False)


def cards(sheet: Sheet) -> str:
    """The tray: W_xh, W_hh, b_h and the readout, each an SVG of its own so that the page can wrap them."""
    drawn = [_weight_card(sheet, "W_xh", 66.0), _weight_card(sheet, "W_hh", 56.0)]
    if sheet.has_bias:
        drawn.append(_weight_card(sheet, "b_h", 4.0))
    return "".join(drawn) + _readout_card(sheet.run)


def _weight_card(sheet: Sheet, name: str, left: float) -> str:
    run = sheet.run
    value = np.atleast_2d(run.parameters["left_to_right"][name])
    place = _matrix(value.shape[0], value.shape[1], left)
    rack_x = left + place.width + 12
    height = TOP + max(place.depth, _rack_depth(len(run.words)) + 2) + 14
    shape = " \u00d7 ".join(str(n) for n in run.parameters["left_to_right"][name].shape)
    return (
        f'<svg id="{name}" class="weights" data-name="{name}" width="{rack_x + RACK:g}" height="{height:g}" '
        f'viewBox="0 0 {rack_x + RACK:g} {height:g}" role="group" aria-label="{name}, {shape}">'
        + _title(name, shape, left)
        + (_word_labels(run, place) if name == "W_xh" else "")
        + _layers(run, "left_to_right", name, value, place)
        + _coins(sheet, name, place)
        + _rack(run, name, rack_x)
        + "</svg>"
    )


def _title(name: str, shape: str, left: float) -> str:
    letter, sub = name.split("_")
    return (
        f'<text class="wname" x="{left:g}" y="16">{letter}<tspan class="sub" dy="3.5">{sub}</tspan>'
        f'<tspan class="shape" dx="7" dy="-3.5">{shape}</tspan></text>'
    )


def _word_labels(run: Run, place: Matrix) -> str:
    """Row names of W_xh: the words of the vocabulary, or only those of the sentence when there are many."""
    used = set(run.ids)
    rows = range(place.rows) if place.numbered else sorted(used) if len(used) * 13 <= place.depth else []
    return "".join(
        f'<text id="word-{i}" class="wlabel" x="{place.left - 8:g}" y="{TOP + i * place.down + min(place.down, 22) / 2 + 4:.1f}" '
        f'text-anchor="end">{escape(abridged(run.vocabulary[i], 7)[0])}</text>'
        for i in rows
    )


def _layers(run: Run, group: str, name: str, value: Array, place: Matrix) -> str:
    """The weight, its gradient, the step and the new weight, one over the other."""
    total = np.atleast_2d(run.gradients[group][name].total).reshape(value.shape)
    step = -run.experiment.learning_rate * run.update.clip_scale * total
    after = np.reshape(run.update.parameters[group][name], value.shape)
    return "".join((
        _layer("", name, value, place, FORWARD_SCALE, trim=True), _layer("tot-", name, total, place, GRADIENT_SCALE),
        _layer("step-", name, step, place, GRADIENT_SCALE), _layer("new-", name, after, place, FORWARD_SCALE),
    ))  # fmt: skip


KINDS = {"": "layer w", "tot-": "layer total", "step-": "layer step", "new-": "layer new"}


def _layer(prefix: str, name: str, values: Array, place: Matrix, scale: float, trim: bool = False) -> str:
    head = f'<g id="{prefix}{name}-all" class="{KINDS[prefix]}"'
    if not place.numbered:
        inside = block(values, place.left, TOP, place.across, place.down, scale, 1 if place.across > 6 else 0)
        return f'{head}>{inside}<rect class="band" x="{place.left:g}" y="{TOP}" width="{place.width:g}" height="{place.depth:g}"/></g>'
    template = matrix_template(f"{prefix}{name}", place.rows, place.columns, place.across, place.down)
    return f'{head} {place.at()}>{template % cells(values, scale, trim).flat}</g>'


def _coins(sheet: Sheet, name: str, place: Matrix) -> str:
    """What each step pays in, as the product it is: left factor beside the rows, right factor above the columns."""
    steps = len(sheet.run.words)
    if not place.numbered:
        edge = f'x="{place.left - 3:g}" y="{TOP - 3}" width="{place.width + 6:g}" height="{place.depth + 6:g}" rx="5"'
        return "".join(f'<g id="coin-{name}-{t}" class="layer coin t-{tint(t, steps)}"><rect class="coinframe" {edge}/></g>' for t in range(1, steps + 1))
    drawn = [COINS[name](sheet, t, place) for t in range(1, steps + 1)]
    return "".join(f'<g id="coin-{name}-{t}" class="layer coin t-{tint(t, steps)}" {place.at()}>{coin}</g>' for t, coin in enumerate(drawn, 1))


def _row(prefix: str, place: Matrix, slots: tuple[str, ...], row: float = 0, kind: str = "") -> str:
    """One row of cells at a row of the matrix; `prefix` ends up as the group's id with -0."""
    inside = row_template(place.columns, place.across) % slots
    return f'<g id="{prefix}" class="vec {kind}" transform="translate(0 {row * place.down:g})">{inside}</g>'


def _coin_of_words(sheet: Sheet, t: int, place: Matrix) -> str:
    row = sheet.run.ids[t - 1]
    return _veil(place) + _row(f"in-W_xh-{t}", place, sheet.d_a.slots[t - 1], row)


def _coin_of_state(sheet: Sheet, t: int, place: Matrix) -> str:
    seen = "".join(
        f'<g class="c {slot[0]}"><rect x="-52" y="{i * place.down - BASE:g}"/><text x="-29" y="{i * place.down:g}">{slot[1]}</text></g>'
        for i, slot in enumerate(batched(sheet.before_slots(t)))
    )
    above = _row(f"top-W_hh-{t}", place, sheet.d_a.slots[t - 1], -24 / place.down, "blame")
    return above + f'<g id="left-W_hh-{t}" class="vec seen">{seen}</g>' + _veil(place) + _products(sheet, t, place)


def _coin_of_bias(sheet: Sheet, t: int, place: Matrix) -> str:
    inside = bool(sheet.run.forward.bias_inside[t - 1])
    return _row(f"in-b_h-{t}", place, (sheet.d_a if inside else sheet.d_h).slots[t - 1])


COINS: dict[str, Callable[[Sheet, int, Matrix], str]] = {"W_xh": _coin_of_words, "W_hh": _coin_of_state, "b_h": _coin_of_bias}


def batched(slots: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Colour and text of each cell."""
    return zip(slots[::2], slots[1::2], strict=True)


def _veil(place: Matrix) -> str:
    return f'<rect class="veil" x="-2" y="{-BASE - 2}" width="{place.width + 2:g}" height="{place.depth + 2:g}" rx="5"/>'


def _products(sheet: Sheet, t: int, place: Matrix) -> str:
    """The products inside the W_hh coin, for as many units as a student multiplies; the ledger has the rest."""
    if place.columns > 4 or len(sheet.run.words) > 40:
        return ""
    outer = sheet.run.gradients["left_to_right"]["W_hh"]
    term = np.reshape(outer.left[t - 1], (-1, 1)) * np.reshape(outer.right[t - 1], (1, -1))
    template = matrix_template(f"in-W_hh-{t}", place.rows, place.columns, place.across, place.down)
    return template % cells(term, GRADIENT_SCALE).flat


def _rack_depth(steps: int) -> float:
    if steps <= 6:
        return steps * 23.0
    return 20.0 * -(-steps // 4) if steps <= 40 else 6.0 * -(-steps // 14)


def _rack(run: Run, name: str, x: float) -> str:
    """One slot a step, filled from the bottom in the order of arrival: the last step pays first."""
    steps = len(run.words)
    norms = run.gradients["left_to_right"][name].norms.tolist()
    depth = _rack_depth(steps)
    slots = "".join(_slot(name, t, steps, norms[t - 1], x, TOP + depth) for t in range(1, steps + 1))
    wall = f'<path class="rack" d="M{x - 4:g} {TOP - 4}V{TOP + depth + 3:g}H{x + 82:g}V{TOP - 4}"/>'
    total = f'<text id="total-{name}" class="num bw total" x="{x + 82:g}" y="{TOP - 10}" text-anchor="end">\u2016\u03a3\u2016 {short(_norm(run, name))}</text>'
    return f'<g class="rackbox">{wall}{slots}{total}</g>'


def _norm(run: Run, name: str) -> float:
    return float(np.linalg.norm(run.gradients["left_to_right"][name].total))


def _slot(name: str, t: int, steps: int, norm: float, x: float, floor: float) -> str:
    arrival, stop = steps - t, tint(t, steps)
    if steps <= 6:
        y = floor - 23 * (arrival + 1) + 1
        return (
            f'<g id="slot-{name}-{t}" class="slot t-{stop}"><rect x="{x:g}" y="{y:g}" width="78" height="20" rx="10"/>'
            f'<circle cx="{x + 10:g}" cy="{y + 10:g}" r="8.5"/><text class="k" x="{x + 10:g}" y="{y + 14:g}">{t}</text>'
            f'<text class="n" x="{x + 48:g}" y="{y + 14.5:g}">{short(norm)}</text></g>'
        )
    if steps <= 40:
        cx, cy = x + 10 + 21 * (arrival % 4), floor - 10 - 20 * (arrival // 4)
        return f'<g id="slot-{name}-{t}" class="slot t-{stop}"><circle cx="{cx:g}" cy="{cy:g}" r="9"/><text class="k" x="{cx:g}" y="{cy + 4:g}">{t}</text></g>'
    cx, cy = x + 3 + 6 * (arrival % 14), floor - 3 - 6 * (arrival // 14)
    return f'<g id="slot-{name}-{t}" class="slot tiny t-{stop}"><circle cx="{cx:g}" cy="{cy:g}" r="2.6"/></g>'


def _readout_card(run: Run) -> str:
    """W_hy and b_y: no time passes through them, so their gradient arrives whole."""
    weights = run.parameters["readout"]["W_hy"]
    place = _matrix(weights.shape[0], 1, 4.0)
    width, height = 152, TOP + max(place.depth, 70) + 14
    parts = [
        f'<svg id="W_hy" class="weights" data-name="W_hy" width="{width}" height="{height:g}" viewBox="0 0 {width} {height:g}" '
        f'role="group" aria-label="W_hy, {weights.shape[0]} \u00d7 1, and b_y">',
        _title("W_hy", f"{weights.shape[0]} \u00d7 1", 4),
        _layers(run, "readout", "W_hy", weights, _upright(place)),
        _whole(run, "W_hy", 58, TOP),
    ]
    if "b_y" in run.parameters["readout"]:
        beside = Matrix(1, 1, 80, 48, 22, True)
        parts.append(f'<g transform="translate(0 30)"><text class="wname" x="58" y="{TOP + 15}">b<tspan class="sub" dy="3.5">y</tspan></text>')
        parts.append(_layers(run, "readout", "b_y", np.atleast_2d(run.parameters["readout"]["b_y"]), beside))
        parts.append(_whole(run, "b_y", 58, TOP + 24) + "</g>")
    return "".join(parts) + "</svg>"


def _upright(place: Matrix) -> Matrix:
    return Matrix(place.rows, 1, place.left, 48, place.down, place.rows <= 8)


def _whole(run: Run, name: str, x: float, y: float) -> str:
    norm = float(np.linalg.norm(run.gradients["readout"][name].total))
    return (
        f'<g id="slot-{name}-whole" class="slot whole"><rect x="{x:g}" y="{y:g}" width="92" height="20" rx="10"/>'
        f'<text class="n" x="{x + 46:g}" y="{y + 14.5:g}">whole {short(norm)}</text></g>'
    )
