"""What each timestep adds to the gradient of a shared parameter, stacked up to the total."""

from __future__ import annotations

import numpy as np

from app.engine import OuterSum
from app.engine.norms import norm
from app.experiments.run import Run
from app.figures import chains
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
    step_bars,
    sub,
    time_axis,
    value_axis,
    var,
)
from app.figures.writing import number, rounded
from app.numerals import short
from app.wording.catalogue import _

ORDER = ("W_hh", "W_xh", "b_h", "b_hn")
Gradients = dict[str, OuterSum]


def chart(run: Run) -> Chart:
    """Shares and norms of the contributions to each parameter that several steps use, (T,) each."""
    found = _gradients(run)
    parameters = Switch("parameter", _("Parameter"), tuple(Option(key, _symbol(key)) for key in found))
    measures = Switch(
        "measure", _("Measure"), (Option("share", _("signed share")), Option("norm", _("norm")))
    )
    views = {f"{key}.share": share_figure(run, outer) for key, outer in found.items()}
    views |= {f"{key}.norm": norm_figure(run, outer) for key, outer in found.items()}
    keys = (Key("step", _("one step, in its tint")), Key("total", _("the whole gradient")))
    return Chart(
        "contributions",
        _("What each step adds to a shared weight"),
        _caption(run, found),
        "back",
        (parameters, measures),
        views,
        keys,
        _table(run, found),
    )


def _gradients(run: Run) -> Gradients:
    """The gradients that are sums over time, by a key: the parameter and, behind a dash, its chain."""
    found: Gradients = {}
    for chain in chains.names(run):
        named = run.gradients[chain]
        end = "-r" if chain == "right_to_left" else ""
        found |= {f"{name}{end}": named[name] for name in ORDER if name in named}
    if run.network.per_step:
        found |= run.gradients["readout"]
    return found


def _symbol(key: str) -> str:
    """A parameter's symbol; one of the chain from right to left has a prime."""
    name, _dash, other = key.partition("-")
    letter, _line, index = name.partition("_")
    return sub(f"{letter}{'′' if other else ''}_{index}")


def share_figure(run: Run, outer: OuterSum) -> Figure:
    """Signed shares as a staircase in the order the steps pay in: T starts at 0, step 1 ends on the total."""
    shares = outer.shares
    # Step t stands on what the later steps have paid.
    base = np.cumsum(shares[::-1])[::-1] - shares
    total = 0.0 if not shares.any() else 1.0
    bars = _bars(run, shares, "share") | {"base": rounded(base).tolist()}
    return _figure(run, bars, total, _("signed share of the whole gradient"), bool(total))


def norm_figure(run: Run, outer: OuterSum) -> Figure:
    """Lengths of the contributions, each from 0: lengths do not add up, so they are not stacked."""
    whole = norm(outer.total)
    return _figure(run, _bars(run, outer.norms, "norm"), whole, "norm of the contribution", True)


def _bars(run: Run, values: Array, what: str) -> Figure:
    over = _("step {t}, {word}", t="%{x}", word="%{customdata[0]}")
    return step_bars(
        values,
        [short(float(v)) for v in values],
        customdata=[[label(word, 24), number(float(v))] for word, v in zip(run.words, values, strict=True)],
        hovertemplate=f"{over}<br>{what}: %{{customdata[1]}}<extra></extra>",
    )


def _figure(run: Run, bars: Figure, total: float, axis: str, marked: bool) -> Figure:
    mark: Figure = {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": total,
        "y1": total,
        "line": {"color": var("ink"), "width": 1.5, "dash": "dot"},
    }
    shapes = [mark] if marked else []
    ground = layout(xaxis=time_axis(run.words), yaxis=value_axis(axis), shapes=shapes, bargap=0.28)
    return {"data": [bars], "layout": ground}


def _caption(run: Run, gradients: Gradients) -> str:
    shares = gradients["W_hh"].shares
    return f"{_leader(run, shares)} {_first(run, gradients)} {_cancelled(run, gradients)}".strip()


def _leader(run: Run, shares: Array) -> str:
    if not shares.any():
        return _("The gradient of {W_hh} is exactly 0 in this run: no step adds anything.", W_hh=sub("W_hh"))
    t = int(np.abs(shares).argmax())
    return _(
        "Step {t}, {words}, pays the most into ∂L/∂{W_hh}: a share of {size}. The {count} "
        "shares add up to {size2}.",
        t=t + 1,
        words=said(run.words[t]),
        W_hh=sub("W_hh"),
        size=number(float(shares[t]), 3),
        count=len(shares),
        size2=number(float(shares.sum()), 3),
    )


def _first(run: Run, gradients: Gradients) -> str:
    if run.forward.h_prev[0].any():
        return ""
    return _(
        "Step 1 adds {norm} to {W_hh}, because the state before it is zero.",
        norm=number(float(gradients["W_hh"].norms[0])),
        W_hh=sub("W_hh"),
    )


def _cancelled(run: Run, gradients: Gradients) -> str:
    outer = gradients["W_hh"]
    together, alone = norm(outer.total), float(outer.norms.sum())
    if len(run.words) == 1 or together == 0.0:
        return ""
    return _(
        "Norms do not add: the steps’ norms sum to {alone}, the gradient’s own norm is {together}.",
        alone=number(alone),
        together=number(together),
    )


def _table(run: Run, gradients: Gradients) -> Table:
    columns = [column.tolist() for outer in gradients.values() for column in (outer.norms, outer.shares)]
    head = (
        "t",
        _("word"),
        *(f"{_symbol(key)} {what}" for key in gradients for what in (_("norm"), _("share"))),
    )
    rows = tuple(
        (str(t), word, *(number(column[t - 1], 6) for column in columns))
        for t, word in enumerate(run.words, 1)
    )
    wholes = [
        number(value, 6)
        for outer in gradients.values()
        for value in (norm(outer.total), float(outer.shares.sum()))
    ]
    return Table(_("Contributions of each timestep"), head, (*rows, ("Σ", "whole", *wholes)))
