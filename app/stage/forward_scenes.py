"""The scenes that read the sentence: unfold, and forward step by step."""

from collections.abc import Iterator

from app.stage.frame import Frame
from app.stage.portraits import PORTRAITS, told
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _, n_


def _said(shape: Shape) -> tuple[str, str]:
    """Title and caption of the network before it is unrolled."""
    loops = PORTRAITS[shape.cell].loops
    if len(shape.lanes) == 1:
        return _(loops.title), _(loops.told)
    return _(loops.titles), _(
        "One reads from left to right, the other from right to left. Each keeps {state} of its own, in the "
        "order of its own time; neither waits for the other.",
        state=_(loops.own),
    )


def _one_unrolled(steps: int, learned: str, more: str) -> str:
    return n_(
        "One word, one copy of the cell: {count} copy from left to right.{more} The threads lead to one set "
        "of weights below, shared by every copy, so there are still {learned} parameters.",
        "One word, one copy of the cell: {count} copies from left to right.{more} The threads lead to one "
        "set of weights below, shared by every copy, so there are still {learned} parameters.",
        steps,
        learned=learned,
        more=more,
    )


def _two_unrolled(steps: int, learned: str, more: str) -> str:
    return n_(
        "One word, one copy of each cell: {count} copy from left to right.{more} The threads lead to the "
        "weights below, one set for each direction, shared by every copy, so there are still {learned} "
        "parameters.",
        "One word, one copy of each cell: {count} copies from left to right.{more} The threads lead to the "
        "weights below, one set for each direction, shared by every copy, so there are still {learned} "
        "parameters.",
        steps,
        learned=learned,
        more=more,
    )


_UNROLLED = {1: _one_unrolled, 2: _two_unrolled}
"""What is said of the copies, by the number of chains."""


def unfold(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """The loop opens into T copies, each tied to the one set of weights."""
    count, columns, chains = sheet.line("count"), shape.columns, len(shape.lanes)
    formula = "".join(PORTRAITS[shape.cell].rule(shape, lane) for lane in shape.lanes)
    title, told = _said(shape)
    yield Frame(
        "unfold",
        0,
        1,
        2,
        title,
        told
        + " "
        + _("It has {count} numbers to learn; a longer sentence of the same words has no more.", count=count),
        formula,
        lit=("fold",),
    )
    more = PORTRAITS[shape.cell].loops.unrolled
    yield Frame(
        "unfold",
        0,
        2,
        2,
        _("Unrolled in time."),
        _UNROLLED[chains](shape.steps, count, more and " " + _(more)),
        formula,
        lit=("fold", *columns),
        sweep=columns,
    )


def forward(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """Every step of every chain, as its cell works it out; two chains take a step each at the same time."""
    portrait = PORTRAITS[shape.cell]
    tell = portrait.read if shape.steps <= portrait.strides else portrait.read_at_once
    for tick in range(1, shape.steps + 1):
        yield from told(tell, shape, sheet, tick)
