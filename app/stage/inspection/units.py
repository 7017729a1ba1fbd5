"""Hidden units: what enters them, what they say, and what comes back to them."""

from app.engine.activations import ACTIVATIONS
from app.experiments.run import Run
from app.stage.formulas import d, num, op, row, upright, var, vector
from app.stage.forward_scenes import FUNCTION
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
    named,
    of,
    quoted,
    sub,
    summands,
)  # fmt: skip
from app.stage.inspection.curve import curve
from app.stage.inspection.part import CHAIN, Part
from app.stage.inspection.tongues import blame_names, state_names
from app.stage.ledger_cells import cells
from app.stage.ledger_rows import output_slope
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE, long

SLOPES = {"tanh": "1 − f(a)²", "sigmoid": "f(a)(1 − f(a))", "relu": "1 above 0, else 0", "identity": "1"}


def biased(run: Run, t: int) -> str:
    """Where step t has its bias: inside, outside or none."""
    if "b_h" not in run.parameters[CHAIN]:
        return "none"
    return "inside" if bool(run.forward.bias_inside[t - 1]) else "outside"


def forward_block(run: Run, t: int, unit: int) -> Block:
    """The sum that is a_t, and f of it."""
    forward, i, place = run.forward, t - 1, biased(run, t)
    name = FUNCTION[run.experiment.activation]
    lines = [
        line(f"row of {named(run.tokens[i])} in {of('W_xh')}", float(forward.input_term[i, unit]), f"W_xh-{run.ids[i]}.{unit}"),
        line(f"+ {sub('h', t - 1)} · {of('W_hh')}, column {unit + 1}", float(forward.recurrent_term[i, unit]), f"hw-{t}.{unit}"),
    ]  # fmt: skip
    bias = float(run.parameters[CHAIN]["b_h"][unit]) if place != "none" else 0.0
    if place == "inside":
        lines.append(line(f"+ {of('b_h')}", bias, f"b_h-0.{unit}"))
    lines.append(line(sub("a", t), float(forward.preactivation[i, unit]), f"a-{t}.{unit}", strong=True))
    if place == "outside":
        lines.append(line(f"{name}({sub('a', t)})", float(forward.activated[i, unit]), f"f-{t}.{unit}"))
        lines.append(line(f"+ {of('b_h')}, outside f", bias, f"b_h-0.{unit}"))
    after = f"{sub('h', t)} = {name}({sub('a', t)})" + (f" + {of('b_h')}" if place == "outside" else "")
    lines.append(line(after, float(forward.h[i, unit]), f"h-{t}.{unit}", strong=True))
    return Block("Forward", "fw", tuple(lines))


def backward_block(run: Run, t: int, unit: int) -> Block:
    """What came back to the unit, times its slope."""
    back, i = run.backward, t - 1
    return Block("Backward", "bw", (
        line(f"∂L/∂{sub('h', t)}", float(back.d_h[i, unit]), f"dh-{t}.{unit}"),
        line(f"× f′({sub('a', t)}) = {slope_words(run, t)}", float(back.slope[i, unit]), f"fp-{t}.{unit}"),
        line(f"= {sub('δ', t)}", float(back.d_preactivation[i, unit]), f"da-{t}.{unit}", strong=True),
    ))  # fmt: skip


def slope_words(run: Run, t: int) -> str:
    """f′ by what is on the stage: with the bias outside, h is not f(a)."""
    if biased(run, t) == "outside":
        return {"tanh": "1 − (h − b)²", "sigmoid": "(h − b)(1 − h + b)"}.get(run.experiment.activation, SLOPES[run.experiment.activation])
    return {"tanh": "1 − h²", "sigmoid": "h(1 − h)"}.get(run.experiment.activation, SLOPES[run.experiment.activation])


