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
from app.stage.frame import Frame
from app.stage.outline import READOUT, Outline, bars_of, cards_of, outline
from app.stage.overview import overview
from app.stage.reading import Reading, read
from app.stage.shape import Shape, shape_of
from app.stage.sheet import Sheet
from app.stage.storyboard import item, storyboard
from app.stage.template import Template, marks
from app.stage.track import cells, track

KEPT = 48  # shapes whose blanks are kept; one takes about half a megabyte, the largest about five


@dataclass(frozen=True)
class Blank:
    """The stage of a shape, with nothing filled in."""

    parts: dict[str, Template]
    outline: Outline


def drawn(shape: Shape, sheet: Sheet, frames: list[Frame]) -> dict[str, str]:
    """Every part of the stage as markup, by name; each text that a user typed is escaped in it."""
    return {
        "story": "".join(item(frame, shape.steps) for frame in frames),
        "strip": strip(shape, sheet),
        "overview": overview(shape, sheet),
        "track": track(shape, sheet),
        "cells": cells(shape, sheet),
        "folded": folded(shape, sheet),
        **{cards_of(gate): cards(shape, sheet, gate) for gate in shape.gates},
        READOUT: readout_card(shape, sheet),
        **{bars_of(name): bars(shape, sheet, name) for name in shape.shared},
    }


def blank(shape: Shape, reading: Reading) -> Blank:
    """The blank of a shape, drawn once from any reading that has it."""
    marked = Sheet(reading.index(), marks(reading.count))
    frames = storyboard(shape, marked)
    drawings = drawn(shape, marked, frames)
    parts = {name: Template(text) for name, text in drawings.items()}
    return Blank(parts, outline(shape, drawings, frames))


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
    def pieces(self) -> dict[str, list[bytes]]:
        """Every part of the stage by name, as the pieces of its markup: a page joins them once."""
        strings = self.reading.strings()
        return {name: template.filled(strings) for name, template in self.blank.parts.items()}

    @property
    def parts(self) -> dict[str, bytes]:
        """Every part of the stage as markup, by name."""
        return {name: b"".join(pieces) for name, pieces in self.pieces.items()}

    @property
    def outline(self) -> Outline:
        """What a page has to know of it."""
        return self.blank.outline
