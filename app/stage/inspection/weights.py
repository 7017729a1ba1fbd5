"""Single weights: their value, gradient, step and new value, and the form that types one over."""

import numpy as np
from numpy.typing import NDArray

from app.experiments.query import to_query
from app.experiments.run import Run
from app.numerals import long, tint
from app.stage.formulas import num, op, row, times, var
from app.stage.inspection import nudging
from app.stage.inspection.contents import Block, Edit, Inspection, Line, Term, display, line, named, of, sub
from app.stage.inspection.part import CHAIN, Part
from app.stage.inspection.tongues import gradient_names, weight_names
from app.stage.ledger_chain import by_weight, symbol
from app.stage.ledger_notes import slopes_told, state_moves


def entry_of(values: NDArray[np.float64], name: str, row_: int, column: int) -> float:
    return float(values[column] if values.ndim == 1 else values[row_, column])


def place(run: Run, name: str, row_: int, column: int) -> str:
    """Which entry, in words: from what to what."""
    if name == "W_xh":
        return f"from {named(run.vocabulary[row_])} to unit {column + 1}"
    if name == "W_hh":
        return f"from unit {row_ + 1} to unit {column + 1} of the next step"
    if name == "W_hy":
        return f"from unit {row_ + 1} to the output"
    return f"of unit {column + 1}" if name == "b_h" else "of the output"


def entry(run: Run, part: Part) -> Inspection:
    """A weight, its gradient, its step or its new value: one number seen from four sides."""
    kind = "tot" if part.kind == "g" else part.kind
    name, i, j = part.name, part.row, part.column
    weight = entry_of(run.parameters[part.group][name], name, i, j)
    total = entry_of(run.gradients[part.group][name].total, name, i, j)
    scale = run.update.clip_scale
    step = -run.experiment.learning_rate * scale * total
    title = {"": "Weight", "tot": "Gradient", "step": "Step", "new": "New weight"}[kind]
    gradient = f"∂L/∂{of(name)}"
    return Inspection(
        part.text,
        f"{title} {entry_name(name, i, j)}",
        _what(run, kind, name, i, j),
        formulas=tuple(_formulas(run, kind, name, weight, total, step)),
        blocks=(Block("Weight and step", "wt", tuple(_lines(run, part, weight, total, step))),),
        terms=terms(run, name, i, j) if part.group == CHAIN else (),
        terms_heading=f"{gradient} here: one number from each step" if part.group == CHAIN else "",
        terms_note=_terms_note(run, name, i, j, total),
        proof=nudging.proof(
            f"{gradient}, this entry",
            total,
            nudging.of_weight(run, name, i, j),
            "this one shared weight moved up and down",
        ),
        names=gradient_names(run, name, i, j) if kind in ("tot", "step") else weight_names(run, name, i, j),
        notes=tuple(_notes(run, name, kind)),
        edit=_edit(run, part, weight),
    )


def entry_name(name: str, row_: int, column: int) -> str:
    index = f"{column + 1}" if name.startswith("b_") else f"{row_ + 1}, {column + 1}"
    return f"{of(name)}[{index}]"


def _what(run: Run, kind: str, name: str, i: int, j: int) -> str:
    where, steps = place(run, name, i, j), len(run.words)
    if kind == "tot":
        return (
            f"How the loss changes with the weight {where}: the sum of what every step adds."
            if name not in ("W_hy", "b_y")
            else (
                f"How the loss changes with the weight {where}. It acts once, so its gradient arrives whole."
            )
        )
    if kind == "step":
        return f"What the update adds to the weight {where}: against the gradient, scaled by η."
    if kind == "new":
        return f"The weight {where} after one update."
    if name == "W_xh":
        used = run.ids.count(i)
        times = (
            "not used by this sentence, so its gradient is exactly 0"
            if not used
            else f"used {used} time{'s' if used > 1 else ''} in this sentence"
        )
        return f"The weight {where}: {times}."
    thing = "bias" if name.startswith("b_") else "weight"
    shared = (
        f"one number, shared by all {steps} steps"
        if name in ("W_hh", "b_h")
        else "used once, after the last word"
    )
    return f"The {thing} {where}: {shared}."


