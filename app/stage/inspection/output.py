"""The readout: logit, prediction, loss, and the first two factors of the way back."""

import math

from app.engine.losses import LOSSES
from app.experiments.run import Run
from app.stage.formulas import d, hat_y, num, op, row, upright, var, vector
from app.stage.inspection import nudging
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Line,
    Names,
    at,
    code,
    display,
    line,
    of,
    sub,
    summands,
)
from app.stage.inspection.curve import sigma
from app.stage.inspection.part import Part
from app.stage.ledger_rows import output_slope
from app.stage.numbers import long

MEANING = {
    "bce": "how surprised the network is by the right answer", "mse": "the squared distance from the target",
    "difference": "target minus prediction: a demonstration, it has no minimum (E6)",
}  # fmt: skip
TORCH = {"bce": "nn.BCEWithLogitsLoss()(logit, y)", "mse": "nn.MSELoss()(y_hat, y)", "difference": "(y - y_hat).sum()"}
KERAS = {"bce": "binary_crossentropy", "mse": "mean_squared_error", "difference": "no such loss"}


def _bias(run: Run) -> tuple[float, str]:
    """b_y and where it stands: inside, outside or none."""
    found = run.parameters["readout"].get("b_y")
    return (0.0, "none") if found is None else (float(found[0]), "inside" if run.forward.output_bias_inside else "outside")


def _forward_lines(run: Run) -> tuple[Line, ...]:
    state, weights, steps = run.forward.readout_input, run.parameters["readout"]["W_hy"][:, 0], len(run.words)
    terms = [(f"{'+ ' if k else ''}{sub('h', f'{steps},{k + 1}')} · {of('W_hy')}[{k + 1}]", float(state[k] * weights[k]), f"W_hy-{k}.0")
             for k in range(len(state))]  # fmt: skip
    value, place = _bias(run)
    lines = list(summands(terms))
    if place == "inside":
        lines.append(line(f"+ {of('b_y')}", value, "b_y-0.0"))
    lines.append(line("z, the logit", float(run.forward.logit[0]), "z.0", strong=True))
    if place == "outside":
        lines.append(line("σ(z)", float(run.forward.y_hat[0]) - value))
        lines.append(line(f"+ {of('b_y')}, outside σ", value, "b_y-0.0"))
    lines.append(line("ŷ = σ(z)" + (f" + {of('b_y')}" if place == "outside" else ""), float(run.forward.y_hat[0]), "y.0", strong=True))
    return tuple(lines)


def _backward_lines(run: Run) -> tuple[Line, ...]:
    back = run.backward
    return (
        line("∂L/∂ŷ", float(back.d_y_hat[0]), "dy.0"), line("× σ′(z) = σ(z)(1 − σ(z))", output_slope(run), "sp.0"),
        line("= ∂L/∂z", float(back.d_logit[0]), "dz.0", strong=True),
    )  # fmt: skip


def _squash_formula(run: Run) -> str:
    value, place = _bias(run)
    tail = (op("+"), num(value)) if place == "outside" else ()
    z, y_hat = float(run.forward.logit[0]), float(run.forward.y_hat[0])
    return display(hat_y(), op("="), var("σ"), op("("), num(z), op(")"), *tail, op("="), num(y_hat, "f"))


def _logit_formula(run: Run) -> str:
    value, place = _bias(run)
    tail = (op("+"), num(value)) if place == "inside" else ()
    weights = run.parameters["readout"]["W_hy"][:, 0]
    z = float(run.forward.logit[0])
    return display(var("z"), op("="), vector(run.forward.readout_input, "f"), upright(weights), *tail, op("="), num(z, "f"))


def forward(run: Run, part: Part) -> Inspection:
    """z, ŷ or the σ between them."""
    steps = len(run.words)
    title = {"z": "z, the logit", "y": "ŷ, the answer", "sigma": "σ, the output’s activation"}[part.kind]
    what = {
        "z": f"Everything the network has to say about the sentence, added up from {sub('h', steps)} by {of('W_hy')}: one number, any size.",
        "y": "How positive the network finds the sentence. There is one answer, after the last word (many to one).",
        "sigma": "σ presses the logit between 0 and 1; the slope of its tangent is the first factor on the way back.",
    }[part.kind]
    bias, place = _bias(run)
    z = float(run.forward.logit[0])
    outside = place == "outside"
    notes = (f"E5: with {of('b_y')} outside σ, ŷ may leave the range from 0 to 1, where cross-entropy is not defined.",) if outside else ()
    checked = part.kind == "y"
    analytic = float(run.backward.d_y_hat[0] if checked else run.backward.d_logit[0])
    numeric = nudging.of_prediction(run) if checked else nudging.of_logit(run)
    return Inspection(
        part.text, title, what, **at(run, steps), formulas=(_logit_formula(run), _squash_formula(run)),
        blocks=(Block("Forward", "fw", _forward_lines(run)), Block("Backward", "bw", _backward_lines(run))),
        curve=sigma(z, float(run.forward.y_hat[0]) - (bias if outside else 0.0), output_slope(run)),
        proof=nudging.proof("∂L/∂ŷ" if checked else "∂L/∂z", analytic, numeric, ("ŷ" if checked else "z") + " moved up and down"),
        names=_names(run, part.kind), notes=notes,
    )  # fmt: skip


