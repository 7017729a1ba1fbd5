"""The ledger's rows: for each step every factor of its chain, and what it adds to the gradient."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.numerals import MINUS, short, tint
from app.stage.ends import d_prediction, output_slope, times_slope
from app.stage.ledger_cells import Window, cells, matrix, product, vector, word
from app.stage.ledger_chain import chain, jacobians
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE

Array = NDArray[np.float64]
BAR = 120.0
UPRIGHT_FROM = 5  # vectors of so many units stand, so that a row still fits a page


@dataclass(frozen=True)
class Cell:
    """One cell of a row: HTML, its class, and what stands under it in small print."""

    html: str
    kind: str = ""
    note: str = ""


@dataclass(frozen=True)
class Row:
    """One step. chain: MathML. cells: in the order of the columns. remark: why the row is as it is."""

    t: int
    tint: int
    word: str
    chain: str
    crossed: str
    cells: tuple[Cell, ...]
    norm: str
    bar: str
    share: str
    remark: str

    @property
    def lines(self) -> int:
        """Lines of the table that the step takes: its chain, its factors, and the remark if there is one."""
        return 3 if self.remark else 2


def sub(name: str, index: str | int) -> str:
    return f"{name}<sub>{index}</sub>"


def of(name: str) -> str:
    """W_hh with its index set below."""
    letter, _, index = name.partition("_")
    return sub(letter, index)


def headings(run: Run, name: str) -> tuple[Cell, ...]:
    """The columns between the step and its norm."""
    entered = {"W_xh": "x<sub>t</sub>", "W_hh": "h<sub>t−1</sub>", "b_h": "1"}[name]
    return (
        Cell("new factor of the chain", "bw"),
        Cell("= ∂L/∂h<sub>t</sub>", "bw"),
        Cell("× f′(a<sub>t</sub>)"),
        Cell("= δ<sub>t</sub>", "bw"),
        Cell(f"what entered: {entered}", "fw"),
        Cell(f"adds to ∂L/∂{of(name)}"),
    )


def rows(run: Run, name: str, steps: list[int], view: Window) -> tuple[Row, ...]:
    """The rows of the given steps, in that order."""
    outer = run.gradients["left_to_right"][name]
    norms, shares = outer.norms.tolist(), outer.shares.tolist()
    low, high = min(0.0, *shares), max(0.0, *shares)
    return tuple(
        Row(
            t=t,
            tint=tint(t, len(run.words)),
            word=run.words[t - 1],
            chain=chain(name, len(run.words), t),
            crossed=jacobians(len(run.words) - t),
            cells=_cells(run, name, t, view),
            norm=f'<b class="n plain" data-part="slot-{name}-{t}">{short(norms[t - 1])}</b>',
            bar=bar(shares[t - 1], low, high),
            share=percent(shares[t - 1]),
            remark=_remark(run, name, t),
        )
        for t in steps
    )


def _cells(run: Run, name: str, t: int, view: Window) -> tuple[Cell, ...]:
    back, i, stand = run.backward, t - 1, view.size >= UPRIGHT_FROM
    new = (
        _last(run, view, stand) if t == len(run.words) else _crossing(local_jacobian(run, t + 1), t + 1, view)
    )
    return (
        new,
        Cell(
            vector(f"dh-{t}", back.d_h[i], view.columns, f"dL/dh_{t}", GRADIENT_SCALE, stand),
            "bw",
            f"∂L/∂{sub('h', t)}",
        ),
        Cell(
            vector(f"fp-{t}", back.slope[i], view.columns, f"f'(a_{t})", None, stand),
            "",
            f"f′({sub('a', t)})",
        ),
        Cell(
            vector(f"da-{t}", back.d_preactivation[i], view.columns, f"delta_{t}", GRADIENT_SCALE, stand),
            "bw",
            sub("δ", t),
        ),
        _entered(run, name, t, view),
        _adds(run, name, t, view, stand),
    )


def blame_on_y_hat(run: Run) -> str:
    """dL/dy as a cell."""
    text = d_prediction(run).short
    return cells(["dy.0"], run.backward.d_y_hat, 1, "dL/dy", GRADIENT_SCALE, texts=[text])


def _last(run: Run, view: Window, stand: bool) -> Cell:
    """The two factors that the gradient starts with: dL/dy and dy/dh_T."""
    steps, weights = len(run.words), run.parameters["readout"]["W_hy"][:, 0]
    through, shown = output_slope(run) * weights, view.columns
    texts = [times_slope(run, float(weights[i])).short for i in shown]
    return Cell(
        blame_on_y_hat(run)
        + '<i class="op">·</i>'
        + vector(f"yh-{steps}", through, shown, f"dy/dh_{steps}", FORWARD_SCALE, stand, texts=texts),
        "bw pair",
        f"∂L/∂ŷ · ∂ŷ/∂{sub('h', steps)}",
    )


def local_jacobian(run: Run, t: int) -> Array:
    """∂h_t/∂h_{t-1} = diag(f′(a_t)) W_hh^T of one step, (H, H). All steps at once would be T times that."""
    jacobian: Array = run.backward.slope[t - 1][:, None] * run.parameters["left_to_right"]["W_hh"].T
    return jacobian


def _crossing(jacobian: Array, later: int, view: Window) -> Cell:
    """The Jacobian between two steps, a row for each unit of the later one, in place of a scalar factor."""
    block = matrix(
        f"jac-{later}", jacobian, view.columns, view.rows, f"dh_{later}/dh_{later - 1}", FORWARD_SCALE
    )
    return Cell(block, "bw", f"∂{sub('h', later)}/∂{sub('h', later - 1)}")


def _entered(run: Run, name: str, t: int, view: Window) -> Cell:
    if name == "b_h":
        return Cell('<b class="n plain">1</b>', "fw", "for every bias")
    if name == "W_xh":
        row = run.ids[t - 1]
        return Cell(
            f'<b class="n plain" data-part="x-{t}">1</b> {word(run.words[t - 1], 9)}',
            "fw",
            f"row {row + 1} of {len(run.vocabulary)}",
        )
    before = vector(f"h-{t - 1}", run.forward.h_prev[t - 1], view.rows, f"h_{t - 1}", FORWARD_SCALE, True)
    return Cell(before, "fw", sub("h", f"{t - 1}"))


def right_factor(run: Run, name: str, t: int) -> Array:
    """What step t is blamed for at this parameter: delta_t, or dL/dh_t for a bias that stands outside f."""
    right: Array = run.gradients["left_to_right"][name].right[t - 1, 0]
    return right


def _adds(run: Run, name: str, t: int, view: Window, stand: bool) -> Cell:
    right = right_factor(run, name, t)
    if name == "W_hh":
        before = run.forward.h_prev[t - 1]
        block = product(
            f"in-{name}-{t}",
            before,
            right,
            view.rows,
            view.columns,
            f"step {t}'s share of dL/dW_hh",
            GRADIENT_SCALE,
        )
        return Cell(block, "", f"h<sub>{t - 1}</sub><sup>⊤</sup> {sub('δ', t)}")
    blamed = (
        f"∂L/∂{sub('h', t)}" if name == "b_h" and not bool(run.forward.bias_inside[t - 1]) else sub("δ", t)
    )
    note = blamed if name == "b_h" else f"{blamed}, all other rows 0"
    lying = not stand or name == "W_xh"
    return Cell(
        vector(
            f"in-{name}-{t}",
            right,
            view.columns,
            f"step {t}'s share of dL/d{name}",
            GRADIENT_SCALE,
            not lying,
        ),
        "",
        note,
    )


def _remark(run: Run, name: str, t: int) -> str:
    if name == "W_hh" and not run.forward.h_prev[t - 1].any():
        why = "the network starts from zeros" if t == 1 else "no unit fired at the step before"
        return f"{sub('h', t - 1)} = 0, because {why}: 0 times whatever comes back is exactly 0. " + (
            "The notes count this term among the three of w<sub>h</sub>; it is there, and it is empty."
            if t == 1
            else ""
        )
    if name == "b_h" and not bool(run.forward.bias_inside[t - 1]):
        right = f"∂L/∂{sub('h', t)}, not {sub('δ', t)}"
        return f"The bias stands outside f at this step, so it skips f′: its right factor is {right}."
    return ""


def percent(share: float) -> str:
    """A share with its sign, in per cent; a small one is not called 0."""
    if share == 0.0:
        return "0 %"
    size = abs(share) * 100
    text = f"{size:.1f}" if size >= 0.05 else f"{size:.0e}".replace("e-0", "e−").replace("e-", "e−")
    return f"{MINUS if share < 0 else ''}{text} %"


def bar(share: float, low: float, high: float) -> str:
    """A share as a signed bar, all bars of a parameter on one scale."""
    unit = BAR / (high - low) if high > low else 0.0
    zero = -low * unit
    start, length = (zero, share * unit) if share >= 0 else (zero + share * unit, -share * unit)
    return (
        f'<svg class="share" viewBox="-2 0 {BAR + 4:g} 16" aria-hidden="true"><path d="M{zero:.1f} 0V16"/>'
        f'<rect x="{start:.1f}" y="3" width="{max(length, 0.5 if share else 0):.1f}" height="10" '
        'rx="1.5"/></svg>'
    )


def total_block(run: Run, name: str, ids: list[int], view: Window) -> list[tuple[str, str]]:
    """The gradient itself, as (label, numbers) lines: for W_xh a line for each word, else one line."""
    total: Any = run.gradients["left_to_right"][name].total
    if name == "b_h":
        stand = view.size >= UPRIGHT_FROM
        return [("", vector(f"tot-{name}-0", total, view.columns, f"dL/d{name}", GRADIENT_SCALE, stand))]
    if name == "W_hh":
        return [
            ("", matrix(f"tot-{name}", total, view.rows, view.columns, f"dL/d{name}", GRADIENT_SCALE, "-"))
        ]
    return [
        (
            word(run.vocabulary[i], 9),
            vector(
                f"tot-{name}-{i}", total[i], view.columns, f"dL/d{name}, row {i + 1}", GRADIENT_SCALE, False
            ),
        )
        for i in ids
    ]
