"""What each step adds to a shared parameter: signed bars, stacked entry by entry in the order the coins arrive.

Bars to the right of zero raise the entry's gradient, bars to the left lower it; the black tick is the total. Since
the stack is in order of arrival (the last step first), a step's bars never move when the next coin lands: each
step's bars over all entries are one path.
"""

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.stage.column import abridged
from app.stage.marks import escape
from app.stage.numbers import short, tint

SHOWN = 12
WIDTH, LABEL, SCALE, PITCH, TOP = 236, 62, 120, 20, 24


def bars(run: Run, name: str) -> str:
    """The bars of one parameter: at most twelve entries, those with the longest stacks, in the matrix's order."""
    outer = run.gradients["left_to_right"][name]
    terms = np.asarray(outer.terms).reshape(len(run.words), -1)
    reach_up, reach_down = np.maximum(terms, 0).sum(0), np.minimum(terms, 0).sum(0)
    longest = np.maximum(reach_up, -reach_down)
    entries = np.sort(np.argsort(-longest, kind="stable")[:SHOWN])
    limit = float(longest.max()) or 1.0
    zero, unit = LABEL + SCALE / 2, SCALE / 2 / limit
    height = TOP + PITCH * len(entries) + 6
    steps = range(len(run.words), 0, -1)
    offsets = _arrivals(terms[:, entries])
    body = [_step(name, t, run, terms[t - 1, entries], offsets, zero, unit) for t in steps]
    total = np.asarray(outer.total).ravel()[entries]
    return "".join((
        f'<svg class="bars" id="bars-{name}" data-name="{name}" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="group" '
        f'aria-label="what each step adds to {name}">',
        f'<text class="tk" x="{LABEL}" y="12">{short(-limit)}</text><text class="tk" x="{zero}" y="12" text-anchor="middle">0</text>'
        f'<text class="tk" x="{LABEL + SCALE}" y="12" text-anchor="end">{short(limit)}</text><text class="tk" x="{WIDTH}" y="12" text-anchor="end">total</text>',
        f'<path class="zero" d="M{zero} 18V{height - 2}"/>', *body,
        f'<g id="tick-{name}">{_ticks(total, zero, unit)}</g>', _labels(run, name, entries, total), "</svg>",
    ))  # fmt: skip


def _arrivals(terms: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """For each step and entry, where its bar starts: the sum of the bars of its sign that came before it."""
    late = terms[::-1]
    up, down = np.cumsum(np.maximum(late, 0), 0), np.cumsum(np.minimum(late, 0), 0)
    return {"up": (up - np.maximum(late, 0))[::-1], "down": (down - np.minimum(late, 0))[::-1]}


def _step(name: str, t: int, run: Run, values: NDArray[np.float64], offsets: dict[str, NDArray[np.float64]], zero: float, unit: float) -> str:
    d = []
    for k, v in enumerate(values.tolist()):
        start = float(offsets["up" if v > 0 else "down"][t - 1, k])
        if v != 0.0:
            d.append(f"M{zero + start * unit:.2f} {TOP + k * PITCH}h{v * unit:.2f}v13h{-v * unit:.2f}z")
    return f'<path id="bars-{name}-{t}" class="bar t-{tint(t, len(run.words))}" d="{"".join(d)}"/>'


def _ticks(total: NDArray[np.float64], zero: float, unit: float) -> str:
    return "".join(f'<path class="tick" d="M{zero + v * unit:.2f} {TOP + k * PITCH - 3}v19"/>' for k, v in enumerate(total.tolist()))


def _labels(run: Run, name: str, entries: NDArray[np.int_], total: NDArray[np.float64]) -> str:
    width = run.experiment.hidden_size
    lines = []
    for k, (entry, value) in enumerate(zip(entries.tolist(), total.tolist(), strict=True)):
        i, j = divmod(entry, width)
        source = escape(abridged(run.vocabulary[i], 6)[0]) if name == "W_xh" else str(i + 1)
        text = f"unit {j + 1}" if name == "b_h" else f"{source} \u2192 {j + 1}"
        y = TOP + k * PITCH
        lines.append(
            f'<g class="entry c" data-part="tot-{name}-{i}.{j}"><rect x="0" y="{y - 3}" width="{WIDTH}" height="{PITCH - 1}"/>'
            f'<text class="entryname" x="0" y="{y + 10.5}">{text}</text><text class="num" x="{WIDTH}" y="{y + 10.5}" text-anchor="end">{short(value)}</text></g>'
        )
    return "".join(lines)
