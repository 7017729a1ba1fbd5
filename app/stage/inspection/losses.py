"""The loss: its value, its slope, and what other losses would say."""

import math

from app.engine.losses import LOSSES
from app.experiments.run import Run
from app.stage.end_formulas import formulas
from app.stage.ends import end_of, rounding_told
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Line,
    at,
    line,
)
from app.stage.inspection.part import Part
from app.stage.inspection.readings import output_names
from app.wording.catalogue import N_, _

MEANING = {
    "bce": N_("how surprised the network is by the right answer"),
    "mse": N_("the squared distance from the target"),
    "difference": N_("target minus prediction: a demonstration, it has no minimum (E6)"),
}


def loss(run: Run, part: Part) -> Inspection:
    """L and its slope."""
    y_hat, target, name = float(run.forward.y_hat[0]), run.experiment.target, run.experiment.loss
    end = end_of(run)
    lines = [
        Line("ŷ", end.prediction, "y.0"),
        line(_("target y"), float(target)),
        line("L", run.loss, strong=True),
    ]
    after = run.update.loss
    again = []
    if after is not None:
        again = [
            line(_("L after the update"), after, strong=True),
            line(_("the gradient had promised"), float(run.update.predicted_loss)),
        ]
        again.append(line(_("change"), after - run.loss))
    others = [line(other, value) for other, value in _other_losses(y_hat, float(target), name)]
    return Inspection(
        part.text,
        _("L, the loss"),
        _(
            "How wrong the answer is: {meaning}. {rounding}",
            meaning=_(MEANING[name]),
            rounding=rounding_told(end),
        ).rstrip(),
        when=at(run, len(run.words)),
        formulas=(formulas(run, end)["loss"],),
        blocks=(
            Block(_("Forward"), "fw", tuple(lines)),
            Block(_("Backward"), "bw", (Line(_("∂L/∂ŷ, its slope"), end.d_prediction.long, "dy.0"),)),
            *((Block(_("After one update"), "wt", tuple(again)),) if again else ()),
            Block(_("The same answer under other losses"), "", tuple(others)),
        ),
        names=output_names(run, "loss"),
        notes=(_("E28: descent looks for a minimum, if there is one; with a large η the loss can rise."),),
    )


def _other_losses(y_hat: float, target: float, name: str) -> list[tuple[str, float]]:
    shown = {"bce": "cross-entropy", "mse": _("squared, (y − ŷ)²"), "difference": _("the notes’ y − ŷ (E6)")}
    inside = 0.0 < y_hat < 1.0
    return [
        (shown[other], float(LOSSES[other].value(y_hat, target, math)))
        for other in shown
        if other != name and (inside or not LOSSES[other].needs_probability)
    ]
