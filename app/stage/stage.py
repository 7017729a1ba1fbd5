"""The whole stage of a run: its drawing and its frames, ready for a template to place."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from app.experiments.run import Run
from app.stage.bars import bars
from app.stage.cards import cards, readout_card
from app.stage.column import strip
from app.stage.folded import folded
from app.stage.frame import PHASES, Frame
from app.stage.overview import overview
from app.stage.portraits import PORTRAITS
from app.stage.reading import Reading, read
from app.stage.shape import Shape, shape_of
from app.stage.sheet import Sheet
from app.stage.storyboard import item, storyboard
from app.stage.template import MARK, Template
from app.stage.track import cells, track

KEPT = 48  # shapes whose blanks are kept; one takes about half a megabyte, the largest about five


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
    """What each step adds to one parameter. letter, index : its symbol. shown : whether it is shown first."""

    key: str
    letter: str
    index: str
    shown: bool
    drawing: bytes


@dataclass(frozen=True)
class GateCards:
    """The weights of one gate; of a cell without gates all of them, under no title."""

    letter: str
    title: str
    cards: bytes
    bars: tuple[Bars, ...]


@dataclass(frozen=True)
class Blank:
    """The stage of a shape, with nothing filled in. last: the index of its last frame."""

    parts: dict[str, Template]
    phases: tuple[Phase, ...]
    last: int


def drawn(shape: Shape, sheet: Sheet, frames: list[Frame]) -> dict[str, str]:
    """Every part of the stage as markup, by name; each text that a user typed is escaped in it."""
    return {
        "story": "".join(item(frame, shape.steps) for frame in frames),
        "strip": strip(shape, sheet),
        "overview": overview(shape, sheet),
        "track": track(shape, sheet),
        "cells": cells(shape, sheet),
        "folded": folded(shape, sheet),
        **{f"cards {gate}": cards(shape, sheet, gate) for gate in shape.gates},
        "card of the readout": readout_card(shape, sheet),
        **{f"bars {name}": bars(shape, sheet, name) for name in shape.shared},
    }


def blank(shape: Shape, reading: Reading) -> Blank:
    """The blank of a shape, drawn once from any reading that has it."""
    marked = Sheet(reading.index(), (MARK % place for place in range(len(reading.strings()))))
    frames = storyboard(shape, marked)
    parts = {name: Template(text) for name, text in drawn(shape, marked, frames).items()}
    return Blank(parts, phases_of(frames), len(frames) - 1)


def phases_of(frames: list[Frame]) -> tuple[Phase, ...]:
    """The phases in their order."""
    keys = [frame.phase for frame in frames]
    starts = ((key, title, keys.index(key)) for key, title in PHASES.items())
    return tuple(
        Phase(key, title, first, keys.count(key), frames[first].direction) for key, title, first in starts
    )


class Blanks:
    """The blanks of the shapes met last. A run differs from another of its shape in its sheet alone."""

    def __init__(self, most: int = KEPT) -> None:
        self.most, self.kept, self.lock = most, OrderedDict[Shape, Blank](), Lock()

    def of(self, shape: Shape, reading: Reading) -> Blank:
        """The blank of this shape."""
        with self.lock:
            if shape in self.kept:
                self.kept.move_to_end(shape)
                return self.kept[shape]
        made = blank(shape, reading)
        with self.lock:
            self.kept[shape] = made
            if len(self.kept) > self.most:
                self.kept.popitem(last=False)
        return made


BLANKS = Blanks()


@dataclass(frozen=True)
class Stage:
    """SVG and MathML of one run, as bytes of UTF-8; and the frames of its story."""

    run: Run

    @cached_property
    def shape(self) -> Shape:
        return shape_of(self.run)

    @cached_property
    def reading(self) -> Reading:
        """The run's numbers and words, written once."""
        return read(self.run, self.shape)

    @cached_property
    def sheet(self) -> Sheet:
        """The same by name."""
        return Sheet(self.reading.index(), map(bytes.decode, self.reading.strings()))

    @cached_property
    def frames(self) -> list[Frame]:
        """The storyboard, as data."""
        return storyboard(self.shape, self.sheet)

    @cached_property
    def blank(self) -> Blank:
        return BLANKS.of(self.shape, self.reading)

    @cached_property
    def parts(self) -> dict[str, bytes]:
        """Every part of the stage as markup, by name."""
        strings = self.reading.strings()
        return {name: template.fill(strings) for name, template in self.blank.parts.items()}

    @property
    def story(self) -> bytes:
        """The frames as a list: what the player shows one at a time, and the whole story as text."""
        return self.parts["story"]

    @property
    def strip(self) -> bytes:
        """A button for each word."""
        return self.parts["strip"]

    @property
    def overview(self) -> bytes:
        """A long sentence at a glance; nothing for another."""
        return self.parts["overview"]

    @property
    def track(self) -> bytes:
        """Origin, columns and readout, side by side."""
        return self.parts["track"]

    @property
    def cells(self) -> bytes:
        """The cell of every step, opened; nothing where there is nothing to open."""
        return self.parts["cells"]

    @property
    def has_road(self) -> bool:
        """Whether a state passes by the recurrent product."""
        return self.shape.geometry.road > 0

    @property
    def opens(self) -> bool:
        """Whether there are cells to open."""
        return bool(self.parts["cells"])

    @property
    def folded(self) -> bytes:
        """The network before it is unrolled."""
        return self.parts["folded"]

    @property
    def readout_card(self) -> bytes:
        """The weights that no step shares."""
        return self.parts["card of the readout"]

    @cached_property
    def gates(self) -> tuple[GateCards, ...]:
        """The one set of weights and what each step adds to them, gate by gate."""
        titles = {"y": "readout"} | {gate.letter: gate.title for gate in PORTRAITS[self.shape.cell].gates}
        return tuple(
            GateCards(gate, titles.get(gate, ""), self.parts[f"cards {gate}"], self._bars(gate))
            for gate in self.shape.gates
        )

    def _bars(self, gate: str) -> tuple[Bars, ...]:
        """Of one gate's parameters; the recurrent weights are shown first."""
        keys, weights = self.shape.of_gate(gate), self.shape.weights
        shown = next((key for key in keys if weights[key].role == "state"), keys[0])
        return tuple(
            Bars(key, weights[key].letter, weights[key].index, key == shown, self.parts[f"bars {key}"])
            for key in keys
        )

    @property
    def phases(self) -> tuple[Phase, ...]:
        return self.blank.phases

    @property
    def steps(self) -> int:
        """Words in the sentence."""
        return self.shape.steps

    @property
    def last(self) -> int:
        """The index of the last frame."""
        return self.blank.last

    @property
    def ties(self) -> str:
        """What the tray of the weights is called."""
        if len(self.shape.lanes) == 1:
            return "One set of weights, shared by every step"
        return "One set of weights for each direction, shared by its steps"

    @property
    def sizes(self) -> str:
        """Classes for the style sheet: low rows, slim cells in the cards, a long sentence."""
        low, slim, long = self.shape.geometry.pitch < 20, self.shape.units > 4, self.shape.steps > 4
        return " ".join(name for name, holds in (("low", low), ("slim", slim), ("long", long)) if holds)
