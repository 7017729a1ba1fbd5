"""Small pictures of two chains: which of their states the readout takes, and which words these have read; the
states of both at each position."""

from html import escape

import numpy as np
from numpy.typing import NDArray

from app.engine.losses import sigmoid
from app.experiments.run import Run
from app.numerals import long, short
from app.stage.lanes import Lane
from app.stage.marks import symbol
from app.stage.numbers import colours, shorts
from app.stage.words import abridged
from app.wording.catalogue import _

Array = NDArray[np.float64]
WIDTH, HEIGHT = 466.0, 186.0
STEPS, ROOM = 5, 7  # columns that are drawn; characters of a word
ACROSS, FIRST, BOX = 56.0, 34.0, 26.0  # from column to column; the middle of the first one; size of a state
UPPER, LOWER = 62.0, 116.0  # middles of the lanes
UNITS, CELL = 4, 16.0  # numbers of a state that are shown; height of one
STACK, ANSWER = 352.0, 424.0  # middles of the joined states and of the prediction


def by_position(found: Run) -> str:
    """H_t = [h_ltr(t); h_rtl(t)] of every position as SVG; where the sentence has one answer, with
    H_t W_hy + b_y, what the readout would make of each."""
    shown = _shown(len(found.words))
    deep = min(UNITS, found.experiment.hidden_size) * CELL
    foot, beside = 44 + 2 * deep + (0 if found.network.per_step else 44), _x(len(shown)) - 16
    return (
        f'<svg class="laststates" viewBox="0 0 {WIDTH:g} {foot:g}" width="{WIDTH:g}" height="{foot:g}" '
        'role="img" aria-label="The states of both chains at each position, joined">'
        + "".join(_position(found, t, _x(k), deep) for k, t in enumerate(shown))
        + symbol(beside, 36 + deep / 2, "h", "t", "\u2192", anchor="start")
        + symbol(beside, 44 + 1.5 * deep, "h", "t", "\u2190", anchor="start")
        + ("" if found.network.per_step else _product(beside, 66 + 2 * deep, found.parameters["readout"]))
        + "</svg>"
    )


def _product(x: float, y: float, readout: dict[str, Array]) -> str:
    """H_t W_hy + b_y, in symbols."""
    bias = symbol(x + 62, y, "+ b", "y", anchor="start") if "b_y" in readout else ""
    return symbol(x, y, "H", "t", anchor="start") + symbol(x + 18, y, "W", "hy", anchor="start") + bias


def _position(found: Run, t: int, x: float, deep: float) -> str:
    """A word, the numbers of both states below it, and their product with the readout's weights."""
    if not t:
        return _note(x, 40 + deep, "\u2026")
    states = [chain.h[t - 1] for chain in found.forward.chains.values()]
    tops = (32.0, 40 + deep)
    drawn = "".join(_cells(state, x, top) for state, top in zip(states, tops, strict=True))
    word = f'<text class="word" x="{x:g}" y="20" text-anchor="middle">{_word(found, t)}</text>'
    if found.network.per_step:
        return word + drawn
    readout = found.parameters["readout"]
    told = float(np.concatenate(states) @ readout["W_hy"][:, 0]) + float(readout.get("b_y", np.zeros(1))[0])
    y = tops[1] + deep + 26
    return f'{word}{drawn}<text class="answer" x="{x:g}" y="{y:g}" text-anchor="middle">{short(told)}</text>'


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
            f'height="{HEIGHT:g}" role="img" aria-label="'
            + _("The readout takes h{upper} from left to right and h{lower} from right to left: ŷ = {y_hat}",
                upper=upper[1], lower=lower[1], y_hat=told)
            + '">',
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
        return _note(x, (UPPER + LOWER) / 2, "\u2026")
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
    word = f'<text class="{classes}" x="{x:g}" y="20" text-anchor="middle">{_word(found, t)}</text>'
    return f"{word}{states}{on}"


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


def _word(found: Run, t: int) -> str:
    return escape(abridged(found.words[t - 1], ROOM)[0])


def _note(x: float, y: float, told: str, anchor: str = "middle") -> str:
    return f'<text class="note" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{told}</text>'


def _stack(found: Run, lane: Lane, t: int, top: float) -> str:
    """The state of a step at the readout."""
    return _cells(found.forward.chains[lane.chain].h[t - 1], STACK, top)


def _cells(state: Array, x: float, top: float) -> str:
    """The first numbers of a state, one below the other."""
    values = state[:UNITS]
    return "".join(
        f'<g class="entry {tone}"><rect x="{x - 23:g}" y="{top + k * CELL:g}" width="46" '
        f'height="{CELL - 1:g}" rx="3"/><text x="{x:g}" y="{top + k * CELL + 12:g}">{text}</text></g>'
        for k, (tone, text) in enumerate(zip(colours(values), shorts(values), strict=True))
    )


def _cut(units: int) -> str:
    """That not all numbers are shown, where it is so."""
    return _note(STACK, 20, _("{shown} of {units}", shown=UNITS, units=units) if units > UNITS else "")


def _answer(told: str) -> str:
    middle = (UPPER + LOWER) / 2
    return (
        f'<path class="on" d="M{STACK + 26:g} {middle:g}H{ANSWER - 30:g}m-6-3l6 3l-6 3"/>'
        + symbol(ANSWER, middle - 6, "\u0177")
        + f'<text class="answer" x="{ANSWER:g}" y="{middle + 14:g}" text-anchor="middle">{told}</text>'
    )
