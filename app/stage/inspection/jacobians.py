"""The Jacobian of a step: how the state moves with the one before."""

from app.engine.network import Array
from app.experiments.run import Run
from app.stage.chains import Chain
from app.stage.formulas import d, num, op, times, var
from app.stage.gates import letter
from app.stage.inspection import nudging
from app.stage.inspection.blocks import place, rows
from app.stage.inspection.contents import (
    SHOWN,
    Block,
    Inspection,
    Line,
    Names,
    at,
    code,
    display,
    line,
    quoted,
)
from app.stage.inspection.part import Part
from app.stage.inspection.tongues import UNNAMED
from app.stage.numbers import FORWARD_SCALE
from app.wording.catalogue import _


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
        _("{title}, row {i}, column {j}", title=title, i=i + 1, j=j + 1),
        _(
            "How much unit {i} at {word} moves when unit {j} of the state before it does{more}.",
            i=i + 1,
            word=quoted(run, t),
            j=j + 1,
            more=_(", the cell state held") if chain.cell.remembers else "",
        ),
        when=at(run, t),
        formulas=formulas,
        blocks=(Block(_("Backward"), "bw", lines),),
        proof=nudging.proof(
            _("{title}, this entry", title=title),
            value,
            nudging.state_by_state(chain, t, i, j),
            _("unit {j} of {before} moved up and down", j=j + 1, before=before),
        ),
        names=Names(
            f"∂O<sub>{t}</sub>/∂O<sub>{t - 1}</sub>" if alone else UNNAMED,
            f"{title}[{i + 1}, {j + 1}]",
            torch,
        ),
        notes=(
            _(
                "E11: the notes multiply such factors as numbers. They are matrices, rows out, "
                "columns in: their order matters."
            ),
            _("E15: two things decide its size, f′ and the recurrent weights, and only f′ has a bound."),
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
        said = _("{name_t}, the way past the gates", name_t=chain.lane.said(name, part.t))
        lines.append(line(said, kept, place(chain, f"gate_{name}", part.t, i)))
    return (*lines, line(_("through all gates: this entry"), value, strong=True))


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
    said = _("{name}, unit {i}", name=f"f′({lane.said('a', t)})", i=i + 1)
    return (formula,), (
        line(said, slope, place(chain, "fp", t, i)),
        line(f"× {states.symbol}[{j + 1}, {i + 1}]", weight, f"{states.key}-{j}.{i}"),
        line(_("= this entry"), value, strong=True),
    )


def _whole_jacobian(chain: Chain, part: Part, title: str, whole: Array) -> Inspection:
    t, units, run = part.t, len(whole), chain.run
    made = (
        _("through every gate, and past them")
        if chain.gated
        else f"diag(f′) {chain.weights['state', 0].symbol}<sup>⊤</sup>"
    )
    grid = rows(f"{chain.lane.name('jac', t)}.", whole[:SHOWN, :SHOWN], FORWARD_SCALE)
    note = (
        (_("Shown are {SHOWN} by {SHOWN} of {units} by {units}.", SHOWN=SHOWN, units=units),)
        if units > SHOWN
        else ()
    )
    return Inspection(
        part.text,
        title,
        _("How the state at {word} moves with the one before: {made}.", word=quoted(run, t), made=made),
        when=at(run, t),
        blocks=(Block(_("Open any number"), "bw", (), grid),),
        notes=note,
    )
