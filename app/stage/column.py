"""One step of the sentence as a column: word, code, a -> f -> h above, d <- f' <- dL/dh below."""

import math
import unicodedata
from functools import cache, lru_cache

import numpy as np
import regex

from app.engine.activations import ACTIVATIONS
from app.engine.trace import Array
from app.stage.layout import (
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
    stub,
)
from app.stage.marks import escape, symbol, upright
from app.stage.numbers import tint
from app.stage.sheet import Sheet

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


@lru_cache(maxsize=64)
def _template(geo: Geometry, activation: str, has_bias: bool, again: bool) -> str:
    """A column with the slots of one step open: everything about it that depends on sizes alone."""
    lower, above = geo.backward, geo.backward - 8
    up = FORWARD - 8
    half = COLUMN / 2 + 16
    name = {"identity": "f(a) = a", "sigmoid": "\u03c3", "relu": "ReLU"}.get(activation, activation)
    foot = geo.bottom - 12
    addends = (
        symbol(LEFT + 23, above, "x", "%(t)s", "W", classes="fw") + symbol(MIDDLE + 23, above, "+ h", "%(before)s", "W", classes="fw")
        + _vector("xw", "%(t)s", "%(xw)s", LEFT, lower) + _vector("hw", "%(t)s", "%(hw)s", MIDDLE, lower)
    )  # fmt: skip
    if has_bias:
        addends += symbol(RIGHT + 23, above, "+ b", "h", classes="fw") + _vector("bb", "%(t)s", "%(bb)s", RIGHT, lower)
    second = (
        f'<g id="again-%(t)s" class="again">{_vector("a2", "%(t)s", "%(a2)s", LEFT, FORWARD)}{_vector("h2", "%(t)s", "%(h2)s", RIGHT, FORWARD)}'
        f'{symbol(MIDDLE + 20, above, "before:", classes="fw")}{symbol(RIGHT + 23, above, "h", "%(t)s", classes="fw")}'
        f'{_vector("h1", "%(t)s", "%(h)s", RIGHT, lower, "before")}</g>'
    ) if again else ""  # fmt: skip
    return "".join((
        f'<svg id="col-%(t)s" class="column t-%(tint)s" data-t="%(t)s" width="{COLUMN}" height="{geo.height:g}" '
        f'viewBox="0 0 {COLUMN} {geo.height:g}" role="group" aria-label="step %(t)s, %(label)s">',
        f'<rect class="card" x="44" y="6" width="158" height="{geo.bottom - 6:g}" rx="10"/>'
        f'<path class="thread" d="M{half:g} {geo.bottom:g}V{geo.height - 4:g}M0 {geo.height - 4:g}H{COLUMN}"/>%(heading)s',
        f'<path class="feed" d="M73 {CODE + 24}V{FORWARD - 24}"/><path class="head" d="M73 {FORWARD - 19}l-4-7h8z"/>',
        f'<use id="edge-%(t)s" class="edge" href="#fan"/><path class="edge stub" d="{stub(geo)}"/>', symbol(22, up, "W", "hh", classes="wt"),
        symbol(LEFT + 23, up, "a", "%(t)s"), symbol(MIDDLE + 21, up, name), symbol(RIGHT + 23, up, "h", "%(t)s"),
        _vector("a", "%(t)s", "%(a)s", LEFT, FORWARD), '<g id="f-%(t)s" class="curves">%(curves)s</g>', _vector("h", "%(t)s", "%(h)s", RIGHT, FORWARD),
        f'<g class="addends">{addends}<text class="note" x="{LEFT}" y="{foot:g}">%(note)s</text></g>',
        '<g class="lower">%(pulse)s', symbol(22, above, "W", "hh", "\u22a4", classes="bw"),
        symbol(LEFT + 23, above, "\u03b4", "%(t)s", classes="bw"), symbol(MIDDLE + 21, above, "\u00d7 f\u2032", classes="bw"),
        symbol(RIGHT + 23, above, "\u2202L/\u2202h", "%(t)s", classes="bw"),
        _vector("da", "%(t)s", "%(da)s", LEFT, lower), _vector("fp", "%(t)s", "%(fp)s", MIDDLE, lower, "slope"), _vector("dh", "%(t)s", "%(dh)s", RIGHT, lower),
        f'<text id="norm-%(t)s" class="norm" x="{EXIT}" y="{foot:g}" text-anchor="end">\u2016\u2202L/\u2202h<tspan class="sub" dy="3.5">%(t)s</tspan>'
        '<tspan dy="-3.5">\u2016 = </tspan><tspan class="strong">%(norm)s</tspan></text></g>',
        second, "</svg>",
    ))  # fmt: skip


