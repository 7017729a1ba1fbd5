"""The ledger of W_hy and b_y where every step predicts: a sum over time, as for every other weight."""

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.numerals import long, tint
from app.stage.chains import chains_of
from app.stage.lanes import Lane
from app.stage.ledger_cells import Window, cells, word
from app.stage.ledger_chain import at_every_end
from app.stage.ledger_check import gap_of
from app.stage.ledger_end import entered
from app.stage.ledger_factors import Cell
from app.stage.ledger_notes import Note
from app.stage.ledger_rows import Row, bar, percent, slot
from app.stage.ledger_views import (
    Ledger,
    choices,
    norm_of,
    page_links,
    pairs_for,
    shown_steps,
    sums_told,
    tabs,
    whole_of,
    windows,
)
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE
from app.stage.weights import Weight
from app.wording.catalogue import _

Array = NDArray[np.float64]
MOST = 6  # words of the vocabulary that a row has room for


def at_every_step(run: Run, weight: Weight, page: int, view: Window) -> Ledger:
    """W_hy and b_y: a row for each prediction."""
    lane = Lane("left_to_right", len(run.words), False)
    shown, outputs = shown_steps(run, page, lane), shown_outputs(run)
    asked = sum(word is not None for word in run.next_words or ())
    return Ledger(
        parameter=weight.key,
        group="readout",
        name=weight.symbol,
        steps=len(run.words),
        general=at_every_end(weight, len(run.words)),
        lead=_(
            "{symbol} acts at every step, so its gradient too is a sum over time: one row for "
            "each prediction. Each of the {asked} losses counts 1/{asked} in their mean L.",
            symbol=weight.symbol,
            asked=asked,
        ),
        headings=_headings(weight),
        rows=tuple(_rows(run, weight, shown, outputs, view)),
        total=(("", _block(f"tot-{weight.key}", weight, weight.gradient(run).total, outputs, view, run)),),
        norm=norm_of(run, weight),
        whole=whole_of(run, weight),
        sums=sums_told(run, weight, gap_of(run, weight)),
        choices=choices(run, weight, view),
        tabs=tabs(run, weight, view),
        pages=page_links(run, weight.key, page, view, lane),
        windows=tuple(windows(weight.key, page, view, None)) if weight.key == "W_hy" else (),
        left_out=tuple(_left_out(run, weight, shown, outputs, view)),
        notes=(_no_future(run),),
        pairs=pairs_for(weight.key, page, view),
    )


def shown_outputs(run: Run) -> list[int]:
    """The words of the vocabulary that are blamed most, in its order."""
    sizes = np.abs(run.backward.d_logit).max(axis=0)
    return sorted(np.argsort(-sizes, kind="stable")[:MOST].tolist())


def _no_future(run: Run) -> Note:
    losses = run.losses
    assert losses is not None
    asked = [t for t, word in enumerate(run.next_words or (), 1) if word is not None]
    hardest = max(asked, key=lambda t: float(losses[t - 1]))
    return Note(
        "",
        _("Which loss blames which step."),
        _(
            "The loss of step {hardest} is the largest, {losses}. No loss crosses a Jacobian on "
            "its way to the output’s weights: nothing can vanish there. After the last word "
            "nothing is asked, so its row is empty.",
            hardest=hardest,
            losses=long(float(losses[hardest - 1])),
        ),
    )


def _headings(weight: Weight) -> tuple[Cell, ...]:
    return (
        Cell(_("ŷ<sub>t</sub>, and the word that comes"), "fw"),
        Cell(_("∂L/∂z<sub>t</sub> = (ŷ<sub>t</sub> − y<sub>t</sub>) / number of losses"), "bw"),
        Cell(_("what entered: h<sub>t</sub>") if weight.key == "W_hy" else _("what entered: 1"), "fw"),
        Cell(_("adds to ∂L/∂{symbol}", symbol=weight.symbol)),
    )


