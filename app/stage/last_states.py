"""A small picture of two chains: which of their states the readout takes, and which words these have read."""

from html import escape

import numpy as np
from numpy.typing import NDArray

from app.engine.losses import sigmoid
from app.experiments.run import Run
from app.numerals import long
from app.stage.lanes import Lane
from app.stage.marks import symbol
from app.stage.numbers import colours, shorts
from app.stage.words import abridged

Array = NDArray[np.float64]
WIDTH, HEIGHT = 466.0, 186.0
STEPS, ROOM = 5, 7  # columns that are drawn; characters of a word
ACROSS, FIRST, BOX = 56.0, 34.0, 26.0  # from column to column; the middle of the first one; size of a state
UPPER, LOWER = 62.0, 116.0  # middles of the lanes
UNITS, CELL = 4, 16.0  # numbers of a state that are shown; height of one
STACK, ANSWER = 352.0, 424.0  # middles of the joined states and of the prediction


def prediction(found: Run, steps: tuple[int, ...]) -> float:
    """y_hat when each chain is read at one of these steps, counted from 1."""
    both: Array = np.concatenate(
        [chain.h[t - 1] for chain, t in zip(found.forward.chains.values(), steps, strict=True)]
    )
    readout = found.parameters["readout"]
    bias = float(readout["b_y"][0]) if "b_y" in readout else 0.0
    inside = found.forward.output_bias_inside
    z = float(both @ readout["W_hy"][:, 0]) + (bias if inside else 0.0)
    return float(sigmoid(np.float64(z), np)) + (0.0 if inside else bias)


def last_states(found: Run, lanes: tuple[Lane, ...], steps: tuple[int, ...]) -> str:
    """The chains with the states that are taken, as SVG. steps : where each chain is read"""
    upper, lower = zip(lanes, steps, strict=True)
    shown = _shown(len(found.words))
    told = long(prediction(found, steps))
    return "".join(
        (
            f'<svg class="laststates" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" '
            f'height="{HEIGHT:g}" role="img" aria-label="The readout takes h{upper[1]} from left to right '
            f'and h{lower[1]} from right to left: \u0177 = {told}">',
            *(_column(found, lanes, steps, t, k) for k, t in enumerate(shown)),
            _way(shown, shown.index(upper[1]), UPPER, 28.0),
            _way(shown, shown.index(lower[1]), LOWER, HEIGHT - 14),
            _stack(found, lanes[0], steps[0], 28.0 + 4),
            _stack(found, lanes[1], steps[1], 28.0 + 12 + min(UNITS, found.experiment.hidden_size) * CELL),
            _cut(found.experiment.hidden_size),
            _answer(told),
            "</svg>",
        )
    )


def _shown(steps: int) -> list[int]:
    """The steps that are drawn; 0 for those left out."""
    if steps <= STEPS:
        return list(range(1, steps + 1))
    return [1, 2, 0, steps - 1, steps]


def _x(column: int) -> float:
    return FIRST + column * ACROSS


def _column(found: Run, lanes: tuple[Lane, ...], steps: tuple[int, ...], t: int, column: int) -> str:
    """A word and the states above each other; a word that the lower taken state has not read is pale."""
    x = _x(column)
    if not t:
        return f'<text class="note" x="{x:g}" y="{(UPPER + LOWER) / 2:g}" text-anchor="middle">\u2026</text>'
    word = escape(abridged(found.words[t - 1], ROOM)[0])
    states = "".join(
        f'<rect class="state{" taken" if t == at else ""}" x="{x - BOX / 2:g}" y="{y - BOX / 2:g}" '
        f'width="{BOX:g}" height="{BOX:g}" rx="5"/>' + symbol(x, y + 4, "h", t)
        for at, y in zip(steps, (UPPER, LOWER), strict=True)
    )
    on = (
        ""
        if column == 0
        else (
            f'<path class="on" d="M{x - ACROSS + BOX / 2 + 2:g} {UPPER:g}H{x - BOX / 2 - 3:g}m-6-3l6 3l-6 3'
            f'M{x - BOX / 2 - 2:g} {LOWER:g}H{x - ACROSS + BOX / 2 + 3:g}m6-3l-6 3l6 3"/>'
        )
    )
    classes = "word unread" if t < steps[1] else "word"
    return f'<text class="{classes}" x="{x:g}" y="20" text-anchor="middle">{word}</text>{states}{on}'


def _way(shown: list[int], column: int, lane: float, round_: float) -> str:
    """From the state that is taken to the readout: straight on from the last column, else round the lane."""
    x, end = _x(column), STACK - 27
    if column == len(shown) - 1:
        return f'<path class="way" d="M{x + BOX / 2:g} {lane:g}H{end:g}"/>'
    turn = _x(len(shown) - 1) + BOX / 2 + 14
    return (
        f'<path class="way" d="M{x:g} {lane + BOX / 2:g}V{round_ - 8:g}Q{x:g} {round_:g} {x + 8:g} {round_:g}'
        f'H{turn - 8:g}Q{turn:g} {round_:g} {turn:g} {round_ - 8:g}V{lane + 8:g}Q{turn:g} {lane:g} '
        f'{turn + 8:g} {lane:g}H{end:g}"/>'
    )


def _stack(found: Run, lane: Lane, t: int, top: float) -> str:
    """The first numbers of a state, one below the other."""
    values = found.forward.chains[lane.chain].h[t - 1][:UNITS]
    return "".join(
        f'<g class="entry {tone}"><rect x="{STACK - 23:g}" y="{top + k * CELL:g}" width="46" '
        f'height="{CELL - 1:g}" rx="3"/><text x="{STACK:g}" y="{top + k * CELL + 12:g}">{text}</text></g>'
        for k, (tone, text) in enumerate(zip(colours(values), shorts(values), strict=True))
    )


def _cut(units: int) -> str:
    """That not all numbers are shown, where it is so."""
    told = f"{UNITS} of {units}" if units > UNITS else ""
    return f'<text class="note" x="{STACK:g}" y="20" text-anchor="middle">{told}</text>'


def _answer(told: str) -> str:
    middle = (UPPER + LOWER) / 2
    return (
        f'<path class="on" d="M{STACK + 26:g} {middle:g}H{ANSWER - 30:g}m-6-3l6 3l-6 3"/>'
        + symbol(ANSWER, middle - 6, "\u0177")
        + f'<text class="answer" x="{ANSWER:g}" y="{middle + 14:g}" text-anchor="middle">{told}</text>'
    )
