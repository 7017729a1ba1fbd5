"""The hidden states as a heat map: units down, time across, on one absolute scale."""

from __future__ import annotations

import math

import numpy as np

from app.experiments.run import Run
from app.figures import chains
from app.figures.chart import (
    Array,
    Chart,
    Figure,
    Option,
    Switch,
    Table,
    label,
    layout,
    said,
    time_axis,
    value_axis,
    var,
)
from app.figures.writing import number, rounded
from app.numerals import short
from app.wording.catalogue import _, n_

STOPS = [f"v-n{k}" for k in range(10, 0, -1)] + ["v-0"] + [f"v-p{k}" for k in range(1, 11)]
NUMBERED = (12, 14)  # units and steps up to which a cell has room for its number
WORDED = 4096  # cells up to which each carries its word, shown on hover
TABLE_UNITS = 16


def chart(run: Run) -> Chart:
    """h_t of every step, (T, H), of each chain; of a cell that remembers c_t too."""
    kinds = _kinds(run)
    limit = _limit(max(float(np.abs(array).max(initial=0.0)) for _name, array in kinds.values()))
    options = tuple(Option(key, label) for key, (label, _array) in kinds.items())
    switches = (Switch("state", _("State"), options),) if len(kinds) > 1 else ()
    return Chart(
        "states",
        _("Hidden states over time"),
        _caption(run, limit),
        "forward",
        switches,
        {key if switches else "": figure(run, array, limit) for key, (_name, array) in kinds.items()},
        (),
        _table(run, kinds),
        (number(-limit), number(limit)),
    )


def _kinds(run: Run) -> dict[str, tuple[str, Array]]:
    """What can be shown, by key: its name and its numbers."""
    found = {}
    for name, chain in run.forward.chains.items():
        found[f"h-{name}"] = (f"h{chains.mark(run, name)}", chain.h)
        if chain.c is not None:
            found[f"c-{name}"] = (f"c{chains.mark(run, name)}", chain.c)
    return found


def figure(run: Run, h: Array, limit: float) -> Figure:
    """The heat map; colours reach their ends at -limit and limit."""
    down = value_axis(_("hidden unit"), showgrid=False, zeroline=False, tickvals=_ticks(h.shape[1]))
    down["range"] = [h.shape[1] + 0.5, 0.5]
    return heat_map(run, h, limit, down, "unit")


def _ticks(count: int) -> list[int]:
    return list(range(1, count + 1, -(-count // 12)))


def heat_map(run: Run, values: Array, limit: float, down: Figure, row: str) -> Figure:
    """Values (T, N) as cells, time across; `row` says what the other axis counts."""
    steps, units = values.shape
    heat: Figure = {
        "type": "heatmap",
        "z": rounded(values.T).tolist(),
        "x": list(range(1, steps + 1)),
        "y": list(range(1, units + 1)),
        "zmin": -limit,
        "zmax": limit,
        "colorscale": _colours(),
        # Without gaps the cells are drawn as one blurred picture, which the policy refuses to sharpen.
        "xgap": 1,
        "ygap": 1,
        "showscale": False,
        "hovertemplate": _("step {t}", t="%{x}") + f"<br>{row} %{{y}}: %{{z:.6~g}}<extra></extra>",
    }
    if units * steps <= WORDED:
        heat["customdata"] = [[label(word, 24) for word in run.words]] * units
        heat["hovertemplate"] = (
            _("step {t}, {word}", t="%{x}", word="%{customdata}")
            + f"<br>{row} %{{y}}: %{{z:.6~g}}<extra></extra>"
        )
    fits = units <= NUMBERED[0] and steps <= NUMBERED[1]
    numbers = [_numbers(values, limit)] if fits else []
    return {"data": [heat, *numbers], "layout": layout(xaxis=time_axis(run.words), yaxis=down)}


def _numbers(h: Array, limit: float) -> Figure:
    """The numbers on the cells, each in the ink that its colour asks for."""
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
    found = [(float(np.abs(chain.h).max()), name) for name, chain in run.forward.chains.items()]
    name = max(found)[1]
    h = run.forward.chains[name].h
    t, unit = np.unravel_index(int(np.abs(h).argmax()), h.shape)
    steps, units = h.shape
    scale = _(
        "Colour is absolute, from {least} to {most}, the same for every row.",
        least=number(-limit),
        most=number(limit),
    )
    both = " " + _("in each direction") if len(run.forward.chains) > 1 else ""
    arrow = chains.mark(run, name)
    return _(
        "{units} over {steps}{both}. The largest state is {h}: unit {unit}{arrow} after {word}, step {t}. "
        "{road}{scale}",
        units=n_("{count} unit", "{count} units", units),
        steps=n_("{count} step", "{count} steps", steps),
        both=both,
        h=number(float(h[t, unit])),
        unit=unit + 1,
        arrow=arrow,
        word=said(run.words[t]),
        t=t + 1,
        road=_road(run),
        scale=scale,
    )


def _road(run: Run) -> str:
    """What the cell state does that h cannot."""
    c = run.forward.c
    if c is None:
        return ""
    return (
        _(
            "c may leave the range from −1 to 1; here it reaches {largest}.",
            largest=number(float(np.abs(c).max())),
        )
        + " "
    )


def _table(run: Run, kinds: dict[str, tuple[str, Array]]) -> Table:
    units = run.experiment.hidden_size
    shown = min(units, max(1, TABLE_UNITS // len(kinds)))
    rows = tuple(
        (
            str(t),
            word,
            *(number(v, 6) for _name, array in kinds.values() for v in array[t - 1, :shown].tolist()),
        )
        for t, word in enumerate(run.words, 1)
    )
    note = _("The first {shown} of {units} units.", shown=shown, units=units) if shown < units else ""
    several, unit = len(kinds) > 1, _("unit")
    heads = (
        f"{name if several else unit} {i}"
        for name, _array in kinds.values()
        for i in range(1, shown + 1)
    )
    return Table(_("Hidden states h, one row a timestep"), ("t", _("word"), *heads), rows, note)
