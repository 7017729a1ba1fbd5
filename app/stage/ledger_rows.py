"""The ledger's rows: for each step every factor of its chain, and what it adds to the gradient."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.numerals import MINUS, short, tint
from app.stage.chains import Chain
from app.stage.ledger_cells import Window, matrix, product, vector, word
from app.stage.ledger_chain import chain_line, crossed
from app.stage.ledger_factors import Cell, Column, arriving, through_the_cell
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE
from app.stage.weights import Weight
from app.wording.catalogue import _

Array = NDArray[np.float64]
BAR = 120.0
UPRIGHT_FROM = 5  # vectors of so many units stand, so that a row still fits a page


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


def columns(chain: Chain, weight: Weight, view: Window) -> tuple[Column, ...]:
    """The columns between the step and its norm."""
    stand = view.size >= UPRIGHT_FROM or chain.gated or chain.per_step  # many columns
    return (
        *arriving(chain, view, stand),
        *through_the_cell(chain, weight, view, stand),
        Column(
            Cell(_("what entered: {chain}", chain=_entering(chain, weight)), "fw"),
            lambda t: _entered(chain, weight, t, view),
        ),
        Column(
            Cell(_("adds to ∂L/∂{symbol}", symbol=weight.symbol)),
            lambda t: _adds(chain, weight, t, view, stand),
        ),
    )


def _entering(chain: Chain, weight: Weight) -> str:
    before = "t+1" if chain.lane.reverse else "t−1"
    return {"words": "x<sub>t</sub>", "state": chain.lane.said("h", before), "bias": "1"}[weight.role]


def rows(chain: Chain, weight: Weight, steps: list[int], made: tuple[Column, ...]) -> tuple[Row, ...]:
    """The rows of the given steps, in that order."""
    outer = weight.gradient(chain.run)
    norms, shares = outer.norms.tolist(), outer.shares.tolist()
    low, high = min(0.0, *shares), max(0.0, *shares)
    return tuple(
        Row(
            t=t,
            tint=tint(t, chain.lane.steps),
            word=chain.run.words[t - 1],
            chain=chain_line(chain, weight, t),
            crossed=crossed(chain, t),
            cells=tuple(column.cell(t) for column in made),
            norm=slot(weight, t, norms[t - 1]),
            bar=bar(shares[t - 1], low, high),
            share=percent(shares[t - 1]),
            remark=_remark(chain, weight, t),
        )
        for t in steps
    )


def slot(weight: Weight, t: int | str, norm: float) -> str:
    """The size of a contribution, which opens its coin."""
    return f'<b class="n plain" data-part="slot-{weight.key}-{t}">{short(norm)}</b>'


def _entered(chain: Chain, weight: Weight, t: int, view: Window) -> Cell:
    if weight.role == "bias":
        return Cell('<b class="n plain">1</b>', "fw", _("for every bias"))
    run = chain.run
    if weight.role == "words":
        return Cell(
            f'<b class="n plain" data-part="x-{t}">1</b> {word(run.words[t - 1], 9)}',
            "fw",
            _("row {ids} of {count}", ids=run.ids[t - 1] + 1, count=len(run.vocabulary)),
        )
    before = chain.lane.before(t)
    seen = vector(
        chain.lane.name("h", before),
        chain.forward.h_prev[t - 1],
        view.rows,
        f"h_{before}",
        FORWARD_SCALE,
        True,
    )
    return Cell(seen, "fw", chain.lane.said("h", before))


def right_factor(run: Run, weight: Weight, t: int) -> Array:
    """What step t is blamed for at this weight: delta_t, or dL/dh_t for a bias that stands outside f."""
    right: Array = weight.gradient(run).right[t - 1, 0]
    return right


def skips_f(chain: Chain, weight: Weight, t: int) -> bool:
    """Whether the bias stands outside f at this step."""
    return weight.role == "bias" and not chain.inside(t)


def blamed(chain: Chain, weight: Weight, t: int) -> tuple[str, str]:
    """The part and the symbol of a weight's right factor at a step."""
    if skips_f(chain, weight, t):
        return "dh" + chain.lane.suffix, f"∂L/∂{chain.lane.said('h', t)}"
    kind, _, gate = weight.blame.removesuffix(weight.suffix or " ").partition("_")
    above = f"<sup>{'u' if kind == 'du' else gate}</sup>" if gate else ""
    return weight.blame, f"δ{above}<sub>{t}</sub>{chain.lane.mark}"


