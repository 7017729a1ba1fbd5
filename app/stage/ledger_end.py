"""The ledger of W_hy and b_y where the network predicts once: one row, no step of time in between."""

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.numerals import tint
from app.stage import ledger_notes
from app.stage.chains import chains_of
from app.stage.ends import end_of
from app.stage.ledger_cells import Window, cells, vector
from app.stage.ledger_chain import at_the_end
from app.stage.ledger_factors import Cell, blame_on_y_hat
from app.stage.ledger_notes import read_last, size
from app.stage.ledger_rows import UPRIGHT_FROM, Row, bar, slot
from app.stage.ledger_views import Ledger, choices, norm_of, pairs_for, tabs, whole_of, windows
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE
from app.stage.weights import Weight
from app.wording.catalogue import _


def at_the_end_of_time(run: Run, weight: Weight, page: int, view: Window) -> Ledger:
    """W_hy and b_y: one row, no step of time in between."""
    of_states = weight.key == "W_hy"
    return Ledger(
        parameter=weight.key,
        group="readout",
        name=weight.symbol,
        steps=len(run.words),
        general=at_the_end(weight),
        lead=_(
            "{symbol} acts once, after the last step. No time in between: one row is the whole gradient.",
            symbol=weight.symbol,
        ),
        headings=_end_headings(run, weight),
        rows=(_end_row(run, weight, view),),
        total=tuple(_blocks(run, weight, view)),
        norm=norm_of(run, weight),
        whole=whole_of(run, weight),
        sums=_("One contribution, so it is ∂L/∂{symbol}.", symbol=weight.symbol),
        choices=choices(run, weight, view),
        tabs=tabs(run, weight, view),
        pages=(),
        windows=tuple(windows(weight.key, 1, view, None)) if of_states else (),
        left_out=tuple(_left_out(view)) if of_states else (),
        notes=tuple(ledger_notes.readout(run, weight)),
        pairs=pairs_for(weight.key, 1, view),
    )


def _left_out(view: Window) -> list[str]:
    if view.whole:
        return []
    units = _(
        "units {start} to {stop} out of {units}",
        start=view.rows.start + 1,
        stop=view.rows.stop,
        units=view.units,
    )
    return [_("Vectors show {units}; the norm counts them all.", units=units)]


def _blocks(run: Run, weight: Weight, view: Window) -> list[tuple[str, str]]:
    """The gradient as a column, one for each chain that the output reads."""
    total = np.ravel(weight.gradient(run).total)
    if weight.key != "W_hy":
        return [("", _column(weight.key, total, range(1)))]
    found = []
    for chain in chains_of(run):
        first = chain.reads_out.start
        rows = range(first + view.rows.start, first + view.rows.stop)
        label = "" if chain.alone else chain.lane.said("h", chain.lane.last)
        found.append((label, _column(weight.key, total, rows)))
    return found


def _column(key: str, values: NDArray[np.float64], shown: range) -> str:
    column = values[shown.start : shown.stop]
    return cells([f"tot-{key}-{i}.0" for i in shown], column, 1, f"dL/d{key}", GRADIENT_SCALE)


def _skips_sigma(run: Run, weight: Weight) -> bool:
    return weight.key == "b_y" and not run.forward.output_bias_inside


def _end_headings(run: Run, weight: Weight) -> tuple[Cell, ...]:
    entered = _("what entered: {run}", run=read_last(run)) if weight.key == "W_hy" else _("what entered: 1")
    return (
        Cell("∂L/∂ŷ", "bw"),
        Cell("× σ′(z)"),
        Cell("= ∂L/∂z", "bw"),
        Cell(entered, "fw"),
        Cell(f"= ∂L/∂{weight.symbol}"),
    )


def entered(run: Run, view: Window, steps: tuple[int, ...], stand: bool) -> Cell:
    """The states that the output reads, one a chain at the step given for it."""
    states = [
        vector(chain.lane.name("h", t), chain.forward.h[t - 1], view.rows, f"h_{t}", FORWARD_SCALE, stand)
        for chain, t in zip(chains_of(run), steps, strict=True)
    ]
    return Cell('<i class="op">;</i>'.join(states), "fw pair" if len(states) > 1 else "fw")


def _end_row(run: Run, weight: Weight, view: Window) -> Row:
    back, steps = run.backward, len(run.words)
    total = weight.gradient(run).total
    ones = Cell('<b class="n plain">1</b>', "fw")
    last = tuple(chain.lane.last for chain in chains_of(run))
    columns = "".join(block for _, block in _blocks(run, weight, view))
    remark = _("The bias stands outside σ, so it skips σ′: its gradient is ∂L/∂ŷ itself, not ∂L/∂z.")
    stand = view.size >= UPRIGHT_FROM or weight.key == "W_hy"
    end = end_of(run)
    return Row(
        t=steps,
        tint=tint(steps, steps),
        word=run.words[-1],
        chain="",
        crossed=_("no Jacobian"),
        cells=(
            Cell(blame_on_y_hat(run), "bw"),
            Cell(cells(["sp.0"], [0.0], 1, "sigma'(z)", None, texts=[end.sigma_slope.short])),
            Cell(cells(["dz.0"], back.d_logit, 1, "dL/dz", GRADIENT_SCALE, texts=[end.d_logit.short]), "bw"),
            entered(run, view, last, stand) if weight.key == "W_hy" else ones,
            Cell(columns, "pair" if len(last) > 1 else ""),
        ),
        norm=slot(weight, "whole", size(total)),
        bar=bar(1.0, 0.0, 1.0),
        share=whole_of(run, weight),
        remark=remark if _skips_sigma(run, weight) else "",
    )
