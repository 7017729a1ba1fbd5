"""The Elman cell on the way back: shrink through f', pay the coins, cross W_hh^T."""

from app.stage import comeback
from app.stage.coins import move, payment
from app.stage.formulas import d, display, frac, hat_y, matrix, op, row, units, upright, var, vector
from app.stage.frame import Frame
from app.stage.lanes import Lane
from app.stage.matrix import shows_products
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

L = "<mi>L</mi>"


def blame(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """The frames of a step."""
    frames = [_shrink(sheet, lane, t), _pay(shape, sheet, lane, t)]
    if t != lane.start:
        frames.append(_cross(shape, sheet, lane, t))
    return [frame._replace(parts=len(frames)) for frame in frames]


def chain(lane: Lane, t: int) -> str:
    """The chain of factors that has been walked down to h_t."""
    last, after = lane.at(lane.steps), lane.at(t)
    walked = [lane.at(tick) for tick in range(lane.steps, after, -1)]
    shown = walked if len(walked) <= 4 else [*walked[:2], 0, walked[-1]]
    factors = [d(L, hat_y()), d(hat_y(), lane.var("h", last))]
    factors += [d(lane.var("h", k), lane.var("h", lane.before(k))) if k else "<mo>\u22ef</mo>" for k in shown]
    return op("\u00b7").join(factors)


def _delta(sheet: Sheet, lane: Lane, t: int) -> str:
    """delta_t = dL/dh_t times f'(a_t), with its numbers."""
    return display(
        lane.var("\u03b4", t),
        op("="),
        d(L, lane.var("h", t)),
        op("\u2299"),
        var("f", "", "\u2032"),
        op("("),
        lane.var("a", t),
        op(")"),
        op("="),
        units(lane.step(sheet, "dh", t), "b"),
        op("\u2299"),
        units(lane.step(sheet, "fp", t)),
        op("="),
        units(lane.step(sheet, "da", t), "b"),
    )


def _shrink(sheet: Sheet, lane: Lane, t: int) -> Frame:
    blamed, slope, delta, pulse = (lane.name(kind, t) for kind in ("dh", "fp", "da", "pulse"))
    return Frame(
        "back",
        t,
        1,
        1,
        _("Through the slope of f."),
        _(
            "At {word}, each unit's blame is multiplied by the slope of f where that unit stood. {shrunk}",
            word=sheet.line("quoted", t - 1),
            shrunk=sheet.line(f"shrunk{lane.suffix}", t - 1),
        ),
        _delta(sheet, lane, t),
        lit=(blamed, slope, delta, pulse),
        new=(slope, delta, pulse),
        fly=((move(blamed, delta),),),
        grow=(pulse,),
        below=_(
            "at {word}, step {t}, the pulse goes from {before} to {after}",
            word=sheet.line("quoted", t - 1),
            t=t,
            before=lane.number(sheet, "norm", t),
            after=lane.number(sheet, "norm a", t),
        ),
    )


def _pay(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> Frame:
    coins, slots, bars, fly = payment(shape, lane, t)
    before, weight = lane.before(t), lane.weight("W", "hh")
    product: tuple[str, ...] = ()
    if shows_products(shape):
        cells = sheet.cells[f"in-W_hh{lane.suffix}"]
        product = (op("="), matrix(cells.matrix((t - 1) * shape.units, shape.units)))
    bias = (
        " " + _("b<sub>h</sub> stands outside f here, so it is paid the blame before the slope.")
        if shape.late(lane, t)
        else " " + _("b<sub>h</sub> gets {delta_t} itself.", delta_t=lane.said("δ", t))
        if shape.has_bias
        else ""
    )
    return Frame(
        "back",
        t,
        2,
        1,
        _("Step {t} pays in.", t=t),
        _(
            "{coin} W<sub>xh</sub> gets {delta_t} in the row of {word} alone.{bias}",
            coin=sheet.line(f"coin{lane.suffix}", t - 1),
            delta_t=lane.said("δ", t),
            word=sheet.line("quoted", t - 1),
            bias=bias,
        ),
        display(
            "<msub>",
            row(op("("), frac(f"<mo>\u2202</mo>{L}", f"<mo>\u2202</mo>{weight}"), op(")")),
            f"<mn>{t}</mn></msub>",
            op("="),
            lane.var("h", before, "\u22a4"),
            lane.var("\u03b4", t),
            op("="),
            upright(lane.step(sheet, "h", before), "f"),
            vector(lane.step(sheet, "da", t), "b"),
            *product,
        ),
        lit=(lane.name("da", t), lane.name("h", before), f"x-{t}", *coins, *slots, *bars),
        new=(*slots, *bars),
        on=coins,
        fly=fly,
    ).of_chain(lane.first(sheet, lane.said("\u03b4", t), "da", t))


def _cross(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> Frame:
    before = lane.before(t)
    left, arrived = comeback.symbol(shape, lane, before), comeback.kind(shape)
    cross, blamed = lane.name("cross", t), lane.name(arrived, before)
    walked = "" if shape.per_step else display(left, op("="), chain(lane, before))
    return Frame(
        "back",
        t,
        3,
        1,
        _("One step back in time."),
        _(
            "{delta_t} crosses the recurrent weights the other way, and becomes {becomes}. {crossed}",
            delta_t=lane.said("δ", t),
            becomes=comeback.named(shape, lane, before),
            crossed=sheet.line(f"crossed{lane.suffix}", t - 1),
        ),
        display(
            left,
            op("="),
            lane.var("\u03b4", t),
            lane.weight("W", "hh", "\u22a4"),
            op("="),
            vector(lane.step(sheet, arrived, before), "b"),
        )
        + walked,
        lit=(lane.name("da", t), cross, blamed, f"W_hh{lane.suffix}-all", lane.name("col", before)),
        new=(cross, *comeback.reveals(shape, lane, before)),
        grow=(cross,),
        below=_(
            "the pulse reaches {h_before} as {size}",
            h_before=lane.said("h", before),
            size=lane.number(sheet, comeback.size(shape), before),
        ),
    )


def blame_at_once(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """A whole step of a long sentence in one frame: shrink, pay, cross."""
    coins, slots, bars, _flights = payment(shape, lane, t)
    before = lane.before(t)
    crossed = () if t == lane.start else (lane.name("cross", t), lane.name(comeback.kind(shape), before))
    known = comeback.reveals(shape, lane, before)[1:] if crossed else ()
    pulse, slope, delta = (lane.name(kind, t) for kind in ("pulse", "fp", "da"))
    norm, suffix = f"norm{lane.suffix}", lane.suffix
    frame = Frame(
        "back",
        t,
        1,
        1,
        _("Step {t} pays in.", t=t),
        _(
            "The slope of f takes the pulse from {before} to {after}.",
            before=sheet.number(norm, t - 1),
            after=sheet.number(f"norm a{suffix}", t - 1),
        )
        + " "
        + (
            f"W<sub>hh</sub> carries it on as {sheet.number(comeback.size(shape) + suffix, before - 1)}."
            if crossed
            else _("No step is left before it.")
        ),
        display(lane.var("\u03b4", t), op("="), vector(lane.step(sheet, "da", t), "b")),
        lit=(lane.name("dh", t), slope, delta, *crossed, pulse, *coins, *slots, *bars),
        new=(slope, delta, pulse, *crossed, *known, *slots, *bars),
        on=coins,
        grow=(pulse, *crossed[:1]),
        below=_(
            "at step {t}, it goes from {before} to {after}",
            t=t,
            before=sheet.number(norm, t - 1),
            after=sheet.number(f"norm a{suffix}", t - 1),
        ),
    )
    return [frame]
