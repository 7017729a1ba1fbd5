"""One step of the sentence as a column: word, code, a -> f -> h above, d <- f' <- dL/dh below."""

import math
import unicodedata
from functools import cache, lru_cache

import numpy as np
import regex

from app.engine.activations import ACTIVATIONS
from app.experiments.run import Run
from app.stage.layout import (
    CELL,
    CODE,
    CODE_WIDTH,
    COLUMN,
    EXIT,
    FORWARD,
    LEFT,
    MIDDLE,
    RIGHT,
    WORD,
    Geometry,
    fan,
    stub,
)
from app.stage.marks import column_vector, escape, plain_vector, symbol
from app.stage.numbers import GRADIENT_SCALE, short, tint

DOMAIN = 2.5  # the small curves are drawn over a in [-2.5, 2.5]
CURVE = 42
PULSE_PER_DECADE = 12.0
PULSE_FLOOR = 1e-3


def pulse_width(norm: float, room: float) -> float:
    """Width of the ribbon: 12 px for each factor of ten above .001; a hair while the norm is not zero."""
    if norm <= 0.0:
        return 0.0
    return max(1.5, min(room, PULSE_PER_DECADE * math.log10(norm / PULSE_FLOOR)))


@lru_cache(maxsize=32)
def curve(activation: str, height: float) -> str:
    """Path data of f over [-2.5, 2.5] in a box 42 wide, zero at its centre."""
    xs = np.linspace(-DOMAIN, DOMAIN, 29)
    ys = np.clip(ACTIVATIONS[activation].f(xs, np.empty_like(xs)), -_reach(activation), _reach(activation))
    points = (f"{_across(x):.1f} {_up(activation, y, height):.1f}" for x, y in zip(xs, ys, strict=True))
    return "M" + "L".join(points)


@cache
def _reach(activation: str) -> float:
    """Half the height of a curve's box: a little over 1 for what saturates, the domain for what does not."""
    far = np.array([9.0])
    return 1.2 if ACTIVATIONS[activation].f(far, np.empty(1))[0] <= 1.0 else DOMAIN


def _across(a: float) -> float:
    return (a / DOMAIN + 1) * CURVE / 2


def _up(activation: str, y: float, height: float) -> float:
    return height / 2 - y / _reach(activation) * height / 2


def abridged(word: str, room: int) -> tuple[str, bool]:
    """The word in at most `room` narrow characters, cut between graphemes, and whether it was cut."""
    if len(word) <= room and word.isascii():
        return word, False
    kept, used = [], 0
    for cluster in regex.findall(r"\X", word[: 40 * room]):
        used += 2 if unicodedata.east_asian_width(cluster[0]) in "WF" else 1
        if used > room or len(cluster) > 12:
            return "".join(kept[: room - 1]) + "\u2026", True
        kept.append(cluster)
    return word, False


def column(run: Run, t: int, geo: Geometry) -> str:
    """The column of step t (from 1), standing in a box of its own."""
    length = len(run.words)
    head = (
        f'<svg id="col-{t}" class="column t-{tint(t, length)}" data-t="{t}" width="{COLUMN}" height="{geo.height:g}" '
        f'viewBox="0 0 {COLUMN} {geo.height:g}" role="group" aria-label="step {t}, {escape(run.words[t - 1][:60])}">'
    )
    return "".join((head, _frame(geo), _heading(run, t), _upper(run, t, geo), _addends(run, t, geo),
                    _lower(run, t, geo), _again(run, t, geo), "</svg>"))  # fmt: skip


def _frame(geo: Geometry) -> str:
    half = COLUMN / 2 + 16
    return (
        f'<rect class="card" x="44" y="6" width="158" height="{geo.bottom - 6:g}" rx="10"/>'
        f'<path class="thread" d="M{half:g} {geo.bottom:g}V{geo.height - 4:g}M0 {geo.height - 4:g}H{COLUMN}"/>'
    )


def _heading(run: Run, t: int) -> str:
    word, cut = abridged(run.words[t - 1], 11)
    kind = "word"
    if cut:
        (word, cut), kind = abridged(run.words[t - 1], 15), "wordn"
    return (
        f'<g id="x-{t}" class="vec code"><circle class="disc" cx="61" cy="{WORD - 6}" r="11"/>'
        f'<text class="discn" x="61" y="{WORD - 1.5}">{t}</text>'
        f'<text class="{kind}" x="79" y="{WORD}">{escape(word)}<title>{escape(run.words[t - 1])}</title></text>'
        + _code(run.ids[t - 1], len(run.vocabulary), t)
        + f'</g><path class="feed" d="M73 {CODE + 24}V{FORWARD - 24}"/><path class="head" d="M73 {FORWARD - 19}l-4-7h8z"/>'
    )


