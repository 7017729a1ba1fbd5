"""The rack beside a card: a slot for the coin of every step, and the size of what they add up to."""

from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from app.engine import OuterSum
from app.engine.finite import LARGEST, held
from app.engine.norms import SAFE_RANGE, norm, row_norms
from app.experiments.run import Run
from app.numerals import tint
from app.stage.matrix import TOP
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

Array = NDArray[np.float64]
Named = dict[str, Array]
RACK = 84
WIDE, ROUND = 6, 40  # up to so many steps a slot shows its norm; up to so many, the number of its step
ENDS = np.array([0, 1, 2, -1])  # the steps whose norms a longer sentence tells
LISTED = 5  # norms that a sentence lists


def paid_norms(run: Run, shape: Shape) -> Named:
    """The norm of what each step pays to each shared weight, (T,)."""
    by_gate: dict[str, Array] = {}
    found = {}
    for key in shape.shared:
        weight = shape.weights[key]
        outer = run.gradients[weight.group][weight.name]
        name = f"{weight.group} {weight.name}"
        if weight.gate is None and outer.known_norms is not None:
            found[key] = outer.known_norms
            continue
        if name not in by_gate:
            width = outer.right.shape[-1] if weight.gate is None else shape.units
            by_gate[name] = _norms_by_gate(outer, width)
        found[key] = by_gate[name][weight.gate or 0]
    return found


@np.errstate(over="ignore")
def _norms_by_gate(outer: OuterSum, width: int) -> Array:
    """|left_t| |right_t| of each block of so many columns, (G, T); words and biases enter as ones."""
    blamed: Array = row_norms(outer.right.reshape(len(outer.right), -1, width)).T
    return held(blamed * row_norms(outer.left[:, 0]) if isinstance(outer.left, np.ndarray) else blamed)


def norm_numbers(shape: Shape, totals: Named, paid: Named) -> Named:
    """The norm of each weight's gradient, and of what each step paid to a shared one as far as shown."""
    whole = norms(list(totals.values()))
    found = {f"norm {key}": whole[k : k + 1] for k, key in enumerate(totals)}
    for key in shape.shared:
        found[f"norms {key}"] = paid[key] if shape.steps <= WIDE else paid[key][ENDS]
    return found


def norms(arrays: list[Array]) -> Array:
    """The norm of each array; a tiny gradient is not none."""
    flat = np.concatenate([array.ravel() for array in arrays])
    starts = list(accumulate([array.size for array in arrays[:-1]], initial=0))
    with np.errstate(over="ignore"):
        squares = np.add.reduceat(flat * flat, starts)
    found: Array = np.sqrt(squares)
    for k, square in enumerate(squares.tolist()):
        if not SAFE_RANGE**-2 < square < SAFE_RANGE**2:
            found[k] = min(norm(arrays[k]), LARGEST)
    return found


def rack_depth(steps: int) -> float:
    """Height of the rack for T steps."""
    if steps <= WIDE:
        return steps * 23.0
    return 20.0 * -(-steps // 4) if steps <= ROUND else 6.0 * -(-steps // 14)


def rack(shape: Shape, sheet: Sheet, name: str, x: float) -> str:
    """One slot a step, filled from the bottom in the order of arrival: the last step pays first."""
    depth = rack_depth(shape.steps)
    slots = "".join(_slot(sheet, name, t, shape.steps, x, TOP + depth) for t in range(1, shape.steps + 1))
    wall = f'<path class="rack" d="M{x - 4:g} {TOP - 4}V{TOP + depth + 3:g}H{x + 82:g}V{TOP - 4}"/>'
    total = (
        f'<text id="total-{name}" class="num bw total" x="{x + 82:g}" y="{TOP - 10}" text-anchor="end">'
        f"\u2016\u03a3\u2016 {sheet.number(f'norm {name}')}</text>"
    )
    return f'<g class="rackbox">{wall}{slots}{total}</g>'


def _slot(sheet: Sheet, name: str, t: int, steps: int, x: float, floor: float) -> str:
    arrival = steps - t
    head = f'<g id="slot-{name}-{t}" class="slot t-{tint(t, steps)}">'
    if steps <= WIDE:
        y = floor - 23 * (arrival + 1) + 1
        return (
            f'{head}<rect x="{x:g}" y="{y:g}" width="78" height="20" rx="10"/>'
            f'<circle cx="{x + 10:g}" cy="{y + 10:g}" r="8.5"/><text class="k" x="{x + 10:g}" y="{y + 14:g}">'
            f"{t}</text>"
            f'<text class="n" x="{x + 48:g}" y="{y + 14.5:g}">{sheet.number(f"norms {name}", t - 1)}</text>'
            "</g>"
        )
    if steps <= ROUND:
        cx, cy = x + 10 + 21 * (arrival % 4), floor - 10 - 20 * (arrival // 4)
        number = f'<text class="k" x="{cx:g}" y="{cy + 4:g}">{t}</text>'
        return f'{head}<circle cx="{cx:g}" cy="{cy:g}" r="9"/>{number}</g>'
    cx, cy = x + 3 + 6 * (arrival % 14), floor - 3 - 6 * (arrival // 14)
    return f'{head.replace("slot t-", "slot tiny t-")}<circle cx="{cx:g}" cy="{cy:g}" r="2.6"/></g>'


def whole(sheet: Sheet, name: str, x: float, y: float) -> str:
    """The one slot of a readout parameter."""
    return (
        f'<g id="slot-{name}-whole" class="slot whole"><rect x="{x:g}" y="{y:g}" width="92" height="20" '
        'rx="10"/>'
        f'<text class="n" x="{x + 46:g}" y="{y + 14.5:g}">' + _("whole") + f" "
        f"{sheet.number(f'norm {name}')}</text></g>"
    )
