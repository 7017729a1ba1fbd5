"""What comes back to a unit: dL/dh_t, times the slope of f, is delta_t."""

from app.engine.activations import ACTIVATIONS
from app.experiments.run import Run
from app.stage.cells.elman_forward import FUNCTION
from app.stage.ends import d_prediction, times_slope
from app.stage.formulas import d, num, op, row, times, upright, var, vector
from app.stage.inspection import nudging
from app.stage.inspection.blocks import backward_block, bias_note, biased, many
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Line,
    at,
    display,
    line,
    of,
    quoted,
    sub,
    summands,
)
from app.stage.inspection.curve import curve
from app.stage.inspection.part import CHAIN, Part
from app.stage.inspection.tongues import blame_names
from app.stage.numbers import GRADIENT_SCALE


def blame(run: Run, part: Part) -> Inspection:
    """dL/dh_t, f′(a_t) or delta_t."""
    t, i = part.t, part.column
    back = run.backward
    if i < 0:
        values = {"dh": back.d_h, "fp": back.slope, "da": back.d_preactivation}[part.kind][t - 1]
        scale = None if part.kind == "fp" else GRADIENT_SCALE
        return many(
            run,
            part,
            f"{_blamed(part.kind, t)} at {quoted(run, t)}",
            f"{_blamed(part.kind, t)}, an entry for each unit.",
            values,
            scale,
        )
    return {"dh": _on_state, "fp": _slope, "da": _delta}[part.kind](run, part, t, i)


def _blamed(kind: str, t: int) -> str:
    return {"dh": f"∂L/∂{sub('h', t)}", "fp": f"f′({sub('a', t)})", "da": sub("δ", t)}[kind]


def _on_state(run: Run, part: Part, t: int, i: int) -> Inspection:
    value = float(run.backward.d_h[t - 1, i])
    last = t == len(run.words)
    lines, product, source, notes = _from_the_output(run, t, i) if last else _from_the_next_step(run, t, i)
    return Inspection(
        part.text,
        f"∂L/∂{sub('h', t)}, unit {i + 1}",
        f"How much the loss would change if unit {i + 1} after {quoted(run, t)} were a little larger. "
        f"{source}",
        when=at(run, t),
        formulas=(
            display(d("<mi>L</mi>", var("h", f"{t},{i + 1}")), op("="), *product, op("="), num(value, "b")),
        ),
        blocks=(
            Block("Backward", "bw", (*lines, line(f"= ∂L/∂{sub('h', t)}", value, strong=True))),
            backward_block(run, t, i),
        ),
        proof=nudging.proof(
            f"∂L/∂{sub('h', t)}",
            value,
            nudging.of_state(run, t, i),
            f"{sub('h', t)} of this unit moved up and down",
        ),
        names=blame_names(run, "dh", t, i),
        notes=notes,
    )


Source = tuple[tuple[Line, ...], tuple[str, ...], str, tuple[str, ...]]


def _from_the_output(run: Run, t: int, i: int) -> Source:
    """Lines, product, a sentence and notes for the last state: dL/dz W_hy."""
    back = run.backward
    d_z, weight = float(back.d_logit[0]), float(run.parameters["readout"]["W_hy"][i, 0])
    lines = (line("∂L/∂z", d_z, "dz.0"), line(f"× {of('W_hy')}[{i + 1}]", weight, f"W_hy-{i}.0"))
    said = (
        f"E13: ∂L/∂ŷ = {d_prediction(run).long} is one number, ∂L/∂{sub('h', t)} a vector with "
        f"{len(back.d_h[0])} entries. The notes set them equal; between them stands ∂ŷ/∂{sub('h', t)}, "
        f"here {times_slope(run, weight).long} for this unit."
    )
    source = "It comes straight from the output, through the one weight that carried this unit out."
    return lines, (num(d_z, "b"), op("·"), times(weight)), source, (said,)


def _from_the_next_step(run: Run, t: int, i: int) -> Source:
    """The same for an earlier state: delta_{t+1} W_hh^T."""
    later, weights = run.backward.d_preactivation[t], run.parameters[CHAIN]["W_hh"][i]
    terms = [
        (
            f"{'+ ' if k else ''}{sub('δ', f'{t + 1},{k + 1}')} · {of('W_hh')}[{i + 1}, {k + 1}]",
            float(later[k] * weights[k]),
            f"da-{t + 1}.{k}",
        )
        for k in range(len(later))
    ]
    source = f"It comes from step {t + 1}: every unit there that listened to this one sends its share back."
    return summands(terms), (vector(later, "b"), upright(weights)), source, ()


def _slope(run: Run, part: Part, t: int, i: int) -> Inspection:
    activation, forward = run.experiment.activation, run.forward
    a, y, value = (
        float(forward.preactivation[t - 1, i]),
        float(forward.activated[t - 1, i]),
        float(run.backward.slope[t - 1, i]),
    )
    largest = ACTIVATIONS[activation].largest_slope
    symbolic = row(var("f", "", "′"), op("("), var("a", f"{t},{i + 1}"), op(")"))
    numbers = {
        "tanh": row(num(1), op("−"), f"<msup>{row(op('('), num(y), op(')'))}<mn>2</mn></msup>"),
        "sigmoid": row(num(y), op("("), num(1), op("−"), num(y), op(")")),
    }.get(activation)
    middle = (op("="), numbers) if numbers else ()
    return Inspection(
        part.text,
        f"f′({sub('a', t)}), unit {i + 1}",
        f"The slope of f where unit {i + 1} stands at {quoted(run, t)}. The gradient is multiplied by it "
        "on its way back.",
        when=at(run, t),
        formulas=(display(symbolic, *middle, op("="), num(value)),),
        blocks=(backward_block(run, t, i),),
        curve=curve(activation, a, y, value),
        names=blame_names(run, "fp", t, i),
        notes=(
            f"E15: f′ of {FUNCTION[activation]} is never above {largest:g}, so f alone never makes a "
            f"gradient explode; {of('W_hh')} can. "
            "The notes blame ReLU’s derivative, which is 0 or 1.",
            *bias_note(run, t)[: 1 if biased(run, t) == "outside" else 0],
        ),
    )


def _delta(run: Run, part: Part, t: int, i: int) -> Inspection:
    back = run.backward
    d_h, slope, value = (
        float(back.d_h[t - 1, i]),
        float(back.slope[t - 1, i]),
        float(back.d_preactivation[t - 1, i]),
    )
    formula = display(
        var("δ", f"{t},{i + 1}"),
        op("="),
        d("<mi>L</mi>", var("a", f"{t},{i + 1}")),
        op("="),
        num(d_h, "b"),
        op("·"),
        num(slope),
        op("="),
        num(value, "b"),
    )
    return Inspection(
        part.text,
        f"{sub('δ', t)}, unit {i + 1}",
        f"What unit {i + 1} is blamed for at {quoted(run, t)}, before f: the right factor of every weight "
        "that leads into it.",
        when=at(run, t),
        formulas=(formula,),
        blocks=(backward_block(run, t, i),),
        proof=nudging.proof(
            f"∂L/∂{sub('a', t)}",
            value,
            nudging.of_preactivation(run, t, i),
            f"{sub('a', t)} of this unit moved up and down",
        ),
        names=blame_names(run, "da", t, i),
    )
