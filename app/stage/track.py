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
