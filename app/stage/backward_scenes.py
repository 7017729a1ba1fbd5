"""The scenes of the gradient on its way through time."""

from collections.abc import Iterator

from app.stage.frame import Frame
from app.stage.heads import HEADS
from app.stage.portraits import PORTRAITS, told
from app.stage.shape import Shape
from app.stage.sheet import Sheet


def back(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """Every step of every chain, in the order opposite to its reading."""
    portrait, head = PORTRAITS[shape.cell], HEADS[shape.task]
    tell = portrait.blame if shape.steps <= portrait.strides else portrait.blame_at_once
    for tick in range(shape.steps, 0, -1):
        met = [*told(head.meet, shape, sheet, tick)]
        frames = [*met, *told(tell, shape, sheet, tick)]
        yield from (
            frame._replace(part=part, parts=len(frames)) for part, frame in enumerate(frames, 1)
        )
