"""The ledger: for one parameter a row for each step, last step first, with every factor of the chain rule.

The gradient travels from the last step to the first, so the rows stand in that order. They sum to dL/dW, and the
largest gap between the sum of the rows and the gradient of the engine is computed here, not promised.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.engine.onehot import OneHot
from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run
from app.stage import ledger_notes
from app.stage.ledger_cells import Window, cells, vector, window
from app.stage.ledger_chain import at_the_end, general
from app.stage.ledger_notes import Note, gap_text, size
from app.stage.ledger_rows import (
    UPRIGHT_FROM,
    Cell,
    Row,
    bar,
    headings,
    of,
    output_slope,
    rows,
    sub,
    total_block,
)
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE, long, short, tint

PAGE = 24  # rows on one page
DEFAULT = "W_hh"


@dataclass(frozen=True)
class Link:
    """A link to another view of the ledger: what it says and its own pairs, to be put after the experiment."""

    html: str
    pairs: str
    current: bool = False


@dataclass(frozen=True)
class Ledger:
    """Everything the template places. Strings are HTML, SVG or MathML with every typed text escaped."""

    parameter: str
    group: str
    name: str
    steps: int
    general: str
    lead: str
    headings: tuple[Cell, ...]
    rows: tuple[Row, ...]
    total: tuple[tuple[str, str], ...]
    norm: str
    whole: str
    sums: str
    tabs: tuple[Link, ...]
    pages: tuple[Link, ...]
    windows: tuple[tuple[str, tuple[Link, ...]], ...]
    left_out: tuple[str, ...]
    notes: tuple[Note, ...]
    pairs: str


def names(run: Run) -> dict[str, str]:
    """The parameters that have a ledger, with their groups."""
    return {name: group for group in ("left_to_right", "readout") for name in run.parameters[group]}


def ledger(run: Run, parameter: str = DEFAULT, page: int = 1, into: int = 0, out: int = 0) -> Ledger:
    """The ledger of one parameter.

    page : which rows, when the sentence is longer than a page
    into, out : the first hidden unit shown of h_{t-1} and of h_t, in networks too large to be shown whole

    Raises ExperimentError naming "parameter" or "page".
    """
    known = names(run)
    if parameter not in known:
        raise ExperimentError([fault("parameter", f"one of {', '.join(known)}", parameter)])
    if known[parameter] == "readout":
        return _at_the_end(run, parameter, window(run.experiment.hidden_size, into, out))
    return _through_time(run, parameter, page, window(run.experiment.hidden_size, into, out))


def page_count(run: Run) -> int:
    return -(-len(run.words) // PAGE)


def _through_time(run: Run, name: str, page: int, view: Window) -> Ledger:
    steps, count = len(run.words), page_count(run)
    if not 1 <= page <= count:
        raise ExperimentError([fault("page", f"1 to {count}", page)])
    last = steps - (page - 1) * PAGE
    shown = list(range(last, max(0, last - PAGE), -1))
    words = sorted({run.ids[t - 1] for t in shown})
    gap = gap_of(run, name)
    pages = [Link(_span(steps, k), _pairs(name, k, view), k == page) for k in range(1, count + 1)] if count > 1 else []
    return Ledger(
        parameter=name, group="left_to_right", name=of(name), steps=steps, general=general(name, steps),
        lead="One row for each step, the last step first: that is the way the gradient travels.",
        headings=headings(run, name), rows=rows(run, name, shown, view), total=tuple(total_block(run, name, words, view)),
        norm=_norm(run, "left_to_right", name), whole=_whole(run, "left_to_right", name),
        sums=f"The {steps} contribution{'s' if steps > 1 else ''} of all steps, added entry by entry, give ∂L/∂{of(name)}: "
        f"the largest gap is {gap_text(gap)}.",
        tabs=_tabs(run, name, view), pages=tuple(pages), windows=tuple(_windows(name, page, view)),
        left_out=tuple(_left_out(run, name, shown, words, view)), notes=tuple(ledger_notes.shared(run, name)),
        pairs=_pairs(name, page, view),
    )  # fmt: skip


def _span(steps: int, page: int) -> str:
    last = steps - (page - 1) * PAGE
    first = max(1, last - PAGE + 1)
    return f"steps {last}–{first}" if first < last else f"step {last}"


def gap_of(run: Run, name: str) -> float:
    """The largest entry of (sum of the rows) - (the gradient), adding step by step as the table does."""
    outer = run.gradients["left_to_right"][name]
    total = np.zeros_like(outer.total)
    for t in range(len(run.words) - 1, -1, -1):
        right = outer.right[t, 0]
        if outer.left is None:
            total += right
        elif isinstance(outer.left, OneHot):
            total[run.ids[t]] += right
        else:
            total += np.multiply.outer(outer.left[t, 0], right)
    return float(np.abs(total - outer.total).max(initial=0.0))


def _norm(run: Run, group: str, name: str) -> str:
    return f'<b class="n plain" data-part="total-{name}">{short(size(run.gradients[group][name].total))}</b>'


def _whole(run: Run, group: str, name: str) -> str:
    """What the shares add up to; nothing has a share in a gradient that is exactly zero."""
    return "100 %" if size(run.gradients[group][name].total) else "0 %"


def _pairs(name: str, page: int, view: Window) -> str:
    units = f"&into={view.into}&out={view.out}" if view.into or view.out else ""
    return f"parameter={name}" + (f"&page={page}" if page > 1 else "") + units


def _tabs(run: Run, current: str, view: Window) -> tuple[Link, ...]:
    return tuple(Link(of(name), _pairs(name, 1, view), name == current) for name in names(run))


def _windows(name: str, page: int, view: Window) -> Iterator[tuple[str, tuple[Link, ...]]]:
    """Links to the other units, for the two sides of the matrices."""
    if view.whole:
        return
    yield "units of h<sub>t−1</sub>", _steps_of(view.units, view.into, lambda k: _pairs(name, page, Window(view.units, k, view.out)))
    yield "units of h<sub>t</sub>", _steps_of(view.units, view.out, lambda k: _pairs(name, page, Window(view.units, view.into, k)))


def _steps_of(units: int, now: int, pairs) -> tuple[Link, ...]:  # type: ignore[no-untyped-def]
    """First, previous, this, next and last window."""
    at = window(units, now).into
    last = window(units, units).into
    starts = sorted({0, max(0, at - 4), at, min(last, at + 4), last})
    return tuple(Link(f"{k + 1}–{min(k + 4, units)}", pairs(k), k == at) for k in starts)


def _left_out(run: Run, name: str, shown: list[int], words: list[int], view: Window) -> Iterator[str]:
    """What this view does not show, said in so many words."""
    if not view.whole:
        yield (
            f"Matrices show units {view.rows.start + 1} to {view.rows.stop} of {sub('h', 't−1')} against units "
            f"{view.columns.start + 1} to {view.columns.stop} of {sub('h', 't')}, out of {view.units}. Norms, shares and the "
            "check count them all."
        )  # fmt: skip
    if len(shown) < len(run.words):
        yield f"Rows of {len(shown)} of {len(run.words)} steps; the total, its norm and the check count all {len(run.words)}."
    hidden = len(run.vocabulary) - len(words)
    if name == "W_xh" and hidden:
        elsewhere = len(set(run.ids)) - len(words)
        rest = f"{hidden - elsewhere} rows belong to words that are not in the sentence and are exactly 0" if hidden > elsewhere else ""
        more = f"{elsewhere} rows belong to words of other pages" if elsewhere else ""
        yield f"Of {len(run.vocabulary)} rows of the total: " + "; ".join(part for part in (more, rest) if part) + "."


def _at_the_end(run: Run, name: str, view: Window) -> Ledger:
    """W_hy and b_y: one row, no step of time in between."""
    steps, total = len(run.words), run.gradients["readout"][name].total
    stand = view.size >= UPRIGHT_FROM or name == "W_hy"
    block = _column(f"tot-{name}", total, view.rows if name == "W_hy" else range(1), f"dL/d{name}")
    left_out = () if view.whole or name == "b_y" else (
        f"Vectors show units {view.rows.start + 1} to {view.rows.stop} out of {view.units}; the norm counts them all.",
    )  # fmt: skip
    return Ledger(
        parameter=name, group="readout", name=of(name), steps=steps, general=at_the_end(name),
        lead=f"{of(name)} acts once, after the last step. No time in between: one row is the whole gradient.",
        headings=_end_headings(run, name), rows=(_end_row(run, name, view, stand),), total=(("", block),),
        norm=_norm(run, "readout", name), whole=_whole(run, "readout", name), sums=f"One contribution, so it is ∂L/∂{of(name)}.",
        tabs=_tabs(run, name, view), pages=(), windows=tuple(_windows(name, 1, view))[:1] if name == "W_hy" else (),
        left_out=left_out, notes=tuple(ledger_notes.readout(run, name)), pairs=_pairs(name, 1, view),
    )  # fmt: skip


def _column(part: str, values, shown: range, label: str) -> str:  # type: ignore[no-untyped-def]
    column = np.ravel(values)[shown.start : shown.stop]
    return cells([f"{part}-{i}.0" for i in shown], column, 1, label, GRADIENT_SCALE)


def _skips_sigma(run: Run, name: str) -> bool:
    return name == "b_y" and not run.forward.output_bias_inside


def _end_headings(run: Run, name: str) -> tuple[Cell, ...]:
    entered = f"what entered: {sub('h', len(run.words))}" if name == "W_hy" else "what entered: 1"
    return (
        Cell("∂L/∂ŷ", "bw"), Cell("× σ′(z)"), Cell("= ∂L/∂z", "bw"), Cell(entered, "fw"),
        Cell(f"= ∂L/∂{of(name)}"),
    )  # fmt: skip


def _end_row(run: Run, name: str, view: Window, stand: bool) -> Row:
    back, steps = run.backward, len(run.words)
    total = run.gradients["readout"][name].total
    if name == "W_hy":
        entered = Cell(vector(f"h-{steps}", run.forward.readout_input, view.rows, f"h_{steps}", FORWARD_SCALE, stand), "fw")
        adds = Cell(_column(f"tot-{name}", total, view.rows, "dL/dW_hy"))
    else:
        entered = Cell('<b class="n plain">1</b>', "fw")
        adds = Cell(_column(f"tot-{name}", total, range(1), "dL/db_y"))
    remark = "The bias stands outside σ, so it skips σ′: its gradient is ∂L/∂ŷ itself, not ∂L/∂z."
    return Row(
        t=steps, tint=tint(steps, steps), word=run.words[-1], chain="", crossed="no Jacobian",
        cells=(
            Cell(cells(["dy.0"], [float(back.d_y_hat[0])], 1, "dL/dy", GRADIENT_SCALE), "bw"),
            Cell(cells(["sp.0"], [output_slope(run)], 1, "sigma'(z)", None)),
            Cell(cells(["dz.0"], [float(back.d_logit[0])], 1, "dL/dz", GRADIENT_SCALE), "bw"),
            entered, adds,
        ),
        norm=f'<b class="n plain" data-part="slot-{name}-whole">{short(size(total))}</b>', bar=bar(1.0, 0.0, 1.0),
        share=_whole(run, "readout", name), remark=remark if _skips_sigma(run, name) else "",
    )  # fmt: skip


@dataclass(frozen=True)
class Badge:
    """What finite differences say of one parameter's gradient."""

    good: bool
    html: str


def badge(run: Run, parameter: str) -> Badge:
    """Central differences of the loss against every (or a sample of) entry of the gradient. Costs passes of the network."""
    group = names(run)[parameter]
    check = run.check.per_parameter[group][parameter]
    every = run.gradients[group][parameter].total.size
    which = f"All {every} entries" if check.entries == every else f"{check.entries} of {every} entries, picked by the seed,"
    if check.entries == 0:
        return Badge(False, f"No entry of ∂L/∂{of(parameter)} could be checked: every one stands at a kink or an edge of the loss.")
    verb = "agree" if check.entries > 1 else "agrees"
    which = which if every > 1 else "Its one entry"
    good = check.max_abs_error <= 1e-6 * max(1.0, size(run.gradients[group][parameter].total))
    verdict = verb if good else f"do{'es' if verb == 'agrees' else ''} not agree"
    return Badge(good, f"{which} of ∂L/∂{of(parameter)} {verdict} with finite differences; the largest gap is {long(check.max_abs_error)}.")
