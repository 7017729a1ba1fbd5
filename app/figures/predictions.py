"""Where every step predicts: the loss of each step, and which loss blames which state."""

from __future__ import annotations

import numpy as np

from app.experiments.run import Run
from app.figures import chains
from app.figures.chart import (
    Array,
    Chart,
    Figure,
    Key,
    Table,
    label,
    layout,
    said,
    step_bars,
    time_axis,
    value_axis,
    var,
)
from app.figures.writing import number, rounded
from app.numerals import short
from app.wording.catalogue import _

STOPS = ["v-0"] + [f"v-p{k}" for k in range(1, 11)]
WIDEST = 12.0  # powers of ten that the colours tell apart: smaller norms have the colour of the smallest
TABLE = 24


def losses(run: Run) -> Chart:
    """L_t of every step, (T,), and the mean."""
    values = run.losses
    assert values is not None
    asked = [word is not None for word in run.next_words or ()]
    return Chart(
        "losses",
        _("The loss of each step"),
        _hardest(run, values, asked),
        "loss",
        (),
        {"": _bars(run, values)},
        (Key("step", _("one step, in its tint")), Key("total", _("the mean, L"))),
        _losses_table(run, values),
    )


def _bars(run: Run, values: Array) -> Figure:
    over = _("step {t}, {word}", t="%{x}", word="%{customdata[0]} → %{customdata[1]}")
    loss = _("loss")
    bars = step_bars(
        values,
        [short(float(value)) for value in values],
        customdata=[
            [label(word, 24), label(_next(run, t), 24), number(float(value))]
            for t, (word, value) in enumerate(zip(run.words, values, strict=True))
        ],
        hovertemplate=f"{over}<br>{loss}: %{{customdata[2]}}<extra></extra>",
    )
    mean: Figure = {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": run.loss,
        "y1": run.loss,
        "line": {"color": var("ink"), "width": 1.5, "dash": "dot"},
    }
    axis = value_axis(_("loss, −ln of the probability"), rangemode="tozero")
    ground = layout(xaxis=time_axis(run.words), yaxis=axis, shapes=[mean], bargap=0.28)
    return {"data": [bars], "layout": ground}


def _next(run: Run, index: int) -> str:
    found = (run.next_words or ())[index]
    return _("nothing asked") if found is None else found


def _hardest(run: Run, values: Array, asked: list[bool]) -> str:
    t = int(np.where(asked, values, -np.inf).argmax())
    guess = float(np.log(len(run.vocabulary)))
    return _(
        "The hardest word to foresee is {run} after {words}: {values}. The mean, L, is "
        "{loss}; a guess among {count} words costs {guess}. After the last word nothing is "
        "asked.",
        run=said(_next(run, t)),
        words=said(run.words[t]),
        values=number(float(values[t])),
        loss=number(run.loss),
        count=len(run.vocabulary),
        guess=number(guess),
    )


def _losses_table(run: Run, values: Array) -> Table:
    rows = tuple(
        (str(t), word, _next(run, t - 1), number(float(value), 6))
        for t, (word, value) in enumerate(zip(run.words, values, strict=True), 1)
    )
    return Table(_("Loss of each timestep"), ("t", _("word"), _("the word that comes"), _("loss")), rows)


def credit(run: Run) -> Chart:
    """‖∂L_τ/∂h_t‖, (T, T) of each chain: row τ the loss, column t the state."""
    shown = [name for name in chains.names(run)]
    return Chart(
        "credit",
        _("Which loss blames which state"),
        _blames(run),
        "back",
        chains.switch(run),
        {chains.key(run, name): credit_figure(run, name) for name in shown},
        (),
        _credit_table(run, shown),
        (number(_ends(run)[0]), number(_ends(run)[1])),
        ("p1", "p3", "p5", "p7", "p9", "p10"),
    )


