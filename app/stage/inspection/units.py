"""Hidden units: a_t, f and h_t, on the first reading and on the second."""

from app.experiments.run import Run
from app.stage.cells.elman_forward import FUNCTION
from app.stage.formulas import num, op, plus, row, upright, var, vector
from app.stage.inspection import nudging
from app.stage.inspection.blocks import backward_block, bias_note, biased, forward_block, many
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Names,
    at,
    code,
    display,
    line,
    of,
    quoted,
    sub,
    summands,
)
from app.stage.inspection.curve import curve
from app.stage.inspection.part import CHAIN, Part
from app.stage.inspection.tongues import state_names
from app.stage.numbers import FORWARD_SCALE


def _unit_formula(run: Run, t: int, unit: int) -> tuple[str, ...]:
    forward, i, place, index = run.forward, t - 1, biased(run, t), f"{t},{unit + 1}"
    weights = run.parameters[CHAIN]
    sums = [
        num(float(forward.input_term[i, unit])),
        op("+"),
        vector(forward.h_prev[i], "f"),
        upright(weights["W_hh"][:, unit]),
    ]
    terms = [row(var("x", t), var("W", "xh"), op("+"), var("h", t - 1), var("W", "hh"))]
    if place == "inside":
        sums += plus(float(weights["b_h"][unit]))
        terms += [op("+"), var("b", "h")]
    name = var(FUNCTION[run.experiment.activation])
    late = plus(float(weights["b_h"][unit])) if place == "outside" else ()
    a, h = float(forward.preactivation[i, unit]), float(forward.h[i, unit])
    return (
        display(var("a", index), op("="), f"<msub>{row(op('('), *terms, op(')'))}<mn>{unit + 1}</mn></msub>"),
        display(op("="), *sums, op("="), num(a, "f")),
        display(var("h", index), op("="), name, op("("), num(a), op(")"), *late, op("="), num(h, "f")),
    )


def unit(run: Run, part: Part) -> Inspection:
    """a_t, f or h_t of one unit, or of all of them when no unit is named."""
    t, i = part.t, part.column
    if t == 0:
        return first_state(run, part)
    if i < 0:
        values = {"a": run.forward.preactivation, "f": run.forward.activated, "h": run.forward.h}[part.kind][
            t - 1
        ]
        says = {"a": "what every unit sums up", "f": "the sums after f", "h": "the state"}[part.kind]
        return many(
            run,
            part,
            f"{_symbol(part.kind, t)} at {quoted(run, t)}",
            f"{sub(part.kind, t)}: {says} at step {t}.",
            values,
            FORWARD_SCALE,
        )
    back, forward = run.backward, run.forward
    a, f, slope = (
        float(forward.preactivation[t - 1, i]),
        float(forward.activated[t - 1, i]),
        float(back.slope[t - 1, i]),
    )
    what = {
        "a": f"{sub('a', t)}, unit {i + 1}: the sum that goes into f at {quoted(run, t)}.",
        "f": f"f at unit {i + 1}: its value is the activation, the slope of its tangent is what the "
        "gradient is multiplied by.",
        "h": f"{sub('h', t)}, unit {i + 1}: what this unit holds of the sentence after {quoted(run, t)}.",
    }[part.kind]
    kind = "a" if part.kind == "a" else "h"
    numeric = nudging.of_preactivation(run, t, i) if kind == "a" else nudging.of_state(run, t, i)
    analytic = float(back.d_preactivation[t - 1, i] if kind == "a" else back.d_h[t - 1, i])
    return Inspection(
        part.text,
        f"Unit {i + 1} at {quoted(run, t)}",
        what,
        when=at(run, t),
        formulas=_unit_formula(run, t, i),
        blocks=(forward_block(run, t, i), backward_block(run, t, i)),
        curve=curve(run.experiment.activation, a, f, slope),
        proof=nudging.proof(
            f"∂L/∂{sub(kind, t)}", analytic, numeric, f"{sub(kind, t)} of this unit moved up and down"
        ),
        names=state_names(run, part.kind, t, i),
        notes=bias_note(run, t),
    )


def _symbol(kind: str, t: int) -> str:
    return f"f({sub('a', t)})" if kind == "f" else sub(kind, t)


def first_state(run: Run, part: Part) -> Inspection:
    """h_0, which comes from nowhere."""
    state = run.forward.h_prev[0]
    source = run.experiment.initial_state
    said = {"zeros": "all zeros", "random": "drawn from the seed"}.get(
        source if isinstance(source, str) else "", "the numbers you gave"
    )
    lines = summands([(f"unit {k + 1}", float(v), "") for k, v in enumerate(state)], 12)
    zero = not state.any()
    return Inspection(
        part.text,
        f"{sub('h', 0)}, the first state",
        f"Where the network starts before it has read a word: {said}.",
        blocks=(Block("Forward", "fw", lines),),
        names=Names(
            sub("O", 0),
            sub("h", 0),
            code("h_0 = torch.zeros(1, H)") if zero else code("rnn(x, h_0)"),
            code("initial_state"),
        ),
        notes=(f"Since {sub('h', 0)} = 0, step 1 adds exactly 0 to ∂L/∂{of('W_hh')} (E29).",) if zero else (),
    )


def second_pass(run: Run, part: Part) -> Inspection:
    """a_t or h_t before and after the update."""
    t, i = part.t, part.column
    after = run.update.forward
    assert after is not None or part.kind == "h1"
    letter = "a" if part.kind == "a2" else "h"
    was = run.forward.preactivation if letter == "a" else run.forward.h
    now = None if after is None else (after.preactivation if letter == "a" else after.h)
    if i < 0:
        shown = was if part.kind == "h1" or now is None else now
        return many(
            run,
            part,
            f"{sub(letter, t)} on the second reading",
            f"{sub(letter, t)} with the new weights.",
            shown[t - 1],
            FORWARD_SCALE,
        )
    old = float(was[t - 1, i])
    lines = [line("first reading", old, f"{letter}-{t}.{i}")]
    if now is not None:
        new = float(now[t - 1, i])
        lines += [line("second reading", new, strong=True), line("change", new - old)]
    return Inspection(
        part.text,
        f"{sub(letter, t)}, unit {i + 1}, read again",
        f"The same words through the new weights: unit {i + 1} at {quoted(run, t)} before and after the "
        "update.",
        when=at(run, t),
        blocks=(Block("Forward, twice", "fw", tuple(lines)),),
        names=state_names(run, letter, t, i),
    )
