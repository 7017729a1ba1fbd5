"""The scenes that read the sentence: unfold, and forward step by step."""

from collections.abc import Iterator

from app.stage.frame import Frame
from app.stage.portraits import PORTRAITS, told
from app.stage.shape import Shape
from app.stage.sheet import Sheet

_TIED = {1: "one set of weights below", 2: "the weights below, one set for each direction"}
"""Where the threads lead, by the number of chains."""


def _said(shape: Shape) -> tuple[str, str]:
    """Title and caption of the network before it is unrolled."""
    loops = PORTRAITS[shape.cell].loops
    if len(shape.lanes) == 1:
        return loops.title, loops.told
    return loops.titles, (
        "One reads from left to right, the other from right to left. Each keeps "
        f"{loops.own} of its own, in the order of its own time; neither waits for the other."
    )


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
        f"{told} It has {count} numbers to learn; a longer sentence of the same words has no more.",
        formula,
        lit=("fold",),
    )
    plural = "copy" if shape.steps == 1 else "copies"
    yield Frame(
        "unfold",
        0,
        2,
        2,
        "Unrolled in time.",
        f"One word, one copy of {'the' if chains == 1 else 'each'} cell: {shape.steps} {plural} from left to "
        f"right.{PORTRAITS[shape.cell].loops.unrolled} The threads lead to {_TIED[chains]}, shared by every "
        f"copy, so there are still {count} parameters.",
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