def _rows(run: Run, weight: Weight, shown: list[int], outputs: list[int], view: Window) -> list[Row]:
    outer = weight.gradient(run)
    norms, shares = outer.norms.tolist(), outer.shares.tolist()
    low, high = min(0.0, *shares), max(0.0, *shares)
    next_words = run.next_words or ()
    return [
        Row(
            t=t,
            tint=tint(t, len(run.words)),
            word=run.words[t - 1],
            chain="",
            crossed=_("its own loss alone") if next_words[t - 1] is not None else _("nothing is asked here"),
            cells=_cells(run, weight, t, outputs, view),
            norm=slot(weight, t, norms[t - 1]),
            bar=bar(shares[t - 1], low, high),
            share=percent(shares[t - 1]),
            remark="",
        )
        for t in shown
    ]


def _cells(run: Run, weight: Weight, t: int, outputs: list[int], view: Window) -> tuple[Cell, ...]:
    states = entered(run, view, (t,) * len(chains_of(run)), True)
    adds = _terms(run, weight, t)
    return (
        Cell(_words(run, f"y-{t}", run.forward.y_hat[t - 1], outputs, FORWARD_SCALE), "fw", _asked(run, t)),
        Cell(_words(run, f"dz-{t}", run.backward.d_logit[t - 1], outputs, GRADIENT_SCALE), "bw"),
        states if weight.key == "W_hy" else Cell('<b class="n plain">1</b>', "fw"),
        Cell(_block(f"in-{weight.key}-{t}", weight, adds, outputs, view, run)),
    )


def _asked(run: Run, t: int) -> str:
    found = (run.next_words or ())[t - 1]
    return _("nothing is asked") if found is None else _("next: {word}", word=word(found, 9))


def _terms(run: Run, weight: Weight, t: int) -> Array:
    """What step t adds, of the shape of the total."""
    right: Array = run.backward.d_logit[t - 1]
    if weight.key == "b_y":
        return right
    return np.asarray(np.multiply.outer(run.forward.readout_input[t - 1], right))


def _words(run: Run, part: str, values: Array, outputs: list[int], scale: float) -> str:
    """An entry for each word shown."""
    names = [f"{part}.{k}" for k in outputs]
    said = ", ".join(run.vocabulary[k] for k in outputs)
    return cells(names, values[outputs], len(outputs), f"{part}: {said}", scale)


def _block(part: str, weight: Weight, values: Array, outputs: list[int], view: Window, run: Run) -> str:
    """The shown rows and words of something of the shape of the weight."""
    mark = "-" if part.startswith(("tot", "in-W")) else "."
    if weight.key == "b_y":
        names = [f"{part}-0.{k}" if part.startswith("tot") else f"{part}.{k}" for k in outputs]
        return cells(names, values[outputs], len(outputs), part, GRADIENT_SCALE)
    rows = [chain.reads_out.start + i for chain in chains_of(run) for i in view.rows]
    names = [f"{part}{mark}{i}.{k}" for i in rows for k in outputs]
    return cells(names, values[np.ix_(rows, outputs)].ravel(), len(outputs), part, GRADIENT_SCALE)


def _left_out(run: Run, weight: Weight, shown: list[int], outputs: list[int], view: Window) -> list[str]:
    found = []
    if len(outputs) < len(run.vocabulary):
        found.append(
            _(
                "Shown are the {count} words, of {count2}, that are blamed most: {listed}. Norms, "
                "shares and the check count all.",
                count=len(outputs),
                count2=len(run.vocabulary),
                listed=", ".join(word(run.vocabulary[k], 12) for k in outputs),
            )
        )
    else:
        found.append(
            _(
                "Columns are words: {listed}.",
                listed=", ".join(word(run.vocabulary[k], 12) for k in outputs),
            )
        )
    if weight.key == "W_hy" and not view.whole:
        found.append(
            _(
                "Rows are units {start} to {stop} out of {units}.",
                start=view.rows.start + 1,
                stop=view.rows.stop,
                units=view.units,
            )
        )
    if len(shown) < len(run.words):
        found.append(
            _(
                "Rows of {count} of {count2} steps; the total counts all.",
                count=len(shown),
                count2=len(run.words),
            )
        )
    return found
