"""What a page has to know of a stage besides its drawings: its phases, its gates, what there is to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.stage.bars import height
from app.stage.frame import PHASES, Frame
from app.stage.portraits import PORTRAITS
from app.stage.shape import Shape
from app.wording.catalogue import _

READOUT = "card of the readout"


@dataclass(frozen=True)
class Phase:
    """A phase on the transport: its name, its first frame and how many frames it has."""

    key: str
    title: str
    first: int
    length: int
    direction: str


@dataclass(frozen=True)
class Bars:
    """What each step adds to one parameter. letter, index : its symbol. shown : whether it is shown first.
    height : of its drawing, in pixels.
    """

    key: str
    letter: str
    index: str
    shown: bool
    drawing: str
    height: int


@dataclass(frozen=True)
class Gate:
    """The weights of one gate; of a cell without gates all of them, under no title."""

    letter: str
    title: str
    cards: tuple[str, ...]
    bars: tuple[Bars, ...]


@dataclass(frozen=True, eq=False)
class Outline:
    """A stage by its facts, the same for every run of a shape; equal is what is the same object.

    drawings : the names of all its parts. steps, units : T and H. last : the index of its last frame
    per_step : whether every step predicts. has_road : whether a state passes by the recurrent product
    opens : whether there are cells to open. lanes : of how many chains. sizes : classes for the style sheet
    """

    drawings: tuple[str, ...]
    gates: tuple[Gate, ...]
    phases: tuple[Phase, ...]
    last: int
    steps: int
    units: int
    task: str
    per_step: bool
    has_road: bool
    opens: bool
    lanes: int
    sizes: str
    ties: str


def outline(shape: Shape, drawings: dict[str, str], frames: Sequence[Frame]) -> Outline:
    """The outline of a shape. drawings : its parts by name, as markup, without the cards that words enter."""
    return _known(
        drawings=(*drawings, *map(card_of, shape.inputs), *map(bars_of, shape.shared)),
        gates=gates_of(shape),
        phases=phases_of(frames),
        last=len(frames) - 1,
        steps=shape.steps,
        units=shape.units,
        task=shape.task,
        per_step=shape.per_step,
        has_road=shape.geometry.road > 0,
        opens=bool(drawings["cells"]),
        lanes=len(shape.lanes),
        sizes=_sizes(shape),
        ties=_ties(shape),
    )


@lru_cache(maxsize=128)
def _known(**facts: Any) -> Outline:
    """Shapes that differ in their vocabulary alone have one outline: the page around it is rendered once."""
    return Outline(**facts)


def phases_of(frames: Sequence[Frame]) -> tuple[Phase, ...]:
    """The phases in their order."""
    keys = [frame.phase for frame in frames]
    starts = ((key, _(title), keys.index(key)) for key, title in PHASES.items())
    return tuple(
        Phase(key, title, first, keys.count(key), frames[first].direction) for key, title, first in starts
    )


def card_of(key: str) -> str:
    """The drawing of a weight."""
    return f"card {key}"


def untold_of(gate: str) -> str:
    """What coins need to know of a gate and no drawing shows."""
    return f"untold {gate}"


def bars_of(key: str) -> str:
    """The drawing of what each step adds to a parameter."""
    return f"bars {key}"


def gates_of(shape: Shape) -> tuple[Gate, ...]:
    """The one set of weights and what each step adds to them, gate by gate."""
    titles = {"y": _("readout")} | {gate.letter: _(gate.title) for gate in PORTRAITS[shape.cell].gates}
    return tuple(
        Gate(gate, titles.get(gate, ""), _cards(shape, gate), _bars(shape, gate)) for gate in shape.gates
    )


def _cards(shape: Shape, gate: str) -> tuple[str, ...]:
    """Of one gate's parameters, and what their coins need besides."""
    return (*map(card_of, shape.of_gate(gate)), untold_of(gate))


def _bars(shape: Shape, gate: str) -> tuple[Bars, ...]:
    """Of one gate's parameters; the recurrent weights are shown first."""
    keys, weights = shape.of_gate(gate), shape.weights
    shown = next((key for key in keys if weights[key].role == "state"), keys[0])
    return tuple(
        Bars(key, weights[key].letter, weights[key].index, key == shown, bars_of(key), height(shape, key))
        for key in keys
    )


def _sizes(shape: Shape) -> str:
    """Low rows, slim cells in the cards, a long sentence, two lanes."""
    low, slim, long = shape.geometry.pitch < 20, shape.units > 4, shape.steps > 4
    sizes = (("low", low), ("slim", slim), ("long", long), ("two", len(shape.lanes) == 2))
    return " ".join(name for name, holds in sizes if holds)


def _ties(shape: Shape) -> str:
    """What the tray of the weights is called."""
    if len(shape.lanes) == 1:
        return _("One set of weights, shared by every step")
    return _("One set of weights for each direction, shared by its steps")
