"""What lies between the units: bundles of edges, the pulse, the Jacobians, and the folded network."""

from app.engine.network import Array
from app.experiments.run import Run
from app.stage.chains import Chain, chains_of
from app.stage.formulas import d, num, op, row, times, var
from app.stage.gates import letter
from app.stage.inspection import nudging
from app.stage.inspection.blocks import place
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Line,
    Names,
    at,
    code,
    display,
    line,
    quoted,
    sub,
)
from app.stage.inspection.matrices import matrix
from app.stage.inspection.part import Part
from app.stage.inspection.tongues import UNNAMED, module
from app.stage.ledger_cells import cells
from app.stage.ledger_notes import read_last, size
from app.stage.numbers import FORWARD_SCALE

SHOWN = 8


def edge(run: Run, part: Part) -> Inspection:
    """The bundle h_{t-1} -> a_t: the entries of W_hh, or of the W_h of every gate."""
    chain, t = part.of(run), part.t
    states = [weight for weight in chain.weights.values() if weight.role == "state"]
    wholes = [matrix(run, Part(part.text, "matrix", "", weight.key, 0, -1, -1)) for weight in states]
    count = chain.hidden * chain.hidden * len(states)
    before, named = chain.lane.said("h", chain.lane.before(t)), ", ".join(weight.symbol for weight in states)
    zero = not chain.forward.h_prev[t - 1].any()
    end = "_reverse" if chain.lane.reverse else ""
    where = "after" if chain.lane.reverse else "before"
    return Inspection(
        part.text,
        f"{before} → {chain.lane.said('a', t)}, through {named}",
        f"{count} edge{'s' if count > 1 else ''}: every unit of the state {where} {quoted(run, t)} "
        f"feeds every {'gate of every ' if chain.gated else ''}unit of this step. "
        "Each carries one entry of the same matrix at every step.",
        when=at(run, t),
        blocks=tuple(block for whole in wholes for block in whole.blocks),
        names=Names(
            "w<sub>h</sub>" if chain.alone and not chain.gated else UNNAMED,
            named,
            code(f"{module(run)}.weight_hh_l0{end}") + ", transposed",
            code("recurrent_kernel"),
        ),
        notes=(
            "E12: the notes draw a weight for each step; it is one matrix, cloned for the derivation.",
            *((f"{before} = 0: nothing comes along these edges yet.",) if zero else ()),
            *wholes[0].notes,
        ),
    )


def edge_out(run: Run, part: Part) -> Inspection:
    """The bundle h_T -> z: W_hy."""
    steps = len(run.words)
    whole = matrix(run, Part(part.text, "matrix", "", "W_hy", 0, -1, -1))
    both = len(chains_of(run)) > 1
    slip = (
        "E22: each chain is read after its last word: the right-to-left one at step 1. At step "
        f"{steps} it has read one word only.",
    )
    return Inspection(
        part.text,
        f"{read_last(run)} → z, through W<sub>hy</sub>",
        "The last state of each chain reaches the output: many to one."
        if both
        else "Only the last state reaches the output: many to one.",
        when=at(run, steps),
        blocks=whole.blocks,
        names=Names(
            "w<sub>k</sub>", "W<sub>hy</sub>", code("fc.weight") + ", transposed", code("dense.kernel")
        ),
        notes=(*whole.notes, *(slip if both else ())),
    )


def pulse(run: Run, part: Part) -> Inspection:
    """The size of the gradient at one step, before and after the cell."""
    chain = part.of(run)
    t, back, lane = (part.t or chain.lane.last), chain.backward, chain.lane
    before, after = float(back.d_h_norm[t - 1]), float(back.d_preactivation_norm[t - 1])
    last, name = float(back.d_h_norm[lane.last - 1]), f"‖∂L/∂{lane.said('h', t)}‖"
    through = "the gates" if chain.gated else "f′"
    lines = [line(name, before, strong=True), line(f"‖{lane.said('δ', t)}‖, after {through}", after)]
    verb = "made it ×"
    lines.append(
        line(f"{through} {verb}", after / before) if before > 0 else Line(f"{through} {verb}", "0 of 0")
    )
    if t != lane.last and last > 0:
        lines.append(line(f"of ‖∂L/∂{lane.said('h', lane.last)}‖", before / last))
    return Inspection(
        part.text,
        f"{name}, the pulse at {quoted(run, t)}",
        f"How much of the loss’s message reaches step {t}. The ribbon is 12 px wide for every factor of "
        "ten above .001.",
        when=at(run, t),
        blocks=(Block("Backward", "bw", tuple(lines)), *_road_block(chain, t)),
        names=Names(f"‖∂L/∂{sub('O', t)}‖" if chain.alone and not chain.gated else UNNAMED, name, "not kept"),
        notes=(
            "E16: when this vanishes, early words are not learned; that is why the network seems to have "
            "little memory.",
        ),
    )