def _names(run: Run, kind: str) -> Names:
    steps = len(run.words)
    return {
        "z": Names(f"O<sub>{steps}</sub> w<sub>k</sub> (+ b<sub>4</sub>)", "z", code("logit = fc(output[-1])")),
        "y": Names("ŷ", "ŷ", code("torch.sigmoid(logit)"), code("Dense(1, activation='sigmoid')")),
        "sigma": Names("F at the output", "σ", code("torch.sigmoid"), code("'sigmoid'")),
        "loss": Names("L", "L", code(TORCH[run.experiment.loss]), code(KERAS[run.experiment.loss])),
        "dy": Names("∂L/∂ŷ", "∂L/∂ŷ", code("y_hat.grad") + ", after " + code("retain_grad()")),
        "dz": Names("no name", "∂L/∂z", code("logit.grad") + ", after " + code("retain_grad()")),
        "sp": Names("F′ at the output", "σ′(z)", "not kept"),
    }[kind]


def loss(run: Run, part: Part) -> Inspection:
    """L and its slope."""
    y_hat, target, name = float(run.forward.y_hat[0]), run.experiment.target, run.experiment.loss
    lines = [line("ŷ", y_hat, "y.0"), line("target y", float(target)), line("L", run.loss, strong=True)]
    after = run.update.loss
    again = []
    if after is not None:
        again = [line("L after the update", after, strong=True), line("the gradient had promised", float(run.update.predicted_loss))]
        again.append(line("change", after - run.loss))
    others = [line(other, value) for other, value in _other_losses(y_hat, float(target), name)]
    return Inspection(
        part.text, "L, the loss", f"How wrong the answer is: {MEANING[name]}.", **at(run, len(run.words)),
        formulas=(display(var("L"), op("="), loss_formula(run), op("="), num(run.loss, "f")),),
        blocks=(
            Block("Forward", "fw", tuple(lines)), Block("Backward", "bw", (line("∂L/∂ŷ, its slope", float(run.backward.d_y_hat[0]), "dy.0"),)),
            *((Block("After one update", "wt", tuple(again)),) if again else ()), Block("The same answer under other losses", "", tuple(others)),
        ),
        names=_names(run, "loss"),
        notes=("E28: descent looks for a minimum, if there is one; with a large η the loss can rise.",),
    )  # fmt: skip


def _other_losses(y_hat: float, target: float, name: str) -> list[tuple[str, float]]:
    shown = {"bce": "cross-entropy", "mse": "squared, (y − ŷ)²", "difference": "the notes’ y − ŷ (E6)"}
    inside = 0.0 < y_hat < 1.0
    return [(shown[other], float(LOSSES[other].value(y_hat, target, math))) for other in shown
            if other != name and (inside or not LOSSES[other].needs_probability)]  # fmt: skip






def loss_formula(run: Run) -> str:
    """The loss with its numbers."""
    y_hat, target = num(float(run.forward.y_hat[0])), run.experiment.target
    y = f"<mn>{target}</mn>"
    if run.experiment.loss == "difference":
        return row(y, op("−"), y_hat)
    if run.experiment.loss == "mse":
        return f"<msup>{row(op('('), y, op('−'), y_hat, op(')'))}<mn>2</mn></msup>"
    return row(op("−"), var("ln"), op("("), *((y_hat,) if target else ("<mn>1</mn>", op("−"), y_hat)), op(")"))


