"""How each kind of cell is drawn and told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.stage.cells import elman_backward, elman_forward
from app.stage.frame import Frame, together
from app.stage.lanes import Lane
from app.stage.shape import Shape
from app.stage.sheet import Sheet

Telling = Callable[[Shape, Sheet, Lane, int], list[Frame]]
STRIDES = 64  # a longer sentence is told a step a frame: nobody watches a thousand


@dataclass(frozen=True)
class Portrait:
    """A kind of cell.

    rule : (shape, lane) -> MathML of its equations. read, blame : the frames of a step, forwards and back.
    read_at_once, blame_at_once : the same in one frame, for long sentences
    """

    rule: Callable[[Shape, Lane], str]
    read: Telling
    blame: Telling
    read_at_once: Telling
    blame_at_once: Telling


PORTRAITS = {
    "elman": Portrait(
        elman_forward.rule,
        elman_forward.read,
        elman_backward.blame,
        elman_forward.read_at_once,
        elman_backward.blame_at_once,
    )
}


def told(tell: Telling, shape: Shape, sheet: Sheet, tick: int) -> Iterator[Frame]:
    """The frames of a tick of the clock: those of each chain's step, told together."""
    if len(shape.lanes) == 1:
        yield from tell(shape, sheet, shape.lanes[0], tick)
        return
    steps = [(lane, lane.at(tick)) for lane in shape.lanes]
    frames = [
        [frame._replace(at=(lane.name("col", t),)) for frame in tell(shape, sheet, lane, t)]
        for lane, t in steps
    ]
    yield from map(together, zip(*frames, strict=True))
