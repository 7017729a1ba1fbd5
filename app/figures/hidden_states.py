"""The hidden states as a heat map: units down, time across, on one absolute scale."""

from __future__ import annotations

import math

import numpy as np

from app.experiments.run import Run
from app.figures.chart import Chart, Figure, Table, label, layout, said, time_axis, value_axis, var
from app.figures.writing import number, rounded
from app.numerals import short

STOPS = [f"v-n{k}" for k in range(10, 0, -1)] + ["v-0"] + [f"v-p{k}" for k in range(1, 11)]
NUMBERED = (12, 14)  # units and steps up to which a cell has room for its number
WORDED = 4096  # cells up to which each carries its word, shown on hover
TABLE_UNITS = 16


def chart(run: Run) -> Chart:
    """h_t of every step, (T, H)."""
    limit = _limit(float(np.abs(run.forward.h).max(initial=0.0)))
    return Chart(
        "states",
        "Hidden states over time",
        _caption(run, limit),
        "forward",
        (),
        {"": figure(run, limit)},
        (),
        _table(run),
        (number(-limit), number(limit)),
    )


def figure(run: Run, limit: float) -> Figure:
    """The heat map; colours reach their ends at -limit and limit."""
    steps, units = run.forward.h.shape
    heat: Figure = {
        "type": "heatmap",
        "z": rounded(run.forward.h.T).tolist(),
        "x": list(range(1, steps + 1)),
        "y": list(range(1, units + 1)),
        "zmin": -limit,
        "zmax": limit,
        "colorscale": _colours(),
        # Without gaps the cells are drawn as one blurred picture, which the policy refuses to sharpen.
        "xgap": 1,
        "ygap": 1,
        "showscale": False,
        "hovertemplate": "step %{x}<br>unit %{y}: %{z:.6~g}<extra></extra>",
    }
    if units * steps <= WORDED:
        heat["customdata"] = [[label(word, 24) for word in run.words]] * units
        heat["hovertemplate"] = "step %{x}, %{customdata}<br>unit %{y}: %{z:.6~g}<extra></extra>"
    numbers = [_numbers(run, limit)] if units <= NUMBERED[0] and steps <= NUMBERED[1] else []
    ticks = list(range(1, units + 1, -(-units // 12)))
    down = value_axis("hidden unit", showgrid=False, zeroline=False, tickvals=ticks)
    down["range"] = [units + 0.5, 0.5]
    return {"data": [heat, *numbers], "layout": layout(xaxis=time_axis(run.words), yaxis=down)}


def _numbers(run: Run, limit: float) -> Figure:
    """The numbers on the cells, each in the ink that its colour asks for."""
    h = run.forward.h
    stops = np.clip(np.rint(h * (10 / limit)) + 10, 0, 20).astype(int)
    return {
        "type": "scatter",
        "mode": "text",
        "x": np.broadcast_to(np.arange(1, len(h) + 1)[:, None], h.shape).ravel().tolist(),
        "y": np.broadcast_to(np.arange(1, h.shape[1] + 1), h.shape).ravel().tolist(),
        "text": [short(value) for value in h.ravel().tolist()],
        "textfont": {
            "family": var("figures"),
            "size": 13,
            "color": [var(STOPS[k] + "-ink") for k in stops.ravel().tolist()],
        },
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _colours() -> list[list[object]]:
    """The twenty-one stops as steps, so that a cell here has the colour it has on the stage."""
    edges = [0.0, *((k + 0.5) / 20 for k in range(20)), 1.0]
    return [[edge, var(stop)] for k, stop in enumerate(STOPS) for edge in (edges[k], edges[k + 1])]


def _limit(largest: float) -> float:
    """1 while every state lies within it; else the next 2, 5 or 10 times a power of ten."""
    if largest <= 1.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    return next(power * k for k in (1, 2, 5, 10) if largest <= power * k)


def _caption(run: Run, limit: float) -> str:
    h = run.forward.h
    t, unit = np.unravel_index(int(np.abs(h).argmax()), h.shape)
    steps, units = h.shape
    scale = f"Colour is absolute, from {number(-limit)} to {number(limit)}, the same for every row."
    return (
        f"{units} {_units(units)} over {steps} {_steps(steps)}. "
        f"The largest state is {number(float(h[t, unit]))}: "
        f"unit {unit + 1} after {said(run.words[t])}, step {t + 1}. {scale}"
    )


def _units(count: int) -> str:
    return "unit" if count == 1 else "units"


def _steps(count: int) -> str:
    return "step" if count == 1 else "steps"


def _table(run: Run) -> Table:
    h = run.forward.h
    shown = min(h.shape[1], TABLE_UNITS)
    rows = tuple(
        (str(t), word, *(number(v, 6) for v in h[t - 1, :shown].tolist()))
        for t, word in enumerate(run.words, 1)
    )
    note = f"The first {shown} of {h.shape[1]} units." if shown < h.shape[1] else ""
    head = ("t", "word", *(f"unit {i}" for i in range(1, shown + 1)))
    return Table("Hidden states h, one row a timestep", head, rows, note)
