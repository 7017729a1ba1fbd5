"""The scenes of the gradient at the end of the sentence: back through the output."""

from collections.abc import Iterator

from app.stage.formulas import THIN, d, display, equation, mn, op, upright, var, vector
from app.stage.frame import Frame
from app.stage.output_scenes import both, column, joined, last_states
from app.stage.phrases import sub
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _


def outback(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """Times sigma', the fork to W_hy and b_y, and on to h_T."""
    yield _through_sigma(shape, sheet)
    yield _fork(shape, sheet)
    blamed, sizes = (tuple(lane.name(kind, lane.last) for lane in shape.lanes) for kind in ("dh", "norm"))
    pulses = tuple(f"pulse-y{lane.suffix}" for lane in shape.lanes)
    states = [lane.var("h", lane.last) for lane in shape.lanes]
    found = [text for lane in shape.lanes for text in lane.step(sheet, "dh", lane.last)]
    yield Frame(
        "outback",
        shape.steps,
        3,
        3,
        _("On to the last state.") if len(states) == 1 else _("One pulse splits."),
        _ON[len(states)](shape, sheet),
        display(
            d("<mi>L</mi>", joined(states)),
            op("="),
            d("<mi>L</mi>", "<mi>z</mi>"),
            var("W", "hy", "\u22a4"),
            op("="),
            vector(found, "b"),
        ),
        lit=("dz", *pulses, *blamed, "W_hy-all"),
        new=(*pulses, *blamed, *sizes),
        grow=pulses,
    )


def _to_one(shape: Shape, sheet: Sheet) -> str:
    return _(
        "{h_steps} is blamed through the same weights that carried it out: unit by unit, the "
        "blame on z times W<sub>hy</sub>. Its size is {norm}.",
        h_steps=sub("h", shape.steps),
        norm=sheet.line("long last norm"),
    )


def _to_both(shape: Shape, sheet: Sheet) -> str:
    upper, lower = shape.lanes
    sizes = [lane.number(sheet, "norm", lane.last) for lane in shape.lanes]
    return _(
        "Each half of W<sub>hy</sub> sends the blame on z back to the state it read: {size} "
        "to {h_last}, {size2} to {h_last2}. From here the upper gradient runs from step "
        "{last} to {start}, the lower from {last2} to {start2}.",
        size=sizes[0],
        h_last=upper.said("h", upper.last),
        size2=sizes[1],
        h_last2=lower.said("h", lower.last),
        last=upper.last,
        start=upper.start,
        last2=lower.last,
        start2=lower.start,
    )


_ON = {1: _to_one, 2: _to_both}
"""How the blame goes on, by the number of chains."""


def _through_sigma(shape: Shape, sheet: Sheet) -> Frame:
    slope, d_z = sheet.line("long sp"), sheet.line("long dz")
    neat = (
        " " + _("For cross-entropy this is simply ŷ − y = {d_z}.", d_z=d_z)
        if shape.loss == "bce" and shape.output_inside
        else ""
    )
    return Frame(
        "outback",
        shape.steps,
        1,
        3,
        _("Back through σ."),
        _(
            "The slope of σ at z is {slope}. The blame on z is the blame on ŷ times that "
            "slope.{neat}{vanishing}",
            slope=slope,
            neat=neat,
            vanishing=sheet.line("vanishing"),
        ),
        equation(sheet.line("formula blame")),
        lit=("dy", "sp", "dz"),
        new=("sp", "dz"),
        fly=(("dy,dy,dz",),),
    )


def _fork(shape: Shape, sheet: Sheet) -> Frame:
    names = shape.outer
    coins, layers = tuple(f"slot-{name}-whole" for name in names), tuple(f"tot-{name}-all" for name in names)
    return Frame(
        "outback",
        shape.steps,
        2,
        3,
        _("A fork: the output pays at once."),
        _(
            "{weights} act once, at the end, so the whole gradient arrives now: {states} times the blame on "
            "z. No step of time stands in between.",
            weights=_("W<sub>hy</sub> and b<sub>y</sub>") if "b_y" in names else "W<sub>hy</sub>",
            states=both([lane.said("h", lane.last) for lane in shape.lanes]),
        )
        + (
            " " + _("b<sub>y</sub> stands outside σ: it is paid the blame on ŷ itself.")
            if "b_y" in names and not shape.output_inside
            else ""
        ),
        display(
            d("<mi>L</mi>", var("W", "hy")),
            op("="),
            _transposed(shape),
            THIN + d("<mi>L</mi>", "<mi>z</mi>"),
            op("="),
            upright(last_states(shape, sheet), "f"),
            THIN + mn(sheet.line("long dz"), "b"),
            op("="),
            upright(column(sheet, "tot-W_hy"), "b"),
        ),
        lit=(*(lane.name("h", lane.last) for lane in shape.lanes), "dz", "W_hy", *coins),
        new=coins,
        on=layers,
        fly=(tuple(f"{coin},dz,{coin}" for coin in coins),),
    )


def _transposed(shape: Shape) -> str:
    """What the readout reads, standing upright."""
    if len(shape.lanes) == 1:
        return var("h", shape.steps, "\u22a4")
    return joined([lane.var("h", lane.last) for lane in shape.lanes], "\u22a4")
