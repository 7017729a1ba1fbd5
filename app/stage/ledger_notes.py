"""What the ledger says beside its numbers: the slips of the notes, each with a number of this run."""

from dataclasses import dataclass

import numpy as np

from app import engine
from app.experiments.run import Run
from app.stage.ledger_rows import of, sub
from app.stage.numbers import MINUS, long, short
from app.stage.readout import output_slope

NUDGE = 1e-5


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
        f"∂L/∂ŷ = {long(float(run.backward.d_y_hat[0]))} is one number. ∂L/∂{sub('h', steps)} = "
        f"[{', '.join(shown)}{tail}] is a vector with an entry for each unit. The notes set them equal; "
        "between them stands "
        f"∂ŷ/∂{sub('h', steps)}.",
    )


def readout(run: Run, name: str) -> list[Note]:
    """Notes for a parameter that acts once, after the last step."""
    steps = len(run.words)
    moved = state_moves(run, name)
    said = "exactly 0" if moved == 0.0 else long(moved)
    direct = ", ".join(long(float(v)) for v in slope_by_weight(run, name)[:8])
    more = (
        f" and {run.experiment.hidden_size - 8} more"
        if name == "W_hy" and run.experiment.hidden_size > 8
        else ""
    )
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
            f"[{direct}{more}]. No time lies in between, so nothing can vanish on the way.",
        ),
        _scalar_and_vector(run),
    ]


def slope_by_weight(run: Run, name: str) -> list[float]:
    """dy/dW_hy = sigma'(z) h_T, or dy/db_y: sigma'(z) inside, 1 outside."""
    if name == "b_y":
        return [output_slope(run) if run.forward.output_bias_inside else 1.0]
    return [float(v) for v in output_slope(run) * run.forward.readout_input]


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
