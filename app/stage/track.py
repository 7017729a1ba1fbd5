"""The track: the rows of columns, and what stands at their ends."""

from app.stage.column import columns
from app.stage.heads import HEADS
from app.stage.portraits import PORTRAITS
from app.stage.readout import origin
from app.stage.shape import Shape
from app.stage.sheet import Sheet


def track(shape: Shape, sheet: Sheet) -> str:
    """Origin, columns and readout, side by side."""
    draw, end = PORTRAITS[shape.cell].column, HEADS[shape.task].end
    return origin(shape, sheet) + columns(shape, sheet, shape.lanes[0], draw) + end(shape, sheet)


def cells(shape: Shape, sheet: Sheet) -> str:
    """Every step's cell, opened, of a kind that can be and of a sentence that is not too long."""
    portrait = PORTRAITS[shape.cell]
    if portrait.opened is None or shape.steps > portrait.strides:
        return ""
    return "".join(
        portrait.opened(shape, sheet, lane, t) for lane in shape.lanes for t in range(1, shape.steps + 1)
    )
