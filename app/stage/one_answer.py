"""The numbers and phrases of a network with one output, read after the last word."""

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.numerals import long
from app.stage import end_formulas, ends
from app.stage.formulas import plus, stretches
from app.stage.meeting import WIDEST
from app.stage.paths import pulse_places, pulse_widths
from app.stage.plot import plot_lines
from app.stage.readout import readout_lines
from app.stage.shape import Shape
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
    found["sp"] = np.array([[ends.output_slope(run)]])
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


def places(run: Run, shape: Shape) -> Named:
    """The ribbon between the logit and h_T."""
    ends = pulse_places(np.abs(run.backward.d_logit), shape.geometry)
    found = {f"{name} y": array for name, array in ends.items()}
    for lane in shape.lanes[1:]:
        norm = run.backward.chains[lane.chain].d_h_norm[lane.last - 1 : lane.last]
        found["road width"] = pulse_widths(norm, min(WIDEST, shape.geometry.span))
    return found


def lines(run: Run, shape: Shape) -> Lines:
    """The loss as a picture, the readout's marks, and what is said of them."""
    return {
        "aim": [_aim(run)],
        **_scalars(run),
        **_formulas(run),
        **plot_lines(run),
        **readout_lines(run, shape.geometry),
    }


def _single(array: NDArray[np.float64]) -> NDArray[np.float64]:
    return array.reshape(1, 1)


def _scalars(run: Run) -> Lines:
    """Single numbers, long."""
    bias = run.parameters["readout"].get("b_y")
    numbers = {
        "z": run.forward.logit[0],
        "b_y": 0.0 if bias is None else bias[0],
        "last norm": run.backward.d_h_norm[-1],
    }
    texts = {
        "y": ends.prediction(run),
        "y2": ends.second_prediction(run),
        "sp": ends.sigma_slope(run).long,
        "dz": ends.d_logit(run).long,
    }
    return {f"long {name}": [long(float(number))] for name, number in numbers.items()} | {
        f"long {name}": [text] for name, text in texts.items()
    }


def _formulas(run: Run) -> dict[str, list[str]]:
    """The formulas around the output, and what is said of them where ŷ rounds."""
    formulas = {
        "sigma": end_formulas.sigma_formula,
        "loss": end_formulas.loss_formula,
        "slope": end_formulas.slope_formula,
        "blame": end_formulas.blame_formula,
    }
    return {f"formula {name}": ["".join(stretches(*formula(run)))] for name, formula in formulas.items()} | {
        "plus b_y": ["".join(plus(float(run.parameters["readout"].get("b_y", (0.0,))[0])))],
        "rounding": [ends.rounding_told(run)],
        "vanishing": [ends.vanishing_told(run)],
    }


def _aim(run: Run) -> str:
    """Where y_hat has to go, told by the slope of the loss."""
    slope, y_hat, target = float(run.backward.d_y_hat[0]), float(run.forward.y_hat[0]), run.experiment.target
    if slope == 0.0:
        return _("The slope of the loss at ŷ is 0: ŷ stands where it should.") + " "
    way = _("down") if slope > 0 else _("up")
    # A prediction that rounds to its target is still short of it under cross-entropy.
    towards = run.experiment.loss == "bce" or (slope > 0) == (target < y_hat)
    return _(AIM[towards], slope=ends.d_prediction(run).long, way=way) + " "
