"""The loss: its value, its slope, and what other losses would say."""

import math

from app.engine.losses import LOSSES
from app.experiments.run import Run
from app.stage.formulas import num, op, row, var
from app.stage.inspection.contents import (
    Block,
    Inspection,
    at,
    display,
    line,
)
from app.stage.inspection.part import Part
from app.stage.inspection.readings import output_names

MEANING = {
    "bce": "how surprised the network is by the right answer",
    "mse": "the squared distance from the target",
    "difference": "target minus prediction: a demonstration, it has no minimum (E6)",
}


def loss(run: Run, part: Part) -> Inspection:
    """L and its slope."""
    y_hat, target, name = float(run.forward.y_hat[0]), run.experiment.target, run.experiment.loss
    lines = [line("ŷ", y_hat, "y.0"), line("target y", float(target)), line("L", run.loss, strong=True)]
    after = run.update.loss
    again = []
    if after is not None:
        again = [
            line("L after the update", after, strong=True),
            line("the gradient had promised", float(run.update.predicted_loss)),
        ]
        again.append(line("change", after - run.loss))
    others = [line(other, value) for other, value in _other_losses(y_hat, float(target), name)]
    return Inspection(
        part.text,
        "L, the loss",
        f"How wrong the answer is: {MEANING[name]}.",
        when=at(run, len(run.words)),
        formulas=(display(var("L"), op("="), loss_formula(run), op("="), num(run.loss, "f")),),
        blocks=(
            Block("Forward", "fw", tuple(lines)),
            Block("Backward", "bw", (line("∂L/∂ŷ, its slope", float(run.backward.d_y_hat[0]), "dy.0"),)),
            *((Block("After one update", "wt", tuple(again)),) if again else ()),
            Block("The same answer under other losses", "", tuple(others)),
        ),
        names=output_names(run, "loss"),
        notes=("E28: descent looks for a minimum, if there is one; with a large η the loss can rise.",),
    )


def _other_losses(y_hat: float, target: float, name: str) -> list[tuple[str, float]]:
    shown = {"bce": "cross-entropy", "mse": "squared, (y − ŷ)²", "difference": "the notes’ y − ŷ (E6)"}
    inside = 0.0 < y_hat < 1.0
    return [
        (shown[other], float(LOSSES[other].value(y_hat, target, math)))
        for other in shown
        if other != name and (inside or not LOSSES[other].needs_probability)
    ]


def loss_formula(run: Run) -> str:
    """The loss with its numbers."""
    y_hat, target = num(float(run.forward.y_hat[0])), run.experiment.target
    y = f"<mn>{target}</mn>"
    if run.experiment.loss == "difference":
        return row(y, op("−"), y_hat)
    if run.experiment.loss == "mse":
        return f"<msup>{row(op('('), y, op('−'), y_hat, op(')'))}<mn>2</mn></msup>"
    return row(
        op("−"), var("ln"), op("("), *((y_hat,) if target else ("<mn>1</mn>", op("−"), y_hat)), op(")")
    )
