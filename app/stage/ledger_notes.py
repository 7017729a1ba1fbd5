"""What the ledger says beside its numbers: the slips of the notes, each with a number of this run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app import engine
from app.experiments.run import Run
from app.numerals import MINUS, long, short
from app.stage.chains import Chain, chains_of
from app.stage.ends import end_of, times_slope
from app.stage.weights import Weight
from app.wording.catalogue import _

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
        said = _(
            "One row for each step, the step that this chain read last, the first of the "
            "sentence, on top: its gradient travels from left to right."
        )
    else:
        said = _("One row for each step, the last step first: that is the way the gradient travels.")
    if not chain.per_step:
        return said
    losses = sum(word is not None for word in chain.run.next_words or ())
    if losses == 1:
        return said
    share = _("L<sub>t</sub> stands for the share 1/{losses} that it counts", losses=losses)
    return _("{said} L is the mean of {losses} losses; {share}.", said=said, losses=losses, share=share)


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
        _("The order counts."),
        _(
            "The factors are matrices, so they stand in the order in which the gradient meets "
            "them. Read as ordinary numbers, they could be swapped; here they cannot."
        )
        if chain.hidden > 1
        else _(
            "With one hidden unit every matrix here is a single number, and the order does not "
            "count. With more it does."
        ),
    )


def _immediate(chain: Chain, weight: Weight) -> Note:
    now, before = chain.lane.said("h", "t"), chain.lane.said("h", "t+1" if chain.lane.reverse else "t−1")
    return Note(
        "E9",
        _("∂⁺ is the immediate derivative."),
        _(
            "The last factor asks how {now} changes with {symbol} while {before} is held still. "
            "What reaches {before} is counted in the rows below; taken as a total derivative it "
            "would be counted twice.",
            now=now,
            symbol=weight.symbol,
            before=before,
        ),
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
            _("The road is not the whole way."),
            _(
                "{now} = ({h}, {c}): the chain crosses both. Along the road alone, from step {first} "
                "to step {last}, Πf = [{shown}{more}], a number for each unit. The gradient also "
                "goes through the gates: the spectral norm of the whole ∂{h_last}/∂{h_first} is "
                "{dhT_dh_norm}.",
                now=now,
                h=chain.lane.said("h", "t"),
                c=chain.lane.said("c", "t"),
                first=first,
                last=chain.lane.last,
                shown=shown,
                more=more,
                h_last=chain.lane.said("h", chain.lane.last),
                h_first=chain.lane.said("h", first),
                dhT_dh_norm=short(float(chain.backward.dhT_dh_norm[first - 1])),
            ),
        )
    ]


def _direction(chain: Chain) -> list[Note]:
    if chain.alone:
        return []
    way = chain.lane.chain.replace("_", " ")
    return [
        Note(
            "E20",
            _("“Backward” is the gradient’s word."),
            _(
                "This chain reads from {way}; its gradient goes the other way, like every gradient. "
                "Both chains are trained by the same loss.",
                way=way,
            ),
        )
    ]


def _truncated(chain: Chain, weight: Weight) -> Note:
    cosine = cosine_of_last(chain, weight)
    if cosine is None:
        said = _(
            "The last term or the whole gradient is exactly zero here, so there is no direction to compare."
        )
    else:
        said = _(
            "The last term alone (truncated, k = 1) points cos = <b>{cosine}</b> along the full "
            "gradient of {symbol}. The notes’ four-step page keeps this one term; the other rows "
            "are the rest.",
            cosine=short(cosine),
            symbol=weight.symbol,
        )
    return Note("E14", _("One term is not the sum."), said)


def _label(chain: Chain) -> Note:
    steps = chain.lane.steps
    jacobians = f"{steps - 1} Jacobian{'s' if steps > 2 else ''}"
    far, near = chain.lane.start, chain.lane.last
    return Note(
        "E10",
        _("Which j is which."),
        _(
            "In this sum j = {far} is the longest chain, with {jacobians}; j = {near} is the "
            "shortest, with none. The notes write out the longest one and label it j = 3.",
            far=far,
            jacobians=jacobians,
            near=near,
        ),
    )


def _scalar_and_vector(run: Run) -> Note:
    """Of the state, or states, that the output reads."""
    values = run.backward.d_input
    last = read_last(run)
    shown = [long(float(v)) for v in values[:4]]
    tail = _(", … {count} more", count=len(values) - 4) if len(values) > 4 else ""
    return Note(
        "E13",
        _("A number and a vector."),
        _(
            "∂L/∂ŷ = {long} is one number. ∂L/∂{last} = [{listed}{tail}] is a vector with an "
            "entry for each unit. The notes set them equal; between them stands ∂ŷ/∂{last}.",
            long=end_of(run).d_prediction.long,
            last=last,
            listed=", ".join(shown),
            tail=tail,
        ),
    )


def read_last(run: Run) -> str:
    """What a single readout reads: h_T, or both ends side by side."""
    ends = [chain.lane.said("h", chain.lane.last) for chain in chains_of(run)]
    return ends[0] if len(ends) == 1 else f"[{'; '.join(ends)}]"


def readout(run: Run, weight: Weight) -> list[Note]:
    """Notes for a parameter that acts once, after the last step."""
    last = read_last(run)
    moved = state_moves(run, weight.name)
    said = _("exactly 0") if moved == 0.0 else long(moved)
    direct = slopes_told(run, weight.name)
    notes_name = f"O<sub>{len(run.words)}</sub>"
    return [
        Note(
            "E7",
            _("{last} does not depend on {symbol}.", last=last, symbol=weight.symbol),
            _(
                "The notes’ boxed formula holds the factor ∂{notes_name}/∂w<sub>k</sub>. By finite "
                "difference: moving {symbol} up and down by 10⁻⁵ changes {last} by <b>{said}</b>. "
                "With that factor the whole product would be 0.",
                notes_name=notes_name,
                symbol=weight.symbol,
                last=last,
                said=said,
            ),
        ),
        Note(
            "",
            _("The right chain is shorter."),
            _(
                "∂L/∂{symbol} = ∂L/∂ŷ · ∂ŷ/∂{symbol}, where ∂ŷ/∂{symbol} = [{direct}]. No time lies "
                "in between, so nothing can vanish on the way.",
                symbol=weight.symbol,
                direct=direct,
            ),
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
    more = (_("and {count} more", count=len(entering) - SHOWN),) if len(entering) > SHOWN else ()
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
