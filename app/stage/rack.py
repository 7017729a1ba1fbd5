"""The rack beside a card: a slot for the coin of every step, and the size of what they add up to."""

from app.engine.norms import norm
from app.experiments.run import Run
from app.stage.matrix import TOP
from app.stage.numbers import shorts, tint
from app.stage.shape import Shape
from app.stage.sheet import Sheet

RACK = 84
WIDE, ROUND = 6, 40  # up to so many steps a slot shows its norm; up to so many, the number of its step
LISTED = 5  # norms that a sentence lists


def norm_lines(run: Run, shape: Shape) -> dict[str, list[str]]:
    """The norm of each parameter's gradient; and of what each step paid to a shared one, for as many as are shown."""
    names = (*shape.shared, *shape.outer)
    numbers = [norm(run.gradients[shape.group(name)][name].total) for name in names]
    shown = range(shape.steps) if shape.steps <= WIDE else (0, 1, 2, shape.steps - 1)
    for name in shape.shared:
        numbers.extend(run.gradients["left_to_right"][name].norms[list(shown)].tolist())
    texts = iter(shorts(numbers))
    lines = {f"norm {name}": [next(texts)] for name in names}
    for name in shape.shared:
        paid = [next(texts) for _ in shown]
        lines[f"norms {name}"] = paid
        lines[f"paid {name}"] = [", ".join(paid if shape.steps <= LISTED else [*paid[:3], "\u2026", paid[-1]])]
    return lines


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
        f"\u2016\u03a3\u2016 {sheet.line(f'norm {name}')}</text>"
    )
    return f'<g class="rackbox">{wall}{slots}{total}</g>'


def _slot(sheet: Sheet, name: str, t: int, steps: int, x: float, floor: float) -> str:
    arrival = steps - t
    head = f'<g id="slot-{name}-{t}" class="slot t-{tint(t, steps)}">'
    if steps <= WIDE:
        y = floor - 23 * (arrival + 1) + 1
        return (
            f'{head}<rect x="{x:g}" y="{y:g}" width="78" height="20" rx="10"/>'
            f'<circle cx="{x + 10:g}" cy="{y + 10:g}" r="8.5"/><text class="k" x="{x + 10:g}" y="{y + 14:g}">{t}</text>'
            f'<text class="n" x="{x + 48:g}" y="{y + 14.5:g}">{sheet.line(f"norms {name}", t - 1)}</text></g>'
        )
    if steps <= ROUND:
        cx, cy = x + 10 + 21 * (arrival % 4), floor - 10 - 20 * (arrival // 4)
        return f'{head}<circle cx="{cx:g}" cy="{cy:g}" r="9"/><text class="k" x="{cx:g}" y="{cy + 4:g}">{t}</text></g>'
    cx, cy = x + 3 + 6 * (arrival % 14), floor - 3 - 6 * (arrival // 14)
    return f'{head.replace("slot t-", "slot tiny t-")}<circle cx="{cx:g}" cy="{cy:g}" r="2.6"/></g>'


def whole(sheet: Sheet, name: str, x: float, y: float) -> str:
    """The one slot of a readout parameter."""
    return (
        f'<g id="slot-{name}-whole" class="slot whole"><rect x="{x:g}" y="{y:g}" width="92" height="20" rx="10"/>'
        f'<text class="n" x="{x + 46:g}" y="{y + 14.5:g}">whole {sheet.line(f"norm {name}")}</text></g>'
    )
