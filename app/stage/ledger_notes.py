"""What the ledger says beside its numbers: the slips of the notes, each with a number of this run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app import engine
from app.experiments.run import Run
from app.numerals import MINUS, long, short
from app.stage.ends import d_prediction, output_slope, times_slope
from app.stage.ledger_rows import of, sub

NUDGE = 1e-5
SHOWN = 8  # slopes that a note lists


@dataclass(frozen=True)
class Note:
    """A sentence or two, as HTML. erratum: the slip it corrects, or empty."""

    erratum: str
    title: str
    html: str


def cosine_of_last(run: Run, name: str) -> float | None:
    """Cosine between the last step's contribution and the whole gradient; None when one of them is zero."""
    outer = run.gradients["left_to_right"][name]
    whole, last, share = size(outer.total), float(outer.norms[-1]), float(outer.shares[-1])
    if whole == 0.0 or last == 0.0:
        return None
    return share * (whole / last)


def size(total: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """Norm of all entries, without underflow."""
    scale = float(np.abs(total).max(initial=0.0))
    return scale * float(np.linalg.norm(total / scale)) if scale > 0.0 else 0.0


def shared(run: Run, name: str) -> list[Note]:
    """Notes for a parameter that every step uses."""
    steps = len(run.words)
    found = [_truncated(run, name), _label(run), _scalar_and_vector(run)]
    found.append(
        Note(
            "E11",
            "The order counts.",
            "The factors are matrices, so they stand in the order in which the gradient meets them. Read "
            "as ordinary "
            "numbers, they could be swapped; here they cannot."
            if run.experiment.hidden_size > 1
            else "With one hidden unit every matrix here is a single number, and the order does not "
            "count. With more it does.",
        )
    )
    found.append(
        Note(
            "E9",
            "∂⁺ is the immediate derivative.",
            f"The last factor asks how {sub('h', 't')} changes with {of(name)} while {sub('h', 't−1')} is "
            "held still. What reaches "
            f"{sub('h', 't−1')} is counted in the rows below; taken as a total derivative it would be "
            "counted twice.",
        )
    )
    return found if steps > 1 else found[2:3]


def _truncated(run: Run, name: str) -> Note:
    cosine = cosine_of_last(run, name)
    if cosine is None:
        said = (
            "The last term or the whole gradient is exactly zero here, so there is no direction to compare."
        )
    else:
        said = (
            f"The last term alone (truncated, k = 1) points cos = <b>{short(cosine)}</b> along the full "
            f"gradient of {of(name)}. "
            "The notes’ four-step page keeps this one term; the other rows are the rest."
        )
    return Note("E14", "One term is not the sum.", said)


def _label(run: Run) -> Note:
    steps = len(run.words)
    jacobians = f"{steps - 1} Jacobian{'s' if steps > 2 else ''}"
    return Note(
        "E10",
        "Which j is which.",
        f"In this sum j = 1 is the longest chain, with {jacobians}; j = {steps} is the shortest, with "
        "none. The notes write out "
        "the longest one and label it j = 3.",
    )


def _scalar_and_vector(run: Run) -> Note:
    steps = len(run.words)
    values = run.backward.d_h[-1]
    shown = [long(float(v)) for v in values[:4]]
    tail = f", … {len(values) - 4} more" if len(values) > 4 else ""
    return Note(
        "E13",
        "A number and a vector.",
        f"∂L/∂ŷ = {d_prediction(run).long} is one number. ∂L/∂{sub('h', steps)} = "
        f"[{', '.join(shown)}{tail}] is a vector with an entry for each unit. The notes set them equal; "
        "between them stands "
        f"∂ŷ/∂{sub('h', steps)}.",
    )


def readout(run: Run, name: str) -> list[Note]:
    """Notes for a parameter that acts once, after the last step."""
    steps = len(run.words)
    moved = state_moves(run, name)
    said = "exactly 0" if moved == 0.0 else long(moved)
    direct = slopes_told(run, name)
    return [
        Note(
            "E7",
            f"{sub('h', steps)} does not depend on {of(name)}.",
            f"The notes’ boxed formula holds the factor ∂{sub('O', steps)}/∂w<sub>k</sub>. By finite "
            "difference: moving "
            f"{of(name)} up and down by 10⁻⁵ changes {sub('h', steps)} by <b>{said}</b>. "
            "With that factor the whole product would be 0.",
        ),
        Note(
            "",
            "The right chain is shorter.",
            f"∂L/∂{of(name)} = ∂L/∂ŷ · ∂ŷ/∂{of(name)}, where ∂ŷ/∂{of(name)} = "
            f"[{direct}]. No time lies in between, so nothing can vanish on the way.",
        ),
        _scalar_and_vector(run),
    ]


def slope_by_weight(run: Run, name: str) -> list[float]:
    """dy/dW_hy = sigma'(z) h_T, or dy/db_y: sigma'(z) inside, 1 outside."""
    return [1.0] if _skips_sigma(run, name) else (output_slope(run) * _entering(run, name)).tolist()


def _skips_sigma(run: Run, name: str) -> bool:
    return name == "b_y" and not run.forward.output_bias_inside


def _entering(run: Run, name: str) -> NDArray[np.float64]:
    return np.ones(1) if name == "b_y" else run.forward.readout_input


def slopes_told(run: Run, name: str) -> str:
    """The first of these slopes, and whether there are more."""
    if _skips_sigma(run, name):
        return "1"
    entering = _entering(run, name).tolist()
    more = (f"and {len(entering) - SHOWN} more",) if len(entering) > SHOWN else ()
    return ", ".join((*(times_slope(run, number).long for number in entering[:SHOWN]), *more))


def state_moves(run: Run, name: str) -> float:
    """The largest change of h_T when a readout parameter is moved, by central difference of the engine."""
    trace = run.forward.trace
    states = []
    for by in (NUDGE, -NUDGE):
        moved = {
            **run.parameters,
            "readout": {**run.parameters["readout"], name: run.parameters["readout"][name] + by},
        }
        again = engine.forward(
            run.network, moved, trace.chains["left_to_right"].x, trace.chains["left_to_right"].h_prev[0]
        )
        states.append(again.readout_input)
    return float(np.abs(states[0] - states[1]).max()) / (2 * NUDGE)


def gap_text(gap: float) -> str:
    """A gap in words: 0 is said to be exact."""
    return "0, to the last digit" if gap == 0.0 else long(gap).replace("-", MINUS)
