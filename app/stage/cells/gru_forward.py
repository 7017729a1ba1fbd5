"""The GRU cell forwards: its gates, the candidate's view of the past, and the mixer."""

from app.stage.cells.gates_telling import (
    applied,
    arrives,
    before_and_now,
    gate_rule,
    in_hand,
    into_gate,
    numbered,
)
from app.stage.cells.gru_reading import CANDIDATE, RESET, UPDATE
from app.stage.coins import move
from app.stage.formulas import display, mn, op, row, units, var, vector
from app.stage.frame import Frame
from app.stage.lanes import Lane
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _


def seen(shape: Shape, lane: Lane, before: int | str) -> str:
    """h_{t-1} W_hn + b_hn."""
    found = lane.var("h", before) + lane.weight("W", "hn")
    return found + op("+") + lane.weight("b", "hn") if shape.has_bias else found


def candidate_rule(shape: Shape, lane: Lane, t: int | str, before: int | str) -> str:
    """n_t = tanh(x_t W_xn + b_n + r_t (h_{t-1} W_hn + b_hn)): the reset comes after the product."""
    past = seen(shape, lane, before)
    past = row(op("("), past, op(")")) if shape.has_bias else past
    bias = op("+") + lane.weight("b", "n") if shape.has_bias else ""
    word = var("x", t) + lane.weight("W", "xn")
    inside = word + bias + op("+") + lane.var("r", t) + op("\u2299") + past
    return lane.var("n", t) + op("=") + applied("tanh", inside)


def rest(lane: Lane, t: int | str) -> str:
    """(1 - z_t)."""
    return row(op("("), mn("1"), op("\u2212"), lane.var("z", t), op(")"))


def mix_rule(lane: Lane, t: int | str, before: int | str) -> str:
    """h_t = (1 - z_t) n_t + z_t h_{t-1}."""
    new = rest(lane, t) + op("\u2299") + lane.var("n", t)
    return (
        lane.var("h", t) + op("=") + new + op("+") + lane.var("z", t) + op("\u2299") + lane.var("h", before)
    )


def rule(shape: Shape, lane: Lane) -> str:
    """The equations of the cell."""
    before, t = before_and_now(lane)
    gates = "".join(display(gate_rule(shape, lane, gate, t, before)) for gate in (RESET, UPDATE))
    return gates + display(candidate_rule(shape, lane, t, before)) + display(mix_rule(lane, t, before))


