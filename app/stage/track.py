"""The track: the rows of columns, and what stands at their ends."""

from app.stage.column import columns
from app.stage.heads import HEADS
from app.stage.meeting import ending, turn
from app.stage.portraits import PORTRAITS
from app.stage.readout import origin
from app.stage.shape import Shape
from app.stage.sheet import Sheet


def track(shape: Shape, sheet: Sheet) -> str:
    """Origin, columns and readout, side by side; lanes and feet one below the other."""
    draw, head = PORTRAITS[shape.cell].column, HEADS[shape.task]
    rows = [origin(shape, sheet) + columns(shape, sheet, shape.lanes[0], draw)]
    for lane in shape.lanes[1:]:
        rows.append(turn(shape) + columns(shape, sheet, lane, draw) + ending(shape, sheet, lane))
    if below := head.below(shape, sheet):
        rows.append(below)
    if len(rows) == 1:
        return rows[0] + head.end(shape, sheet)
    under, end = (head.roads, head.meeting) if len(shape.lanes) > 1 else (_nothing, head.end)
    lanes = "".join(f'<div class="lane">{row}</div>' for row in rows)
    return f'<div class="lanes">{under(shape, sheet)}{lanes}</div>{end(shape, sheet)}'


def _nothing(shape: Shape, sheet: Sheet) -> str:
    return ""


def cells(shape: Shape, sheet: Sheet) -> str:
    """Every step's cell, opened, of a kind that can be and of a sentence that is not too long."""
    portrait = PORTRAITS[shape.cell]
    if portrait.opened is None or not portrait.opens(shape.steps):
        return ""
    return "".join(
        portrait.opened(shape, sheet, lane, t) for lane in shape.lanes for t in range(1, shape.steps + 1)
    )
