"""The first factors of the way back: dL/dy, the slope of sigma, dL/dz, dy/dh_T."""

from app.experiments.run import Run
from app.numerals import long
from app.stage import ends
from app.stage.end_formulas import formulas
from app.stage.formulas import d, hat_y, mn, op, times
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Line,
    Names,
    at,
    display,
    line,
    of,
)
from app.stage.inspection.curve import sigma
from app.stage.inspection.nudging import proof_of_logit, proof_of_prediction
from app.stage.inspection.part import Part
from app.stage.inspection.readings import backward_lines, output_bias, output_names
from app.stage.inspection.tongues import UNNAMED
from app.stage.ledger_notes import read_last
from app.wording.catalogue import _

LISTED = 12


def backward(run: Run, part: Part) -> Inspection:
    """∂L/∂ŷ, σ′(z) or ∂L/∂z."""
    steps = len(run.words)
    title = {"dy": "∂L/∂ŷ", "sp": "σ′(z)", "dz": "∂L/∂z"}[part.kind]
    what = {
        "dy": _(
            "The slope of the loss at the answer: where everything backward starts. Its sign "
            "says which way ŷ should not go. {run}",
            run=ends.rounding_told(ends.end_of(run)),
        ).rstrip(),
        "sp": _("The slope of σ where the logit stands; never above a quarter."),
        "dz": _(
            "What the logit is blamed for: from here the gradient forks to the output’s weights "
            "and to the last state."
        ),
    }[part.kind]
    formula = formulas(run, ends.end_of(run))["slope" if part.kind == "dy" else "blame"]
    proofs = {"dy": proof_of_prediction, "dz": proof_of_logit}
    proof = proofs[part.kind](run) if part.kind in proofs else None
    return Inspection(
        part.text,
        title,
        what,
        when=at(run, steps),
        formulas=(formula,),
        blocks=(Block(_("Backward"), "bw", backward_lines(run)),),
        proof=proof,
        names=output_names(run, part.kind),
        notes=_notes(run, part.kind),
        curve=sigma(float(run.forward.logit[0]), _sigma_of(run), ends.output_slope(run))
        if part.kind == "sp"
        else "",
    )


def _sigma_of(run: Run) -> float:
    bias, place = output_bias(run)
    return float(run.forward.y_hat[0]) - (bias if place == "outside" else 0.0)


def _notes(run: Run, kind: str) -> tuple[str, ...]:
    back = run.backward
    if kind == "dy":
        values = ", ".join(long(float(v)) for v in back.d_input[:4]) + (
            ", …" if len(back.d_input) > 4 else ""
        )
        last = read_last(run)
        return (
            _(
                "E13: ∂L/∂ŷ is one number, {long}. ∂L/∂{last} = [{values}] is a vector: the notes "
                "set them equal.",
                long=ends.end_of(run).d_prediction.long,
                last=last,
                values=values,
            ),
            _("E8: the chain runs L → ŷ → {last} → W; the notes leave ŷ out once.", last=last),
        )
    if kind == "dz" and run.experiment.loss == "bce":
        if run.forward.output_bias_inside:
            end = ends.end_of(run)
            return (
                _("For cross-entropy with σ this is simply ŷ − y = {long}.", long=end.d_logit.long)
                + ends.vanishing_told(run, end),
            )
        short_cut = float(run.forward.y_hat[0]) - run.experiment.target
        return (
            _(
                "E4: with {b_y} outside σ the short cut ŷ − y = {short_cut} does not hold.",
                b_y=of("b_y"),
                short_cut=long(short_cut),
            ),
        )
    return ()


def by_state(run: Run, part: Part) -> Inspection:
    """∂ŷ/∂h_T: how much the answer moves with each unit of the state that is read last."""
    chain, i = part.of(run), part.column
    last, first = chain.lane.last, chain.reads_out.start
    weights = run.parameters["readout"]["W_hy"][chain.reads_out, 0]
    title = f"∂ŷ/∂{chain.lane.said('h', last)}"
    if i < 0:
        lines = [
            Line(_("unit {k}", k=k + 1), ends.times_slope(run, weight).long, f"{part.text}.{k}")
            for k, weight in enumerate(weights[:LISTED].tolist())
        ]
        if len(weights) > LISTED:
            lines.append(Line(_("and {count} more units", count=len(weights) - LISTED), "…"))
        return Inspection(
            part.text,
            title,
            _("How the answer moves with the last state."),
            when=at(run, last),
            blocks=(Block(_("Backward"), "bw", tuple(lines)),),
        )
    weight = float(weights[i])
    slope, product = ends.end_of(run).sigma_slope.long, ends.times_slope(run, weight).long
    left = d(hat_y(), chain.lane.var("h", f"{last},{i + 1}"))
    formula = display(left, op("="), mn(slope), op("·"), times(weight), op("="), mn(product, "b"))
    notes_name = f"∂ŷ/∂O<sub>{last}</sub>" if chain.alone and not chain.gated else UNNAMED
    return Inspection(
        part.text,
        _("{title}, unit {i}", title=title, i=i + 1),
        _("How much ŷ moves when unit {i} of the last state does: σ′ times its weight.", i=i + 1),
        when=at(run, last),
        formulas=(formula,),
        blocks=(
            Block(
                _("Backward"),
                "bw",
                (
                    Line("σ′(z)", slope, "sp.0"),
                    line(f"× {of('W_hy')}[{first + i + 1}]", weight, f"W_hy-{first + i}.0"),
                    Line(f"= {title}", product, strong=True),
                ),
            ),
        ),
        names=Names(notes_name, f"{title}[{i + 1}]", _("not kept")),
    )
