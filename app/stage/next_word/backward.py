"""The frames of the way back through the predictions, and of the blame that arrives at a state."""

from collections.abc import Iterator

from app.stage.coins import move
from app.stage.comeback import symbol
from app.stage.formulas import d, display, frac, matrix, mn, op, row, upright, var, vector
from app.stage.frame import Frame
from app.stage.lanes import Lane
from app.stage.matrix import matrix_of, pays_numbers, shows_products
from app.stage.next_word.options import all_shown
from app.stage.next_word.scenes import entering, moment, shares, shown_gate, states
from app.stage.phrases import sub
from app.stage.portraits import STRIDES
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

L = "<mi>L</mi>"


def outback(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """Each loss through its softmax, and a coin of each step for the readout's weights."""
    yield _silent(shape, sheet)
    for t in range(shape.steps - 1, 0, -1):
        pushed, paid = _pushed(shape, sheet, t), _paid(shape, sheet, t)
        if shape.steps > STRIDES:
            yield paid._replace(part=1, parts=1, lit=(*pushed.lit, *paid.lit), new=(*pushed.new, *paid.new))
        else:
            yield pushed
            yield paid


def _slots(shape: Shape, t: int) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Coins, slots and bars of the readout's weights at a step."""
    coins, slots, bars = (
        tuple(f"{kind}-{key}-{t}" for key in shape.outer) for kind in ("coin", "slot", "bars")
    )
    return coins, slots, bars


def _silent(shape: Shape, sheet: Sheet) -> Frame:
    last, (coins, slots, bars) = shape.steps, _slots(shape, shape.steps)
    return Frame(
        "outback",
        last,
        1,
        1,
        _("The last step owes nothing."),
        _(
            "Nothing was asked after {word}, so no logit is blamed and the output's coin of step "
            "{last} is empty.",
            word=sheet.line("quoted", last - 1),
            last=last,
        ),
        display(d(L, var("z", last)), op("="), mn("0", "b")),
        lit=(f"dz-{last}", *coins, *slots, *bars),
        new=(f"dz-{last}", *slots, *bars),
        on=coins,
        gate=shown_gate(shape),
        at=moment(shape, last),
    )


def _pushed(shape: Shape, sheet: Sheet, t: int) -> Frame:
    asked = shape.steps - 1
    numbers = (op("="), vector(sheet.step("dz", t), "b")) if all_shown(shape) else ()
    mean = " " + _("Each loss counts 1/{asked}.", asked=asked) if asked > 1 else ""
    return Frame(
        "outback",
        t,
        1,
        2,
        _("Shares minus the truth."),
        _(
            "The truth is 1 for {coming} and 0 for every other word: wrong words have to go down "
            "by their shares, the right one up.{mean}",
            coming=sheet.line("coming", t - 1),
            mean=mean,
        ),
        display(
            d(L, var("z", t)),
            op("="),
            frac("<mn>1</mn>", f"<mn>{asked}</mn>"),
            row(op("("), shares(t), op("\u2212"), var("y", t), op(")")),
            *numbers,
        ),
        lit=(f"y-{t}", f"loss-{t}", f"dz-{t}"),
        new=(f"dz-{t}",),
        fly=((move(f"y-{t}", f"dz-{t}"),),),
        at=moment(shape, t),
    )


def _paid(shape: Shape, sheet: Sheet, t: int) -> Frame:
    coins, slots, bars = _slots(shape, t)
    biased = " " + _("b<sub>y</sub> is paid the blame itself.") if "b_y" in shape.outer else ""
    product: tuple[str, ...] = ()
    place = matrix_of(shape, "W_hy")
    if all_shown(shape) and shows_products(shape) and place.numbered:
        inside = sheet.cells["in-W_hy"].matrix((t - 1) * place.rows, place.rows)
        blame = vector(sheet.step("dz", t), "b")
        seen = [text for lane in shape.lanes for text in lane.step(sheet, "h", t)]
        product = (op("="), upright(seen, "f"), blame, op("="), matrix(inside))
    return Frame(
        "outback",
        t,
        2,
        2,
        _("The output pays for step {t}.", t=t),
        _(
            "W<sub>hy</sub> acts at every step, so it is paid at every step: {h} times the blame on {z}.",
            h=sub("h", t),
            z=sub("z", t),
        )
        + biased,
        display(
            "<msub>",
            row(op("("), d(L, var("W", "hy")), op(")")),
            f"<mn>{t}</mn></msub>",
            op("="),
            f"<msup>{entering(shape, t)}<mo>\u22a4</mo></msup>",
            d(L, var("z", t)),
            *product,
        ),
        lit=(*states(shape, t), f"dz-{t}", *coins, *slots, *bars),
        new=(*slots, *bars),
        on=coins,
        gate=shown_gate(shape),
        fly=(
            _factors(shape, t),
            tuple(f"{slot},{coin},{slot}" for slot, coin in zip(slots, coins, strict=True)),
        ),
        at=moment(shape, t),
    )


def _factors(shape: Shape, t: int) -> tuple[str, ...]:
    """The flights of what is multiplied to the cards."""
    found = []
    for key in shape.outer:
        if not pays_numbers(shape, key):
            found.append(move(f"dz-{t}", f"coin-{key}-{t}"))
        elif key == "b_y":
            found.append(move(f"dz-{t}", f"in-{key}-{t}"))
        else:
            found.append(move(f"dz-{t}", f"top-{key}-{t}"))
            found += [move(state, f"left-{key}-{t}") for state in states(shape, t)]
    return tuple(found)


def meet(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> list[Frame]:
    """What a state's own loss and the later ones blame it for, added up."""
    own, later, blamed = (lane.name(kind, t) for kind in ("own", "beyond", "dh"))
    silent = (later,) if t == lane.last else ()
    return [
        Frame(
            "back",
            t,
            1,
            1,
            _("Two blames meet."),
            sheet.line(f"met{lane.suffix}", t - 1),
            display(
                d(L, lane.var("h", t)),
                op("="),
                d(L, var("z", t)),
                var("W", "hy", "\u22a4"),
                op("+"),
                symbol(shape, lane, t),
                op("="),
                vector(lane.step(sheet, "own", t), "b"),
                op("+"),
                vector(lane.step(sheet, "beyond", t), "b"),
                op("="),
                vector(lane.step(sheet, "dh", t), "b"),
            ),
            lit=(f"dz-{t}", own, later, blamed, lane.name("norm", t)),
            new=(own, *silent, blamed, lane.name("norm", t)),
            fly=((move(f"dz-{t}", own),), (move(own, blamed), move(later, blamed))),
            at=moment(shape, t),
            below=lane.first(sheet, f"\u2202L/\u2202{lane.said('h', t)}", "dh", t),
        )
    ]
