"""Slips about the gradient: E7, E10, E11, E13, E14, E15, E28."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from app.engine.activations import ACTIVATIONS
from app.engine.norms import norm
from app.experiments.query import permalink
from app.experiments.run import Run
from app.figures.chart import said, sub
from app.numerals import long
from app.pages.slip import Row, Slip, neighbour, relative, vector
from app.stage.chains import chains_of
from app.stage.ends import end_of
from app.stage.ledger_notes import read_last
from app.wording.catalogue import _

LARGEST_SPECTRUM = 64  # units up to which eigenvalues are worth their time


def boxed(found: Run, root: str) -> Iterator[Slip]:
    """E7."""
    step = 1e-3
    weight = float(found.parameters["readout"]["W_hy"][0, 0])
    moved = []
    for value in (weight + step, weight - step):
        edit = {"name": "readout.W_hy", "index": (0, 0), "value": value}
        other = relative(found, edits=(*found.experiment.edits, edit), loss="mse")
        if other is None:
            return
        moved.append(other.forward.readout_input)
    slope = float(np.abs(moved[0] - moved[1]).max()) / (2 * step)
    last = read_last(found)
    rows = (
        Row((_("∂{last}/∂{W_hy}, by finite difference", last=last, W_hy=sub("W_hy")), long(slope))),
        Row((f"∂L/∂{sub('W_hy')}", vector(found.gradients["readout"]["W_hy"].total))),
    )
    yield Slip(
        "E7",
        _("A factor that is 0"),
        _("∂L/∂w<sub>k</sub> with a factor ∂O<sub>3</sub>/∂w<sub>k</sub>"),
        _("the state does not depend on the readout: ∂L/∂{W_hy} = ∂L/∂ŷ · ∂ŷ/∂{W_hy}", W_hy=sub("W_hy")),
        ("", "value"),
        rows,
    )


def which_step(found: Run, root: str) -> Iterator[Slip]:
    """E10."""
    steps = len(found.words)
    shown = dict.fromkeys((1, steps))
    rows = tuple(
        Row(
            (
                f"j = {j}, {said(found.words[j - 1])}",
                str(steps - j),
                long(float(found.backward.dhT_dh_norm[j - 1])),
            )
        )
        for j in shown
    )
    yield Slip(
        "E10",
        _("The longest chain is j = 1"),
        _("“expansion for j = 3”, over the chain ŷ → o₃ → o₂ → o₁"),
        _("that chain is j = 1; the last step, j = {steps}, crosses no Jacobian", steps=steps),
        ("step", _("Jacobians crossed"), f"‖∂{sub('h_T')}/∂{sub('h_j')}‖"),
        rows,
    )


def order_matters(found: Run, root: str) -> Iterator[Slip]:
    """E11."""
    steps, units = found.forward.h.shape
    if steps < 3 or units < 2:
        return
    last, before = found.backward.dh_dh_prev[-1], found.backward.dh_dh_prev[-2]
    right, turned = last @ before, before @ last
    a, b = sub(f"h_{steps}"), sub(f"h_{steps - 1}")
    first = sub(f"h_{steps - 2}")
    rows = (
        Row((f"‖∂{a}/∂{b} · ∂{b}/∂{first}‖", long(norm(right)))),
        Row((_("the same factors, turned round"), long(norm(turned)))),
        Row(("norm of the difference", long(norm(right - turned)))),
    )
    yield Slip(
        "E11",
        _("Matrices, in order"),
        _("a product of scalars"),
        _("a product of Jacobians: their order matters"),
        ("", "value"),
        rows,
    )


def scalar_and_vector(found: Run, root: str) -> Iterator[Slip]:
    """E13."""
    last = read_last(found)
    rows = (
        Row((_("∂L/∂ŷ, one number"), end_of(found).d_prediction.long)),
        Row((_("∂L/∂{last}, one for each unit", last=last), vector(found.backward.d_input))),
    )
    yield Slip(
        "E13",
        _("A scalar is no vector"),
        "∂L/∂ŷ = ∂L/∂O<sub>4</sub>",
        _("only ∂L/∂{last} = ∂L/∂ŷ · ∂ŷ/∂{last} holds", last=last),
        ("", "value"),
        rows,
    )


def last_term_only(found: Run, root: str) -> Iterator[Slip]:
    """E14."""
    rows = []
    for chain in chains_of(found):
        for name in ("W_xh", "W_hh"):
            outer, t = found.gradients[chain.lane.chain][name], chain.lane.last - 1
            whole, last = norm(outer.total), float(outer.norms[t])
            # <last, total> = share |total|^2, so the cosine needs no matrix.
            cosine = long(float(outer.shares[t]) * whole / last) if last > 0 and whole > 0 else "—"
            letter, _line, index = name.partition("_")
            rows.append(Row((sub(f"{letter}{chain.lane.prime}_{index}"), cosine, long(last), long(whole))))
    yield Slip(
        "E14",
        _("One term is the truncated gradient"),
        _("∂L/∂w with the last step's term alone"),
        _("that is backpropagation truncated at k = 1; the whole gradient sums over every step"),
        ("", _("cosine with the whole"), "norm of the last term", "norm of the whole"),
        tuple(rows),
    )


def what_explodes(found: Run, root: str) -> Iterator[Slip]:
    """E15."""
    f, weights = ACTIVATIONS[found.experiment.activation], found.parameters["left_to_right"]["W_hh"]
    rows = [
        Row(
            (
                _("largest f′ that {activation} can have", activation=found.experiment.activation),
                long(f.largest_slope),
            )
        ),
        Row((_("largest f′ in this run"), long(float(found.backward.slope.max())))),
    ]
    if len(weights) <= LARGEST_SPECTRUM:
        rows.append(
            Row(
                (
                    _("spectral radius of {W_hh}", W_hh=sub("W_hh")),
                    long(float(np.abs(np.linalg.eigvals(weights)).max())),
                )
            )
        )
    rows.append(Row((f"‖∂{sub('h_T')}/∂{sub('h_1')}‖", long(float(found.backward.dhT_dh_norm[0])))))
    yield Slip(
        "E15",
        _("What explodes"),
        _("ReLU explodes because its derivative exceeds 1"),
        _("no f here has a slope above 1; what grows is the product of the {W_hh}", W_hh=sub("W_hh")),
        ("", "value"),
        tuple(rows),
    )


def a_minimum(found: Run, root: str) -> Iterator[Slip]:
    """E28."""
    rows = []
    for rate in sorted({found.experiment.learning_rate, 1.0, 10.0}):
        experiment, other, _problem = neighbour(found, learning_rate=rate)
        if other is None:
            continue
        after = "undefined" if other.update.loss is None else long(other.update.loss)
        cells = (f"η = {long(rate)}", long(other.loss), long(other.update.predicted_loss), after)
        rows.append(Row(cells, permalink(experiment, root), rate == found.experiment.learning_rate))
    yield Slip(
        "E28",
        _("A minimum, if any"),
        _("“then we reach the global minimum”"),
        _(
            "a small step lowers the loss of this sentence; a large one may overshoot. Nothing "
            "promises the global minimum"
        ),
        (_("step size"), _("loss"), _("predicted"), _("after the step")),
        tuple(rows),
    )
