"""How much gradient is left at each step: the blame on h_t, and what the steps between do to any blame."""

from __future__ import annotations

import numpy as np

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
    sub,
    time_axis,
    value_axis,
    var,
)
from app.figures.writing import number, rounded
from app.wording.catalogue import N_, _, n_

AXES = {"log": N_("norm, logarithmic scale"), "linear": N_("norm, absolute scale")}
BLAME = f"‖∂L/∂{sub('h_t')}‖"
CHAIN = f"‖∂{sub('h_T')}/∂{sub('h_t')}‖"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Whether the gradient shrinks on its way.
WALKED = {
    True: N_(
        "From {last} at {late} to {first} at {early}: over {steps} the gradient shrinks to {ratio} of "
        "itself, a factor of {each} a step on average."
    ),
    False: N_(
        "From {last} at {late} to {first} at {early}: over {steps} the gradient grows to {ratio} of itself, "
        "a factor of {each} a step on average."
    ),
}
MARKERS = 60  # steps up to which each point is marked


def chart(run: Run) -> Chart:
    """‖∂L/∂h_t‖ and the spectral norm of ∂h_T/∂h_t, (T,) each."""
    scale = Switch("scale", _("Scale"), (Option("log", _("logarithmic")), Option("linear", _("absolute"))))
    views = {
        chains.key(run, name, kind): figure(run, name, kind) for name in chains.names(run) for kind in AXES
    }
    keys = (
        Key("blame", _("{blame}, the blame on the state", blame=BLAME)),
        Key("chain", _("{whole}, the spectral norm of the chain of Jacobians", whole=_whole(run))),
        *(
            (Key("road", _("Πf, the road alone: its largest entry")),)
            if run.forward.highway is not None
            else ()
        ),
    )
    title, switches = _("How far the gradient reaches"), (*chains.switch(run), scale)
    return Chart("norms", title, _caption(run), "back", switches, views, keys, _table(run))


def _whole(run: Run) -> str:
    """The name of the whole Jacobian; from right to left it is that of the first word's state."""
    both = len(run.forward.chains) > 1
    return f"{CHAIN}, ← ‖∂{sub('h_1')}/∂{sub('h_t')}‖" if both else CHAIN


def figure(run: Run, name: str, kind: str) -> Figure:
    """Lines over time of one chain; `kind` is log or linear."""
    back, first = run.backward.chains[name], chains.last(run, name) + 1
    lines = [
        _line(
            run, back.dhT_dh_norm, f"‖∂h_{first if first == 1 else 'T'}/∂h_t‖", "weight", "dash", "diamond"
        ),
        _line(run, back.d_h_norm, "‖∂L/∂h_t‖", "backward", "solid", "circle"),
    ]
    shown = [back.d_h_norm, back.dhT_dh_norm]
    highway = run.forward.chains[name].highway
    if highway is not None:
        shown.append(highway.max(axis=1))
        lines.append(_line(run, shown[-1], _("Πf, largest entry"), "forward", "dot", "square"))
    axis = value_axis(_(AXES[kind]), type=kind)
    if kind == "linear":
        axis["rangemode"] = "tozero"
    else:
        lines = [_positive(line) for line in lines]
        axis |= decades(np.concatenate(shown))
    return {"data": lines, "layout": layout(xaxis=time_axis(run.words), yaxis=axis)}


def _positive(line: Figure) -> Figure:
    """A line without its zeros, which have no place on a logarithmic axis."""
    kept = [k for k, value in enumerate(line["y"]) if value > 0.0]
    return line | {name: [line[name][k] for k in kept] for name in ("x", "y", "customdata")}


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
        "hovertemplate": _("step {t}, {word}", t="%{x}", word="%{customdata[0]}")
        + "<br>"
        + what
        + " = %{customdata[1]}<extra></extra>",
    }


def _caption(run: Run) -> str:
    told = [_told(run, name) for name in chains.names(run)]
    return told[0] if len(told) == 1 else f"→ {told[0]} ← {told[1]}"


def _told(run: Run, chain: str) -> str:
    """What becomes of the gradient of one chain, from the step it read last to the one it read first."""
    order = chains.walked(run, chain)
    norms, words, mark = run.backward.chains[chain].d_h_norm, run.words, chains.mark(run, chain)
    first, last = float(norms[order[0]]), float(norms[order[-1]])
    if len(norms) == 1:
        return _("One step only: ‖∂L/∂{h_1}{mark}‖ = {last}.", h_1=sub("h_1"), mark=mark, last=number(last))
    if run.network.per_step:
        return _spread(run, chain)
    if last == 0.0:
        return _("No gradient reaches the last state in this run: every norm is exactly 0.")
    if first == 0.0:
        lost = next(t + 1 for t in reversed(order) if norms[t] == 0.0)
        return _(
            "{last} at step {t}, and 0 up to step {lost}: no blame that a float could hold gets there.",
            last=number(last),
            t=order[-1] + 1,
            lost=lost,
        )
    ratio, steps = first / last, len(norms) - 1
    a_step = float(np.exp((np.log(first) - np.log(last)) / steps))
    return _(
        WALKED[ratio < 1],
        last=number(last),
        late=said(words[order[-1]]),
        first=number(first),
        early=said(words[order[0]]),
        steps=n_("{count} step", "{count} steps", steps),
        ratio=number(ratio, 3),
        each=number(a_step, 3),
    )


def _spread(run: Run, chain: str) -> str:
    """Where every step predicts, losses come in all along the way."""
    norms = run.backward.chains[chain].d_h_norm
    t = int(norms.argmax())
    silent = "" if norms.all() else " " + _("It is 0 where no loss is left to come.")
    return _(
        "Losses come in at every step, so the gradient does not only fade: it is largest, "
        "{norms}, at {words}, step {t}.{silent}",
        norms=number(float(norms[t])),
        words=said(run.words[t]),
        t=t + 1,
        silent=silent,
    )


def _table(run: Run) -> Table:
    columns, head = [], []
    for name in chains.names(run):
        back, mark, road = run.backward.chains[name], chains.mark(run, name), run.forward.chains[name].highway
        columns += [back.d_h_norm, back.dhT_dh_norm]
        ended = CHAIN if not chains.last(run, name) == 0 or not mark else f"‖∂{sub('h_1')}/∂{sub('h_t')}‖"
        head += [f"{BLAME} {mark}".strip(), f"{ended} {mark}".strip()]
        if road is not None:
            columns.append(road.max(axis=1))
            head.append(f"Πf {mark}".strip())
    rows = tuple(
        (str(t), word, *(number(float(column[t - 1]), 6) for column in columns))
        for t, word in enumerate(run.words, 1)
    )
    return Table(_("Norms of the gradient at each timestep"), ("t", _("word"), *head), rows)
