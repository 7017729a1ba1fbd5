"""How much gradient is left at each step: the blame on h_t, and what the steps between do to any blame."""

from __future__ import annotations

import numpy as np

from app.experiments.run import Run
from app.figures.chart import (
    Array,
    Chart,
    Figure,
    Key,
    Option,
    Switch,
    Table,
    label,
    layout,
    said,
    sub,
    time_axis,
    value_axis,
    var,
)
from app.figures.writing import number, rounded

AXES = {"log": "norm, logarithmic scale", "linear": "norm, absolute scale"}
BLAME = f"‖∂L/∂{sub('h_t')}‖"
CHAIN = f"‖∂{sub('h_T')}/∂{sub('h_t')}‖"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MARKERS = 60  # steps up to which each point is marked


def chart(run: Run) -> Chart:
    """‖∂L/∂h_t‖ and the spectral norm of ∂h_T/∂h_t, (T,) each."""
    scale = Switch("scale", "Scale", (Option("log", "logarithmic"), Option("linear", "absolute")))
    views = {kind: figure(run, kind) for kind in AXES}
    keys = (
        Key("blame", f"{BLAME}, the blame on the state"),
        Key("chain", f"{CHAIN}, the spectral norm of the chain of Jacobians"),
    )
    return Chart(
        "norms", "How far the gradient reaches", _caption(run), "back", (scale,), views, keys, _table(run)
    )


def figure(run: Run, kind: str) -> Figure:
    """Two lines over time; `kind` is log or linear."""
    blame = _line(run, run.backward.d_h_norm, "‖∂L/∂h_t‖", "backward", "solid", "circle")
    chain = _line(run, run.backward.dhT_dh_norm, "‖∂h_T/∂h_t‖", "weight", "dash", "diamond")
    axis = value_axis(AXES[kind], type=kind)
    if kind == "linear":
        axis["rangemode"] = "tozero"
    else:
        axis |= decades(np.concatenate([run.backward.d_h_norm, run.backward.dhT_dh_norm]))
    return {"data": [chain, blame], "layout": layout(xaxis=time_axis(run.words), yaxis=axis)}


def decades(values: Array) -> Figure:
    """Range and ticks of a logarithmic axis: powers of ten, and 2 and 5 between them where there is room.

    Written out here because Plotly raises an exponent by an inline style.
    """
    seen = values[values > 0]
    low, high = (float(np.log10(seen.min())), float(np.log10(seen.max()))) if seen.size else (-1.0, 0.0)
    low, high = low - 0.12, high + 0.12
    every = max(1, -(-int(high - low) // 7))
    steps = (1, 2, 5) if high - low < 2.5 else (1,)
    powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    ticks = [(p, k) for p in powers if p % every == 0 for k in steps if low <= p + np.log10(k) <= high]
    return {
        "range": [low, high],
        "tickvals": [float(f"{k}e{p}") for p, k in ticks],
        "ticktext": [_tick(p, k) for p, k in ticks],
    }


def _tick(power: int, times: int) -> str:
    if -3 < power < 4:
        return f"{times * 10.0**power:g}"
    return f"{'' if times == 1 else f'{times}·'}10{str(power).translate(SUPERSCRIPTS)}"


def _line(run: Run, values: Array, what: str, token: str, dash: str, mark: str) -> Figure:
    steps = len(values)
    return {
        "type": "scatter",
        "mode": "lines+markers" if steps <= MARKERS else "lines",
        "name": what,
        "x": list(range(1, steps + 1)),
        "y": rounded(values).tolist(),
        "line": {"color": var(token), "width": 2.5 if dash == "solid" else 2, "dash": dash},
        "marker": {"color": var(token), "size": 8, "symbol": mark},
        "customdata": [
            [label(word, 24), number(float(v))] for word, v in zip(run.words, values, strict=True)
        ],
        "hovertemplate": "step %{x}, %{customdata[0]}<br>" + what + " = %{customdata[1]}<extra></extra>",
    }


def _caption(run: Run) -> str:
    norms = run.backward.d_h_norm
    first, last = float(norms[0]), float(norms[-1])
    if len(norms) == 1:
        return f"One step only: ‖∂L/∂{sub('h_1')}‖ = {number(last)}."
    if last == 0.0:
        return "No gradient reaches the last state in this run: every norm is exactly 0."
    if first == 0.0:
        lost = int(np.flatnonzero(norms == 0.0)[-1]) + 1
        gone = f"0 up to step {lost}: no blame that a float could hold gets there."
        return f"{number(last)} at step {len(norms)}, and {gone}"
    ratio, steps = first / last, len(norms) - 1
    verdict = "shrinks" if ratio < 1 else "grows"
    a_step = float(np.exp((np.log(first) - np.log(last)) / steps))
    plural = "step" if steps == 1 else "steps"
    return (
        f"From {number(last)} at {said(run.words[-1])} to {number(first)} at {said(run.words[0])}: "
        f"over {steps} {plural} the gradient {verdict} to {number(ratio, 3)} of itself, "
        f"a factor of {number(a_step, 3)} a step on average."
    )


def _table(run: Run) -> Table:
    head = ("t", "word", BLAME, CHAIN)
    pairs = zip(run.words, run.backward.d_h_norm.tolist(), run.backward.dhT_dh_norm.tolist(), strict=True)
    rows = tuple((str(t), word, number(a, 6), number(b, 6)) for t, (word, a, b) in enumerate(pairs, 1))
    return Table("Norms of the gradient at each timestep", head, rows)