def _code(hot: int, words: int, t: int) -> str:
    """The one-hot code: every digit for a small vocabulary, a ruler with its one mark for a large one."""
    if words <= 5:
        cells = [
            f'<g class="{"hot" if k == hot else "cold"}"><rect x="{LEFT + 24 * k}" y="{CODE}" width="22" height="20" rx="3"/>'
            f'<text x="{LEFT + 11 + 24 * k}" y="{CODE + 14.5}">{int(k == hot)}</text></g>'
            for k in range(words)
        ]
        return "".join(cells) + symbol(LEFT + 24 * words + 11, CODE + 15, "x", str(t))
    mark = max(3.0, (CODE_WIDTH - 46) / words)
    x = LEFT + (CODE_WIDTH - 46 - mark) * hot / (words - 1)
    return (
        f'<g class="ruler"><rect x="{LEFT}" y="{CODE}" width="{CODE_WIDTH - 46}" height="20" rx="3"/>'
        f'<rect class="one" x="{x:.1f}" y="{CODE}" width="{mark:.1f}" height="20"/></g>'
        f'<text class="note" x="{EXIT}" y="{CODE + 14.5}" text-anchor="end">{hot + 1} of {words}</text>'
    )


def _upper(run: Run, t: int, geo: Geometry) -> str:
    i, forward, name = t - 1, run.forward, run.experiment.activation
    style = (FORWARD, geo.pitch, geo.gap, geo.numbered)
    above = FORWARD - 8
    return "".join((
        f'<path id="edge-{t}" class="edge" d="{fan(geo)}"/><path class="edge stub" d="{stub(geo)}"/>',
        symbol(22, above, "W", "hh", classes="wt"),
        symbol(LEFT + 23, above, "a", str(t)), symbol(MIDDLE + 21, above, _name(name)), symbol(RIGHT + 23, above, "h", str(t)),
        column_vector(f"a-{t}", forward.preactivation[i], LEFT, *style),
        f'<g id="f-{t}" class="curves">{_curves(run, t, geo)}</g>',
        column_vector(f"h-{t}", forward.h[i], RIGHT, *style),
    ))  # fmt: skip


def _name(activation: str) -> str:
    return {"identity": "f(a) = a", "sigmoid": "\u03c3", "relu": "ReLU"}.get(activation, activation)


def _curves(run: Run, t: int, geo: Geometry) -> str:
    if not geo.numbered:
        return f'<path class="f" d="M{MIDDLE} {geo.middle:g}h34"/><path class="fhead" d="M{MIDDLE + 42} {geo.middle:g}l-9-5v10z"/>'
    name, height = run.experiment.activation, geo.cell_height
    marks = []
    pairs = zip(run.forward.preactivation[t - 1].tolist(), run.forward.activated[t - 1].tolist(), strict=True)
    for unit, (a, y) in enumerate(pairs):
        inside = max(-DOMAIN, min(DOMAIN, a))
        y = max(-_reach(name), min(_reach(name), y))
        top = FORWARD + geo.row(unit)
        marks.append(
            f'<use href="#curve" x="{MIDDLE}" y="{top:g}"/><circle class="dot{"" if a == inside else " off"}" '
            f'cx="{MIDDLE + _across(inside):.1f}" cy="{top + _up(name, y, height):.1f}" r="3.2"/>'
        )
    return "".join(marks)


def _addends(run: Run, t: int, geo: Geometry) -> str:
    """What a_t is the sum of, shown below the column while it is being computed."""
    i, forward = t - 1, run.forward
    style = (geo.backward, geo.pitch, geo.gap, geo.numbered)
    above = geo.backward - 8
    parts = [
        symbol(LEFT + 23, above, "x", str(t), "W", classes="fw"),
        symbol(MIDDLE + 23, above, "+ h", str(t - 1), "W", classes="fw"),
        column_vector(f"xw-{t}", forward.input_term[i], LEFT, *style),
        column_vector(f"hw-{t}", forward.recurrent_term[i], MIDDLE, *style),
    ]
    if "b_h" in run.parameters["left_to_right"]:
        parts.append(symbol(RIGHT + 23, above, "+ b", "h", classes="fw"))
        parts.append(column_vector(f"bb-{t}", run.parameters["left_to_right"]["b_h"], RIGHT, *style, trim=True))
    note = "their sum is a, above" if bool(forward.bias_inside[i]) else "x W + h W is a; b comes after f"
    return f'<g class="addends">{"".join(parts)}<text class="note" x="{LEFT}" y="{geo.bottom - 12:g}">{note}</text></g>'


