"""What comes back to a state from the steps read after it, as a cell's scenes tell it.

Where one answer is asked at the end, it is all the blame of a state. Where every step predicts, the state's
own loss adds to it before the cell passes it on.
"""

import numpy as np
from numpy.typing import NDArray

from app.engine.finite import held
from app.engine.norms import row_norms
from app.experiments.run import Run
from app.stage.formulas import d, op, row
from app.stage.lanes import Lane
from app.stage.shape import Shape
from app.wording.catalogue import _

Array = NDArray[np.float64]
PLAIN, CARRIED = "dh", "beyond"


def kind(shape: Shape) -> str:
    """The name of its array, and of its vector in the drawing."""
    return CARRIED if shape.per_step else PLAIN


def reveals(shape: Shape, lane: Lane, t: int) -> tuple[str, ...]:
    """The parts that become known when it comes back to step t."""
    arrived = (lane.name(kind(shape), t),)
    return arrived if shape.per_step else (*arrived, lane.name("norm", t))


def symbol(shape: Shape, lane: Lane, t: int) -> str:
    """MathML of it."""
    whole = d("<mi>L</mi>", lane.var("h", t))
    if not shape.per_step:
        return whole
    return f"<msub>{row(op('('), whole, op(')'))}<mi>later</mi></msub>"


def named(shape: Shape, lane: Lane, t: int) -> str:
    """The same in a sentence."""
    return (
        _("what {h_t} owes to later losses", h_t=lane.said("h", t))
        if shape.per_step
        else _("the blame on {h_t}", h_t=lane.said("h", t))
    )


def size(shape: Shape) -> str:
    """The name of the array of its sizes."""
    return "norm owed" if shape.per_step else "norm"


def sizes(run: Run, lane: Lane) -> dict[str, Array]:
    """Its size at every step (T,), where it is not that of the whole blame."""
    if not run.network.per_step:
        return {}
    with np.errstate(over="ignore"):
        return {"norm owed": held(row_norms(run.backward.chains[lane.chain].d_h_carried))}
