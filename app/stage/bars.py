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
    terms, steps = _terms(run, name), len(run.words)
    longest = np.maximum(np.maximum(terms, 0).sum(0), -np.minimum(terms, 0).sum(0))
    entries = np.sort(np.argsort(-longest, kind="stable")[:SHOWN])
    limit = float(longest.max()) or 1.0
    zero, unit = LABEL + SCALE / 2, SCALE / 2 / limit
    height = TOP + PITCH * len(entries) + 6
    paths = _segments(terms[:, entries], zero, unit)
    body = [f'<path id="bars-{name}-{t}" class="bar t-{tint(t, steps)}" d="{paths[t - 1]}"/>' for t in range(steps, 0, -1)]
    total = np.asarray(run.gradients["left_to_right"][name].total).ravel()[entries]
    return "".join((
        f'<svg class="bars" id="bars-{name}" data-name="{name}" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="group" '
        f'aria-label="what each step adds to {name}">',
        f'<text class="tk" x="{LABEL}" y="12">{short(-limit)}</text><text class="tk" x="{zero}" y="12" text-anchor="middle">0</text>'
        f'<text class="tk" x="{LABEL + SCALE}" y="12" text-anchor="end">{short(limit)}</text><text class="tk" x="{WIDTH}" y="12" text-anchor="end">total</text>',
        f'<path class="zero" d="M{zero} 18V{height - 2}"/>', *body,
        f'<g id="tick-{name}">{_ticks(total, zero, unit)}</g>', _labels(run, name, entries, total), "</svg>",
    ))  # fmt: skip


def _terms(run: Run, name: str) -> NDArray[np.float64]:
    """What each step adds to each entry, (T, entries). A word's coin fills one row of W_xh: no product is needed."""
    outer = run.gradients["left_to_right"][name]
    if name != "W_xh":
        return np.asarray(outer.terms).reshape(len(run.words), -1)
    terms = np.zeros((len(run.words), len(run.vocabulary), run.experiment.hidden_size))
    terms[np.arange(len(run.words)), run.ids] = run.backward.d_preactivation
    return terms.reshape(len(run.words), -1)


def _segments(terms: NDArray[np.float64], zero: float, unit: float) -> list[str]:
    """For each step the path of its bars. A bar starts where the bars of its sign that came before it end."""
    late = terms[::-1]
    up, down = np.maximum(late, 0), np.minimum(late, 0)
    start = np.where(late > 0, np.cumsum(up, 0) - up, np.cumsum(down, 0) - down)[::-1] * unit + zero
    lines = (np.arange(terms.shape[1]) * PITCH + TOP).tolist()
    lengths = terms * unit
    return [
        "".join(["M%.1f %dh%.2fv13h%.2fz" % (x, y, w, -w) for x, y, w in zip(xs, lines, ws, strict=True) if w])  # noqa: UP031
        for xs, ws in zip(start.tolist(), lengths.tolist(), strict=True)
    ]


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
