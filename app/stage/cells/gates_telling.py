"""The frames that cells with gates share: into a gate, and out of it again with its coins."""

from app.stage import comeback
from app.stage.cells.elman_forward import row_of_word
from app.stage.cells.gates import Gate, opens
from app.stage.coins import move, payment
from app.stage.formulas import d, display, op, row, units, var, vector
from app.stage.frame import Frame
from app.stage.lanes import Lane
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import N_, _

L = "<mi>L</mi>"


def in_hand(lane: Lane, t: int) -> tuple[str, ...]:
    """The column and the opened cell of a step."""
    return (lane.name("col", t), *((lane.name("cell", t),) if opens(lane) else ()))


def numbered(frames: list[Frame], lane: Lane, t: int) -> list[Frame]:
    """The frames of a step, each with its place among them."""
    at = in_hand(lane, t)
    return [frame._replace(part=k, parts=len(frames), at=at) for k, frame in enumerate(frames, 1)]


def argument(shape: Shape, lane: Lane, gate: str, t: int | str, before: int | str) -> str:
    """x_t W_xk + h_{t-1} W_hk + b_k."""
    word, state = (lane.weight("W", f"{kind}{gate}") for kind in "xh")
    bias = op("+") + lane.weight("b", gate) if shape.has_bias else ""
    return var("x", t) + word + op("+") + lane.var("h", before) + state + bias


def applied(f: str, inside: str) -> str:
    return row(var(f), op("("), inside, op(")"))


def gate_rule(shape: Shape, lane: Lane, gate: Gate, t: str, before: str) -> str:
    """k_t = f(x_t W_xk + h_{t-1} W_hk + b_k)."""
    return lane.var(gate.letter, t) + op("=") + applied(gate.f, argument(shape, lane, gate.letter, t, before))


def before_and_now(lane: Lane) -> tuple[str, str]:
    """The indices of a rule."""
    return ("t+1" if lane.reverse else "t\u22121"), "t"


def into_gate(shape: Shape, sheet: Sheet, lane: Lane, gate: Gate, t: int, *valves: str) -> Frame:
    """A gate: what it reads, the sum, its function. valves : where else its numbers stand."""
    letter, before = gate.letter, lane.before(t)
    xw, bb, a, out = (lane.name(f"{kind}_{letter}", t) for kind in ("xw", "bb", "a", "gate"))
    hw = lane.name(gate.remembers, t)
    source, labels = row_of_word(shape, sheet, lane, t, f"W_x{letter}")
    state, weight = lane.name("h", before), f"W_h{letter}{lane.suffix}-all"
    terms = (xw, hw, bb) if shape.has_bias else (xw, hw)
    drawn = tuple(lane.name(f"{valve}_{letter}", t) for valve in valves)
    bars = (lane.name(f"bar_{letter}", t),) if shape.geometry.numbered else ()
    new = (*terms, a, out, *drawn, *bars)
    return Frame(
        "forward",
        t,
        1,
        1,
        _("The {gate}.", gate=gate.word),
        _(
            "{letter_t}: {task}. {word} picks its row of W<sub>x{letter}</sub>, {h_before} goes "
            "through W<sub>h{letter}</sub>, and {presses}",
            letter_t=lane.said(letter, t),
            task=_(gate.task),
            word=sheet.line("quoted", t - 1),
            letter=letter,
            h_before=lane.said("h", before),
            presses=_(PRESSED[gate.f]),
        ),
        _worked_out(shape, sheet, lane, gate, t),
        lit=(f"x-{t}", source, *labels, state, lane.name("edge", t), weight, *new),
        new=new,
        fly=(
            (move(source, xw), move(state, hw)),
            tuple(move(part, a) for part in terms),
            (move(a, out), *(move(out, part) for part in drawn)),
        ),
        gate=letter,
    ).of_chain(lane.first(sheet, lane.said(letter, t), f"gate_{letter}", t))


def _worked_out(shape: Shape, sheet: Sheet, lane: Lane, gate: Gate, t: int) -> str:
    """k_t = f(x_t W_xk + h_{t-1} W_hk + b_k), with its numbers."""
    letter = gate.letter
    said = argument(shape, lane, letter, t, lane.before(t))
    values = op("+").join(units(lane.step(sheet, f"{kind}_{letter}", t), "f") for kind in ("xw", "hw"))
    if shape.has_bias:
        values += op("+") + units(sheet.step(f"bias_{letter}{lane.suffix}", 1))
    out = units(lane.step(sheet, f"gate_{letter}", t), "f")
    return display(lane.var(letter, t), op("="), applied(gate.f, said)) + display(
        op("="), applied(gate.f, values), op("="), out
    )


PRESSED = {
    "\u03c3": N_("σ presses the sum between 0, shut, and 1, open."),
    "tanh": N_("tanh presses the sum between −1 and 1."),
}


def arrives(frame: Frame, lane: Lane, t: int) -> Frame:
    """The first frame of a step also shows the word and the edges."""
    return frame._replace(new=(*lane.fresh_word(t), lane.name("edge", t), *frame.new))


