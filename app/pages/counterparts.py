"""What a run may be set beside: another cell, another activation, its words backwards, itself a step on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from app.engine.cells import CELLS
from app.experiments.experiment import Experiment
from app.experiments.fields import LIMITS, Step
from app.experiments.learning import THIS
from app.pages.answers import run_of
from app.pages.differences import CELL_NAMES
from app.wording.catalogue import N_

SCRATCH: dict[str, Any] = {"parameters": None, "edits": ()}  # values typed in fit the network they were for


class Kind(NamedTuple):
    """What of an experiment decides what it can be compared with. several : whether it has several words."""

    cell: str
    activation: str
    bias: str
    several: bool


@dataclass(frozen=True)
class Counterpart:
    """Another experiment made from one. fits : whether it differs from one of a kind and makes sense."""

    title: str
    about: str
    fits: Callable[[Kind], bool]
    make: Callable[[Experiment], Experiment]


def _cell(name: str) -> Counterpart:
    def make(experiment: Experiment) -> Experiment:
        bias = "none" if experiment.bias == "none" else "inside"
        return experiment.changed(cell=name, activation="tanh", bias=bias, **SCRATCH)

    return Counterpart(
        f"{CELL_NAMES[name]}", N_("another cell reads the same sentence"),
        lambda kind: kind.cell != name, make,
    )  # fmt: skip


def _activation(name: str) -> Counterpart:
    return Counterpart(
        f"f = {name}", N_("another activation, all else the same"),
        lambda kind: CELLS[kind.cell].gates == 1 and kind.activation != name,
        lambda experiment: experiment.changed(activation=name),
    )  # fmt: skip


def _bias(name: str, title: str) -> Counterpart:
    return Counterpart(
        title, N_("the bias in another place"),
        lambda kind: CELLS[kind.cell].gates == 1 and kind.bias != name,
        lambda experiment: experiment.changed(bias=name),
    )  # fmt: skip


def _turned(experiment: Experiment) -> Experiment:
    return experiment.changed(bidirectional=not experiment.bidirectional, **SCRATCH)


def _backwards(experiment: Experiment) -> Experiment:
    return experiment.changed(sentence=" ".join(reversed(experiment.sentence.split())))


def _learned(experiment: Experiment) -> Experiment:
    """One more step on the sentence itself. Edits come after all steps, and would be made again: the weights
    are then written out."""
    if not experiment.edits and len(experiment.steps) < LIMITS.max_steps:
        step = Step(on=THIS, rate=experiment.learning_rate)
        return experiment.changed(steps=(*experiment.steps, step))
    moved = run_of(experiment).update.parameters
    values = {
        group: {name: value.tolist() for name, value in names.items()} for group, names in moved.items()
    }
    return experiment.changed(
        parameters=values, edits=(), epochs=0, steps=(), recurrent_radius=None, weights="drawn"
    )


COUNTERPARTS = {
    **{name: _cell(name) for name in ("lstm", "gru", "elman")},
    **{name: _activation(name) for name in ("tanh", "sigmoid", "relu", "identity")},
    "bias-outside": _bias("outside", N_("bias outside f")),
    "bias-none": _bias("none", N_("no bias")),
    "direction": Counterpart(
        N_("the other directions"), N_("one chain, or two that meet at the readout"),
        lambda kind: True, _turned,
    ),
    "backwards": Counterpart(
        N_("the words backwards"), N_("the same words, the other way round"),
        lambda kind: kind.several, _backwards,
    ),
    "learned": Counterpart(
        N_("itself after a step"), N_("the weights that the update leaves"), lambda kind: True, _learned
    ),
}  # fmt: skip


def kind_of(experiment: Experiment) -> Kind:
    """Its kind."""
    return Kind(experiment.cell, experiment.activation, experiment.bias, len(experiment.words) > 1)


def offered(experiment: Experiment) -> dict[str, Counterpart]:
    """What an experiment can be compared with, by name."""
    return _offered(kind_of(experiment))


def _offered(kind: Kind) -> dict[str, Counterpart]:
    return {name: other for name, other in COUNTERPARTS.items() if other.fits(kind)}


def listed(experiment: Experiment) -> tuple[tuple[str, str, str], ...]:
    """The same as name, title and what it is about."""
    return _listed(kind_of(experiment))


@lru_cache(maxsize=64)
def _listed(kind: Kind) -> tuple[tuple[str, str, str], ...]:
    return tuple((name, other.title, other.about) for name, other in _offered(kind).items())