def _formulas(run: Run, kind: str, name: str, weight: float, total: float, step: float) -> list[str]:
    eta, scale = run.experiment.learning_rate, run.update.clip_scale
    clip = (op("·"), num(scale)) if scale < 1.0 else ()
    if kind in ("step", "new", ""):
        return [
            display(
                symbol(name),
                op("←"),
                symbol(name),
                op("−"),
                var("η"),
                by_weight(name),
                op("="),
                num(weight),
                op("−"),
                num(eta),
                *clip,
                op("·"),
                times(total, "b"),
                op("="),
                num(weight + step, "f"),
            )
        ]
    if name == "W_hy":
        return [
            display(
                by_weight(name),
                op("="),
                var("h", len(run.words), "⊤"),
                op("·"),
                f"<mfrac>{row('<mo>∂</mo><mi>L</mi>')}{row('<mo>∂</mo><mi>z</mi>')}</mfrac>",
                op("="),
                num(total, "b"),
            )
        ]
    return []


def _lines(run: Run, part: Part, weight: float, total: float, step: float) -> list[Line]:
    name, spot = part.name, f"{part.row}.{part.column}"
    source = run.weights_from.get(f"{part.group}.{name}", "")
    lines = [
        Line(f"{of(name)} <small>({source})</small>" if source else of(name), long(weight), f"{name}-{spot}"),
        line(f"∂L/∂{of(name)}", total, f"tot-{name}-{spot}"),
    ]
    if run.update.clip_scale < 1.0:
        lines.append(line("clipped, all of it ×", run.update.clip_scale))
    lines.append(
        line(f"−η × gradient, η = {long(run.experiment.learning_rate)}", step, f"step-{name}-{spot}")
    )
    lines.append(line("new value", weight + step, f"new-{name}-{spot}", strong=True))
    return lines


def terms(run: Run, name: str, i: int, j: int) -> tuple[Term, ...]:
    """What each step adds to one entry, the last step first; for W_xh the steps that read its word."""
    outer, steps = run.gradients[CHAIN][name], len(run.words)
    right = outer.right[:, 0, j]
    found = []
    for t in range(steps, 0, -1):
        if name == "W_xh" and run.ids[t - 1] != i:
            continue
        left = float(run.forward.h_prev[t - 1, i]) if name == "W_hh" else 1.0
        spot = f"in-W_hh-{t}-{i}.{j}" if name == "W_hh" else f"in-{name}-{t}.{j}"
        found.append(Term(t, tint(t, steps), long(left * float(right[t - 1]) + 0.0), spot))
    return tuple(found)


def _terms_note(run: Run, name: str, i: int, j: int, total: float) -> str:
    if name in ("W_hy", "b_y"):
        return ""
    silent = len(run.words) - run.ids.count(i) if name == "W_xh" else 0
    others = (
        "The other step reads another word and adds"
        if silent == 1
        else (f"The other {silent} steps read other words and add")
    )
    rest = f" {others} exactly 0." if silent else ""
    return f"Together: <b>{long(total)}</b>.{rest}"


def _notes(run: Run, name: str, kind: str) -> list[str]:
    if name == "W_xh":
        return [
            "E12: w<sub>i</sub><sup>0</sup>, w<sub>i</sub><sup>1</sup>, w<sub>i</sub><sup>2</sup> of the "
            "notes are one matrix; its copies "
            "exist in the derivation only.",
            "A row of W<sub>xh</sub> hears its own word alone: all other steps add 0 to it.",
        ]
    if name == "W_hh":
        silent = not run.forward.h_prev[0].any()
        return [f"E29: {sub('h', 0)} = 0, so step 1 adds exactly 0."] if silent else []
    if name == "b_h":
        return ["E2: one bias for each unit, shared by all steps, not one for each step."]
    moved = state_moves(run, name)
    shown = slopes_told(run, name)
    steps = len(run.words)
    zero = "exactly 0" if moved == 0.0 else long(moved)
    return [
        f"E7: {sub('h', steps)} does not depend on {of(name)}: by finite difference "
        f"∂{sub('h', steps)}/∂{of(name)} = {zero}. "
        f"The notes’ box holds that factor; the chain is ∂L/∂ŷ · ∂ŷ/∂{of(name)} with ∂ŷ/∂{of(name)} = "
        f"[{shown}]."
    ]


def _edit(run: Run, part: Part, weight: float) -> Edit | None:
    """The form for this weight, with the way back when it was typed over before."""
    experiment = run.experiment
    name = f"{part.group}.{part.name}"
    index = (part.column,) if part.name.startswith("b_") else (part.row, part.column)
    kept = tuple(edit for edit in experiment.edits if not (edit.name == name and edit.index == index))
    undo = to_query(experiment.changed(edits=kept)) if len(kept) < len(experiment.edits) else ""
    label = f"New value for {part.name}[{', '.join(str(k + 1) for k in index)}]"
    return Edit(name, ".".join(map(str, index)), repr(weight), label, undo)
