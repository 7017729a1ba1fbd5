"""The GRU cell on the way back: the mixer splits the blame, the gates take theirs, and old state and weights
carry the rest to the step before."""

from app.stage import comeback
from app.stage.cells.gates_telling import (
    L,
    along_road,
    crossing,
    in_hand,
    numbered,
    out_of_gate,
    pays_at_once,
    reaches,
    roads_on,
    with_pulse,
)
from app.stage.cells.gru_forward import rest, seen
from app.stage.cells.gru_reading import CANDIDATE, RESET, UPDATE
from app.stage.coins import move
from app.stage.formulas import d, display, op, row, units, vector
from app.stage.frame import Frame
from app.stage.lanes import Lane
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _


def blame(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """The frames of a step."""
    frames = [_split(sheet, lane, t), _candidate(shape, sheet, lane, t), _reset(shape, sheet, lane, t)]
    frames.append(with_pulse(_update(shape, sheet, lane, t), lane, t))
    if t != lane.start:
        frames += [along_road(sheet, lane, t, "h", "z"), _cross(shape, sheet, lane, t)]
    return numbered(frames, lane, t)


def _split(sheet: Sheet, lane: Lane, t: int) -> Frame:
    h, same, factor, left = (lane.name(kind, t) for kind in ("dh", "same_dh", "mz", "dn"))
    on_n, on_h = d(L, lane.var("n", t)), d(L, lane.var("h", t))
    return Frame(
        "back",
        t,
        1,
        1,
        _("The mixer splits the blame."),
        _(
            "{h_t} was mixed: 1 − z of its blame falls on the candidate, z of it on the old "
            "state, and z itself is blamed for the mixture.",
            h_t=lane.said("h", t),
        ),
        display(
            on_n,
            op("="),
            on_h,
            op("\u2299"),
            rest(lane, t),
            op("="),
            units(lane.step(sheet, "dh", t), "b"),
            op("\u2299"),
            units(lane.step(sheet, "mz", t)),
            op("="),
            units(lane.step(sheet, "dg_n", t), "b"),
        ),
        lit=(h, same, factor, left, lane.name("valve_z", t)),
        new=(same, factor, left),
        fly=((move(h, same),), (move(h, left),)),
    ).of_chain(lane.first(sheet, f"\u2202L/\u2202{lane.said('n', t)}", "dg_n", t))


def _candidate(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> Frame:
    same, r, u = (lane.name(kind, t) for kind in ("same_da_n", "valve_r", "du_n"))
    told = _("n took 1 − z of the blame on {h_t}.", h_t=lane.said("h", t))
    product = d(L, lane.var("h", t)) + op("\u2299") + rest(lane, t)
    frame = out_of_gate(shape, sheet, lane, CANDIDATE, t, product, told, lane.name("same_dh", t))
    delta = lane.name("da_n", t)
    through = display(
        d(L, row(op("("), seen(shape, lane, lane.before(t)), op(")"))),
        op("="),
        lane.var("\u03b4", t, "n"),
        op("\u2299"),
        lane.var("r", t),
        op("="),
        units(lane.step(sheet, "du_n", t), "b"),
    )
    biased = " " + _("and b<sub>hn</sub>") if shape.has_bias else ""
    return frame._replace(
        caption=_(
            "{caption} What W<sub>hn</sub>{biased} gave passed the reset valve, so they are paid "
            "δ times {r_t}.",
            caption=frame.caption,
            biased=biased,
            r_t=lane.said("r", t),
        ),
        formula=frame.formula + through,
        lit=(*frame.lit, same, r, u),
        new=(*frame.new, same, u),
        fly=(*frame.fly[:2], (move(delta, same),), (move(same, u),), *frame.fly[2:]),
    )


def _reset(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> Frame:
    told = _(
        "r decided how much of the past {n_t} saw: its δ times what there was to see.", n_t=lane.said("n", t)
    )
    product = (
        lane.var("\u03b4", t, "n") + op("\u2299") + row(op("("), seen(shape, lane, lane.before(t)), op(")"))
    )
    return out_of_gate(shape, sheet, lane, RESET, t, product, told, lane.name("same_da_n", t))


def _update(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> Frame:
    before = lane.before(t)
    told = _(
        "z chose between {h_before} and {n_t}: the blame times their difference.",
        h_before=lane.said("h", before),
        n_t=lane.said("n", t),
    )
    difference = row(op("("), lane.var("h", before), op("\u2212"), lane.var("n", t), op(")"))
    product = d(L, lane.var("h", t)) + op("\u2299") + difference
    return out_of_gate(shape, sheet, lane, UPDATE, t, product, told, lane.name("same_dh", t))


def _cross(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> Frame:
    before, known = lane.before(t), crossing(shape, lane, t)
    blamed = tuple(lane.name(kind, t) for kind in ("zdh", "da_r", "da_z", "du_n"))
    straight = lane.var("z", t) + op("\u2299") + d(L, lane.var("h", t))
    terms = [straight]
    for letter in "rz":
        terms += [op("+"), lane.var("\u03b4", t, letter), lane.weight("W", f"h{letter}", "\u22a4")]
    opened = row(op("("), lane.var("\u03b4", t, "n"), op("\u2299"), lane.var("r", t), op(")"))
    terms += [op("+"), opened, lane.weight("W", "hn", "\u22a4")]
    left = comeback.symbol(shape, lane, before)
    return Frame(
        "back",
        t,
        1,
        1,
        _("Road and side loops meet."),
        _(
            "{h_before} was kept by the road and read by every gate: both blames add up. So the "
            "whole gradient is more than the road’s product.",
            h_before=lane.said("h", before),
        ),
        display(left, op("="), *terms)
        + display(
            op("="),
            units(lane.step(sheet, "zdh", t), "b"),
            op("+"),
            units(lane.step(sheet, "wdh", t), "b"),
            op("="),
            units(lane.step(sheet, comeback.kind(shape), before), "b"),
        ),
        lit=(
            *blamed,
            *known[:2],
            *(f"W_h{gate}{lane.suffix}-all" for gate in "rzn"),
            lane.name("col", before),
        ),
        new=known,
        grow=(known[0],),
    ).of_chain(reaches(shape, sheet, lane, before))


def blame_at_once(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """A whole step of a long sentence in one frame."""
    coins, paid = pays_at_once(shape, lane, t)
    before, known = lane.before(t), crossing(shape, lane, t)
    roads = roads_on(lane, t) if known else ()
    left, factor, pulse = (lane.name(kind, t) for kind in ("dn", "mz", "pulse"))
    norm = f"norm{lane.suffix}"
    on = (
        _(
            "Times {z_t} the rest goes straight on; with what the gates send, {size} reaches {h_before}.",
            z_t=lane.said("z", t),
            size=sheet.number(comeback.size(shape) + lane.suffix, before - 1),
            h_before=lane.said("h", before),
        )
        if known
        else _("No step is left before it.")
    )
    frame = Frame(
        "back",
        t,
        1,
        1,
        _("Step {t} pays in.", t=t),
        _(
            "Of the blame on {h_t}, {size}, 1 − z falls on the candidate. {on}",
            h_t=lane.said("h", t),
            size=sheet.number(norm, t - 1),
            on=on,
        ),
        display(d(L, lane.var("n", t)), op("="), vector(lane.step(sheet, "dg_n", t), "b")),
        lit=(lane.name("dh", t), factor, left, pulse, *known[:2], *roads, *coins, *paid),
        new=(factor, left, pulse, *known, *roads, *paid),
        on=coins,
        grow=(pulse, *known[:1], *roads),
        at=in_hand(lane, t),
        below=_("the blame on {h_t} is {size}", h_t=lane.said("h", t), size=sheet.number(norm, t - 1)),
    )
    return [frame]
