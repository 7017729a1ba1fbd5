"""Two directions: how much each word adds through the one chain, above the axis, and the other, below it."""

from __future__ import annotations

from app.engine import OuterSum
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
)
from app.figures.writing import number
from app.numerals import short
from app.wording.catalogue import _

ORDER = ("W_xh", "W_hh", "b_h", "b_hn")


def chart(run: Run) -> Chart:
    """Norms of the contributions of both chains, (T,) each, on one scale."""
    shared = [name for name in ORDER if name in run.gradients["left_to_right"]]
    options = tuple(Option(name, f"{sub(name)}, {sub(_primed(name))}") for name in shared)
    return Chart(
        "opposed",
        _("What each word adds, in each direction"),
        _caption(run),
        "back",
        (Switch("parameter", _("Parameter"), options),),
        {name: figure(run, name) for name in shared},
        (Key("step", _("above: read from left to right; below: from right to left")),),
        _table(run, shared),
    )


def _primed(name: str) -> str:
    letter, _line, index = name.partition("_")
    return f"{letter}′_{index}"


def pair(run: Run, name: str) -> tuple[OuterSum, OuterSum]:
    """The gradients of one parameter in both chains."""
    first, second = (run.gradients[chain][name] for chain in chains.names(run))
    return first, second


def figure(run: Run, name: str) -> Figure:
    """Bars up and down from one axis; what points down is not negative, so the ticks have no sign."""
    upper, lower = (outer.norms for outer in pair(run, name))
    most = max(float(upper.max()), float(lower.max())) or 1.0
    axis = value_axis("norm of the contribution, one scale")
    ticks = [-most, -most / 2, 0.0, most / 2, most]
    axis |= {
        "range": [-1.25 * most, 1.25 * most],
        "tickvals": rounded_list(ticks),
        "ticktext": [number(abs(tick), 3) for tick in ticks],
    }
    data = [_bars(run, upper, 1.0, "→"), _bars(run, lower, -1.0, "←")]
    ground = layout(xaxis=time_axis(run.words), yaxis=axis, barmode="overlay", bargap=0.28)
    return {"data": data, "layout": ground}


def rounded_list(values: list[float]) -> list[float]:
    """Numbers without noise."""
    return [float(f"{value:.6g}") for value in values]


def _bars(run: Run, values: Array, way: float, arrow: str) -> Figure:
    over = _("step {t}, {word}", t="%{x}", word="%{customdata[0]}")
    return step_bars(
        way * values,
        [f"{arrow} {short(float(v))}" for v in values],
        customdata=[[label(word, 24), number(float(v))] for word, v in zip(run.words, values, strict=True)],
        hovertemplate=f"{over}<br>{arrow} %{{customdata[1]}}<extra></extra>",
    )


def _caption(run: Run) -> str:
    upper, lower = (outer.norms for outer in pair(run, "W_xh"))
    first, last = int(upper.argmax()), int(lower.argmax())
    weakest = int((upper + lower).argmin())
    told = _(
        "From left to right {words}, step {first}, adds the most to {W_xh}: {size}; from "
        "right to left {words2}, step {last}: {size2}.",
        words=said(run.words[first]),
        first=first + 1,
        W_xh=sub("W_xh"),
        size=number(float(upper[first]), 3),
        words2=said(run.words[last]),
        last=last + 1,
        size2=number(float(lower[last]), 3),
    )
    if len(upper) == 1:
        return told
    mirrored = (
        " " + _("Each chain hears best the word it read last.")
        if (first, last) == (len(upper) - 1, 0)
        else ""
    )
    return _(
        "{told}{mirrored} Together they hear {words}, step {weakest}, least.",
        told=told,
        mirrored=mirrored,
        words=said(run.words[weakest]),
        weakest=weakest + 1,
    )


def _table(run: Run, shared: list[str]) -> Table:
    columns = [outer.norms.tolist() for name in shared for outer in pair(run, name)]
    head = ("t", _("word"), *(f"{sub(shown)}" for name in shared for shown in (name, _primed(name))))
    rows = tuple(
        (str(t), word, *(number(column[t - 1], 6) for column in columns))
        for t, word in enumerate(run.words, 1)
    )
    return Table(_("Norms of the contributions of each word, both chains"), head, rows)
