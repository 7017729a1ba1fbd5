"""Whole parameters, their gradients, steps and new values."""

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.stage.inspection.blocks import rows
from app.stage.inspection.contents import Block, Inspection, line
from app.stage.inspection.part import Part
from app.stage.ledger_notes import size
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE
from app.stage.weights import Weight
from app.wording.catalogue import _

SHOWN = 16  # rows and columns of a matrix that are shown at once
PARTNERS = {"tot": "tot-", "step": "step-", "new": "new-", "": ""}


def matrix(run: Run, part: Part) -> Inspection:
    """A whole weight, or its gradient, step or new value."""
    weight, kind = part.weight(run), "" if part.kind == "word" else part.kind
    table = _numbers(run, weight, kind)
    first = part.row if part.kind == "word" else 0
    said = {
        "": _("the weights"),
        "tot": _("the gradient"),
        "step": _("the step −η × gradient"),
        "new": _("the weights after the update"),
    }[kind]
    shape = " × ".join(str(n) for n in (table.shape[1:] if weight.letter.startswith("b") else table.shape))
    name = weight.symbol
    title = {"": name, "tot": f"∂L/∂{name}", "step": f"−η ∂L/∂{name}", "new": _("new {name}", name=name)}[
        kind
    ]
    scale = FORWARD_SCALE if kind in ("", "new") else GRADIENT_SCALE
    grid, left_out = _grid(PARTNERS[kind] + weight.key, table, first, scale)
    return Inspection(
        part.text,
        title,
        f"{said.capitalize()}, {shape}, {_use(run, weight)}",
        blocks=(
            Block(
                _("Open any number"),
                "bw" if kind in ("tot", "step") else "wt",
                (line(_("norm ‖·‖"), size(table)),),
                grid,
            ),
        ),
        notes=tuple(filter(None, (left_out, _transposed(weight)))),
    )


def _numbers(run: Run, weight: Weight, kind: str) -> NDArray[np.float64]:
    """The weight, its gradient, its step, or the new weight, as a matrix."""
    hidden = run.experiment.hidden_size
    if kind in ("", "new"):
        return weight.of(run.parameters if kind == "" else run.update.parameters, hidden)
    total = np.atleast_2d(weight.gradient(run).total)
    return total if kind == "tot" else -run.experiment.learning_rate * run.update.clip_scale * total


def _use(run: Run, weight: Weight) -> str:
    times = len(run.words)
    once = weight.role == "readout" and not run.network.per_step
    return _("used once, after the last word.") if once else _("one set for all {times} steps.", times=times)


def _transposed(weight: Weight) -> str:
    return (
        ""
        if weight.letter.startswith("b")
        else _("PyTorch stores it transposed: a row for each unit it leads to.")
    )


def _grid(part: str, table: NDArray[np.float64], first: int, scale: float) -> tuple[str, str]:
    """At most 16 rows and 16 columns, and what is left out, in words."""
    start = max(0, min(first, len(table) - SHOWN)) if len(table) > SHOWN else 0
    block = table[start : start + SHOWN, :SHOWN]
    shown = rows(f"{part}-", block, scale, start, trim=scale == FORWARD_SCALE)
    if block.shape == table.shape:
        return shown, ""
    return shown, (
        _(
            "Shown are rows {start} to {start2} of {count} and columns 1 to {shape} of {shape2}. "
            "The ledger and the JSON answer have the rest.",
            start=start + 1,
            start2=start + len(block),
            count=len(table),
            shape=block.shape[1],
            shape2=table.shape[1],
        )
    )
