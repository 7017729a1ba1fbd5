"""The readout on the way forward: logit, sigmoid, prediction."""

from app.experiments.run import Run
from app.stage.formulas import hat_y, num, op, upright, var, vector
from app.stage.inspection import nudging
from app.stage.inspection.contents import (
    Block,
    Inspection,
    at,
    display,
    line,
    of,
    sub,
)
from app.stage.inspection.curve import sigma
from app.stage.inspection.losses import loss
from app.stage.inspection.part import Part
from app.stage.inspection.readings import backward_lines, forward_lines, output_bias, output_names
from app.stage.readout import output_slope


def forward(run: Run, part: Part) -> Inspection:
    """z, ŷ or the σ between them."""
    steps = len(run.words)
    title = {"z": "z, the logit", "y": "ŷ, the answer", "sigma": "σ, the output’s activation"}[part.kind]
    what = {
        "z": f"Everything the network has to say about the sentence, added up from {sub('h', steps)} by "
        f"{of('W_hy')}: one number, any size.",
        "y": "How positive the network finds the sentence. There is one answer, after the last word (many "
        "to one).",
        "sigma": "σ presses the logit between 0 and 1; the slope of its tangent is the first factor on "
        "the way back.",
    }[part.kind]
    bias, place = output_bias(run)
    z = float(run.forward.logit[0])
    outside = place == "outside"
    notes = (
        (
            f"E5: with {of('b_y')} outside σ, ŷ may leave the range from 0 to 1, where cross-entropy is "
            "not defined.",
        )
        if outside
        else ()
    )
    checked = part.kind == "y"
    analytic = float(run.backward.d_y_hat[0] if checked else run.backward.d_logit[0])
    numeric = nudging.of_prediction(run) if checked else nudging.of_logit(run)
    return Inspection(
        part.text,
        title,
        what,
        when=at(run, steps),
        formulas=(_logit_formula(run), _squash_formula(run)),
        blocks=(Block("Forward", "fw", forward_lines(run)), Block("Backward", "bw", backward_lines(run))),
        curve=sigma(z, float(run.forward.y_hat[0]) - (bias if outside else 0.0), output_slope(run)),
        proof=nudging.proof(
            "∂L/∂ŷ" if checked else "∂L/∂z",
            analytic,
            numeric,
            ("ŷ" if checked else "z") + " moved up and down",
        ),
        names=output_names(run, part.kind),
        notes=notes,
    )


def _squash_formula(run: Run) -> str:
    value, place = output_bias(run)
    tail = (op("+"), num(value)) if place == "outside" else ()
    z, y_hat = float(run.forward.logit[0]), float(run.forward.y_hat[0])
    return display(hat_y(), op("="), var("σ"), op("("), num(z), op(")"), *tail, op("="), num(y_hat, "f"))


def _logit_formula(run: Run) -> str:
    value, place = output_bias(run)
    tail = (op("+"), num(value)) if place == "inside" else ()
    weights = run.parameters["readout"]["W_hy"][:, 0]
    z = float(run.forward.logit[0])
    return display(
        var("z"),
        op("="),
        vector(run.forward.readout_input, "f"),
        upright(weights),
        *tail,
        op("="),
        num(z, "f"),
    )


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
        part.text,
        f"{letter}, read again",
        "The same sentence through the new weights.",
        when=at(run, len(run.words)),
        blocks=(
            Block(
                "Forward, twice",
                "fw",
                (
                    line("first reading", was, "z.0" if letter == "z" else "y.0"),
                    line("second reading", now, strong=True),
                    line("change", now - was),
                ),
            ),
        ),
        names=output_names(run, "z" if letter == "z" else "y"),
    )