def _unit_formula(run: Run, t: int, unit: int) -> tuple[str, ...]:
    forward, i, place, index = run.forward, t - 1, biased(run, t), f"{t},{unit + 1}"
    weights = run.parameters[CHAIN]
    sums = [num(float(forward.input_term[i, unit])), op("+"), vector(forward.h_prev[i], "f"), upright(weights["W_hh"][:, unit])]
    terms = [row(var("x", t), var("W", "xh"), op("+"), var("h", t - 1), var("W", "hh"))]
    if place == "inside":
        sums += [op("+"), num(float(weights["b_h"][unit]))]
        terms += [op("+"), var("b", "h")]
    name = var(FUNCTION[run.experiment.activation])
    late = [op("+"), num(float(weights["b_h"][unit]))] if place == "outside" else []
    a, h = float(forward.preactivation[i, unit]), float(forward.h[i, unit])
    return (
        display(var("a", index), op("="), f"<msub>{row(op('('), *terms, op(')'))}<mn>{unit + 1}</mn></msub>"),
        display(op("="), *sums, op("="), num(a, "f")),
        display(var("h", index), op("="), name, op("("), num(a), op(")"), *late, op("="), num(h, "f")),
    )  # fmt: skip


def unit(run: Run, part: Part) -> Inspection:
    """a_t, f or h_t of one unit, or of all of them when no unit is named."""
    t, i = part.t, part.column
    if t == 0:
        return first_state(run, part)
    if i < 0:
        values = {"a": run.forward.preactivation, "f": run.forward.activated, "h": run.forward.h}[part.kind][t - 1]
        says = {"a": "what every unit sums up", "f": "the sums after f", "h": "the state"}[part.kind]
        return many(run, part, f"{_symbol(part.kind, t)} at {quoted(run, t)}", f"{sub(part.kind, t)}: {says} at step {t}.", values, FORWARD_SCALE)
    back, forward = run.backward, run.forward
    a, f, slope = float(forward.preactivation[t - 1, i]), float(forward.activated[t - 1, i]), float(back.slope[t - 1, i])
    what = {
        "a": f"{sub('a', t)}, unit {i + 1}: the sum that goes into f at {quoted(run, t)}.",
        "f": f"f at unit {i + 1}: its value is the activation, the slope of its tangent is what the gradient is multiplied by.",
        "h": f"{sub('h', t)}, unit {i + 1}: what this unit holds of the sentence after {quoted(run, t)}.",
    }[part.kind]
    kind = "a" if part.kind == "a" else "h"
    numeric = nudging.of_preactivation(run, t, i) if kind == "a" else nudging.of_state(run, t, i)
    analytic = float(back.d_preactivation[t - 1, i] if kind == "a" else back.d_h[t - 1, i])
    return Inspection(
        part.text, f"Unit {i + 1} at {quoted(run, t)}", what, **at(run, t), formulas=_unit_formula(run, t, i),
        blocks=(forward_block(run, t, i), backward_block(run, t, i)),
        curve=curve(run.experiment.activation, a, f, slope),
        proof=nudging.proof(f"∂L/∂{sub(kind, t)}", analytic, numeric, f"{sub(kind, t)} of this unit moved up and down"),
        names=state_names(run, part.kind, t, i), notes=_bias_note(run, t),
    )  # fmt: skip


def _symbol(kind: str, t: int) -> str:
    return f"f({sub('a', t)})" if kind == "f" else sub(kind, t)


def _bias_note(run: Run, t: int) -> tuple[str, ...]:
    """E3 and E4: the notes put the bias in three places."""
    if biased(run, t) == "outside":
        return (
            "E3: the bias stands outside f here, as on the notes’ BPTT page, so h may leave the range of f, and "
            f"f′ is {slope_words(run, t)}, not of h alone (E4).",
        )
    return ("E3: the notes write the bias outside f at t = 1 and inside later. Here it is inside at every step.",) if (
        t == 1 and run.experiment.bias == "inside") else ()  # fmt: skip


def first_state(run: Run, part: Part) -> Inspection:
    """h_0, which comes from nowhere."""
    state = run.forward.h_prev[0]
    source = run.experiment.initial_state
    said = {"zeros": "all zeros", "random": "drawn from the seed"}.get(source if isinstance(source, str) else "", "the numbers you gave")
    lines = summands([(f"unit {k + 1}", float(v), "") for k, v in enumerate(state)], 12)
    zero = not state.any()
    return Inspection(
        part.text, f"{sub('h', 0)}, the first state", f"Where the network starts before it has read a word: {said}.", t=0,
        blocks=(Block("Forward", "fw", lines),),
        names=Names(sub("O", 0), sub("h", 0), code("h_0 = torch.zeros(1, H)") if zero else code("rnn(x, h_0)"), code("initial_state")),
        notes=(f"Since {sub('h', 0)} = 0, step 1 adds exactly 0 to ∂L/∂{of('W_hh')} (E29).",) if zero else (),
    )  # fmt: skip