def _road_block(chain: Chain, t: int) -> list[Block]:
    """Of a cell that remembers: the road beside the whole way."""
    highway = chain.forward.highway
    if highway is None:
        return []
    lane = chain.lane
    name = f"Πf from step {t} to step {lane.last}"
    lines = [line(f"{name}, unit {k + 1}", float(v)) for k, v in enumerate(highway[t - 1][:SHOWN])]
    whole = f"‖∂{lane.said('h', lane.last)}/∂{lane.said('h', t)}‖, road and gates"
    return [Block("The road alone", "bw", (*lines, line(whole, float(chain.backward.dhT_dh_norm[t - 1]))))]


def cross(run: Run, part: Part) -> Inspection:
    """The step back in time: delta_t through W_hh transposed, and past the cell where there is a road."""
    chain, t = part.of(run), part.t
    lane, back = chain.lane, chain.backward
    earlier = lane.before(t)
    before = float(back.d_preactivation_norm[t - 1])
    after = float(back.d_h_norm[earlier - 1]) if earlier != lane.origin else size(back.d_h_0)
    named = ", ".join(weight.symbol for weight in chain.weights.values() if weight.role == "state")
    lines = [
        line(f"‖{lane.said('δ', t)}‖", before),
        line(f"‖∂L/∂{lane.said('h', earlier)}‖", after, strong=True),
    ]
    if before > 0 and not chain.gated:
        lines.append(line(f"{named}<sup>⊤</sup> made it ×", after / before))
    formula = display(d("<mi>L</mi>", lane.var("h", earlier)), op("="), *_crossing(chain, t, earlier))
    return Inspection(
        part.text,
        f"From step {t} back to step {earlier}",
        f"What step {t} is blamed for crosses the recurrent weights the other way.",
        when=at(run, t),
        formulas=(formula,),
        blocks=(Block("Backward", "bw", tuple(lines)),),
        notes=(f"E15: this factor has no bound but the size of {named}; gradients explode here, not in f′.",),
    )


def _crossing(chain: Chain, t: int, earlier: int) -> list[str]:
    """The terms of dL/dh_{t-1}."""
    lane, found = chain.lane, []
    for k in range(chain.cell.gates):
        weight, above = chain.weights["state", k], "u" if k == chain.cell.apart else letter(chain, k)
        found += [
            *([op("+")] if k else []),
            row(lane.var("δ", t, above), var(weight.letter, weight.index, "⊤")),
        ]
    if not chain.cell.remembers and chain.cell.road is not None:
        kept = lane.var(letter(chain, chain.cell.road), t)
        found += [op("+"), d("<mi>L</mi>", lane.var("h", t)), op("·"), kept]
    if chain.per_step and earlier != lane.origin:
        found += [op("+"), d(var("L", earlier), lane.var("h", earlier))]
    return found


