"""What lies between the units: bundles of edges, the pulse, the Jacobians, and the folded network."""

from app.engine.network import Array
from app.experiments.run import Run
from app.numerals import long
from app.stage.formulas import d, num, op, row, times, var
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
    quoted,
    sub,
)
from app.stage.inspection.matrices import matrix
from app.stage.inspection.part import CHAIN, Part
from app.stage.inspection.tongues import by_role
from app.stage.ledger_cells import cells
from app.stage.ledger_notes import size
from app.stage.ledger_rows import local_jacobian
from app.stage.numbers import FORWARD_SCALE

SHOWN = 8


def edge(run: Run, part: Part) -> Inspection:
    """The bundle h_{t-1} -> a_t: the entries of W_hh."""
    t = part.t
    whole = matrix(run, Part(part.text, "matrix", "", "W_hh", 0, -1, -1))
    units = run.experiment.hidden_size
    zero = not run.forward.h_prev[t - 1].any()
    return Inspection(
        part.text,
        f"{sub('h', t - 1)} → {sub('a', t)}, through {of('W_hh')}",
        f"{units * units} edge{'s' if units > 1 else ''}: every unit of the state before {quoted(run, t)} "
        "feeds every unit of this step. "
        "Each carries one entry of the same matrix at every step.",
        when=at(run, t),
        blocks=whole.blocks,
        names=Names(
            "w<sub>h</sub>",
            "W<sub>hh</sub>",
            code("rnn.weight_hh_l0") + ", transposed",
            code("recurrent_kernel"),
        ),
        notes=(
            "E12: the notes draw a weight for each step; it is one matrix, cloned for the derivation.",
            *((f"{sub('h', t - 1)} = 0: nothing comes along these edges yet.",) if zero else ()),
            *whole.notes,
        ),
    )


def edge_out(run: Run, part: Part) -> Inspection:
    """The bundle h_T -> z: W_hy."""
    steps = len(run.words)
    whole = matrix(run, Part(part.text, "matrix", "", "W_hy", 0, -1, -1))
    return Inspection(
        part.text,
        f"{sub('h', steps)} → z, through {of('W_hy')}",
        "Only the last state reaches the output: many to one.",
        when=at(run, steps),
        blocks=whole.blocks,
        names=Names(
            "w<sub>k</sub>", "W<sub>hy</sub>", code("fc.weight") + ", transposed", code("dense.kernel")
        ),
        notes=whole.notes,
    )


def pulse(run: Run, part: Part) -> Inspection:
    """The size of the gradient at one step, before and after f′."""
    t, back = (part.t or len(run.words)), run.backward
    before, after = float(back.d_h_norm[t - 1]), float(back.d_preactivation_norm[t - 1])
    last = float(back.d_h_norm[-1])
    steps = len(run.words)
    lines = [line(f"‖∂L/∂{sub('h', t)}‖", before, strong=True), line(f"‖{sub('δ', t)}‖, after f′", after)]
    lines.append(line("f′ made it ×", after / before) if before > 0 else Line("f′ made it ×", "0 of 0"))
    if t < steps and last > 0:
        lines.append(line(f"of ‖∂L/∂{sub('h', steps)}‖", before / last))
    return Inspection(
        part.text,
        f"‖∂L/∂{sub('h', t)}‖, the pulse at {quoted(run, t)}",
        f"How much of the loss’s message reaches step {t}. The ribbon is 12 px wide for every factor of "
        "ten above .001.",
        when=at(run, t),
        blocks=(Block("Backward", "bw", tuple(lines)),),
        names=Names(f"‖∂L/∂{sub('O', t)}‖", f"‖∂L/∂{sub('h', t)}‖", "not kept"),
        notes=(
            "E16: when this vanishes, early words are not learned; that is why the network seems to have "
            "little memory.",
        ),
    )


def cross(run: Run, part: Part) -> Inspection:
    """The step back in time: delta_t through W_hh transposed."""
    t, back = part.t, run.backward
    before = float(back.d_preactivation_norm[t - 1])
    after = float(back.d_h_norm[t - 2]) if t > 1 else size(back.d_h_0)
    lines = [line(f"‖{sub('δ', t)}‖", before), line(f"‖∂L/∂{sub('h', t - 1)}‖", after, strong=True)]
    if before > 0:
        lines.append(line(f"{of('W_hh')}<sup>⊤</sup> made it ×", after / before))
    formula = display(d("<mi>L</mi>", var("h", t - 1)), op("="), var("δ", t), var("W", "hh", "⊤"))
    return Inspection(
        part.text,
        f"From step {t} back to step {t - 1}",
        f"What step {t} is blamed for crosses the recurrent weights the other way.",
        when=at(run, t),
        formulas=(formula,),
        blocks=(Block("Backward", "bw", tuple(lines)),),
        notes=(
            f"E15: this factor has no bound but the size of {of('W_hh')}; gradients explode here, not in f′.",
        ),
    )