def credit_figure(run: Run, name: str) -> Figure:
    """The matrix as cells; colour tells the size on a logarithmic scale, the number is the norm itself."""
    values = run.credit[name]
    steps, decades = len(values), _decades(values, *_ends(run))
    heat: Figure = {
        "type": "heatmap",
        "z": rounded(decades).tolist(),
        "x": list(range(1, steps + 1)),
        "y": list(range(1, steps + 1)),
        "zmin": 0,
        "zmax": 1,
        "colorscale": _colours(),
        "xgap": 1,
        "ygap": 1,
        "showscale": False,
        "customdata": [[number(float(v), 4) for v in row] for row in values],
        "hovertemplate": _("loss of step {late}, state of step {early}", late="%{y}", early="%{x}")
        + "<br>"
        + _("norm")
        + ": %{customdata}<extra></extra>",
    }
    numbers = [_numbers(values, decades)] if steps <= 12 else []
    every = -(-steps // 12)
    down = value_axis(
        _("loss of step τ"), showgrid=False, zeroline=False, tickvals=list(range(1, steps + 1, every))
    )
    down["range"] = [steps + 0.5, 0.5]
    return {"data": [heat, *numbers], "layout": layout(xaxis=time_axis(run.words), yaxis=down)}


def _ends(run: Run) -> tuple[float, float]:
    """The smallest norm that has a colour of its own, and the largest."""
    values = np.concatenate([matrix.ravel() for matrix in run.credit.values()])
    seen = values[values > 0.0]
    if not seen.size:
        return 0.0, 0.0
    most = float(seen.max())
    return max(float(seen.min()), most * 10.0**-WIDEST), most


def _decades(values: Array, least: float, most: float) -> Array:
    """0 for nothing, else from 0.1 at the smallest norm up to 1 at the largest, by logarithm."""
    if most <= least:
        return np.where(values > 0.0, 1.0, 0.0)
    with np.errstate(divide="ignore", under="ignore"):
        above = np.log10(np.maximum(values, least) / least) / np.log10(most / least)
    return np.where(values > 0.0, 0.1 + 0.9 * above, 0.0)


def _colours() -> list[list[object]]:
    """Eleven steps from nothing to the largest."""
    edges = [0.0, *((k + 0.5) / 10 for k in range(10)), 1.0]
    return [[edge, var(stop)] for k, stop in enumerate(STOPS) for edge in (edges[k], edges[k + 1])]


def _numbers(values: Array, decades: Array) -> Figure:
    steps = len(values)
    stops = np.rint(decades * 10).astype(int).ravel().tolist()
    return {
        "type": "scatter",
        "mode": "text",
        "x": list(range(1, steps + 1)) * steps,
        "y": [t for t in range(1, steps + 1) for _ in range(steps)],
        "text": [short(value) for value in values.ravel().tolist()],
        "textfont": {
            "family": var("figures"),
            "size": 13,
            "color": [var(f"{STOPS[stop]}-ink") for stop in stops],
        },
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _blames(run: Run) -> str:
    values = run.credit["left_to_right"]
    row = int(np.flatnonzero(values.any(axis=1)).max(initial=0))
    here, first = float(values[row, row]), float(values[row, 0])
    said_first = (
        _(
            "The loss of step {row} blames its own state by {here} and the first by {first}.",
            row=row + 1,
            here=number(here),
            first=number(first),
        )
        + " "
        if row
        else ""
    )
    other = (
        " " + _("From right to left it is the other way round: a loss reaches the states of later words.")
        if len(run.credit) > 1
        else ""
    )
    return _(
        "{said_first}No loss reaches a state that was read after it: above the diagonal "
        "everything is exactly 0.{other} Colour is logarithmic, from the smallest norm to "
        "the largest; the numbers are the norms.",
        said_first=said_first,
        other=other,
    )


def _credit_table(run: Run, names: list[str]) -> Table:
    steps = min(len(run.words), TABLE // len(names))
    head = tuple(
        _("state {t}{run}", t=t, run=chains.mark(run, name)) for name in names for t in range(1, steps + 1)
    )
    rows = tuple(
        (str(t), word, *(number(float(v), 5) for name in names for v in run.credit[name][t - 1, :steps]))
        for t, word in enumerate(run.words, 1)
    )
    note = (
        _("The first {steps} of {count} states.", steps=steps, count=len(run.words))
        if steps < len(run.words)
        else ""
    )
    return Table(
        _("Norms of the gradient of each loss by each state, a row for each loss"),
        ("τ", "word", *head),
        rows,
        note,
    )
