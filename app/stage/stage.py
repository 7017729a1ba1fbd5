"""The whole stage of a run: its drawing and its frames, ready for a template to place."""

from dataclasses import dataclass
from functools import cached_property

from app.experiments.run import Run
from app.stage.adds import adds
from app.stage.cards import card, readout_card
from app.stage.column import strip
from app.stage.family import family_of
from app.stage.folded import folded
from app.stage.frame import Frame
from app.stage.kept import Kept
from app.stage.moulds import untold
from app.stage.outline import READOUT, Outline, card_of, outline, untold_of
from app.stage.overview import overview
from app.stage.reading import Reading, read
from app.stage.shape import Shape, shape_of
from app.stage.sheet import Sheet
from app.stage.storyboard import item, storyboard
from app.stage.template import Parts, marks, templates, weight
from app.stage.track import cells, track

# Pieces of markup that are kept, in blanks and in cards of the vocabulary. A blank of twelve words has seven
# thousand, of an LSTM thirty thousand, the largest two hundred thousand: about a hundred megabytes in all.
BLANK_PIECES, CARD_PIECES = 1_000_000, 250_000


@dataclass(frozen=True)
class Blank:
    """The stage of a family of shapes with nothing filled in, without the cards that `cards` draws."""

    parts: Parts
    outline: Outline


def drawn(shape: Shape, sheet: Sheet, frames: list[Frame]) -> dict[str, str]:
    """Every part of the stage as markup, by name; each text that a user typed is escaped in it."""
    return alike(shape, sheet, frames) | cards(shape, sheet)


def alike(shape: Shape, sheet: Sheet, frames: list[Frame]) -> dict[str, str]:
    """The parts that are the same however long the vocabulary is."""
    return {
        "story": "".join(item(frame, shape.steps) for frame in frames),
        "strip": strip(shape, sheet),
        "overview": overview(shape, sheet),
        "track": track(shape, sheet),
        "cells": cells(shape, sheet),
        "folded": folded(shape, sheet),
        **{card_of(key): card(shape, sheet, key) for key in shape.shared if key not in shape.inputs},
        **{untold_of(gate): untold(shape, sheet, gate) for gate in shape.gates},
        READOUT: readout_card(shape, sheet),
    }


def cards(shape: Shape, sheet: Sheet) -> dict[str, str]:
    """The cards with a row for each word of the vocabulary."""
    return {card_of(key): card(shape, sheet, key) for key in shape.inputs}


def blank(family: Shape, sheet: Sheet) -> Blank:
    """The blank of a family, drawn once on the marks of any reading of it."""
    frames = storyboard(family, sheet)
    drawings = alike(family, sheet, frames)
    return Blank(templates(drawings), outline(family, drawings, frames))


# A run differs from another of its shape in its sheet alone.
BLANKS = Kept[Blank](BLANK_PIECES, lambda blank: weight(blank.parts))
ROWS = Kept[Parts](CARD_PIECES, weight)


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
        """The stage of its family."""
        family = family_of(self.shape)
        return BLANKS.of(family, lambda: blank(family, self._marked))

    @cached_property
    def cards(self) -> Parts:
        """The cards that are its shape's own."""
        return ROWS.of(self.shape, lambda: templates(cards(self.shape, self._marked)))

    @cached_property
    def _marked(self) -> Sheet:
        """The sheet with a mark for each string."""
        return Sheet(self.reading.index(), marks(self.reading.count))

    @cached_property
    def pieces(self) -> dict[str, list[bytes]]:
        """Every part of the stage by name, as the pieces of its markup: a page joins them once."""
        strings = self.reading.strings()
        parts = (*self.blank.parts.items(), *self.cards.items())
        return {name: template.filled(strings) for name, template in parts}

    @property
    def parts(self) -> dict[str, bytes]:
        """Every part of the stage as markup, by name, and what each step adds beside it."""
        found = self.pieces | adds(self.run, self.shape)
        return {name: b"".join(pieces) for name, pieces in found.items()}

    @property
    def outline(self) -> Outline:
        """What a page has to know of it."""
        return self.blank.outline
