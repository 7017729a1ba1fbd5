"""The scenes that read the sentence: unfold, and forward step by step."""

from collections.abc import Iterator

from app.stage.frame import Frame
from app.stage.portraits import PORTRAITS, told
from app.stage.shape import Shape
from app.stage.sheet import Sheet


def unfold(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """The loop opens into T copies, each tied to the one set of weights."""
    count = sheet.line("count")
    columns = shape.columns
    formula = "".join(PORTRAITS[shape.cell].rule(shape, lane) for lane in shape.lanes)
    yield Frame(
        "unfold",
        0,
        1,
        2,
        "One cell with a loop.",
        "The network keeps a state h and reads one word at a time. The loop hands h back in with the next "
        "word. "
        f"It has {count} numbers to learn; a longer sentence of the same words has no more.",
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
        f"One word, one copy of the cell: {shape.steps} {plural} from left to right. The threads lead to one "
        "set of weights "
        f"below, shared by every copy, so there are still {count} parameters.",
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
