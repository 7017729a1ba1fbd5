"""The ledger of W_hy and b_y: one row, no step of time in between."""

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.numerals import short, tint
from app.stage import ledger_notes
from app.stage.ends import d_logit, sigma_slope
from app.stage.ledger_cells import Window, cells, vector
from app.stage.ledger_chain import at_the_end
from app.stage.ledger_notes import size
from app.stage.ledger_rows import (
    UPRIGHT_FROM,
    Cell,
    Row,
    bar,
    blame_on_y_hat,
    of,
    sub,
)
from app.stage.ledger_views import Ledger, norm_of, pairs_for, tabs, whole_of, windows
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE


def at_the_end_of_time(run: Run, name: str, view: Window) -> Ledger:
    """W_hy and b_y: one row, no step of time in between."""
    steps, total = len(run.words), run.gradients["readout"][name].total
    stand = view.size >= UPRIGHT_FROM or name == "W_hy"
    block = _column(f"tot-{name}", total, view.rows if name == "W_hy" else range(1), f"dL/d{name}")
    left_out = (
        ()
        if view.whole or name == "b_y"
        else (
            f"Vectors show units {view.rows.start + 1} to {view.rows.stop} out of {view.units}; the norm "
            "counts them all.",
        )
    )
    return Ledger(
        parameter=name,
        group="readout",
        name=of(name),
        steps=steps,
        general=at_the_end(name),
        lead=f"{of(name)} acts once, after the last step. No time in between: one row is the whole gradient.",
        headings=_end_headings(run, name),
        rows=(_end_row(run, name, view, stand),),
        total=(("", block),),
        norm=norm_of(run, "readout", name),
        whole=whole_of(run, "readout", name),
        sums=f"One contribution, so it is ∂L/∂{of(name)}.",
        tabs=tabs(run, name, view),
        pages=(),
        windows=tuple(windows(name, 1, view))[:1] if name == "W_hy" else (),
        left_out=left_out,
        notes=tuple(ledger_notes.readout(run, name)),
        pairs=pairs_for(name, 1, view),
    )


def _column(part: str, values: NDArray[np.float64], shown: range, label: str) -> str:
    column = np.ravel(values)[shown.start : shown.stop]
    return cells([f"{part}-{i}.0" for i in shown], column, 1, label, GRADIENT_SCALE)


def _skips_sigma(run: Run, name: str) -> bool:
    return name == "b_y" and not run.forward.output_bias_inside


def _end_headings(run: Run, name: str) -> tuple[Cell, ...]:
    entered = f"what entered: {sub('h', len(run.words))}" if name == "W_hy" else "what entered: 1"
    return (
        Cell("∂L/∂ŷ", "bw"),
        Cell("× σ′(z)"),
        Cell("= ∂L/∂z", "bw"),
        Cell(entered, "fw"),
        Cell(f"= ∂L/∂{of(name)}"),
    )


def _end_row(run: Run, name: str, view: Window, stand: bool) -> Row:
    back, steps = run.backward, len(run.words)
    total = run.gradients["readout"][name].total
    if name == "W_hy":
        entered = Cell(
            vector(f"h-{steps}", run.forward.readout_input, view.rows, f"h_{steps}", FORWARD_SCALE, stand),
            "fw",
        )
        adds = Cell(_column(f"tot-{name}", total, view.rows, "dL/dW_hy"))
    else:
        entered = Cell('<b class="n plain">1</b>', "fw")
        adds = Cell(_column(f"tot-{name}", total, range(1), "dL/db_y"))
    remark = "The bias stands outside σ, so it skips σ′: its gradient is ∂L/∂ŷ itself, not ∂L/∂z."
    return Row(
        t=steps,
        tint=tint(steps, steps),
        word=run.words[-1],
        chain="",
        crossed="no Jacobian",
        cells=(
            Cell(blame_on_y_hat(run), "bw"),
            Cell(cells(["sp.0"], [0.0], 1, "sigma'(z)", None, texts=[sigma_slope(run).short])),
            Cell(
                cells(
                    ["dz.0"], back.d_logit, 1, "dL/dz", GRADIENT_SCALE, texts=[d_logit(run).short]
                ),
                "bw",
            ),
            entered,
            adds,
        ),
        norm=f'<b class="n plain" data-part="slot-{name}-whole">{short(size(total))}</b>',
        bar=bar(1.0, 0.0, 1.0),
        share=whole_of(run, "readout", name),
        remark=remark if _skips_sigma(run, name) else "",
    )