def out_of_gate(
    shape: Shape, sheet: Sheet, lane: Lane, gate: Gate, t: int, blamed: str, told: str, source: str
) -> Frame:
    """delta_k = dL/dk times the slope of the gate, and the coins that its weights are paid with it.

    blamed : dL/dk as a product, MathML. told : the same in words. source : the part it comes from
    """
    letter = gate.letter
    coins, slots, bars, fly = payment(shape, lane, t, letter)
    dg, s, da = (lane.name(f"{kind}_{letter}", t) for kind in ("dg", "s", "da"))
    delta = lane.var("\u03b4", t, letter)
    return Frame(
        "back",
        t,
        1,
        1,
        _("Into the {gate}.", gate=gate.word),
        _(
            "{told} Times the slope of {f}, that is {x_t}. {coin}",
            told=told,
            f=gate.f,
            x_t=lane.said(f"δ<sup>{letter}</sup>", t),
            coin=sheet.line(f"coin_{letter}{lane.suffix}", t - 1),
        ),
        display(
            d(L, lane.var(letter, t)),
            op("="),
            blamed,
            op("="),
            units(lane.step(sheet, f"dg_{letter}", t), "b"),
        )
        + display(
            delta,
            op("="),
            units(lane.step(sheet, f"dg_{letter}", t), "b"),
            op("\u2299"),
            units(lane.step(sheet, f"s_{letter}", t)),
            op("="),
            units(lane.step(sheet, f"da_{letter}", t), "b"),
        ),
        lit=(source, dg, s, da, lane.name("h", lane.before(t)), f"x-{t}", *coins, *slots, *bars),
        new=(dg, s, da, *slots, *bars),
        on=coins,
        fly=((move(source, dg),), (move(dg, da),), *fly),
        gate=letter,
    ).of_chain(lane.first(sheet, lane.said(f"δ<sup>{letter}</sup>", t), f"da_{letter}", t))


def with_pulse(frame: Frame, lane: Lane, t: int) -> Frame:
    """The same frame, in which the last of the gates has its share: now the pulse is beyond them."""
    pulse = (lane.name("pulse", t),)
    return frame._replace(lit=(*frame.lit, *pulse), new=(*frame.new, *pulse), grow=pulse)


def pays_at_once(shape: Shape, lane: Lane, t: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The coins of a step that is told in one frame, and their slots and bars."""
    coins, slots, bars, _ = payment(shape, lane, t)
    return coins, (*slots, *bars)


def roads_on(lane: Lane, t: int) -> tuple[str, ...]:
    """The road's pulse between a step and the one before it."""
    return (lane.name("roadon", t), lane.name("road", lane.before(t)))


def along_road(sheet: Sheet, lane: Lane, t: int, state: str, valve: str) -> Frame:
    """The straight way back: the blame on the state that the road carries, times its valve."""
    before = lane.said(state, lane.before(t))
    blamed, kept = f"d{state}", f"{valve}d{state}"
    same, gate, on = (lane.name(kind, t) for kind in (f"same_{blamed}", f"valve_{valve}", kept))
    opening, blame, sent = (lane.step(sheet, kind, t) for kind in (f"gate_{valve}", blamed, kept))
    roads = roads_on(lane, t)
    return Frame(
        "back",
        t,
        1,
        1,
        _("On along the road."),
        _(
            "The straight way back to {before} is times {valve} and nothing else: no W, no slope. {straight}",
            before=before,
            valve=lane.said(valve, t),
            straight=sheet.line(f"straight{lane.suffix}", t - 1),
        ),
        display(
            lane.var(valve, t),
            op("\u2299"),
            d(L, lane.var(state, t)),
            op("="),
            units(opening),
            op("\u2299"),
            units(blame, "b"),
            op("="),
            units(sent, "b"),
        ),
        lit=(same, lane.name(blamed, t), gate, on, *roads),
        new=(on, *roads),
        fly=((move(same, on),),),
        grow=roads,
        below=_("unit 1 sends {sent} on to {before}", sent=sent[0], before=before),
    )


def crossing(shape: Shape, lane: Lane, t: int) -> tuple[str, ...]:
    """What becomes known where the gradient reaches the step before."""
    if t == lane.start:
        return ()
    return (lane.name("cross", t), *comeback.reveals(shape, lane, lane.before(t)))


def blame_of_state(shape: Shape, sheet: Sheet, lane: Lane, before: int, terms: list[str]) -> str:
    """dL/dh_{t-1} as a sum."""
    left, arrived = comeback.symbol(shape, lane, before), comeback.kind(shape)
    return display(left, op("="), *terms) + display(op("="), vector(lane.step(sheet, arrived, before), "b"))


def reaches(shape: Shape, sheet: Sheet, lane: Lane, before: int) -> str:
    """How much of the gradient arrives at h_{t-1}, in a sentence."""
    return _(
        "{size} reaches {h_before}",
        size=lane.number(sheet, comeback.size(shape), before),
        h_before=lane.said("h", before),
    )
