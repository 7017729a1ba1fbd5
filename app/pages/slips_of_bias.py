"""Slips about the bias and the loss: E3, E4, E5, E6."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from html import escape

import numpy as np

from app.engine.norms import norm
from app.experiments.query import permalink
from app.experiments.run import Run
from app.figures.chart import sub
from app.numerals import long
from app.pages.slip import Array, Row, Slip, neighbour, relative
from app.stage.ends import end_of
from app.wording.catalogue import N_, _

BIASES = {"inside": N_("inside f"), "outside": N_("outside f"), "mixed": N_("mixed"), "none": N_("none")}
LOSSES = {"bce": "cross-entropy", "mse": "(y − ŷ)²", "difference": "y − ŷ"}
# f' read off the state, as one does when no bias stands outside.
SHORTCUTS: dict[str, Callable[[Array], Array]] = {
    "tanh": lambda h: 1 - h * h,
    "sigmoid": lambda h: h * (1 - h),
}


def bias_place(found: Run, root: str) -> Iterator[Slip]:
    """E3."""
    rows = []
    for name, label in BIASES.items():
        experiment, other, _problem = neighbour(found, bias=name)
        said = _(label)
        cells = (said, end_of(other).prediction, long(other.loss)) if other else (said, "—", _("undefined"))
        rows.append(Row(cells, permalink(experiment, root), name == found.experiment.bias))
    yield Slip(
        "E3",
        _("Where the bias stands"),
        _("outside f at step 1, inside at steps 2 and 3, and nowhere on the four-step page"),
        _(
            "inside: {h_t} = f({x_t}{W_xh} + {h_t_1}{W_hh} + {b_h})",
            h_t=sub("h_t"),
            x_t=sub("x_t"),
            W_xh=sub("W_xh"),
            h_t_1=sub("h_t−1"),
            W_hh=sub("W_hh"),
            b_h=sub("b_h"),
        ),
        (_("bias"), "ŷ", _("loss")),
        tuple(rows),
    )


def shortcuts(found: Run, root: str) -> Iterator[Slip]:
    """E4."""
    experiment, other, _problem = neighbour(found, bias="outside")
    if other is None:
        experiment, other, _problem = neighbour(found, bias="outside", loss="mse")
    derive = SHORTCUTS.get(experiment.activation)
    if other is None or derive is None:
        return
    y, back = experiment.target, other.backward
    wrong = derive(other.forward.h)
    rows = [
        (_("f′ at the last step, unit 1"), float(back.slope[-1, 0]), float(wrong[-1, 0])),
        (f"∂L/∂{sub('b_y')}", float(back.d_y_hat[0]), float(back.d_logit[0])),
    ]
    if experiment.loss == "bce":
        rows.insert(
            1, (_("∂L/∂logit, short ŷ − y"), float(back.d_logit[0]), float(other.forward.y_hat[0]) - y)
        )
    error = _wrong_gradient(other, wrong)
    last = (
        Row((_("{W_xh} is off by", W_xh=sub("W_xh")), "0 %", f"{error:.1f} %")) if error is not None else None
    )
    table = tuple(Row((name, long(a), long(b))) for name, a, b in rows)
    yield Slip(
        "E4",
        _("Shortcuts that need the bias inside"),
        _("the short formulas, with the bias outside f"),
        _("f′ depends on f(a) = h − b, and σ′ on ŷ − b<sub>y</sub>; the bias itself meets no slope"),
        (_("with the bias outside"), "right", "shortcut"),
        (*table, last) if last else table,
    )


def _wrong_gradient(other: Run, slope: Array) -> float | None:
    """How far ∂L/∂W_xh goes astray with these slopes, in per cent of its norm."""
    weights, d_h = other.parameters["left_to_right"]["W_hh"], other.backward.d_input
    total = np.zeros_like(other.parameters["left_to_right"]["W_xh"])
    for t in range(len(other.words) - 1, -1, -1):
        delta = d_h * slope[t]
        total[other.ids[t]] += delta
        d_h = delta @ weights.T
    right = other.gradients["left_to_right"]["W_xh"].total
    length = norm(right)
    return 100 * norm(total - right) / length if length > 0 else None


def leaves_the_domain(found: Run, root: str) -> Iterator[Slip]:
    """E5."""
    _asked, other, _problem = neighbour(found, bias="outside", loss="mse")
    if other is None:
        return
    sigma = float(other.forward.y_hat[0] - other.parameters["readout"]["b_y"][0])
    bias = math.ceil(20 * (1 - sigma)) / 10 or 0.1
    edit = {"name": "readout.b_y", "index": (0,), "value": bias}
    typed = {"bias": "outside", "edits": (*found.experiment.edits, edit)}
    beyond = relative(found, loss="mse", **typed)
    if beyond is None:
        return
    asked, _run, problem = neighbour(found, loss="bce", **typed)
    rows = (
        Row(
            (
                _("σ(logit) + {b_y}, {b_y} = {other}", b_y=sub("b_y"), other=long(_output_bias(other))),
                long(sigma + _output_bias(other)),
            )
        ),
        Row(
            (
                _("the same with {b_y} = {bias}", b_y=sub("b_y"), bias=long(bias)),
                long(float(beyond.forward.y_hat[0])),
            ),
            permalink(asked, root),
        ),
    )
    yield Slip(
        "E5",
        _("ŷ can leave (0, 1)"),
        "ŷ = σ(…) + b",
        _(
            "with the bias inside, σ keeps ŷ between 0 and 1. Outside, cross-entropy answers: “{problem}”",
            problem=escape(problem),
        ),
        ("", "ŷ"),
        rows,
    )


def _output_bias(other: Run) -> float:
    """b_y of a run."""
    return float(other.parameters["readout"]["b_y"][0])


def difference(found: Run, root: str) -> Iterator[Slip]:
    """E6."""
    rows = []
    y = found.experiment.target
    for name, target in (("bce", y), ("mse", y), ("difference", 1), ("difference", 0)):
        experiment, other, _problem = neighbour(found, loss=name, target=target)
        if other is None or other.update.y_hat is None:
            continue
        end = end_of(other)
        cells = (
            f"{LOSSES[name]}, y = {target}",
            end.d_prediction.long,
            end.prediction,
            long(float(other.update.y_hat[0])),
        )
        same = name == found.experiment.loss and target == y
        rows.append(Row(cells, permalink(experiment, root), same))
    yield Slip(
        "E6",
        _("y − ŷ is no loss"),
        _("loss = (y − ŷ)"),
        _("its slope is −1 whatever y is, so each step raises ŷ, towards 1 even when y = 0"),
        (_("loss"), "∂L/∂ŷ", "ŷ", _("ŷ after a step")),
        tuple(rows),
    )