def jacobian(run: Run, part: Part) -> Inspection:
    """An entry of ∂h_t/∂h_{t-1}, or all of it."""
    chain, t, i, j = part.of(run), part.t, part.row, part.column
    lane, whole = chain.lane, chain.jacobian(t)
    now, before = lane.said("h", t), lane.said("h", lane.before(t))
    title = f"∂{now}/∂{before}"
    if i < 0:
        return _whole_jacobian(chain, part, title, whole)
    value = float(whole[i, j])
    formulas, lines = (
        _jacobian_numbers(chain, part, value) if not chain.gated else ((), _by_gates(chain, part, value))
    )
    torch = code(f"torch.func.jacrev(cell, 1)(x[{t - 1}], h)[{i}, {j}]")
    alone = chain.alone and not chain.gated
    return Inspection(
        part.text,
        f"{title}, row {i + 1}, column {j + 1}",
        f"How much unit {i + 1} at {quoted(run, t)} moves when unit {j + 1} of the state before it does"
        f"{', the cell state held' if chain.cell.remembers else ''}.",
        when=at(run, t),
        formulas=formulas,
        blocks=(Block("Backward", "bw", lines),),
        proof=nudging.proof(
            f"{title}, this entry",
            value,
            nudging.state_by_state(chain, t, i, j),
            f"unit {j + 1} of {before} moved up and down",
        ),
        names=Names(
            f"∂O<sub>{t}</sub>/∂O<sub>{t - 1}</sub>" if alone else UNNAMED,
            f"{title}[{i + 1}, {j + 1}]",
            torch,
        ),
        notes=(
            "E11: the notes multiply such factors as numbers. They are matrices, rows out, columns in: "
            "their order matters.",
            "E15: two things decide its size, f′ and the recurrent weights, and only f′ has a bound.",
        ),
    )


def _by_gates(chain: Chain, part: Part, value: float) -> tuple[Line, ...]:
    """What each gate's W_h holds for this entry."""
    i, j = part.row, part.column
    lines = [
        line(
            f"{weight.symbol}[{j + 1}, {i + 1}]",
            float(chain.matrix("state", k)[j, i]),
            f"{weight.key}-{j}.{i}",
        )
        for (role, k), weight in chain.weights.items()
        if role == "state"
    ]
    if not chain.cell.remembers and chain.cell.road is not None and i == j:
        name = letter(chain, chain.cell.road)
        kept = float(chain.array("gate", chain.cell.road)[part.t - 1, i])
        said = f"{chain.lane.said(name, part.t)}, the way past the gates"
        lines.append(line(said, kept, place(chain, f"gate_{name}", part.t, i)))
    return (*lines, line("through all gates: this entry", value, strong=True))


def _jacobian_numbers(chain: Chain, part: Part, value: float) -> tuple[tuple[str, ...], tuple[Line, ...]]:
    """f′(a_t)[i] W_hh[j, i], as a formula and line by line."""
    t, i, j, lane, states = part.t, part.row, part.column, chain.lane, chain.weights["state", 0]
    slope, weight = float(chain.array("fp")[t - 1, i]), float(chain.matrix("state")[j, i])
    symbols = (var("f", "", "′"), op("("), lane.var("a", f"{t},{i + 1}"), op(")"))
    formula = display(
        d(lane.var("h", f"{t},{i + 1}"), lane.var("h", f"{lane.before(t)},{j + 1}")),
        op("="),
        *symbols,
        op("·"),
        var(states.letter, f"hh,{j + 1}{i + 1}"),
        op("="),
        num(slope),
        op("·"),
        times(weight),
        op("="),
        num(value),
    )
    return (formula,), (
        line(f"f′({lane.said('a', t)}), unit {i + 1}", slope, place(chain, "fp", t, i)),
        line(f"× {states.symbol}[{j + 1}, {i + 1}]", weight, f"{states.key}-{j}.{i}"),
        line("= this entry", value, strong=True),
    )


def _whole_jacobian(chain: Chain, part: Part, title: str, whole: Array) -> Inspection:
    t, units, run = part.t, len(whole), chain.run
    made = (
        "through every gate, and past them"
        if chain.gated
        else f"diag(f′) {chain.weights['state', 0].symbol}<sup>⊤</sup>"
    )
    shown = whole[:SHOWN, :SHOWN]
    rows = [
        cells(
            [f"{chain.lane.name('jac', t)}.{i}.{j}" for j in range(len(v))],
            v,
            min(4, len(v)),
            f"row {i + 1}",
            FORWARD_SCALE,
        )
        for i, v in enumerate(shown)
    ]
    grid = "".join(f'<span class="line"><small>{i}</small> {html}</span>' for i, html in enumerate(rows, 1))
    note = (f"Shown are {SHOWN} by {SHOWN} of {units} by {units}.",) if units > SHOWN else ()
    return Inspection(
        part.text,
        title,
        f"How the state at {quoted(run, t)} moves with the one before: {made}.",
        when=at(run, t),
        blocks=(Block("Open any number", "bw", (), grid),),
        notes=note,
    )
