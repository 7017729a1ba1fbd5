"""How each kind of cell is drawn and told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.experiments.passes import ForwardChain
from app.experiments.run import Run
from app.stage.cells import (
    elman_backward,
    elman_column,
    elman_forward,
    elman_reading,
    gates,
    gru_backward,
    gru_cell,
    gru_column,
    gru_forward,
    gru_reading,
    loops,
    lstm_backward,
    lstm_cell,
    lstm_column,
    lstm_forward,
    lstm_reading,
)
from app.stage.cells.gates import Gate
from app.stage.cells.loops import Loops
from app.stage.frame import Frame, together
from app.stage.lanes import Lane
from app.stage.layout import Geometry
from app.stage.shape import Shape
from app.stage.sheet import Numbers, Sheet

Named = dict[str, NDArray[np.float64]]
Telling = Callable[[Shape, Sheet, Lane, int], list[Frame]]
STRIDES = 64  # a longer sentence is told a step a frame: nobody watches a thousand


@dataclass(frozen=True)
class Portrait:
    """A kind of cell.

    column : (shape, sheet, lane, t) -> what stands in the column of a step
    forward, backward, again : its arrays by name, (T, H), on the way forward, back, and forward again
    norms : the sizes of the gradient at each step, (T,), in the order in which its ribbon passes them
    places, lines : coordinates and phrases, one a step; phrases tell what runs forward, and the norms
    vectors : the names of the arrays that have a number for every unit. colourless : those without a colour
    rule : (shape, lane) -> MathML of its equations
    read, blame : the frames of a step, forwards and back; the same at once, in one frame, for long sentences
    loops : the cell before it is unrolled
    opened : (shape, sheet, lane, t) -> the cell itself, drawn large; None where its column says it all
    gates : what its gates are called
    strides : more words than this are told a step a frame, and their cells stay closed
    """

    column: Callable[[Shape, Sheet, Lane, int], str]
    forward: Callable[[Run, Lane], Named]
    backward: Callable[[Run, Lane], Named]
    again: Callable[[ForwardChain], Named]
    norms: Callable[[Run, Lane], Named]
    places: Callable[[Run, Lane, Geometry, float], Named]
    lines: Callable[[Run, Lane, Numbers], dict[str, list[str]]]
    vectors: frozenset[str]
    colourless: frozenset[str]
    rule: Callable[[Shape, Lane], str]
    read: Telling
    blame: Telling
    read_at_once: Telling
    blame_at_once: Telling
    loops: Loops
    opened: Callable[[Shape, Sheet, Lane, int], str] | None = None
    strides: int = STRIDES
    gates: tuple[Gate, ...] = ()

    def opens(self, steps: int) -> bool:
        """Whether the cells of so long a sentence are drawn opened."""
        return self.opened is not None and steps <= self.strides


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
        loops.ELMAN,
    ),
    "lstm": Portrait(
        lstm_column.column,
        lstm_reading.forward,
        lstm_reading.backward,
        lstm_reading.again,
        lstm_reading.norms,
        lstm_reading.places,
        lstm_reading.lines,
        lstm_reading.VECTORS,
        lstm_reading.COLOURLESS,
        lstm_forward.rule,
        lstm_forward.read,
        lstm_backward.blame,
        lstm_forward.read_at_once,
        lstm_backward.blame_at_once,
        loops.LSTM,
        lstm_cell.opened,
        gates.OPENED,
        lstm_reading.GATES,
    ),
    "gru": Portrait(
        gru_column.column,
        gru_reading.forward,
        gru_reading.backward,
        gru_reading.again,
        gru_reading.norms,
        gru_reading.places,
        gru_reading.lines,
        gru_reading.VECTORS,
        gru_reading.COLOURLESS,
        gru_forward.rule,
        gru_forward.read,
        gru_backward.blame,
        gru_forward.read_at_once,
        gru_backward.blame_at_once,
        loops.GRU,
        gru_cell.opened,
        gates.OPENED,
        gru_reading.GATES,
    ),
}


def told(tell: Telling, shape: Shape, sheet: Sheet, tick: int) -> Iterator[Frame]:
    """The frames of a tick of the clock: those of each chain's step, told together."""
    if len(shape.lanes) == 1:
        yield from tell(shape, sheet, shape.lanes[0], tick)
        return
    steps = [(lane, lane.at(tick)) for lane in shape.lanes]
    frames = [
        [frame._replace(at=frame.at or (lane.name("col", t),)) for frame in tell(shape, sheet, lane, t)]
        for lane, t in steps
    ]
    yield from map(together, zip(*frames, strict=True))
