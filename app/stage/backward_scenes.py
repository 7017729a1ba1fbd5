"""The scenes of the gradient: back through the output, and back through time."""

from collections.abc import Iterator

from app.stage.formulas import d, display, frac, hat_y, matrix, mn, op, row, units, upright, var, vector
from app.stage.forward_scenes import STRIDES, before
from app.stage.frame import Frame
from app.stage.matrix import matrix_of, shows_products
from app.stage.output_scenes import column
from app.stage.phrases import sub
from app.stage.shape import Shape
from app.stage.sheet import Sheet


def outback(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """Times sigma', the fork to W_hy and b_y, and on to h_T."""
    yield _through_sigma(shape, sheet)
    yield _fork(shape, sheet)
    last = shape.steps
    yield Frame(
        "outback",
        last,
        3,
        3,
        "On to the last state.",
        f"{sub('h', last)} is blamed through the same weights that carried it out: unit by unit, the blame "
        "on z times W<sub>hy</sub>. "
        f"Its size is {sheet.line('long last norm')}.",
        display(
            d("<mi>L</mi>", var("h", last)),
            op("="),
            d("<mi>L</mi>", "<mi>z</mi>"),
            var("W", "hy", "\u22a4"),
            op("="),
            vector(sheet.step("dh", last), "b"),
        ),
        lit=("dz", "pulse-y", f"dh-{last}", "W_hy-all"),
        new=("pulse-y", f"dh-{last}", f"norm-{last}"),
        grow=("pulse-y",),
    )


def _through_sigma(shape: Shape, sheet: Sheet) -> Frame:
    slope, d_z, d_y = (sheet.line(f"long {name}") for name in ("sp", "dz", "dy"))
    neat = (
        f" For cross-entropy this is simply \u0177 \u2212 y = {d_z}."
        if shape.loss == "bce" and shape.output_inside
        else ""
    )
    return Frame(
        "outback",
        shape.steps,
        1,
        3,
        "Back through \u03c3.",
        f"The slope of \u03c3 at z is {slope}. The blame on z is the blame on \u0177 times that slope.{neat}",
        display(
            d("<mi>L</mi>", "<mi>z</mi>"),
            op("="),
            d("<mi>L</mi>", hat_y()),
            op("\u00b7"),
            var("\u03c3", "", "\u2032"),
            op("="),
            mn(d_y, "b"),
            op("\u00b7"),
            mn(slope),
            op("="),
            mn(d_z, "b"),
        ),
        lit=("dy", "sp", "dz"),
        new=("sp", "dz"),
        fly=(("dy,dy,dz",),),
    )


def _fork(shape: Shape, sheet: Sheet) -> Frame:
    last, names = shape.steps, shape.outer
    coins, layers = tuple(f"slot-{name}-whole" for name in names), tuple(f"tot-{name}-all" for name in names)
    return Frame(
        "outback",
        last,
        2,
        3,
        "A fork: the output pays at once.",
        f"W<sub>hy</sub>{' and b<sub>y</sub>' if 'b_y' in names else ''} act once, at the end, so the whole "
        "gradient arrives now: "
        f"{sub('h', last)} times the blame on z. No step of time stands in between."
        + (
            " b<sub>y</sub> stands outside \u03c3: it is paid the blame on \u0177 itself."
            if "b_y" in names and not shape.output_inside
            else ""
        ),
        display(
            d("<mi>L</mi>", var("W", "hy")),
            op("="),
            var("h", last, "\u22a4"),
            d("<mi>L</mi>", "<mi>z</mi>"),
            op("="),
            upright(sheet.step("h", last), "f"),
            mn(sheet.line("long dz"), "b"),
            op("="),
            upright(column(sheet, "tot-W_hy"), "b"),
        ),
        lit=(f"h-{last}", "dz", "W_hy", *coins),
        new=coins,
        on=layers,
        fly=(tuple(f"{coin},dz,{coin}" for coin in coins),),
    )


def back(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """Every step from the last to the first: shrink through f', pay the coins, cross W_hh^T."""
    for t in range(shape.steps, 0, -1):
        if shape.steps > STRIDES:
            yield _stride(shape, sheet, t)
            continue
        parts = 3 if t > 1 else 2
        yield _shrink(sheet, t, parts)
        yield _pay(shape, sheet, t, parts)
        if t > 1:
            yield _cross(shape, sheet, t)


def chain(shape: Shape, t: int) -> str:
    """The chain of factors that has been walked down to h_t."""
    steps = shape.steps
    factors = [d("<mi>L</mi>", hat_y()), d(hat_y(), var("h", steps))]
    walked = range(steps, t, -1)
    shown = list(walked) if len(walked) <= 4 else [steps, steps - 1, 0, t + 1]
    factors += [d(var("h", k), var("h", k - 1)) if k else "<mo>\u22ef</mo>" for k in shown]
    return op("\u00b7").join(factors)


def _delta(sheet: Sheet, t: int) -> str:
    """delta_t = dL/dh_t times f'(a_t), with its numbers."""
    return display(
        var("\u03b4", t),
        op("="),
        d("<mi>L</mi>", var("h", t)),
        op("\u2299"),
        var("f", "", "\u2032"),
        op("("),
        var("a", t),
        op(")"),
        op("="),
        units(sheet.step("dh", t), "b"),
        op("\u2299"),
        units(sheet.step("fp", t)),
        op("="),
        units(sheet.step("da", t), "b"),
    )


def _shrink(sheet: Sheet, t: int, parts: int) -> Frame:
    i = t - 1
    return Frame(
        "back",
        t,
        1,
        parts,
        "Through the slope of f.",
        f"At {sheet.line('quoted', i)}, each unit's blame is multiplied by the slope of f where that unit "
        f"stood. {sheet.line('shrunk', i)}",
        _delta(sheet, t),
        lit=(f"dh-{t}", f"fp-{t}", f"da-{t}", f"pulse-{t}"),
        new=(f"fp-{t}", f"da-{t}", f"pulse-{t}"),
        fly=((f"dh-{t},dh-{t},da-{t}",),),
        grow=(f"pulse-{t}",),
    )


def _coins(
    shape: Shape, t: int
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Coins, slots, bars and flights: first the factors to the cards, then the coins to the rack."""
    coins, slots, bars = (
        tuple(f"{kind}-{name}-{t}" for name in shape.shared) for kind in ("coin", "slot", "bars")
    )
    blame = {name: f"da-{t}" for name in shape.shared} | ({"b_h": f"dh-{t}"} if shape.late(t) else {})
    inner = {"W_xh": f"in-W_xh-{t}", "W_hh": f"top-W_hh-{t}", "b_h": f"in-b_h-{t}"}
    landing = {
        name: inner[name] if matrix_of(shape, name).numbered else f"coin-{name}-{t}" for name in shape.shared
    }
    factors = [f"{blame[name]},{blame[name]},{landing[name]}" for name in shape.shared]
    if matrix_of(shape, "W_hh").numbered:
        factors.append(f"h-{t - 1},h-{t - 1},left-W_hh-{t}")
    return (
        coins,
        slots,
        bars,
        (tuple(factors), tuple(f"{slot},{coin},{slot}" for slot, coin in zip(slots, coins, strict=True))),
    )


def _pay(shape: Shape, sheet: Sheet, t: int, parts: int) -> Frame:
    coins, slots, bars, fly = _coins(shape, t)
    product: tuple[str, ...] = ()
    if shows_products(shape):
        product = (op("="), matrix(sheet.cells["in-W_hh"].matrix((t - 1) * shape.units, shape.units)))
    return Frame(
        "back",
        t,
        2,
        parts,
        f"Step {t} pays in.",
        f"{sheet.line('coin', t - 1)} W<sub>xh</sub> gets {sub('δ', t)} in the row of "
        f"{sheet.line('quoted', t - 1)} alone."
        + (
            " b<sub>h</sub> stands outside f here, so it is paid the blame before the slope."
            if shape.late(t)
            else f" b<sub>h</sub> gets {sub('δ', t)} itself."
            if shape.has_bias
            else ""
        ),
        display(
            "<msub>",
            row(op("("), frac("<mo>\u2202</mo><mi>L</mi>", f"<mo>\u2202</mo>{var('W', 'hh')}"), op(")")),
            f"<mn>{t}</mn></msub>",
            op("="),
            var("h", t - 1, "\u22a4"),
            var("\u03b4", t),
            op("="),
            upright(before(sheet, t), "f"),
            vector(sheet.step("da", t), "b"),
            *product,
        ),
        lit=(f"da-{t}", f"h-{t - 1}", f"x-{t}", *coins, *slots, *bars),
        new=(*slots, *bars),
        on=coins,
        fly=fly,
    )


def _crossed(sheet: Sheet, t: int) -> str:
    """The sentence of the step from column t to the one before."""
    return (
        f"{sub('δ', t)} crosses the recurrent weights the other way, and becomes the blame on "
        f"{sub('h', t - 1)}. {sheet.line('crossed', t - 1)}"
    )


def _cross(shape: Shape, sheet: Sheet, t: int) -> Frame:
    left = d("<mi>L</mi>", var("h", t - 1))
    return Frame(
        "back",
        t,
        3,
        3,
        "One step back in time.",
        _crossed(sheet, t),
        display(
            left,
            op("="),
            var("\u03b4", t),
            var("W", "hh", "\u22a4"),
            op("="),
            vector(sheet.step("dh", t - 1), "b"),
        )
        + display(left, op("="), chain(shape, t - 1)),
        lit=(f"da-{t}", f"cross-{t}", f"dh-{t - 1}", "W_hh-all", f"col-{t - 1}"),
        new=(f"cross-{t}", f"dh-{t - 1}", f"norm-{t - 1}"),
        grow=(f"cross-{t}",),
    )


def _stride(shape: Shape, sheet: Sheet, t: int) -> Frame:
    """A whole step of a long sentence in one frame: shrink, pay, cross."""
    coins, slots, bars, _ = _coins(shape, t)
    crossed = (f"cross-{t}", f"dh-{t - 1}", f"norm-{t - 1}") if t > 1 else ()
    grow = (f"pulse-{t}", *crossed[:1])
    return Frame(
        "back",
        t,
        1,
        1,
        f"Step {t} pays in.",
        f"The slope of f takes the pulse from {sheet.number('norm', t - 1)} to "
        f"{sheet.number('norm a', t - 1)}. "
        + (
            f"W<sub>hh</sub> carries it on as {sheet.number('norm', t - 2)}."
            if t > 1
            else "No step is left before it."
        ),
        display(var("\u03b4", t), op("="), vector(sheet.step("da", t), "b")),
        lit=(f"dh-{t}", f"fp-{t}", f"da-{t}", *crossed[:2], *grow[:1], *coins, *slots, *bars),
        new=(f"fp-{t}", f"da-{t}", *grow, *crossed[1:], *slots, *bars),
        on=coins,
        grow=grow,
    )