def many(run: Run, part: Part, title: str, what: str, values, scale: float | None) -> Inspection:  # type: ignore[no-untyped-def]
    """A whole vector: every number opens."""
    numbers = [f"{part.kind}-{part.t}.{k}" for k in range(len(values))]
    grid = cells(numbers, values, min(4, len(values)), f"{part.kind} at step {part.t}", scale)
    return Inspection(part.text, title, what, **at(run, part.t), blocks=(Block(f"{len(values)} units", "", (), grid),))


def word_part(run: Run, part: Part) -> Inspection:
    """x_t: a word as a one-hot code."""
    t = part.t
    hot, size = run.ids[t - 1], len(run.vocabulary)
    shown = " ".join("1" if k == hot else "0" for k in range(size)) if size <= 24 else f"a 1 at place {hot + 1}, {size - 1} zeros"
    typed, token = run.words[t - 1], run.tokens[t - 1]
    folded = () if typed == token else (f"Typed {named(typed)}, read as {named(token)}: upper and lower case count as one word.",)
    row_of = run.parameters[CHAIN]["W_xh"][hot]
    grid = cells([f"W_xh-{hot}.{k}" for k in range(len(row_of))], row_of, min(4, len(row_of)), "row of W_xh", FORWARD_SCALE, trim=True)
    return Inspection(
        part.text, f"{quoted(run, t)} as numbers",
        f"Word {t} of the sentence is word {hot + 1} of the {size} in the vocabulary: its code has a single 1, so it picks row {hot + 1} "
        f"of {of('W_xh')}.",
        **at(run, t), formulas=(display(var("x", t), var("W", "xh"), op("="), vector(row_of, "f")),),
        blocks=(Block("The code", "fw", (Line(sub("x", t), shown),)), Block(f"The row it picks from {of('W_xh')}", "wt", (), grid)),
        names=Names(f"x<sub>1{t}</sub>", f"x<sub>{t}</sub>, row {hot + 1}", code(f"x[{t - 1}]"), code(f"x[0, {t - 1}]")), notes=folded,
    )  # fmt: skip


def addend(run: Run, part: Part) -> Inspection:
    """One of the terms of a_t: the word's row, the state's product, the bias."""
    t, i = part.t, part.column
    forward = run.forward
    if i < 0:
        bias = run.parameters[CHAIN].get("b_h")
        values = {"xw": forward.input_term[t - 1], "hw": forward.recurrent_term[t - 1], "bb": bias}[part.kind]
        return many(run, part, f"A term of {sub('a', t)}", f"One of the terms that add up to {sub('a', t)}.", values, FORWARD_SCALE)
    return {"xw": _row_term, "hw": _memory_term, "bb": _bias_term}[part.kind](run, part, t, i)


def _row_term(run: Run, part: Part, t: int, i: int) -> Inspection:
    hot, value = run.ids[t - 1], float(run.forward.input_term[t - 1, i])
    return Inspection(
        part.text, f"{sub('x', t)} {of('W_xh')}, unit {i + 1}",
        f"What the word {quoted(run, t)} says to unit {i + 1}: entry {i + 1} of its row of {of('W_xh')}.", **at(run, t),
        formulas=(display(row(var("x", t), var("W", "xh")), op("="), num(1), op("·"), num(value), op("="), num(value, "f")),),
        blocks=(forward_block(run, t, i),), names=Names(f"x<sub>1{t}</sub> · w<sub>i</sub>", f"x<sub>{t}</sub> W<sub>xh</sub>",
        code(f"x[{t - 1}] @ rnn.weight_ih_l0[{i}]")),
        notes=(f"It is the weight in row {hot + 1}, column {i + 1} itself: the code’s other places are 0.",),
    )  # fmt: skip


