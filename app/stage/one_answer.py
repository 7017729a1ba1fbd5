"""The numbers and phrases of a network with one output, read after the last word."""

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.numerals import long
from app.stage.end_formulas import formulas
from app.stage.ends import End, end_of, output_slope, rounding_told, vanishing_told
from app.stage.formulas import plus
from app.stage.meeting import WIDEST
from app.stage.paths import pulse_widths
from app.stage.plot import plot_lines
from app.stage.readout import readout_lines
from app.stage.shape import Shape
from app.stage.sheet import Numbers
from app.wording.catalogue import N_, _

Named = dict[str, NDArray[np.float64]]
Lines = dict[str, list[str]]
# Whether the way down leads towards the target.
AIM = {
    True: N_(
        "The slope of the loss at ŷ is {slope}: to lower the loss, ŷ has to go {way}, towards the target."
    ),
    False: N_(
        "The slope of the loss at ŷ is {slope}: to lower the loss, ŷ has to go {way}, away from the target."
    ),
}


def forward(run: Run, shape: Shape) -> Named:
    """Logit, prediction, the slope between them, and b_y where there is one; (1, 1) each."""
    found = {"z": _single(run.forward.logit), "y": _single(run.forward.y_hat)}
    found["sp"] = np.array([[output_slope(run)]])
    if "b_y" in shape.outer:
        found["by"] = _single(run.parameters["readout"]["b_y"])
    return found


def again(run: Run, shape: Shape) -> Named:
    """Logit and prediction of the second forward pass."""
    again = run.update.forward
    return {} if again is None else {"z2": _single(again.logit), "y2": _single(again.y_hat)}


def backward(run: Run, shape: Shape) -> Named:
    """dL/dz and dL/dy_hat."""
    return {"dz": _single(run.backward.d_logit), "dy": _single(run.backward.d_y_hat)}


def sizes(run: Run, shape: Shape) -> Named:
    """The loss."""
    return {"L": np.array([run.loss])}


def pulses(run: Run) -> Named:
    """What the ribbon between the logit and h_T is as wide as."""
    return {" y": np.abs(run.backward.d_logit)}


def places(run: Run, shape: Shape, sizes: Named) -> Named:
    """The road of the other chain's gradient."""
    found = {}
    for lane in shape.lanes[1:]:
        norm = sizes[f"norm{lane.suffix}"][0, lane.last - 1 : lane.last]
        found["road width"] = pulse_widths(norm, min(WIDEST, shape.geometry.span))
    return found


def lines(run: Run, shape: Shape, numbers: Numbers) -> Lines:
    """The loss as a picture, the readout's marks, and what is said of them."""
    end = end_of(run)
    return {
        "aim": [_aim(run, end)],
        **_scalars(run, end),
        **{f"formula {name}": [formula] for name, formula in formulas(run, end).items()},
        "rounding": [rounding_told(end)],
        "vanishing": [vanishing_told(run, end)],
        **plot_lines(run),
        **readout_lines(run, end, shape.geometry),
    }


def _single(array: NDArray[np.float64]) -> NDArray[np.float64]:
    return array.reshape(1, 1)


def _scalars(run: Run, end: End) -> Lines:
    """Single numbers, long."""
    found = run.parameters["readout"].get("b_y")
    bias = 0.0 if found is None else found.item(0)
    return {
        "long z": [long(end.z)],
        "long b_y": [long(bias)],
        "plus b_y": ["".join(plus(bias))],
        "long last norm": [long(run.backward.d_h_norm.item(-1))],
        "long y": [end.prediction],
        "long y2": [end.second_prediction],
        "long sp": [end.sigma_slope.long],
        "long dz": [end.d_logit.long],
    }


def _aim(run: Run, end: End) -> str:
    """Where y_hat has to go, told by the slope of the loss."""
    slope, y_hat, target = run.backward.d_y_hat.item(0), run.forward.y_hat.item(0), run.experiment.target
    if slope == 0.0:
        return _("The slope of the loss at ŷ is 0: ŷ stands where it should.") + " "
    way = _("down") if slope > 0 else _("up")
    # A prediction that rounds to its target is still short of it under cross-entropy.
    towards = run.experiment.loss == "bce" or (slope > 0) == (target < y_hat)
    return _(AIM[towards], slope=end.d_prediction.long, way=way) + " "
