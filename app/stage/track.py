"""The track: the rows of columns, and what stands at their ends."""

from app.stage.column import columns
from app.stage.portraits import PORTRAITS
from app.stage.readout import origin, readout
from app.stage.shape import Shape
from app.stage.sheet import Sheet


def track(shape: Shape, sheet: Sheet) -> str:
    """Origin, columns and readout, side by side."""
    draw = PORTRAITS[shape.cell].column
    return origin(shape, sheet) + columns(shape, sheet, shape.lanes[0], draw) + readout(shape, sheet)