def _memory_term(run: Run, part: Part, t: int, i: int) -> Inspection:
    before, column = run.forward.h_prev[t - 1], run.parameters[CHAIN]["W_hh"][:, i]
    value = float(run.forward.recurrent_term[t - 1, i])
    terms = [(f"{'+ ' if k else ''}{sub('h', f'{t - 1},{k + 1}')} · {of('W_hh')}[{k + 1}, {i + 1}]", float(before[k] * column[k]),
              f"W_hh-{k}.{i}") for k in range(len(before))]  # fmt: skip
    return Inspection(
        part.text, f"{sub('h', t - 1)} {of('W_hh')}, unit {i + 1}",
        f"What the network remembers from before {quoted(run, t)}, as unit {i + 1} hears it: every old unit times its weight.", **at(run, t),
        formulas=(display(row(var("h", t - 1), var("W", "hh")), op("="), vector(before, "f"), upright(column), op("="), num(value, "f")),),
        blocks=(Block("Forward", "fw", (*summands(terms), line("sum", value, strong=True))),),
        names=Names(f"O<sub>{t - 1}</sub> · w<sub>h</sub>", f"h<sub>{t - 1}</sub> W<sub>hh</sub>",
                    code(f"output[{t - 2}] @ rnn.weight_hh_l0[{i}]") if t > 1 else code(f"h_0 @ rnn.weight_hh_l0[{i}]")),
    )  # fmt: skip


def _bias_term(run: Run, part: Part, t: int, i: int) -> Inspection:
    place = biased(run, t)
    return Inspection(
        part.text, f"{of('b_h')}, unit {i + 1}, at step {t}", f"The bias of unit {i + 1}: added {place} f, the same number at every step.",
        **at(run, t), blocks=(forward_block(run, t, i),),
        names=Names(f"b<sub>{t}</sub>", f"b<sub>h</sub>[{i + 1}]", code(f"rnn.bias_ih_l0[{i}] + rnn.bias_hh_l0[{i}]"), code(f"bias[{i}]")),
        notes=("E2: the notes write a bias for each step (b₁, b₂, b₃). It is one vector with an entry for each unit, shared by all steps.",
               *_bias_note(run, t)),
    )  # fmt: skip


def blame(run: Run, part: Part) -> Inspection:
    """dL/dh_t, f′(a_t) or delta_t."""
    t, i = part.t, part.column
    back = run.backward
    if i < 0:
        values = {"dh": back.d_h, "fp": back.slope, "da": back.d_preactivation}[part.kind][t - 1]
        scale = None if part.kind == "fp" else GRADIENT_SCALE
        return many(run, part, f"{_blamed(part.kind, t)} at {quoted(run, t)}", f"{_blamed(part.kind, t)}, an entry for each unit.", values, scale)
    return {"dh": _on_state, "fp": _slope, "da": _delta}[part.kind](run, part, t, i)


def _blamed(kind: str, t: int) -> str:
    return {"dh": f"∂L/∂{sub('h', t)}", "fp": f"f′({sub('a', t)})", "da": sub("δ", t)}[kind]


def _on_state(run: Run, part: Part, t: int, i: int) -> Inspection:
    back, steps, value = run.backward, len(run.words), float(run.backward.d_h[t - 1, i])
    if t == steps:
        d_z, weight = float(back.d_logit[0]), float(run.parameters["readout"]["W_hy"][i, 0])
        lines: tuple[Line, ...] = (line("∂L/∂z", d_z, "dz.0"), line(f"× {of('W_hy')}[{i + 1}]", weight, f"W_hy-{i}.0"))
        formula = display(d("<mi>L</mi>", var("h", f"{t},{i + 1}")), op("="), num(d_z, "b"), op("·"), num(weight), op("="), num(value, "b"))
        from_where = "It comes straight from the output, through the one weight that carried this unit out."
        note = (
            f"E13: ∂L/∂ŷ = {long(float(back.d_y_hat[0]))} is one number, ∂L/∂{sub('h', t)} a vector with {len(back.d_h[0])} entries. The notes "
            f"set them equal; between them stands ∂ŷ/∂{sub('h', t)}, here {long(output_slope(run) * weight)} for this unit.",
        )  # fmt: skip
    else:
        later, weights = back.d_preactivation[t], run.parameters[CHAIN]["W_hh"][i]
        lines = summands([(f"{'+ ' if k else ''}{sub('δ', f'{t + 1},{k + 1}')} · {of('W_hh')}[{i + 1}, {k + 1}]", float(later[k] * weights[k]),
                           f"da-{t + 1}.{k}") for k in range(len(later))])  # fmt: skip
        formula = display(d("<mi>L</mi>", var("h", f"{t},{i + 1}")), op("="), vector(later, "b"), upright(weights), op("="), num(value, "b"))
        from_where = f"It comes from step {t + 1}: every unit there that listened to this one sends its share back."
        note = ()
    return Inspection(
        part.text, f"∂L/∂{sub('h', t)}, unit {i + 1}",
        f"How much the loss would change if unit {i + 1} after {quoted(run, t)} were a little larger. {from_where}", **at(run, t),
        formulas=(formula,), blocks=(Block("Backward", "bw", (*lines, line(f"= ∂L/∂{sub('h', t)}", value, strong=True))), backward_block(run, t, i)),
        proof=nudging.proof(f"∂L/∂{sub('h', t)}", value, nudging.of_state(run, t, i), f"{sub('h', t)} of this unit moved up and down"),
        names=blame_names(run, "dh", t, i), notes=note,
    )  # fmt: skip


