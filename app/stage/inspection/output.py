"""The readout on the way forward: logit, sigmoid, prediction."""

from app.experiments.run import Run
from app.numerals import long
from app.stage import ends
from app.stage.end_formulas import formulas
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
from app.wording.catalogue import _


def _what(run: Run, kind: str) -> str:
    """What z, ŷ and σ are."""
    return {
        "z": _(
            "Everything the network has to say about the sentence, added up from {states} by {weights}: one "
            "number, any size.",
            states=read_last(run),
            weights=of("W_hy"),
        ),
        "y": _(
            "How positive the network finds the sentence. There is one answer, after the last word (many to "
            "one). {rounding}",
            rounding=ends.rounding_told(ends.end_of(run)),
        ).rstrip(),
        "sigma": _(
            "σ presses the logit between 0 and 1; the slope of its tangent is the first factor on the way "
            "back."
        ),
    }[kind]


def forward(run: Run, part: Part) -> Inspection:
    """z, ŷ or the σ between them."""
    steps = len(run.words)
    title = {"z": _("z, the logit"), "y": _("ŷ, the answer"), "sigma": _("σ, the output’s activation")}[
        part.kind
    ]
    bias, place = output_bias(run)
    z = float(run.forward.logit[0])
    outside = place == "outside"
    notes = (
        (
            _(
                "E5: with {b_y} outside σ, ŷ may leave the range from 0 to 1, where cross-entropy is "
                "not defined.",
                b_y=of("b_y"),
            ),
        )
        if outside
        else ()
    )
    return Inspection(
        part.text,
        title,
        _what(run, part.kind),
        when=at(run, steps),
        formulas=(_logit_formula(run), formulas(run, ends.end_of(run))["sigma"]),
        blocks=(
            Block(_("Forward"), "fw", forward_lines(run)),
            Block(_("Backward"), "bw", backward_lines(run)),
        ),
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
    end = ends.end_of(run)
    first, then = (long(was), long(now)) if letter == "z" else (end.prediction, end.second_prediction)
    return Inspection(
        part.text,
        _("{letter}, read again", letter=letter),
        _("The same sentence through the new weights."),
        when=at(run, len(run.words)),
        blocks=(
            Block(
                _("Forward, twice"),
                "fw",
                (
                    Line(_("first reading"), first, "z.0" if letter == "z" else "y.0"),
                    Line(_("second reading"), then, strong=True),
                    line(_("change"), now - was),
                ),
            ),
        ),
        names=output_names(run, "z" if letter == "z" else "y"),
    )
