"""The readout on the way forward: logit, sigmoid, prediction."""

from app.experiments.run import Run
from app.numerals import long
from app.stage import end_formulas, ends
from app.stage.formulas import num, op, plus, upright, var, vector
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Line,
    at,
    display,
    line,
    of,
)
from app.stage.inspection.curve import sigma
from app.stage.inspection.losses import loss
from app.stage.inspection.nudging import proof_of_logit, proof_of_prediction
from app.stage.inspection.part import Part
from app.stage.inspection.readings import backward_lines, forward_lines, output_bias, output_names
from app.stage.ledger_notes import read_last


def forward(run: Run, part: Part) -> Inspection:
    """z, ŷ or the σ between them."""
    steps = len(run.words)
    title = {"z": "z, the logit", "y": "ŷ, the answer", "sigma": "σ, the output’s activation"}[part.kind]
    what = {
        "z": f"Everything the network has to say about the sentence, added up from {read_last(run)} by "
        f"{of('W_hy')}: one number, any size.",
        "y": "How positive the network finds the sentence. There is one answer, after the last word (many "
        f"to one). {ends.rounding_told(run)}".rstrip(),
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
    return Inspection(
        part.text,
        title,
        what,
        when=at(run, steps),
        formulas=(_logit_formula(run), display(*end_formulas.sigma_formula(run))),
        blocks=(Block("Forward", "fw", forward_lines(run)), Block("Backward", "bw", backward_lines(run))),
        curve=sigma(z, float(run.forward.y_hat[0]) - (bias if outside else 0.0), ends.output_slope(run)),
        proof=proof_of_prediction(run) if part.kind == "y" else proof_of_logit(run),
        names=output_names(run, part.kind),
        notes=notes,
    )


def _logit_formula(run: Run) -> str:
    value, place = output_bias(run)
    tail = plus(value) if place == "inside" else ()
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
    first, then = (
        (long(was), long(now)) if letter == "z" else (ends.prediction(run), ends.second_prediction(run))
    )
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
                    Line("first reading", first, "z.0" if letter == "z" else "y.0"),
                    Line("second reading", then, strong=True),
                    line("change", now - was),
                ),
            ),
        ),
        names=output_names(run, "z" if letter == "z" else "y"),
    )
