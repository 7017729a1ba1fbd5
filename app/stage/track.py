"""The track: the rows of columns, and what stands at their ends."""

from app.stage.column import columns
from app.stage.heads import HEADS
from app.stage.meeting import ending, roads, turn
from app.stage.portraits import PORTRAITS
from app.stage.readout import origin
from app.stage.shape import Shape
from app.stage.sheet import Sheet


def track(shape: Shape, sheet: Sheet) -> str:
    """Origin, columns and readout, side by side; of two chains one lane above the other."""
    draw, head = PORTRAITS[shape.cell].column, HEADS[shape.task]
    upper = origin(shape, sheet) + columns(shape, sheet, shape.lanes[0], draw)
    if len(shape.lanes) == 1:
        return upper + head.end(shape, sheet)
    lane = shape.lanes[1]
    lower = turn(shape) + columns(shape, sheet, lane, draw) + ending(shape, sheet, lane)
    return (
        f'<div class="lanes">{roads(shape, sheet)}<div class="lane">{upper}</div>'
        f'<div class="lane">{lower}</div></div>{head.meeting(shape, sheet)}'
    )


def cells(shape: Shape, sheet: Sheet) -> str:
    """Every step's cell, opened, of a kind that can be and of a sentence that is not too long."""
    portrait = PORTRAITS[shape.cell]
    if portrait.opened is None or shape.steps > portrait.strides:
        return ""
    return "".join(
        portrait.opened(shape, sheet, lane, t) for lane in shape.lanes for t in range(1, shape.steps + 1)
    )
