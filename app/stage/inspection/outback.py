"""The first factors of the way back: dL/dy, the slope of sigma, dL/dz, dy/dh_T."""

from app.experiments.run import Run
from app.stage.formulas import d, hat_y, num, op, var
from app.stage.inspection import nudging
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Names,
    at,
    display,
    line,
    of,
    sub,
    summands,
)
from app.stage.inspection.curve import sigma
from app.stage.inspection.part import Part
from app.stage.inspection.readings import backward_lines, output_bias, output_names
from app.stage.numbers import long
from app.stage.readout import output_slope


def backward(run: Run, part: Part) -> Inspection:
    """∂L/∂ŷ, σ′(z) or ∂L/∂z."""
    steps = len(run.words)
    d_y, slope, d_z = float(run.backward.d_y_hat[0]), output_slope(run), float(run.backward.d_logit[0])
    title = {"dy": "∂L/∂ŷ", "sp": "σ′(z)", "dz": "∂L/∂z"}[part.kind]
    what = {
        "dy": "The slope of the loss at the answer: where everything backward starts. Its sign says which "
        "way ŷ should not go.",
        "sp": "The slope of σ where the logit stands; never above a quarter.",
        "dz": "What the logit is blamed for: from here the gradient forks to the output’s weights and to "
        "the last state.",
    }[part.kind]
    formulas = (
        display(
            d("<mi>L</mi>", "<mi>z</mi>"),
            op("="),
            d("<mi>L</mi>", hat_y()),
            op("·"),
            var("σ", "", "′"),
            op("="),
            num(d_y, "b"),
            op("·"),
            num(slope),
            op("="),
            num(d_z, "b"),
        ),
    )
    numeric = {"dy": nudging.of_prediction, "dz": nudging.of_logit}.get(part.kind)
    proof = None
    if numeric:
        letter = "ŷ" if part.kind == "dy" else "z"
        proof = nudging.proof(
            f"∂L/∂{letter}", d_y if letter == "ŷ" else d_z, numeric(run), f"{letter} moved up and down"
        )
    return Inspection(
        part.text,
        title,
        what,
        when=at(run, steps),
        formulas=formulas,
        blocks=(Block("Backward", "bw", backward_lines(run)),),
        proof=proof,
        names=output_names(run, part.kind),
        notes=_notes(run, part.kind),
        curve=sigma(float(run.forward.logit[0]), _sigma_of(run), slope) if part.kind == "sp" else "",
    )


def _sigma_of(run: Run) -> float:
    bias, place = output_bias(run)
    return float(run.forward.y_hat[0]) - (bias if place == "outside" else 0.0)


def _notes(run: Run, kind: str) -> tuple[str, ...]:
    steps, back = len(run.words), run.backward
    if kind == "dy":
        values = ", ".join(long(float(v)) for v in back.d_h[-1][:4]) + (
            ", …" if len(back.d_h[-1]) > 4 else ""
        )
        return (
            f"E13: ∂L/∂ŷ is one number, {long(float(back.d_y_hat[0]))}. ∂L/∂{sub('h', steps)} = "
            f"[{values}] is a vector: the notes set them equal.",
            f"E8: the chain runs L → ŷ → {sub('h', steps)} → W; the notes leave ŷ out once.",
        )
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
        lines = summands(
            [(f"unit {k + 1}", float(slope * w), f"yh-{steps}.{k}") for k, w in enumerate(weights)], 12
        )
        return Inspection(
            part.text,
            title,
            "How the answer moves with the last state.",
            when=at(run, steps),
            blocks=(Block("Backward", "bw", lines),),
        )
    weight = float(weights[i])
    formula = display(
        d(hat_y(), var("h", f"{steps},{i + 1}")),
        op("="),
        num(slope),
        op("·"),
        num(weight),
        op("="),
        num(slope * weight, "b"),
    )
    return Inspection(
        part.text,
        f"{title}, unit {i + 1}",
        f"How much ŷ moves when unit {i + 1} of the last state does: σ′ times its weight.",
        when=at(run, steps),
        formulas=(formula,),
        blocks=(
            Block(
                "Backward",
                "bw",
                (
                    line("σ′(z)", slope, "sp.0"),
                    line(f"× {of('W_hy')}[{i + 1}]", weight, f"W_hy-{i}.0"),
                    line(f"= {title}", slope * weight, strong=True),
                ),
            ),
        ),
        names=Names(f"∂ŷ/∂O<sub>{steps}</sub>", f"{title}[{i + 1}]", "not kept"),
    )
