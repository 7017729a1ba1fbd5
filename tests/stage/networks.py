"""Every kind of network, small; shared by tests that ask each of them the same question."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any

from app.experiments.experiment import Experiment
from app.experiments.run import Run, run
from app.stage.inspection.part import stems
from app.stage.weights import weights_in

CELLS = ("elman", "lstm", "gru")
GRID = [
    {"cell": cell, "bidirectional": both, "task": task}
    for cell, both, task in itertools.product(CELLS, (False, True), ("sentiment", "next_word"))
]
NAMES = [
    "-".join((str(kind["cell"]), "both" if kind["bidirectional"] else "one", str(kind["task"])))
    for kind in GRID
]
MOVIE: dict[str, Any] = {"sentence": "movie was bad", "target": 0, "hidden_size": 2}


@cache
def network(index: int, **more: Any) -> Run:
    """A review of the movie read by one of the kinds."""
    return run(Experiment(**{**MOVIE, **GRID[index], **more}))


def every_part(found: Run) -> Iterator[str]:
    """Every name of a part that the inspector may be asked for, with the first and the last of each count."""
    yield from _steps(found)
    yield from _weights(found)
    yield "fold"
    yield "loss"
    if found.network.per_step:
        return
    yield from (
        "z.0",
        "y.0",
        "dz.0",
        "dy.0",
        "sp.0",
        "sigma",
        "L",
        "edge-y",
        "pulse-y",
        "z2.0",
        "y2.0",
        "loss2",
    )


def _steps(found: Run) -> Iterator[str]:
    steps, units = len(found.words), found.experiment.hidden_size
    known = stems(found.experiment.cell, tuple(found.forward.chains), found.network.per_step)
    biased = "b_h" in found.parameters["left_to_right"]
    for name, stem in known.items():
        if stem.kind in ("bb", "bias", "inner") and not biased:
            continue
        ends = {"left_to_right": steps, "right_to_left": 1}
        at = [ends[stem.chain]] if stem.kind == "yh" else range(1, steps + 1)
        if stem.kind == "yh" and found.network.per_step:
            continue
        for t in at:
            yield f"{name}-{t}"
            if stem.kind == "jac":
                yield f"{name}-{t}.0.{units - 1}"
            elif stem.kind not in ("edge", "pulse", "cross", "norm", "col", "x", "loss_t"):
                last = len(found.vocabulary) if stem.kind.endswith("_t") else units
                yield f"{name}-{t}.0"
                yield f"{name}-{t}.{last - 1}"
    yield from ("h-0.0", *((f"h_r-{steps + 1}.0",) if len(found.forward.chains) > 1 else ()))


def _weights(found: Run) -> Iterator[str]:
    steps, hidden = len(found.words), found.experiment.hidden_size
    for key, weight in weights_in(found).items():
        rows, columns = weight.of(found.parameters, hidden).shape
        for layer in ("", "tot-", "step-", "new-"):
            yield f"{layer}{key}-all"
            yield f"{layer}{key}-0.0"
            yield f"{layer}{key}-{rows - 1}.{columns - 1}"
        yield from (f"total-{key}", f"tick-{key}")
        if weight.role == "readout" and not found.network.per_step:
            yield f"slot-{key}-whole"
            continue
        lying = weight.role == "words" or key.startswith("b")
        for t in range(1, steps + 1):
            yield from (f"{kind}-{key}-{t}" for kind in ("slot", "coin", "bars"))
            yield f"in-{key}-{t}.{columns - 1}" if lying else f"in-{key}-{t}-{rows - 1}.{columns - 1}"
            yield f"outer-{key}-{t}-0.0"
            yield f"top-{key}-{t}.{columns - 1}"
            yield f"left-{key}-{t}.{rows - 1}"