def backward(run: Run, part: Part) -> Inspection:
    """∂L/∂ŷ, σ′(z) or ∂L/∂z."""
    steps = len(run.words)
    d_y, slope, d_z = float(run.backward.d_y_hat[0]), output_slope(run), float(run.backward.d_logit[0])
    title = {"dy": "∂L/∂ŷ", "sp": "σ′(z)", "dz": "∂L/∂z"}[part.kind]
    what = {
        "dy": "The slope of the loss at the answer: where everything backward starts. Its sign says which way ŷ should not go.",
        "sp": "The slope of σ where the logit stands; never above a quarter.",
        "dz": "What the logit is blamed for: from here the gradient forks to the output’s weights and to the last state.",
    }[part.kind]
    formulas = (
        display(d("<mi>L</mi>", "<mi>z</mi>"), op("="), d("<mi>L</mi>", hat_y()), op("·"), var("σ", "", "′"), op("="), num(d_y, "b"), op("·"),
                num(slope), op("="), num(d_z, "b")),
    )  # fmt: skip
    numeric = {"dy": nudging.of_prediction, "dz": nudging.of_logit}.get(part.kind)
    proof = None
    if numeric:
        letter = "ŷ" if part.kind == "dy" else "z"
        proof = nudging.proof(f"∂L/∂{letter}", d_y if letter == "ŷ" else d_z, numeric(run), f"{letter} moved up and down")
    return Inspection(
        part.text, title, what, **at(run, steps), formulas=formulas, blocks=(Block("Backward", "bw", _backward_lines(run)),),
        proof=proof, names=_names(run, part.kind), notes=_notes(run, part.kind),
        curve=sigma(float(run.forward.logit[0]), _sigma_of(run), slope) if part.kind == "sp" else "",
    )  # fmt: skip


def _sigma_of(run: Run) -> float:
    bias, place = _bias(run)
    return float(run.forward.y_hat[0]) - (bias if place == "outside" else 0.0)


def _notes(run: Run, kind: str) -> tuple[str, ...]:
    steps, back = len(run.words), run.backward
    if kind == "dy":
        values = ", ".join(long(float(v)) for v in back.d_h[-1][:4]) + (", …" if len(back.d_h[-1]) > 4 else "")
        return (
            f"E13: ∂L/∂ŷ is one number, {long(float(back.d_y_hat[0]))}. ∂L/∂{sub('h', steps)} = [{values}] is a vector: the notes set them equal.",
            f"E8: the chain runs L → ŷ → {sub('h', steps)} → W; the notes leave ŷ out once.",
        )  # fmt: skip
    if kind == "dz" and run.experiment.loss == "bce":
        if run.forward.output_bias_inside:
            return (f"For cross-entropy with σ this is simply ŷ − y = {long(float(back.d_logit[0]))}.",)
        short_cut = float(run.forward.y_hat[0]) - run.experiment.target
        return (f"E4: with {of('b_y')} outside σ the short cut ŷ − y = {long(short_cut)} does not hold.",)
    return ()


def by_state(run: Run, part: Part) -> Inspection:
    """∂ŷ/∂h_T: how much the answer moves with each unit of the last state."""
    steps, slope, i = len(run.words), output_slope(run), part.column
    weights = run.parameters["readout"]["W_hy"][:, 0]
    title = f"∂ŷ/∂{sub('h', steps)}"
    if i < 0:
        lines = summands([(f"unit {k + 1}", float(slope * w), f"yh-{steps}.{k}") for k, w in enumerate(weights)], 12)
        return Inspection(part.text, title, "How the answer moves with the last state.", **at(run, steps), blocks=(Block("Backward", "bw", lines),))
    weight = float(weights[i])
    formula = display(d(hat_y(), var("h", f"{steps},{i + 1}")), op("="), num(slope), op("·"), num(weight), op("="), num(slope * weight, "b"))
    return Inspection(
        part.text, f"{title}, unit {i + 1}", f"How much ŷ moves when unit {i + 1} of the last state does: σ′ times its weight.", **at(run, steps),
        formulas=(formula,), blocks=(Block("Backward", "bw", (
            line("σ′(z)", slope, "sp.0"), line(f"× {of('W_hy')}[{i + 1}]", weight, f"W_hy-{i}.0"), line(f"= {title}", slope * weight, strong=True))),),
        names=Names(f"∂ŷ/∂O<sub>{steps}</sub>", f"{title}[{i + 1}]", "not kept"),
    )  # fmt: skip


def second(run: Run, part: Part) -> Inspection:
    """z, ŷ or L after the update."""
    change = run.update
    if part.kind == "loss2":
        return loss(run, part)
    assert change.forward is not None
    letter = "z" if part.kind == "z2" else "ŷ"
    was = float(run.forward.logit[0] if letter == "z" else run.forward.y_hat[0])
    now = float(change.forward.logit[0] if letter == "z" else change.forward.y_hat[0])
    return Inspection(
        part.text, f"{letter}, read again", "The same sentence through the new weights.", **at(run, len(run.words)),
        blocks=(Block("Forward, twice", "fw", (line("first reading", was, "z.0" if letter == "z" else "y.0"),
                line("second reading", now, strong=True), line("change", now - was))),),
        names=_names(run, "z" if letter == "z" else "y"),
    )  # fmt: skip
