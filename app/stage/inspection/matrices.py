"""Whole parameters, their gradients, steps and new values."""

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.stage.inspection.contents import Block, Inspection, line, of
from app.stage.inspection.part import CHAIN, Part
from app.stage.ledger_cells import cells
from app.stage.ledger_notes import size
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE

SHOWN = 16  # rows and columns of a matrix that are shown at once
PARTNERS = {"tot": "tot-", "step": "step-", "new": "new-", "": ""}


def matrix(run: Run, part: Part) -> Inspection:
    """A whole parameter, or its gradient, step or new value."""
    name = "W_xh" if part.kind == "word" else part.name
    kind = "" if part.kind == "word" else part.kind
    group = "readout" if name in ("W_hy", "b_y") else CHAIN
    values = {
        "": run.parameters[group][name],
        "tot": run.gradients[group][name].total,
        "step": -run.experiment.learning_rate * run.update.clip_scale * run.gradients[group][name].total,
        "new": run.update.parameters[group][name],
    }[kind]
    table = np.atleast_2d(values)
    first = part.row if part.kind == "word" else 0
    said = {
        "": "the weights",
        "tot": "the gradient",
        "step": "the step −η × gradient",
        "new": "the weights after the update",
    }[kind]
    shape = " × ".join(str(n) for n in values.shape)
    title = {"": of(name), "tot": f"∂L/∂{of(name)}", "step": f"−η ∂L/∂{of(name)}", "new": f"new {of(name)}"}[
        kind
    ]
    grid, left_out = _grid(
        PARTNERS[kind] + name, table, first, FORWARD_SCALE if kind in ("", "new") else GRADIENT_SCALE
    )
    return Inspection(
        part.text,
        title,
        f"{said.capitalize()}, {shape}, {_use(run, name)}",
        blocks=(
            Block(
                "Open any number",
                "bw" if kind in ("tot", "step") else "wt",
                (line("norm ‖·‖", size(values)),),
                grid,
            ),
        ),
        notes=tuple(filter(None, (left_out, _transposed(name)))),
    )


def _use(run: Run, name: str) -> str:
    times = len(run.words)
    return (
        f"one set for all {times} steps."
        if name in ("W_xh", "W_hh", "b_h")
        else "used once, after the last word."
    )


def _transposed(name: str) -> str:
    return (
        "PyTorch stores it transposed: a row for each unit it leads to."
        if name in ("W_xh", "W_hh", "W_hy")
        else ""
    )


def _grid(part: str, table: NDArray[np.float64], first: int, scale: float) -> tuple[str, str]:
    """At most 16 rows and 16 columns, and what is left out, in words."""
    start = max(0, min(first, len(table) - SHOWN)) if len(table) > SHOWN else 0
    block = table[start : start + SHOWN, :SHOWN]
    rows = []
    for k, values in enumerate(block, start):
        numbers = [f"{part}-{k}.{j}" for j in range(len(values))]
        rows.append(
            cells(numbers, values, min(4, len(values)), f"row {k + 1}", scale, trim=scale == FORWARD_SCALE)
        )
    shown = "".join(
        f'<span class="line"><small>{k}</small> {html}</span>' for k, html in enumerate(rows, start + 1)
    )
    if block.shape == table.shape:
        return shown, ""
    return shown, (
        f"Shown are rows {start + 1} to {start + len(block)} of {len(table)} and columns 1 to "
        f"{block.shape[1]} of {table.shape[1]}. "
        "The ledger and the JSON answer have the rest."
    )
