"""How each kind of cell is drawn and told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.experiments.passes import ForwardChain
from app.experiments.run import Run
from app.stage.cells import elman_backward, elman_column, elman_forward, elman_reading
from app.stage.frame import Frame, together
from app.stage.lanes import Lane
from app.stage.layout import Geometry
from app.stage.shape import Shape
from app.stage.sheet import Sheet

Named = dict[str, NDArray[np.float64]]
Telling = Callable[[Shape, Sheet, Lane, int], list[Frame]]
STRIDES = 64  # a longer sentence is told a step a frame: nobody watches a thousand


@dataclass(frozen=True)
class Portrait:
    """A kind of cell.

    column : (shape, sheet, lane, t) -> what stands in the column of a step
    forward, backward, again : its arrays by name, (T, H), on the way forward, back, and forward again
    norms : the sizes of the gradient at each step, (T,), in the order in which its ribbon passes them
    places, lines : coordinates and phrases, one a step
    vectors : the names of the arrays that have a number for every unit. colourless : those without a colour
    rule : (shape, lane) -> MathML of its equations
    read, blame : the frames of a step, forwards and back; the same at once, in one frame, for long sentences
    """

    column: Callable[[Shape, Sheet, Lane, int], str]
    forward: Callable[[Run, Lane], Named]
    backward: Callable[[Run, Lane], Named]
    again: Callable[[ForwardChain], Named]
    norms: Callable[[Run, Lane], Named]
    places: Callable[[Run, Lane, Geometry, float], Named]
    lines: Callable[[Run, Lane], dict[str, list[str]]]
    vectors: frozenset[str]
    colourless: frozenset[str]
    rule: Callable[[Shape, Lane], str]
    read: Telling
    blame: Telling
    read_at_once: Telling
    blame_at_once: Telling


PORTRAITS = {
    "elman": Portrait(
        elman_column.column,
        elman_reading.forward,
        elman_reading.backward,
        elman_reading.again,
        elman_reading.norms,
        elman_reading.places,
        elman_reading.lines,
        frozenset(("a", "f", "h", "xw", "hw", "h0", "fp", "b", "a2", "h2", "dh", "da")),
        frozenset(("fp", "f")),
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