def jacobian(run: Run, part: Part) -> Inspection:
    """An entry of ∂h_t/∂h_{t-1}, or all of it."""
    t, i, j = part.t, part.row, part.column
    whole = local_jacobian(run, t)
    title = f"∂{sub('h', t)}/∂{sub('h', t - 1)}"
    if i < 0:
        return _whole_jacobian(run, part, title, whole)
    value = float(whole[i, j])
    formula, lines = _jacobian_numbers(run, part, value)
    return Inspection(
        part.text,
        f"{title}, row {i + 1}, column {j + 1}",
        f"How much unit {i + 1} at {quoted(run, t)} moves when unit {j + 1} of the state before it does.",
        when=at(run, t),
        formulas=(formula,),
        blocks=(Block("Backward", "bw", lines),),
        proof=nudging.proof(
            f"{title}, this entry",
            value,
            nudging.state_by_state(run, t, i, j),
            f"unit {j + 1} of {sub('h', t - 1)} moved up and down",
        ),
        names=Names(
            f"∂O<sub>{t}</sub>/∂O<sub>{t - 1}</sub>",
            f"{title}[{i + 1}, {j + 1}]",
            code(f"torch.func.jacrev(cell, 1)(x[{t - 1}], h)[{i}, {j}]"),
        ),
        notes=(
            "E11: the notes multiply such factors as numbers. They are matrices, rows out, columns in: "
            "their order matters.",
            f"E15: two things decide its size, f′ and {of('W_hh')}, and only f′ has a bound.",
        ),
    )


def _jacobian_numbers(run: Run, part: Part, value: float) -> tuple[str, tuple[Line, ...]]:
    """f′(a_t)[i] W_hh[j, i], as a formula and line by line."""
    t, i, j = part.t, part.row, part.column
    slope, weight = float(run.backward.slope[t - 1, i]), float(run.parameters[CHAIN]["W_hh"][j, i])
    symbols = (var("f", "", "′"), op("("), var("a", f"{t},{i + 1}"), op(")"))
    formula = display(
        d(var("h", f"{t},{i + 1}"), var("h", f"{t - 1},{j + 1}")),
        op("="),
        *symbols,
        op("·"),
        var("W", f"hh,{j + 1}{i + 1}"),
        op("="),
        num(slope),
        op("·"),
        times(weight),
        op("="),
        num(value),
    )
    return formula, (
        line(f"f′({sub('a', t)}), unit {i + 1}", slope, f"fp-{t}.{i}"),
        line(f"× {of('W_hh')}[{j + 1}, {i + 1}]", weight, f"W_hh-{j}.{i}"),
        line("= this entry", value, strong=True),
    )


def _whole_jacobian(run: Run, part: Part, title: str, whole: Array) -> Inspection:
    t, units = part.t, len(whole)
    shown = whole[:SHOWN, :SHOWN]
    rows = [
        cells([f"jac-{t}.{i}.{j}" for j in range(len(v))], v, min(4, len(v)), f"row {i + 1}", FORWARD_SCALE)
        for i, v in enumerate(shown)
    ]
    grid = "".join(f'<span class="line"><small>{i}</small> {html}</span>' for i, html in enumerate(rows, 1))
    note = (f"Shown are {SHOWN} by {SHOWN} of {units} by {units}.",) if units > SHOWN else ()
    return Inspection(
        part.text,
        title,
        f"How the state at {quoted(run, t)} moves with the one before: diag(f′) {of('W_hh')}<sup>⊤</sup>.",
        when=at(run, t),
        blocks=(Block("Open any number", "bw", (), grid),),
        notes=note,
    )


def fold(run: Run, part: Part) -> Inspection:
    """The folded network and its parameters."""
    counts = run.parameter_count
    lines = []
    for names in run.parameters.values():
        for name, value in names.items():
            shape = " × ".join(str(n) for n in value.shape)
            lines.append(Line(f"{of(name)}, {shape}", str(value.size), f"{name}-all"))
    lines.append(Line("parameters in all", str(counts["total"]), strong=True))
    steps = len(run.words)
    sums = row(var("x", "t"), var("W", "xh"), op("+"), var("h", "t−1"), var("W", "hh"))
    bias = run.experiment.bias
    inside = row(sums, op("+"), var("b", "h")) if bias == "inside" else sums
    tail = (op("+"), var("b", "h")) if bias in ("outside", "mixed") else ()
    return Inspection(
        part.text,
        "The network, folded",
        f"One cell that hands its state to itself. Unrolled, it is {steps} "
        f"cop{'ies' if steps > 1 else 'y'} of the "
        "same cell with the same numbers.",
        formulas=(display(var("h", "t"), op("="), var("f"), op("("), inside, op(")"), *tail),),
        blocks=(Block("What it has to learn", "wt", tuple(lines)),),
        names=Names(
            "RNN with F, w<sub>i</sub>, w<sub>h</sub>, w<sub>k</sub>",
            "Elman cell",
            by_role(run, code("nn.RNN(V, H)") + " and " + code("nn.Linear(H, 1)")),
            code("SimpleRNN(H)") + " and " + code("Dense(1)"),
        ),
        notes=(
            "E1: the notes add 15 + 9 + 3 + 4 and write 32; it is 31. This network has "
            f"{counts['total']}, for any sentence of these words. "
            f"PyTorch’s cell has two biases, {long(float(run.experiment.hidden_size))} more numbers.",
        ),
    )