def _vector(name: str, index: str, slots: str, x: float, y: float, kind: str = "") -> str:
    """A vector's group with its cells still open; the cells stand about x = 0, the middle of the cell."""
    return f'<g id="{name}-{index}" class="vec {kind}" transform="translate({x + 23 - 2 * (x == MIDDLE and kind == "slope"):g} {y:g})">{slots}</g>'


def columns(sheet: Sheet, geo: Geometry) -> str:
    """Every step of the run, each in a box of its own."""
    run = sheet.run
    template = _template(geo, run.experiment.activation, sheet.has_bias, sheet.again is not None)
    norms, dots = sheet.norms[0], _dots(sheet, geo)
    bias = upright(geo, sheet.bias) if sheet.bias else ""
    steps = len(run.words)
    drawn = []
    for i in range(steps):
        t = i + 1
        drawn.append(template % {
            "t": t, "before": i, "tint": tint(t, steps), "label": escape(run.words[i][:60]), "heading": _heading(sheet, t),
            "a": upright(geo, sheet.preactivation, i), "h": upright(geo, sheet.h, i), "xw": upright(geo, sheet.input_term, i),
            "hw": upright(geo, sheet.recurrent_term, i), "bb": bias, "da": upright(geo, sheet.d_a, i), "dh": upright(geo, sheet.d_h, i),
            "fp": _slopes(geo, sheet, i), "curves": dots[i], "norm": norms[i], "pulse": _pulse(sheet, t, geo),
            "note": "their sum is a, above" if bool(run.forward.bias_inside[i]) else "x W + h W is a; b comes after f",
            "a2": upright(geo, sheet.again[0], i) if sheet.again else "", "h2": upright(geo, sheet.again[1], i) if sheet.again else "",
        })  # fmt: skip
    return "".join(drawn)


