"""Hidden units: a_t, f and h_t of an Elman cell; of any cell the first state, and the second reading."""

from app.experiments.run import Run
from app.stage.cells.elman_forward import FUNCTION
from app.stage.chains import Array, Chain
from app.stage.formulas import num, op, plus, row, upright, var, vector
from app.stage.gates import letter, marked
from app.stage.inspection import nudging, states
from app.stage.inspection.blocks import (
    backward_block,
    bias_note,
    biased,
    every_unit,
    forward_block,
    many,
    place,
)
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Names,
    at,
    code,
    display,
    line,
    quoted,
    summands,
)
from app.stage.inspection.curve import curve
from app.stage.inspection.part import Part
from app.stage.inspection.tongues import UNNAMED, gate_names, state_names
from app.stage.numbers import FORWARD_SCALE
from app.wording.catalogue import _


def _unit_formula(chain: Chain, t: int, unit: int) -> tuple[str, ...]:
    forward, lane, i, where, index = chain.forward, chain.lane, t - 1, biased(chain, t), f"{t},{unit + 1}"
    words, states_ = chain.weights["words", 0], chain.weights["state", 0]
    bias = chain.weight("bias")
    number = float(chain.matrix("bias")[0, unit]) if bias else 0.0
    sums = [
        num(float(forward.input_term[i, unit])),
        op("+"),
        vector(forward.h_prev[i], "f"),
        upright(chain.matrix("state")[:, unit]),
    ]
    terms = [row(var("x", t), words.math, op("+"), lane.var("h", lane.before(t)), states_.math)]
    if where == "inside" and bias:
        sums += plus(number)
        terms += [op("+"), bias.math]
    name = var(FUNCTION[chain.run.experiment.activation])
    late = plus(number) if where == "outside" else ()
    a, h = float(forward.preactivation[i, unit]), float(forward.h[i, unit])
    return (
        display(
            lane.var("a", index), op("="), f"<msub>{row(op('('), *terms, op(')'))}<mn>{unit + 1}</mn></msub>"
        ),
        display(op("="), *sums, op("="), num(a, "f")),
        display(lane.var("h", index), op("="), name, op("("), num(a), op(")"), *late, op("="), num(h, "f")),
    )


def _what(chain: Chain, kind: str, t: int, i: int) -> str:
    """What a_t, f and h_t of a unit are."""
    lane, word = chain.lane, quoted(chain.run, t)
    after = _("from its end back to") if lane.reverse else _("after")
    return {
        "a": _(
            "{a_t}, unit {i}: the sum that goes into f at {word}.", a_t=lane.said("a", t), i=i + 1, word=word
        ),
        "f": _(
            "f at unit {i}: its value is the activation, the slope of its tangent is what the gradient is "
            "multiplied by.",
            i=i + 1,
        ),
        "h": _(
            "{h_t}, unit {i}: what this unit holds of the sentence {after} {word}.",
            h_t=lane.said("h", t),
            i=i + 1,
            after=after,
            word=word,
        ),
    }[kind]


def unit(run: Run, part: Part) -> Inspection:
    """a_t, f or h_t of one unit, or of all of them when no unit is named."""
    chain, t, i = part.of(run), part.t, part.column
    if t == chain.lane.origin:
        return first_state(chain, part)
    if chain.gated:
        return states.state(run, part)
    if i < 0:
        says = {"a": _("what every unit sums up"), "f": _("the sums after f"), "h": _("the state")}[part.kind]
        symbol, said = _symbol(chain, part.kind, t), chain.lane.said(part.kind, t)
        values = chain.array(part.kind)[t - 1]
        what = _("{said}: {says} at step {t}.", said=said, says=says, t=t)
        return every_unit(chain, part, symbol, what, values, FORWARD_SCALE)
    a, f, slope = (float(chain.array(kind)[t - 1, i]) for kind in ("a", "f", "fp"))
    kind = "a" if part.kind == "a" else "h"
    numeric = (nudging.of_preactivation if kind == "a" else nudging.of_state)(chain, t, i)
    analytic = float(chain.array("da" if kind == "a" else "dh")[t - 1, i])
    name = chain.lane.said(kind, t)
    return Inspection(
        part.text,
        _("Unit {i} at {word}{way}", i=i + 1, word=quoted(run, t), way=chain.lane.way),
        _what(chain, part.kind, t, i),
        when=at(run, t),
        formulas=_unit_formula(chain, t, i),
        blocks=(forward_block(chain, t, i), backward_block(chain, t, i)),
        curve=curve(run.experiment.activation, a, f, slope),
        proof=nudging.proof(
            f"∂L/∂{name}", analytic, numeric, _("{name} of this unit moved up and down", name=name)
        ),
        names=state_names(chain, part.kind, t, i),
        notes=bias_note(chain, t),
    )


