"""Slips about two directions: E18 to E22."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from app.engine.norms import norm
from app.engine.schedules import SCHEDULES, update_by
from app.experiments.run import Run
from app.figures.chart import said, sub
from app.numerals import long
from app.pages.slip import Drawn, Row, Slip, relative, vector
from app.stage.chains import chains_of
from app.stage.last_states import by_position, last_states, prediction
from app.wording.catalogue import _

LEFT, RIGHT = "left_to_right", "right_to_left"
NUDGE = 0.5  # what a weight of one chain is moved by, to see what the other hears of it


def indices(found: Run, root: str) -> Iterator[Slip]:
    """E18."""
    steps, rows = len(found.words), []
    other = _other_word(found)
    for chain in chains_of(found):
        last, name = chain.lane.last, chain.lane.said("h", chain.lane.last)
        rows.append(Row((_("{name}, after its last word", name=name), vector(chain.forward.h[last - 1]))))
    if other is not None and steps > 1:
        changed = other.experiment.words[-1].typed
        for chain, again in zip(chains_of(found), chains_of(other), strict=True):
            moved = float(np.abs(chain.forward.h[0] - again.forward.h[0]).max())
            name = chain.lane.said("h", 1)
            rows.append(
                Row(
                    (
                        _(
                            "{name} moves, with {changed} as the last word, by",
                            name=name,
                            changed=said(changed),
                        ),
                        long(moved),
                    )
                )
            )
    ltr = f"{sub('h_t')}→ = φ({sub('x_t')} W + {sub('h_t−1')}→ U + b)"
    rtl = f"{sub('h_t')}← = φ({sub('x_t')} W′ + {sub('h_t+1')}← U′ + b′)"
    yield Slip(
        "E18",
        _("Two states, each with its own past"),
        "O<sub>f</sub> made of O<sub>b</sub>, O<sub>n</sub> of itself, and no index of time",
        _(
            "{ltr} and {rtl}: the one knows the words before step t, the other those after it. "
            "Here W is {W_xh} and U is {W_hh}. Side by side they are {H_t}, twice as many numbers",
            ltr=ltr,
            rtl=rtl,
            W_xh=sub("W_xh"),
            W_hh=sub("W_hh"),
            H_t=sub("H_t"),
        ),
        ("", "value"),
        tuple(rows),
        (Drawn(_("{H_t}, by position", H_t=sub("H_t")), by_position(found)),),
    )


def _other_word(found: Run) -> Run | None:
    """The same sentence with another last word of the vocabulary."""
    last = found.tokens[-1]
    others = [word for word in found.vocabulary if word != last]
    if not others:
        return None
    sentence = " ".join((*found.words[:-1], others[0]))
    return relative(found, sentence=sentence, vocabulary=found.vocabulary)


def schedules(found: Run, root: str) -> Iterator[Slip]:
    """E19."""
    experiment, rows = found.experiment, []
    target = found.backward.back.target[0]
    for name in SCHEDULES:
        made = update_by(name, found.forward.trace, target, experiment.learning_rate)
        errors = (made.errors[LEFT]["W_xh"], made.errors[RIGHT]["W_xh"])
        loss = "undefined" if made.loss is None else long(made.loss)
        rows.append(Row((name, *(_percent(error) for error in errors), loss)))
    yield Slip(
        "E19",
        _("When to change the weights"),
        _("updating both directions at the same time is erroneous"),
        _(
            "one forward pass, both sweeps with the weights of that pass, then all changes at "
            "once: that is exact. It is wrong to change the readout before the sweeps, or a "
            "chain’s weights inside its sweep"
        ),
        (
            _("weights change, η = {learning_rate}", learning_rate=long(experiment.learning_rate)),
            _("{W_xh} is off by", W_xh=sub("W_xh")),
            _("{W__xh} is off by", W__xh=sub("W′_xh")),
            "loss after",
        ),
        tuple(rows),
    )


def _percent(error: float) -> str:
    """A relative error; rounding of the last digits is none."""
    if error >= 1000:
        return f"{long(error)} times" if math.isfinite(error) else "undefined"
    return "0 %" if error < 1e-12 else f"{100 * error:.1f} %" if error >= 0.0005 else f"{100 * error:.0e} %"


def names(found: Run, root: str) -> Iterator[Slip]:
    """E20."""
    steps, rows = len(found.words), []
    for chain in chains_of(found):
        lane = chain.lane
        way = lane.chain.replace("_", " ")
        count = sum(array.size for array in found.parameters[lane.chain].values())
        rows.append(Row((way, f"{lane.start} … {lane.last}", f"{lane.last} … {lane.start}", str(count))))
    yield Slip(
        "E20",
        _("“Backward” is the gradient’s word"),
        _("an additional hidden layer for the backward training"),
        _(
            "the second chain reads the same {steps} words from right to left; both are trained "
            "by gradients, and each gradient goes against its chain’s order of reading",
            steps=steps,
        ),
        ("chain", _("reads steps"), _("its gradient visits"), _("numbers of its own")),
        tuple(rows),
    )


def coupled(found: Run, root: str) -> Iterator[Slip]:
    """E21."""
    row = found.ids[-1]
    weight = float(found.parameters[LEFT]["W_xh"][row, 0])
    edit = {"name": f"{LEFT}.W_xh", "index": (row, 0), "value": weight + NUDGE}
    other = relative(found, edits=(*found.experiment.edits, edit))
    if other is None:
        return
    state = sub("h_1") + "←"
    before, after = (run.gradients[RIGHT]["W_xh"].total for run in (found, other))
    states = [run.forward.chains[RIGHT].h[0] for run in (found, other)]
    rows = (
        Row((_("{state} moves by", state=state), long(float(np.abs(states[0] - states[1]).max())))),
        Row((_("‖∂L/∂{W__xh}‖ was", W__xh=sub("W′_xh")), long(norm(before)))),
        Row((_("and becomes"), long(norm(after)))),
        Row((_("the gradient moves by"), long(norm(after - before)))),
    )
    yield Slip(
        "E21",
        _("Not independent"),
        _("two independent RNNs"),
        _(
            "their states are, their training is not: both feed one loss. Add {NUDGE} to "
            "{W_xh}[{tokens}, 1], a weight of the left-to-right chain, and the other chain’s "
            "gradient changes",
            NUDGE=f"{NUDGE:g}",
            W_xh=sub("W_xh"),
            tokens=said(found.tokens[-1]),
        ),
        ("", "value"),
        rows,
    )


def read_at_its_end(found: Run, root: str) -> Iterator[Slip]:
    """E22."""
    steps, lanes = len(found.words), tuple(chain.lane for chain in chains_of(found))
    ltr = f"{sub(f'h_{steps}')}\u2192"
    readings = (("right", (steps, 1), str(steps)), (_("the slip"), (steps, steps), "1"))
    yield Slip(
        "E22",
        _("What the readout reads"),
        _("which states a many-to-one readout takes is not said"),
        _(
            "each chain is read after its last word. At step {steps} the right-to-left chain has "
            "read one word, {words}",
            steps=steps,
            words=said(found.words[-1]),
        ),
        ("readout", _("words the ← state has read"), "\u0177"),
        tuple(
            Row(
                (
                    _("[{ltr}; {x}←], {name}", ltr=ltr, x=sub(f"h_{at[1]}"), name=name),
                    count,
                    long(prediction(found, at)),
                )
            )
            for name, at, count in readings
        ),
        tuple(
            Drawn(_("{name}: {x}←", name=name, x=sub(f"h_{at[1]}")), last_states(found, lanes, at))
            for name, at, _count in readings
        ),
    )