def _lower(run: Run, t: int, geo: Geometry) -> str:
    i, backward = t - 1, run.backward
    style = (geo.backward, geo.pitch, geo.gap, geo.numbered)
    above = geo.backward - 8
    return "".join((
        '<g class="lower">', _pulse(run, t, geo),
        symbol(22, above, "W", "hh", "\u22a4", classes="bw"),
        symbol(LEFT + 23, above, "\u03b4", str(t), classes="bw"),
        symbol(MIDDLE + 21, above, "\u00d7 f\u2032", classes="bw"),
        symbol(RIGHT + 23, above, "\u2202L/\u2202h", str(t), classes="bw"),
        column_vector(f"da-{t}", backward.d_preactivation[i], LEFT, *style, scale=GRADIENT_SCALE),
        plain_vector(f"fp-{t}", backward.slope[i], MIDDLE, *style, width=CURVE),
        column_vector(f"dh-{t}", backward.d_h[i], RIGHT, *style, scale=GRADIENT_SCALE),
        f'<text id="norm-{t}" class="norm" x="{EXIT}" y="{geo.bottom - 12:g}" text-anchor="end">'
        f'\u2016\u2202L/\u2202h<tspan class="sub" dy="3.5">{t}</tspan><tspan dy="-3.5">\u2016 = </tspan>'
        f'<tspan class="strong">{short(float(backward.d_h_norm[i]))}</tspan></text></g>',
    ))  # fmt: skip


def _pulse(run: Run, t: int, geo: Geometry) -> str:
    """The ribbon of the gradient: through f' inside the column, through W_hh^T in the gap to its left."""
    room, y = geo.span, geo.under
    before = pulse_width(float(run.backward.d_h_norm[t - 1]), room) / 2
    after = pulse_width(float(run.backward.d_preactivation_norm[t - 1]), room) / 2
    inside = _ribbon(COLUMN, before, MIDDLE, after, y)
    wait = f'<path class="wait" d="M{COLUMN} {y:g}H{LEFT if t == 1 else 0}"/>'
    if t == 1:
        return f'{wait}<path id="pulse-{t}" class="pulse" d="{inside}"/>'
    beyond = pulse_width(float(run.backward.d_h_norm[t - 2]), room) / 2
    return (
        f'{wait}<path id="pulse-{t}" class="pulse" d="{inside}"/>'
        f'<path id="cross-{t}" class="pulse" d="{_ribbon(MIDDLE, after, 0, beyond, y)}"/>'
    )


def _ribbon(x0: float, half0: float, x1: float, half1: float, y: float) -> str:
    mid = (x0 + x1) / 2
    return (
        f"M{x0:g} {y - half0:.1f}C{mid:g} {y - half0:.1f} {mid:g} {y - half1:.1f} {x1:g} {y - half1:.1f}"
        f"V{y + half1:.1f}C{mid:g} {y + half1:.1f} {mid:g} {y + half0:.1f} {x0:g} {y + half0:.1f}Z"
    )


def _again(run: Run, t: int, geo: Geometry) -> str:
    """The second forward pass: new numbers in place, the first pass as a ghost below."""
    after, i = run.update.forward, t - 1
    if after is None:
        return ""
    upper = (FORWARD, geo.pitch, geo.gap, geo.numbered)
    lower = (geo.backward, geo.pitch, geo.gap, geo.numbered)
    above = geo.backward - 8
    return "".join((
        f'<g id="again-{t}" class="again">',
        column_vector(f"a2-{t}", after.preactivation[i], LEFT, *upper),
        column_vector(f"h2-{t}", after.h[i], RIGHT, *upper),
        symbol(MIDDLE + 20, above, "before:", classes="fw"),
        symbol(RIGHT + 23, above, "h", str(t), classes="fw"),
        column_vector(f"h1-{t}", run.forward.h[i], RIGHT, *lower, kind="before"), "</g>",
    ))  # fmt: skip


__all__ = ["CELL", "abridged", "column", "curve", "pulse_width"]