def _symbol(chain: Chain, kind: str, t: int) -> str:
    return f"f({chain.lane.said('a', t)})" if kind == "f" else chain.lane.said(kind, t)


def first_state(chain: Chain, part: Part) -> Inspection:
    """h_0, which comes from nowhere; of a chain from right to left it stands behind the last word."""
    states_ = chain.forward.c_prev if part.kind == "c" else chain.forward.h_prev
    assert states_ is not None
    state = states_[chain.lane.start - 1]
    run, name, start = chain.run, chain.lane.said(part.kind, chain.lane.origin), chain.lane.start
    source = "zeros" if part.kind == "c" else run.experiment.initial_state
    said = {"zeros": "all zeros", "random": "drawn from the seed"}.get(
        source if isinstance(source, str) else "", "the numbers you gave"
    )
    lines = summands([(_("unit {k}", k=k + 1), float(v), "") for k, v in enumerate(state)], 12)
    zero = not state.any()
    recurrent = ", ".join(weight.symbol for weight in chain.weights.values() if weight.role == "state")
    return Inspection(
        part.text,
        _("{name}, the first state", name=name),
        _("Where the network starts before it has read a word: {said}.", said=said),
        blocks=(Block(_("Forward"), "fw", lines),),
        names=Names(
            "O<sub>0</sub>" if chain.alone and not chain.gated else UNNAMED,
            name,
            code(f"{part.kind}_0 = torch.zeros(1, H)") if zero and chain.alone else code("rnn(x, h_0)"),
            code("initial_state"),
        ),
        notes=(
            _(
                "Since {name} = 0, step {start} adds exactly 0 to ∂L/∂{recurrent} (E29).",
                name=name,
                start=start,
                recurrent=recurrent,
            ),
        )
        if zero and part.kind == "h"
        else (),
    )


def second_pass(run: Run, part: Part) -> Inspection:
    """a_t, h_t or c_t before and after the update."""
    chain, t, i = part.of(run), part.t, part.column
    kind = part.kind[:-1]
    gate = letter(chain, part.gate) if kind in ("a", "gate") else ""
    symbol = chain.lane.said(gate, t) if kind == "gate" else marked(chain, kind, t, gate)
    was, now = chain.array(kind, part.gate), _again(chain, kind, part.gate)
    if i < 0:
        shown = was if part.kind.endswith("1") or now is None else now
        said = (
            _("{symbol} on the second reading", symbol=symbol),
            _("{symbol} with the new weights.", symbol=symbol),
        )
        return many(chain, part, *said, shown[t - 1], FORWARD_SCALE)
    old = float(was[t - 1, i])
    lines = [line(_("first reading"), old, place(chain, f"{kind}_{gate}" if gate else kind, t, i))]
    if now is not None:
        new = float(now[t - 1, i])
        lines += [line(_("second reading"), new, strong=True), line(_("change"), new - old)]
    named = state_names(chain, kind, t, i) if kind == "h" or not chain.gated else gate_names(
        chain, kind, kind, t, i, gate)  # fmt: skip
    return Inspection(
        part.text,
        _("{symbol}, unit {i}, read again", symbol=symbol, i=i + 1),
        _(
            "The same words through the new weights: unit {i} at {word} before and after the update.",
            i=i + 1,
            word=quoted(run, t),
        ),
        when=at(run, t),
        blocks=(Block(_("Forward, twice"), "fw", tuple(lines)),),
        names=named,
    )


def _again(chain: Chain, kind: str, gate: int) -> Array | None:
    """An array of the second reading, (T, H); None where there is none."""
    after = chain.run.update.forward
    if after is None:
        return None
    again = after.chains[chain.lane.chain]
    found = {"a": again.preactivation, "gate": again.activated, "h": again.h, "c": again.c}[kind]
    return found if found is None or kind in ("h", "c") else chain.block(found, gate)
