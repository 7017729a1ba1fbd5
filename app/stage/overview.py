"""A long sentence at a glance: how far each state reaches, how long each step's blame is.

The track is the magnifier under it. A step is one unit wide, however wide the page; each chain has a band
with its states above the middle line and its blame, in decades, below it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.numerals import short
from app.stage.lanes import Lane
from app.stage.numbers import GRADIENT_SCALE, STOPS
from app.stage.portraits import PORTRAITS
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

Array = NDArray[np.float64]
WORDS = 12  # a sentence of so many words is seen well enough in its track
HALF = 22.0  # height above and below the middle line
BAND = 2 * HALF + 4
WIDE = 0.84  # of a step's unit; the rest is a gap
DECADES = (3.0, 16.0)  # the fewest and the most that the lower half spans, from the longest blame down
PALE = GRADIENT_SCALE / STOPS / 2  # a gradient up to this has the colour of zero
HAIR = 0.8  # the lowest bar of a number that is not zero


def overview_lines(run: Run, shape: Shape) -> dict[str, list[str]]:
    """Bars as path data, and what they show in words; nothing for a sentence that is not long."""
    if shape.steps <= WORDS:
        return {}
    drawn, told = [], []
    for k, lane in enumerate(shape.lanes):
        portrait, middle = PORTRAITS[shape.cell], k * BAND + HALF + 2
        reach = np.abs(portrait.forward(run, lane)["h"]).max(axis=1)
        blame = np.asarray(portrait.norms(run, lane)["norm"])
        drawn += [_bars(_linear(reach), middle, -1), _bars(_logarithmic(blame), middle, 1)]
        told.append(_told(reach, blame, lane))
    gradients = [run.backward.chains[lane.chain].d_h for lane in shape.lanes]
    pale = _pale(np.abs(gradients).max(axis=2))
    return {"overview": drawn, "overview told": [" ".join([*told, *pale])]}


def _told(reach: Array, blame: Array, lane: Lane) -> str:
    """What the bars of a chain show."""
    way = lane.way.removeprefix(", ").capitalize()
    said = _(
        'Up: <b class="rise">the largest |h|</b>, {reach}; down: <b class="fall">‖∂L/∂h‖</b> in powers of '
        "ten, {span} of them, {blame}.",
        reach=_range(reach),
        span=f"{_span(blame):g}",
        blame=_range(blame),
    )
    return f"{way}, {said[0].lower()}{said[1:]}" if way else said


def _pale(largest: Array) -> list[str]:
    """In how many columns every gradient has the colour of zero, and how large those are.

    largest : (lanes, T), of every column
    """
    pale = largest <= PALE
    if not pale.any():
        return []
    found = np.where(pale, largest, -1.0)
    return [
        _(
            "In {count} of the columns no ∂L/∂h passes {pale}, too little for a colour; the largest of these "
            "is {size}, at step {t}.",
            count=int(pale.sum()),
            pale=short(PALE),
            size=short(float(found.max())),
            t=int(found.argmax()) % found.shape[1] + 1,
        )
    ]


def _linear(sizes: Array) -> Array:
    """Heights from 0 to 1; 1 is a state at 1, or the largest where a state is larger."""
    heights: Array = sizes / max(1.0, float(sizes.max()))
    return np.where(sizes > 0.0, np.maximum(heights, HAIR / HALF), 0.0)


def _logarithmic(sizes: Array) -> Array:
    """Heights from 0 to 1 by their decades, from the longest down."""
    decades = np.log10(np.where(sizes > 0.0, sizes, 1.0))
    below = decades - decades.max(initial=-np.inf, where=sizes > 0.0)
    heights = np.maximum(1.0 + below / _span(sizes), HAIR / HALF)
    return np.where(sizes > 0.0, heights, 0.0)


def _span(sizes: Array) -> float:
    """How many decades lie between the longest and the shortest that is there, as far as they are drawn."""
    there = np.log10(sizes[sizes > 0.0])
    return min(max(math.ceil(np.ptp(there)), DECADES[0]), DECADES[1]) if there.size else DECADES[0]


def _bars(heights: Array, middle: float, way: int) -> str:
    """One bar a step from the middle line, up (-1) or down (1); those of height 0 are left out."""
    return "".join(
        f"M{t}.08 {middle:g}v{way * height:.1f}h{WIDE}V{middle:g}z"
        for t, height in enumerate((heights * HALF).tolist())
        if height
    )


def _range(sizes: Array) -> str:
    """The smallest and the largest of a row of numbers, and at which step they stand."""
    high, low = int(sizes.argmax()), int(sizes.argmin())
    if sizes[high] == sizes[low]:
        return _("{size} at every step", size=short(sizes[high]))
    return _(
        "from {least} at step {low} to {most} at step {high}",
        least=short(sizes[low]),
        low=low + 1,
        most=short(sizes[high]),
        high=high + 1,
    )


def overview(shape: Shape, sheet: Sheet) -> str:
    """The picture, a slider over its steps, and its words; nothing for a sentence that is not long."""
    if shape.steps <= WORDS:
        return ""
    height = BAND * len(shape.lanes)
    kinds = ("fw", "bw") * len(shape.lanes)
    bars = "".join(f'<path class="{kind}" d="{sheet.line("overview", k)}"/>' for k, kind in enumerate(kinds))
    return (
        f'<div class="overview lanes-{len(shape.lanes)}"><div class="glance">'
        f'<svg viewBox="0 0 {shape.steps} {height:g}" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="window" x="0" y="0" width="0" height="{height:g}"/>{bars}'
        f'<path class="now" data-height="{height:g}" d=""/></svg>'
        f'<input type="range" min="1" max="{shape.steps}" value="1" aria-label="'
        + _("Step of the sentence")
        + '" '
        'aria-describedby="overview-told"/></div>'
        '<p id="overview-told">'
        + _("All {steps} steps; the columns below are the ones in the frame.", steps=shape.steps)
        + " "
        f"{sheet.line('overview told')}</p></div>"
    )
