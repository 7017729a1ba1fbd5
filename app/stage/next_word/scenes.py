"""The frames of the predictions: logits, shares, losses; and the update's second pass."""

from collections.abc import Iterator

from app.stage.formulas import display, equation, frac, mn, op, row, stretches, var, vector
from app.stage.frame import Frame
from app.stage.next_word.options import all_shown
from app.stage.output_scenes import verdict
from app.stage.phrases import sub
from app.stage.portraits import STRIDES
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import N_, _

HAT = '<mover accent="true"><mi>y</mi><mo>^</mo></mover>'


def moment(shape: Shape, t: int) -> tuple[str, ...]:
    """What is in hand at a step: its columns and its foot."""
    return (*(lane.name("col", t) for lane in shape.lanes), f"foot-{t}")


def shown_gate(shape: Shape) -> str:
    """The tab of the readout's cards, where cards have tabs."""
    return "y" if len(shape.gates) > 1 else ""


def states(shape: Shape, t: int) -> tuple[str, ...]:
    """The states that step t predicts from."""
    return tuple(lane.name("h", t) for lane in shape.lanes)


def shares(t: int, word: str = "") -> str:
    """What step t expects, or its share for one word, as a symbol."""
    index = f"<mn>{t}</mn>" + (f"<mo>,</mo><mi>{word}</mi>" if word else "")
    return f"<msub>{HAT}<mrow>{index}</mrow></msub>"


def entering(shape: Shape, t: int) -> str:
    """The states that enter the readout, as a symbol."""
    found = [lane.var("h", t) for lane in shape.lanes]
    return found[0] if len(found) == 1 else row(op("["), op(";").join(found), op("]"))