def _adds(chain: Chain, weight: Weight, t: int, view: Window, stand: bool) -> Cell:
    right, part = right_factor(chain.run, weight, t), f"in-{weight.key}-{t}"
    label, (_norm, delta) = _("step {t}'s share of dL/d{key}", t=t, key=weight.key), blamed(chain, weight, t)
    if weight.role == "state":
        seen = chain.forward.h_prev[t - 1]
        block = product(part, seen, right, view.rows, view.columns, label, GRADIENT_SCALE)
        before = f"h<sub>{chain.lane.before(t)}</sub>{chain.lane.mark}"
        return Cell(block, "", f"{before}<sup>⊤</sup> {delta}")
    note = delta if weight.role == "bias" else _("{delta}, all other rows 0", delta=delta)
    standing = stand and weight.role == "bias"
    return Cell(vector(part, right, view.columns, label, GRADIENT_SCALE, standing), "", note)


def _remark(chain: Chain, weight: Weight, t: int) -> str:
    lane = chain.lane
    if weight.role == "state" and not chain.forward.h_prev[t - 1].any():
        start = t == lane.start
        why = _("the network starts from zeros") if start else _("no unit fired at the step before")
        return (
            _(
                "{h_t} = 0, because {why}: 0 times whatever comes back is exactly 0.",
                h_t=lane.said("h", lane.before(t)),
                why=why,
            )
            + " "
            + (
                _("The notes count this term among the three of w<sub>h</sub>; it is there, and it is empty.")
                if start and chain.alone and not chain.gated
                else ""
            )
        )
    if skips_f(chain, weight, t):
        right = _("∂L/∂{h_t}, not {delta_t}", h_t=lane.said("h", t), delta_t=lane.said("δ", t))
        return _(
            "The bias stands outside f at this step, so it skips f′: its right factor is {right}.",
            right=right,
        )
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


Lines = list[tuple[str, str]]


def total_block(chain: Chain, weight: Weight, ids: list[int], view: Window) -> Lines:
    """The gradient itself, as (label, numbers) lines: for a W_xh a line for each word, else one line."""
    return TOTALS[weight.role](chain, weight, ids, view)


def _of_bias(chain: Chain, weight: Weight, ids: list[int], view: Window) -> Lines:
    total, stand = weight.gradient(chain.run).total, view.size >= UPRIGHT_FROM
    name, label = f"tot-{weight.key}-0", f"dL/d{weight.key}"
    return [("", vector(name, total, view.columns, label, GRADIENT_SCALE, stand))]


def _of_state(chain: Chain, weight: Weight, ids: list[int], view: Window) -> Lines:
    total, label = weight.gradient(chain.run).total, f"dL/d{weight.key}"
    return [("", matrix(f"tot-{weight.key}", total, view.rows, view.columns, label, GRADIENT_SCALE, "-"))]


def _of_words(chain: Chain, weight: Weight, ids: list[int], view: Window) -> Lines:
    total = weight.gradient(chain.run).total
    return [
        (
            word(chain.run.vocabulary[i], 9),
            vector(
                f"tot-{weight.key}-{i}",
                total[i],
                view.columns,
                _("dL/d{key}, row {i}", key=weight.key, i=i + 1),
                GRADIENT_SCALE,
                False,
            ),
        )
        for i in ids
    ]


TOTALS: dict[str, Callable[[Chain, Weight, list[int], Window], Lines]] = {
    "words": _of_words,
    "state": _of_state,
    "bias": _of_bias,
}