def read(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """The frames of a step."""
    reset = arrives(into_gate(shape, sheet, lane, RESET, t, "valve"), lane, t)
    update = into_gate(shape, sheet, lane, UPDATE, t, "valve", "valves")
    frames = [
        reset,
        _view(shape, sheet, lane, t),
        _candidate(shape, sheet, lane, t),
        update,
        _mix(sheet, lane, t),
    ]
    return numbered(frames, lane, t)


def _view(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> Frame:
    before = lane.before(t)
    state = lane.name("h", before)
    u, r, ru, below = (lane.name(kind, t) for kind in ("u_n", "valve_r", "ru", CANDIDATE.remembers))
    return Frame(
        "forward",
        t,
        1,
        1,
        _("The reset valve opens the past."),
        _(
            "{h_before} goes through W<sub>hn</sub> first; then {r_t} decides, unit by unit, how "
            "much of the result the candidate may see.",
            h_before=lane.said("h", before),
            r_t=lane.said("r", t),
        ),
        display(lane.var("r", t), op("\u2299"), row(op("("), seen(shape, lane, before), op(")")))
        + display(
            op("="),
            units(lane.step(sheet, "gate_r", t)),
            op("\u2299"),
            units(lane.step(sheet, "u_n", t), "f"),
            op("="),
            units(lane.step(sheet, "ru", t), "f"),
        ),
        lit=(state, f"W_hn{lane.suffix}-all", u, r, ru, below),
        new=(u, ru, below),
        fly=((move(state, u),), (move(u, ru),), (move(ru, below),)),
        gate="n",
    ).of_chain(_("at step {t}, unit 1 lets {sheet} through", t=t, sheet=lane.step(sheet, "ru", t)[0]))


def _candidate(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> Frame:
    frame = into_gate(shape, sheet, lane, CANDIDATE, t)
    below, ru, n = (lane.name(kind, t) for kind in (CANDIDATE.remembers, "ru", "n"))
    a, out = lane.name("a_n", t), lane.name("gate_n", t)
    terms = [units(lane.step(sheet, "xw_n", t), "f"), op("+")]
    if shape.has_bias:
        terms += [units(sheet.step(f"bias_n{lane.suffix}", 1)), op("+")]
    terms.append(units(lane.step(sheet, "ru", t), "f"))
    return frame._replace(
        title=_("The candidate."),
        caption=_(
            "{n_t}: what would be new. {word} picks its row of W<sub>xn</sub>; of the past only "
            "what the reset valve let through is added; tanh presses the sum.",
            n_t=lane.said("n", t),
            word=sheet.line("quoted", t - 1),
        ),
        formula=display(candidate_rule(shape, lane, t, lane.before(t)))
        + display(
            op("="), applied("tanh", "".join(terms)), op("="), units(lane.step(sheet, "gate_n", t), "f")
        ),
        lit=(*frame.lit, ru, n),
        new=(*(part for part in frame.new if part != below), n),
        fly=(frame.fly[0][:1], frame.fly[1], (move(a, out), move(out, n))),
    )


def _mix(sheet: Sheet, lane: Lane, t: int) -> Frame:
    before = lane.before(t)
    old, kept, new, share, same, h = (
        lane.name(kind, t) for kind in ("hp", "zh", "zn", "same_mz", "same_h", "h")
    )
    fresh, valve = lane.name("gate_n", t), lane.name("valve_z", t)
    return Frame(
        "forward",
        t,
        1,
        1,
        _("Mix old and new."),
        _(
            "z of {h_before} and 1 − z of {n_t} make {h_t}. {mixed}",
            h_before=lane.said("h", before),
            n_t=lane.said("n", t),
            h_t=lane.said("h", t),
            mixed=sheet.line(f"mixed{lane.suffix}", t - 1),
        ),
        display(mix_rule(lane, t, before))
        + display(
            op("="),
            units(lane.step(sheet, "zn", t), "f"),
            op("+"),
            units(lane.step(sheet, "zh", t)),
            op("="),
            units(lane.step(sheet, "h", t), "f"),
        ),
        lit=(old, valve, kept, fresh, share, new, same, h),
        new=(old, kept, share, new, same, h),
        fly=((move(old, kept), move(fresh, new)), (move(kept, same), move(new, same)), (move(same, h),)),
        below=lane.first(sheet, lane.said("h", t), "h", t),
    )


def read_at_once(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """A whole step of a long sentence in one frame."""
    before = lane.before(t)
    known = tuple(lane.name(kind, t) for kind in ("edge", "n", "valves_z", "h"))
    source, weights = lane.name("h", before), tuple(f"W_h{gate}{lane.suffix}-all" for gate in "rzn")
    frame = Frame(
        "forward",
        t,
        1,
        1,
        _("Step {t}.", t=t),
        _(
            "{word} and {h_before} set the gates and the candidate {n_t}; {z_t} mixes it with {h_before}.",
            word=sheet.line("quoted", t - 1),
            h_before=lane.said("h", before),
            n_t=lane.said("n", t),
            z_t=lane.said("z", t),
        ),
        display(mix_rule(lane, t, before), op("="), vector(lane.step(sheet, "h", t), "f")),
        lit=(f"x-{t}", *known, source, *weights),
        new=(*lane.fresh_word(t), *known),
        fly=((move(source, lane.name("h", t)),),),
        at=in_hand(lane, t),
    ).of_chain(lane.first(sheet, lane.said("h", t), "h", t))
    return [frame]
