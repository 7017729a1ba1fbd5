"""The one set of weights: a card for each parameter, with a rack for the coins that the steps pay in.

A card shows five layers in the same place, so that the eye never has to travel: the weight, the coin of a step
(what entered on the left, what it is blamed for on top, their products inside), the total, the step -eta g, and
the new weight. The storyboard says which layer is lit.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.stage.column import abridged
from app.stage.marks import block, column_vector, escape, row_vector
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE, short, tint

Array = NDArray[Any]
TOP = 48  # the matrix starts here; the step's delta stands above it
RACK = 84
COIN_CELLS = 4096  # past this many products in all coins together, a coin shows its margins only


@dataclass(frozen=True)
class Matrix:
    """Where a card's matrix stands: left edge, cell pitch across and down, whether cells carry numbers."""

    rows: int
    columns: int
    left: float
    across: float
    down: float
    numbered: bool

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


def cards(run: Run) -> str:
    """The tray: W_xh, W_hh, b_h and the readout, each an SVG of its own so that the page can wrap them."""
    chain = run.parameters["left_to_right"]
    drawn = [_weight_card(run, "W_xh", 66.0), _weight_card(run, "W_hh", 56.0)]
    if "b_h" in chain:
        drawn.append(_weight_card(run, "b_h", 4.0))
    return "".join(drawn) + _readout_card(run)


def _weight_card(run: Run, name: str, left: float) -> str:
    value = np.atleast_2d(run.parameters["left_to_right"][name])
    place = _matrix(value.shape[0], value.shape[1], left)
    rack_x = left + max(place.width, 100 if name == "b_h" else 0) + 12
    height = TOP + max(place.depth, _rack_depth(len(run.words)) + 2) + 14
    shape = " \u00d7 ".join(str(n) for n in run.parameters["left_to_right"][name].shape)
    return (
        f'<svg id="{name}" class="weights" data-name="{name}" width="{rack_x + RACK:g}" height="{height:g}" '
        f'viewBox="0 0 {rack_x + RACK:g} {height:g}" role="group" aria-label="{name}, {shape}">'
        + _title(name, shape, left)
        + (_word_labels(run, place) if name == "W_xh" else "")
        + _layers(run, "left_to_right", name, value, place)
        + "".join(_coin(run, name, t, place) for t in range(1, len(run.words) + 1))
        + _rack(run, name, rack_x)
        + "</svg>"
    )


def _title(name: str, shape: str, left: float) -> str:
    letter, sub = name.split("_")
    return (
        f'<text class="wname" x="{left:g}" y="16">{letter}<tspan class="sub" dy="3.5">{sub}</tspan>'
        f'<tspan class="shape" dx="7" dy="-3.5">{shape}</tspan></text><text class="layername" x="{left:g}" y="16"></text>'
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
    total = np.atleast_2d(run.gradients[group][name].total).reshape(value.shape)
    step = -run.experiment.learning_rate * run.update.clip_scale * total
    after = run.update.parameters
    layers = [
        _layer("", name, value, place, FORWARD_SCALE, trim=True),
        _layer("tot-", name, total, place, GRADIENT_SCALE),
        _layer("step-", name, step, place, GRADIENT_SCALE),
    ]
    layers.append(_layer("new-", name, np.reshape(after[group][name], value.shape), place, FORWARD_SCALE))
    return "".join(layers)


def _layer(prefix: str, name: str, values: Array, place: Matrix, scale: float, trim: bool = False) -> str:
    kind = {"": "layer w", "tot-": "layer total", "step-": "layer step", "new-": "layer new"}[prefix]
    if not place.numbered:
        inside = block(values, place.left, TOP, place.across, place.down, scale, 1 if place.across > 6 else 0)
        frame = f'<rect class="frame" x="{place.left:g}" y="{TOP}" width="{place.width:g}" height="{place.depth:g}"/>'
        return f'<g id="{prefix}{name}-all" class="{kind}">{inside}{frame}</g>'
    rows = [
        row_vector(f"{prefix}{name}-{i}", row, place.left, TOP + i * place.down, place.across, scale=scale, trim=trim)
        for i, row in enumerate(values)
    ]
    return f'<g id="{prefix}{name}-all" class="{kind}">{"".join(rows)}</g>'


def _coin(run: Run, name: str, t: int, place: Matrix) -> str:
    """What step t pays in, as the product it is: left factor beside the rows, right factor above the columns."""
    back, i = run.backward, t - 1
    outer = run.gradients["left_to_right"][name]
    right = back.d_h[i] if name == "b_h" and not bool(run.forward.bias_inside[i]) else back.d_preactivation[i]
    head = f'<g id="coin-{name}-{t}" class="layer coin t-{tint(t, len(run.words))}">'
    if not place.numbered:
        return head + f'<rect class="coinframe" x="{place.left - 3:g}" y="{TOP - 3}" width="{place.width + 6:g}" height="{place.depth + 6:g}" rx="5"/></g>'
    above = row_vector(f"top-{name}-{t}", right, place.left, TOP - 24, place.across, scale=GRADIENT_SCALE, kind="blame")
    if name == "b_h":
        inside = row_vector(f"in-{name}-{t}", right, place.left, TOP, place.across, scale=GRADIENT_SCALE)
        return head + inside + "</g>"
    if name == "W_xh":
        row = run.ids[i]
        inside = row_vector(f"in-{name}-{t}", right, place.left, TOP + row * place.down, place.across, scale=GRADIENT_SCALE)
        return head + above + _veil(place) + inside + "</g>"
    beside = column_vector(f"left-{name}-{t}", run.forward.h_prev[i], place.left - 52, TOP, place.down, 2, True, kind="seen")
    inside = _products(outer, t, place) if len(run.words) * place.rows * place.columns <= COIN_CELLS else ""
    return head + above + beside + _veil(place) + inside + "</g>"


def _veil(place: Matrix) -> str:
    return f'<rect class="veil" x="{place.left - 2:g}" y="{TOP - 2}" width="{place.width + 2:g}" height="{place.depth + 2:g}" rx="5"/>'


def _products(outer: Any, t: int, place: Matrix) -> str:
    term = outer.left[t - 1].reshape(-1, 1) * outer.right[t - 1].reshape(1, -1)
    if place.columns > 4:
        return block(term, place.left, TOP, place.across, place.down, GRADIENT_SCALE, 2)
    return "".join(
        row_vector(f"in-W_hh-{t}-{i}", row, place.left, TOP + i * place.down, place.across, scale=GRADIENT_SCALE)
        for i, row in enumerate(term)
    )


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