def _slope(run: Run, part: Part, t: int, i: int) -> Inspection:
    activation, forward = run.experiment.activation, run.forward
    a, y, value = float(forward.preactivation[t - 1, i]), float(forward.activated[t - 1, i]), float(run.backward.slope[t - 1, i])
    largest = ACTIVATIONS[activation].largest_slope
    symbolic = row(var("f", "", "′"), op("("), var("a", f"{t},{i + 1}"), op(")"))
    numbers = {"tanh": row(num(1), op("−"), f"<msup>{row(op('('), num(y), op(')'))}<mn>2</mn></msup>"),
               "sigmoid": row(num(y), op("("), num(1), op("−"), num(y), op(")"))}.get(activation)  # fmt: skip
    middle = (op("="), numbers) if numbers else ()
    return Inspection(
        part.text, f"f′({sub('a', t)}), unit {i + 1}",
        f"The slope of f where unit {i + 1} stands at {quoted(run, t)}. The gradient is multiplied by it on its way back.", **at(run, t),
        formulas=(display(symbolic, *middle, op("="), num(value)),), blocks=(backward_block(run, t, i),),
        curve=curve(activation, a, y, value), names=blame_names(run, "fp", t, i),
        notes=(
            f"E15: f′ of {FUNCTION[activation]} is never above {largest:g}, so f alone never makes a gradient explode; {of('W_hh')} can. "
            "The notes blame ReLU’s derivative, which is 0 or 1.",
            *_bias_note(run, t)[:1 if biased(run, t) == "outside" else 0],
        ),
    )  # fmt: skip


def _delta(run: Run, part: Part, t: int, i: int) -> Inspection:
    back = run.backward
    d_h, slope, value = float(back.d_h[t - 1, i]), float(back.slope[t - 1, i]), float(back.d_preactivation[t - 1, i])
    formula = display(var("δ", f"{t},{i + 1}"), op("="), d("<mi>L</mi>", var("a", f"{t},{i + 1}")), op("="), num(d_h, "b"), op("·"), num(slope),
                      op("="), num(value, "b"))  # fmt: skip
    return Inspection(
        part.text, f"{sub('δ', t)}, unit {i + 1}",
        f"What unit {i + 1} is blamed for at {quoted(run, t)}, before f: the right factor of every weight that leads into it.", **at(run, t),
        formulas=(formula,), blocks=(backward_block(run, t, i),),
        proof=nudging.proof(f"∂L/∂{sub('a', t)}", value, nudging.of_preactivation(run, t, i), f"{sub('a', t)} of this unit moved up and down"),
        names=blame_names(run, "da", t, i),
    )  # fmt: skip


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
        return many(run, part, f"{sub(letter, t)} on the second reading", f"{sub(letter, t)} with the new weights.", shown[t - 1], FORWARD_SCALE)
    old = float(was[t - 1, i])
    lines = [line("first reading", old, f"{letter}-{t}.{i}")]
    if now is not None:
        new = float(now[t - 1, i])
        lines += [line("second reading", new, strong=True), line("change", new - old)]
    return Inspection(
        part.text, f"{sub(letter, t)}, unit {i + 1}, read again",
        f"The same words through the new weights: unit {i + 1} at {quoted(run, t)} before and after the update.", **at(run, t),
        blocks=(Block("Forward, twice", "fw", tuple(lines)),), names=state_names(run, letter, t, i),
    )  # fmt: skip
