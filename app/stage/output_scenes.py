"""The scenes at the end of the sentence: output, loss, and both once more after the update."""

from collections.abc import Iterator

from app.stage.coins import move
from app.stage.formulas import display, equation, hat_y, mn, op, row, upright, var, vector
from app.stage.frame import Frame
from app.stage.phrases import sub
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import N_, _, n_


def output(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """h_T W_hy -> logit -> sigmoid -> y_hat."""
    yield _logit(shape, sheet)
    yield _prediction(shape, sheet)


def _logit(shape: Shape, sheet: Sheet) -> Frame:
    last, z = shape.steps, sheet.line("long z")
    states = tuple(lane.name("h", lane.last) for lane in shape.lanes)
    roads = tuple(f"road{lane.suffix}" for lane in shape.lanes[1:])
    ends = _ends(shape, "end")
    inside = "b_y" in shape.outer and shape.output_inside
    symbols = (op("+"), var("b", "y")) if inside else ()
    numbers = (sheet.line("plus b_y"),) if inside else ()
    return Frame(
        "output",
        last,
        1,
        2,
        _("One output, after the last word."),
        _WEIGHED[len(shape.lanes)](shape, inside, z),
        display(
            var("z"),
            op("="),
            joined([lane.var("h", lane.last) for lane in shape.lanes]),
            var("W", "hy"),
            *symbols,
            op("="),
            vector(last_states(shape, sheet), "f"),
            upright(column(sheet, "W_hy")),
            *numbers,
            op("="),
            mn(z, "f"),
        ),
        lit=(*states, *roads, *ends, "edge-y", "W_hy-all", "z"),
        new=(*roads, *ends, "edge-y", "z"),
        fly=(tuple(map(move, states[1:], ends)), tuple(move(part, "z") for part in (states[0], *ends)))[
            not ends :
        ],
    )


def _ends(shape: Shape, kind: str) -> tuple[str, ...]:
    """The last state of the lower of two chains once more, below the readout."""
    return tuple(lane.name(kind, lane.last) for lane in shape.lanes[1:])


def last_states(shape: Shape, sheet: Sheet) -> list[str]:
    """The texts of what the readout reads: the last state of every chain."""
    return [text for lane in shape.lanes for text in lane.step(sheet, "h", lane.last)]


def joined(symbols: list[str], after: str = "") -> str:
    """One symbol as it is, two side by side in brackets."""
    if len(symbols) == 1:
        return symbols[0]
    inside = row(op("["), op(";").join(symbols), op("]"))
    return f"<msup>{inside}<mo>{after}</mo></msup>" if after else inside


def both(symbols: list[str]) -> str:
    """One symbol as it is, two in a sentence."""
    return symbols[0] if len(symbols) == 1 else _("{one} and {other}", one=symbols[0], other=symbols[1])


def _one_chain(shape: Shape, biased: bool, z: str) -> str:
    """What makes the logit."""
    told = _("Many to one: only {h} reaches the output.", h=sub("h", shape.steps)) + " "
    if biased:
        return told + n_(
            "Its one unit times its weight, plus the bias, makes the logit z = {z}.",
            "Its {count} units, each times its weight, and the bias, make the logit z = {z}.",
            shape.units,
            z=z,
        )
    return told + n_(
        "Its one unit times its weight makes the logit z = {z}.",
        "Its {count} units, each times its weight, make the logit z = {z}.",
        shape.units,
        z=z,
    )


def _two_chains(shape: Shape, biased: bool, z: str) -> str:
    states = both([lane.said("h", lane.last) for lane in shape.lanes])
    met = _("The ends meet: {states} have each seen the whole sentence.", states=states) + " "
    if biased:
        return met + _(
            "Their {count} numbers side by side, each times its weight, and the bias, make the logit z = "
            "{z}.",
            count=2 * shape.units,
            z=z,
        )
    return met + _(
        "Their {count} numbers side by side, each times its weight, make the logit z = {z}.",
        count=2 * shape.units,
        z=z,
    )


_WEIGHED = {1: _one_chain, 2: _two_chains}
"""What makes the logit, by the number of chains."""


def _prediction(shape: Shape, sheet: Sheet) -> Frame:
    y_hat, bias = sheet.line("long y"), sheet.line("long b_y")
    late = "b_y" in shape.outer and not shape.output_inside
    return Frame(
        "output",
        shape.steps,
        2,
        2,
        _("Through σ."),
        (
            _(
                "σ presses z between 0 and 1, and b<sub>y</sub> = {bias} is added after it: ŷ = "
                "{y_hat}, which may leave that range.",
                bias=bias,
                y_hat=y_hat,
            )
            + " "
            if late
            else _("σ turns z into ŷ = {y_hat}: how positive the network finds the sentence.", y_hat=y_hat)
            + " "
        )
        + _("The target is {target}.", target=shape.target),
        equation(sheet.line("formula sigma")),
        lit=("z", "sigma", "y"),
        new=("sigma", "y"),
        slide=("sigma",),
    )


def column(sheet: Sheet, name: str) -> list[str]:
    """The texts of a matrix of one column."""
    return [line[0] for line in sheet.cells[name].matrix()]


def loss(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """The value of the loss, then its slope, where everything backward starts."""
    yield Frame(
        "loss",
        shape.steps,
        1,
        2,
        _("How wrong?"),
        f"{_loss_words(shape, sheet.line('long y'))} {sheet.line('rounding')}"
        + _("The loss is {loss}.", loss=sheet.line("long L")),
        equation(sheet.line("formula loss")),
        lit=("loss", "y", "L"),
        new=("loss",),
    )
    yield Frame(
        "loss",
        shape.steps,
        2,
        2,
        _("Which way is better?"),
        sheet.line("aim") + _("From here on everything runs backward."),
        equation(sheet.line("formula slope")),
        lit=("loss", "dy"),
        new=("dy",),
    )


def _loss_words(shape: Shape, y_hat: str) -> str:
    return {
        "bce": _(
            "Cross-entropy asks how surprised the network is that the answer is {target}, having "
            "said {y_hat}.",
            target=shape.target,
            y_hat=y_hat,
        ),
        "mse": _(
            "The squared distance of ŷ = {y_hat} from the target {target}.", y_hat=y_hat, target=shape.target
        ),
        "difference": _(
            "The plain difference y − ŷ of {target} and {y_hat}. A demonstration only: it has no "
            "minimum, so descent pushes ŷ up for ever, whatever the target is.",
            target=shape.target,
            y_hat=y_hat,
        ),
    }[shape.loss]


def second(shape: Shape, sheet: Sheet, news: tuple[str, ...], sweep: tuple[str, ...]) -> Iterator[Frame]:
    """The second forward pass. news : the layers of the new weights. sweep : the columns' second states."""
    yield Frame(
        "again",
        0,
        1,
        2,
        _("Read the sentence again."),
        _("The same words through the new weights. The first pass stays below as a ghost."),
        display(hat_y(), op(":"), mn(sheet.line("long y")), op("\u2192"), mn(sheet.line("long y2"), "f")),
        lit=(*sweep, "again-y"),
        new=(*sweep, *_ends(shape, "end2"), "again-y"),
        on=news,
        sweep=(*sweep, "again-y"),
    )
    said = N_("The loss goes from {before} to {after}. {outcome} The gradient had promised {promised}.")
    yield verdict(sheet, said, news, ("again-y", "loss", "loss2"), ("loss2",))


def verdict(
    sheet: Sheet, said: str, news: tuple[str, ...], lit: tuple[str, ...], new: tuple[str, ...] = ()
) -> Frame:
    """The last scene. said : the sentence both losses stand in. news : the layers of the new weights."""
    before, after = sheet.line("long L"), sheet.line("long L2")
    outcome, promised = sheet.line("outcome"), sheet.line("promised")
    return Frame(
        "again",
        0,
        2,
        2,
        _("Did it help?"),
        _(said, before=before, after=after, outcome=outcome, promised=promised),
        display(var("L"), op(":"), mn(before), op("\u2192"), mn(after, "f")),
        lit=lit,
        new=new,
        on=news,
    )
