"""What the ledger says beside its numbers: the slips of the notes, each with a number of this run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app import engine
from app.experiments.run import Run
from app.numerals import MINUS, long, short
from app.stage.chains import Chain, chains_of
from app.stage.ends import d_prediction, times_slope
from app.stage.weights import Weight

NUDGE = 1e-5
SHOWN = 8  # slopes that a note lists


@dataclass(frozen=True)
class Note:
    """A sentence or two, as HTML. erratum: the slip it corrects, or empty."""

    erratum: str
    title: str
    html: str


def cosine_of_last(chain: Chain, weight: Weight) -> float | None:
    """Cosine between the contribution of the step read last and the whole gradient; None when one is zero."""
    outer, t = weight.gradient(chain.run), chain.lane.last
    whole, last, share = size(outer.total), float(outer.norms[t - 1]), float(outer.shares[t - 1])
    if whole == 0.0 or last == 0.0:
        return None
    return share * (whole / last)


def size(total: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """Norm of all entries, without underflow."""
    scale = float(np.abs(total).max(initial=0.0))
    return scale * float(np.linalg.norm(total / scale)) if scale > 0.0 else 0.0


def lead(chain: Chain) -> str:
    """Which way the rows stand, and what a row starts from."""
    if chain.lane.reverse:
        said = (
            "One row for each step, the step that this chain read last, the first of the sentence, on top: "
            "its "
            "gradient travels from left to right."
        )
    else:
        said = "One row for each step, the last step first: that is the way the gradient travels."
    if not chain.per_step:
        return said
    losses = sum(word is not None for word in chain.run.next_words or ())
    if losses == 1:
        return said
    share = f"L<sub>t</sub> stands for the share 1/{losses} that it counts"
    return f"{said} L is the mean of {losses} losses; {share}."


def shared(chain: Chain, weight: Weight) -> list[Note]:
    """Notes for a parameter that every step uses."""
    steps = chain.lane.steps
    if steps == 1:
        return [] if chain.per_step else [_scalar_and_vector(chain.run)]
    found = [_truncated(chain, weight)]
    if not chain.per_step:
        found += [_label(chain), _scalar_and_vector(chain.run)]
    return [*found, _order(chain), _immediate(chain, weight), *_road(chain), *_direction(chain)]


def _order(chain: Chain) -> Note:
    return Note(
        "E11",
        "The order counts.",
        "The factors are matrices, so they stand in the order in which the gradient meets them. Read as "
        "ordinary "
        "numbers, they could be swapped; here they cannot."
        if chain.hidden > 1
        else "With one hidden unit every matrix here is a single number, and the order does not "
        "count. With more it does.",
    )


def _immediate(chain: Chain, weight: Weight) -> Note:
    now, before = chain.lane.said("h", "t"), chain.lane.said("h", "t+1" if chain.lane.reverse else "t−1")
    return Note(
        "E9",
        "∂⁺ is the immediate derivative.",
        f"The last factor asks how {now} changes with {weight.symbol} while {before} is held still. What "
        "reaches "
        f"{before} is counted in the rows below; taken as a total derivative it would be counted twice.",
    )


def _road(chain: Chain) -> list[Note]:
    """The road of a cell that remembers is not the whole way."""
    highway = chain.forward.highway
    if highway is None:
        return []
    first = chain.lane.start
    shown = ", ".join(short(value) for value in highway[first - 1][:SHOWN].tolist())
    more = ", …" if chain.hidden > SHOWN else ""
    now = chain.lane.said("s", "t")
    return [
        Note(
            "E17",
            "The road is not the whole way.",
            f"{now} = ({chain.lane.said('h', 't')}, {chain.lane.said('c', 't')}): the chain crosses both. "
            "Along "
            f"the road alone, from step {first} to step {chain.lane.last}, Πf = [{shown}{more}], a number "
            "for each "
            "unit. The gradient also goes through the gates: the spectral norm of the whole "
            f"∂{chain.lane.said('h', chain.lane.last)}/∂{chain.lane.said('h', first)} is "
            f"{short(float(chain.backward.dhT_dh_norm[first - 1]))}.",
        )
    ]


def _direction(chain: Chain) -> list[Note]:
    if chain.alone:
        return []
    way = chain.lane.chain.replace("_", " ")
    return [
        Note(
            "E20",
            "“Backward” is the gradient’s word.",
            f"This chain reads from {way}; its gradient goes the other way, like every gradient. Both "
            "chains are "
            "trained by the same loss.",
        )
    ]


def _truncated(chain: Chain, weight: Weight) -> Note:
    cosine = cosine_of_last(chain, weight)
    if cosine is None:
        said = (
            "The last term or the whole gradient is exactly zero here, so there is no direction to compare."
        )
    else:
        said = (
            f"The last term alone (truncated, k = 1) points cos = <b>{short(cosine)}</b> along the full "
            f"gradient of {weight.symbol}. "
            "The notes’ four-step page keeps this one term; the other rows are the rest."
        )
    return Note("E14", "One term is not the sum.", said)


def _label(chain: Chain) -> Note:
    steps = chain.lane.steps
    jacobians = f"{steps - 1} Jacobian{'s' if steps > 2 else ''}"
    far, near = chain.lane.start, chain.lane.last
    return Note(
        "E10",
        "Which j is which.",
        f"In this sum j = {far} is the longest chain, with {jacobians}; j = {near} is the shortest, with "
        "none. The notes write out "
        "the longest one and label it j = 3.",
    )


def _scalar_and_vector(run: Run) -> Note:
    """Of the state, or states, that the output reads."""
    values = run.backward.d_input
    last = read_last(run)
    shown = [long(float(v)) for v in values[:4]]
    tail = f", … {len(values) - 4} more" if len(values) > 4 else ""
    return Note(
        "E13",
        "A number and a vector.",
        f"∂L/∂ŷ = {d_prediction(run).long} is one number. ∂L/∂{last} = "
        f"[{', '.join(shown)}{tail}] is a vector with an entry for each unit. The notes set them equal; "
        "between them stands "
        f"∂ŷ/∂{last}.",
    )


def read_last(run: Run) -> str:
    """What a single readout reads: h_T, or both ends side by side."""
    ends = [chain.lane.said("h", chain.lane.last) for chain in chains_of(run)]
    return ends[0] if len(ends) == 1 else f"[{'; '.join(ends)}]"


def readout(run: Run, weight: Weight) -> list[Note]:
    """Notes for a parameter that acts once, after the last step."""
    last = read_last(run)
    moved = state_moves(run, weight.name)
    said = "exactly 0" if moved == 0.0 else long(moved)
    direct = slopes_told(run, weight.name)
    notes_name = f"O<sub>{len(run.words)}</sub>"
    return [
        Note(
            "E7",
            f"{last} does not depend on {weight.symbol}.",
            f"The notes’ boxed formula holds the factor ∂{notes_name}/∂w<sub>k</sub>. By finite "
            "difference: moving "
            f"{weight.symbol} up and down by 10⁻⁵ changes {last} by <b>{said}</b>. "
            "With that factor the whole product would be 0.",
        ),
        Note(
            "",
            "The right chain is shorter.",
            f"∂L/∂{weight.symbol} = ∂L/∂ŷ · ∂ŷ/∂{weight.symbol}, where ∂ŷ/∂{weight.symbol} = "
            f"[{direct}]. No time lies in between, so nothing can vanish on the way.",
        ),
        _scalar_and_vector(run),
    ]


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
        chain = trace.chains["left_to_right"]
        again = engine.forward(run.network, moved, chain.x, chain.h_0, chain.c_0)
        states.append(again.readout_input)
    return float(np.abs(states[0] - states[1]).max()) / (2 * NUDGE)


def gap_text(gap: float) -> str:
    """A gap in words: 0 is said to be exact."""
    return "0, to the last digit" if gap == 0.0 else long(gap).replace("-", MINUS)