def _heading(sheet: Sheet, t: int) -> str:
    run = sheet.run
    word, cut = abridged(run.words[t - 1], 11)
    kind = "word"
    if cut:
        (word, cut), kind = abridged(run.words[t - 1], 15), "wordn"
    return (
        f'<g id="x-{t}" class="vec code"><circle class="disc" cx="61" cy="{WORD - 6}" r="11"/>'
        f'<text class="discn" x="61" y="{WORD - 1.5}">{t}</text>'
        f'<text class="{kind}" x="79" y="{WORD}">{escape(word)}<title>{escape(run.words[t - 1])}</title></text>'
        + _code(run.ids[t - 1], len(run.vocabulary)) % {"t": t} + "</g>"
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _code(hot: int, words: int) -> str:
    """The one-hot code: every digit for a small vocabulary, a ruler with its one mark for a large one."""
    if words <= 5:
        cells = [
            f'<g class="{"hot" if k == hot else "cold"}"><rect x="{LEFT + 24 * k}" y="{CODE}" width="22" height="20" rx="3"/>'
            f'<text x="{LEFT + 11 + 24 * k}" y="{CODE + 14.5}">{int(k == hot)}</text></g>'
            for k in range(words)
        ]
        return "".join(cells) + symbol(LEFT + 24 * words + 11, CODE + 15, "x", "%(t)s")
    mark = max(3.0, (CODE_WIDTH - 46) / words)
    x = LEFT + (CODE_WIDTH - 46 - mark) * hot / (words - 1)
    return (
        f'<g class="ruler"><rect x="{LEFT}" y="{CODE}" width="{CODE_WIDTH - 46}" height="20" rx="3"/>'
        f'<rect class="one" x="{x:.1f}" y="{CODE}" width="{mark:.1f}" height="20"/></g>'
        f'<text class="note" x="{EXIT}" y="{CODE + 14.5}" text-anchor="end">{hot + 1} of {words}</text>'
    )


@lru_cache(maxsize=64)
def _curve_template(geo: Geometry) -> str:
    """The small curves of a column, each with the slot of its dot."""
    return "".join(
        f'<use href="#curve" x="{MIDDLE}" y="{FORWARD + geo.row(unit):g}"/><circle class="dot%s" cx="%.1f" cy="%.1f" r="3.2"/>' for unit in range(geo.units)
    )


def _dots(sheet: Sheet, geo: Geometry) -> list[str]:
    """For each step its curves, with a dot at (a, f(a)); a dot outside the box stands hollow at its border."""
    if not geo.numbered:
        arrow = f'<path class="f" d="M{MIDDLE} {geo.middle:g}h34"/><path class="fhead" d="M{MIDDLE + 42} {geo.middle:g}l-9-5v10z"/>'
        return [arrow] * len(sheet.run.words)
    forward, reach = sheet.run.forward, _reach(sheet.run.experiment.activation)
    inside = np.clip(forward.preactivation, -DOMAIN, DOMAIN)
    across = (MIDDLE + (inside / DOMAIN + 1) * CURVE / 2).tolist()
    tops = FORWARD + np.arange(geo.units) * geo.pitch + geo.cell_height / 2
    up = (tops - np.clip(forward.activated, -reach, reach) / reach * geo.cell_height / 2).tolist()
    off = (inside != forward.preactivation).tolist()
    template = _curve_template(geo)
    return [
        template % tuple(slot for unit in zip(off[i], across[i], up[i], strict=True) for slot in (" off" if unit[0] else "", unit[1], unit[2]))
        for i in range(len(across))
    ]


@lru_cache(maxsize=64)
def _slope_template(geo: Geometry) -> str:
    rows = ((geo.row(i), geo.row(i) + geo.cell_height / 2 + 4.5) for i in range(geo.units))
    return "".join(f'<g class="c"><rect y="{y:g}"/><text y="{base:g}">%s</text></g>' for y, base in rows)


def _slopes(geo: Geometry, sheet: Sheet, i: int) -> str:
    """Slopes carry no colour: a factor is neither positive nor negative news."""
    if geo.numbered:
        return _slope_template(geo) % sheet.slope[i]
    return f'<rect class="band" x="-21" y="0" width="42" height="{geo.span:g}"/>'


def _pulse(sheet: Sheet, t: int, geo: Geometry) -> str:
    """The ribbon of the gradient: through f' inside the column, through W_hh^T in the gap to its left."""
    room, y, back = geo.span, geo.under, sheet.run.backward
    before, after = _half(back.d_h_norm, t - 1, room), _half(back.d_preactivation_norm, t - 1, room)
    inside = ribbon(COLUMN, before, MIDDLE, after, y)
    wait = f'<path class="wait" d="M{COLUMN} {y:g}H{LEFT if t == 1 else 0}"/><path id="pulse-{t}" class="pulse" d="{inside}"/>'
    if t == 1:
        return wait
    return f'{wait}<path id="cross-{t}" class="pulse" d="{ribbon(MIDDLE, after, 0, _half(back.d_h_norm, t - 2, room), y)}"/>'


def _half(norms: Array, i: int, room: float) -> float:
    return pulse_width(float(norms[i]), room) / 2


def ribbon(x0: float, half0: float, x1: float, half1: float, y: float) -> str:
    """Path data of a ribbon about the line y, from x0 with one half width to x1 with another."""
    mid, a, b, c, d = (x0 + x1) / 2, y - half0, y - half1, y + half1, y + half0
    return f"M{x0:g} {a:.1f}C{mid:g} {a:.1f} {mid:g} {b:.1f} {x1:g} {b:.1f}V{c:.1f}C{mid:g} {c:.1f} {mid:g} {d:.1f} {x0:g} {d:.1f}Z"
