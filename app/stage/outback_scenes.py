"""The scenes of the gradient at the end of the sentence: back through the output."""

from collections.abc import Iterator

from app.stage.formulas import d, display, equation, mn, op, upright, var, vector
from app.stage.frame import Frame
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
    slope, d_z = sheet.line("long sp"), sheet.line("long dz")
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
        f"The slope of \u03c3 at z is {slope}. The blame on z is the blame on \u0177 times that slope.{neat}"
        f"{sheet.line('vanishing')}",
        equation(sheet.line("formula blame")),
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