def output(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """At every step: a logit for each word, and their softmax."""
    for t in range(1, shape.steps + 1):
        if shape.steps > STRIDES:
            both = _shares(shape, sheet, t)
            lit = (*both.lit, *states(shape, t))
            yield both._replace(part=1, parts=1, lit=lit, new=(f"z-{t}", *both.new))
        else:
            yield _logits(shape, sheet, t)
            yield _shares(shape, sheet, t)


def _logits(shape: Shape, sheet: Sheet, t: int) -> Frame:
    biased = "b_y" in shape.outer
    numbers = (op("="), vector(sheet.step("z", t), "f")) if all_shown(shape) else ()
    words = _("{outputs} words", outputs=shape.outputs) if shape.outputs > 1 else _("one word")
    return Frame(
        "output",
        t,
        1,
        2,
        _("What comes next?"),
        _(
            "After {word} the state {h_t} is weighed once for each of the {words}{more}: a logit for each.",
            word=sheet.line("quoted", t - 1),
            h_t=sub("h", t),
            words=words,
            more=_(", and a bias is added") if biased else "",
        ),
        display(
            var("z", t),
            op("="),
            entering(shape, t),
            var("W", "hy"),
            *((op("+"), var("b", "y")) if biased else ()),
            *numbers,
        ),
        lit=(*states(shape, t), "W_hy-all", f"z-{t}"),
        new=(f"z-{t}",),
        fly=(tuple(f"{state},{state},z-{t}" for state in states(shape, t)),),
        gate=shown_gate(shape),
        at=moment(shape, t),
    )


def _shares(shape: Shape, sheet: Sheet, t: int) -> Frame:
    power = f"<msup>{var('e')}<mrow>{var('z', f'{t},i')}</mrow></msup>"
    every = f"<msup>{var('e')}<mrow>{var('z', f'{t},k')}</mrow></msup>"
    rule = display(shares(t, "i"), op("="), frac(power, f"<munder><mo>\u2211</mo><mi>k</mi></munder>{every}"))
    numbers = display(shares(t), op("="), vector(sheet.step("y", t), "f")) if all_shown(shape) else ""
    if t == shape.steps:
        told = _("No word comes after the last one, so nobody asks: this prediction is not judged.")
    else:
        told = _(
            "The word that comes is {coming}: it gets {size}.",
            coming=sheet.line("coming", t - 1),
            size=sheet.number("chances", t - 1),
        )
    if t == 1:
        told += " " + _("The prediction is not fed back: the next step reads the word of the sentence.")
    return Frame(
        "output",
        t,
        2,
        2,
        _("Softmax: shares of 1."),
        _("e to the power of each logit, divided by the sum of them all. {told}", told=told),
        rule + numbers,
        lit=(f"z-{t}", f"y-{t}"),
        new=(f"y-{t}",),
        fly=((f"z-{t},z-{t},y-{t}",),),
        at=moment(shape, t),
    )


def loss(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """The loss of each prediction, and their mean."""
    for t in range(1, shape.steps):
        yield _surprise(shape, sheet, t)
    last, asked = shape.steps, shape.steps - 1
    yield Frame(
        "loss",
        last,
        1,
        2,
        _("Nothing is asked of the last."),
        _(
            "After {word} the sentence ends: there is no word to be right or wrong about, so no loss.",
            word=sheet.line("quoted", last - 1),
        ),
        lit=(f"y-{last}", f"loss-{last}"),
        new=(f"loss-{last}",),
        at=moment(shape, last),
    )
    yield Frame(
        "loss",
        last,
        2,
        2,
        _("One number to learn by."),
        _(
            "L is the mean of the {asked} losses, so each of them counts 1/{asked}. From here on "
            "everything runs backward.",
            asked=asked,
        )
        if asked > 1
        else _("Here it is the only loss there is. From here on everything runs backward."),
        equation(
            "".join(
                stretches(
                    var("L"),
                    op("="),
                    frac("<mn>1</mn>", f"<mn>{asked}</mn>"),
                    f"<munder><mo>\u2211</mo><mi>t</mi></munder>{var('L', 't')}",
                    op("="),
                    sheet.line("mean of losses"),
                    op("="),
                    mn(sheet.line("long L"), "f"),
                )
            )
        ),
        lit=("loss", "L", *(f"lost-{t}" for t in range(1, last))),
        new=("loss",),
        at=("readout",),
    )


def _surprise(shape: Shape, sheet: Sheet, t: int) -> Frame:
    return Frame(
        "loss",
        t,
        1,
        1,
        _("How surprised?"),
        _(
            "Minus the logarithm of the share that {coming} got. A word expected for sure would "
            "cost 0; guessing among {outputs} costs ln {outputs} = {chance}.",
            coming=sheet.line("coming", t - 1),
            outputs=shape.outputs,
            chance=sheet.line("chance"),
        ),
        equation(f"<math>{var('L', t)}{op('=')}{sheet.line('judged', t - 1)}</math>"),
        lit=(f"y-{t}", f"loss-{t}", f"lost-{t}"),
        new=(f"loss-{t}", f"lost-{t}"),
        at=moment(shape, t),
    )


def second(shape: Shape, sheet: Sheet, news: tuple[str, ...], sweep: tuple[str, ...]) -> Iterator[Frame]:
    """The second forward pass. news : the layers of the new weights. sweep : the columns' second states."""
    feet = tuple(f"again-foot-{t}" for t in range(1, shape.steps + 1))
    before, after = sheet.line("long L"), sheet.line("long L2")
    yield Frame(
        "again",
        0,
        1,
        2,
        _("Read the sentence again."),
        _(
            "The same words through the new weights, and what is expected after each of them "
            "now. The first states stay below as ghosts."
        ),
        display(var("L"), op(":"), mn(before), op("\u2192"), mn(after, "f")),
        lit=(*sweep, *feet, "again-y"),
        new=(*sweep, *feet, "again-y"),
        on=news,
        sweep=(*sweep, *feet, "again-y"),
    )
    said = N_("The mean loss goes from {before} to {after}. {outcome} The gradient had promised {promised}.")
    yield verdict(sheet, said, news, ("again-y", "loss", *feet))
