"""The geometry of the stage: where every part stands, in CSS pixels.

A step of the sentence is a column, mirrored about its middle: above a -> f -> h, below d <- f' <- dL/dh,
unit under unit. The readout is a column of one unit, so it reads the same way. Columns sit side by side in a
track that scrolls; the shared weights stand once, below.
"""

from dataclasses import dataclass
from functools import lru_cache

COLUMN = 208  # width of a step; four of them, the origin and the readout fill 1104
ORIGIN = 76
READOUT = 190
CELL = 46
LEFT, MIDDLE, RIGHT = 50, 98, 146  # left edges of the three cells of a column
EXIT = RIGHT + CELL  # where h_t leaves its column
WORD, CODE, FORWARD = 32, 46, 122  # baselines and tops
ROAD = 34.0  # the band of a state that is carried past the recurrent product
NUMBERED_UNITS = 8  # more hidden units than this are drawn as colour, with the numbers on request
NUMBERED_CELLS = 1024  # and more cells than this in a track would make the page too heavy to be quick
CODE_WIDTH = EXIT - LEFT


@dataclass(frozen=True)
class Geometry:
    """Measures that depend on the sizes of the network.

    units, words: H and V. pitch: height of one unit's row. gap: what of it is white. numbered: whether cells
    carry their number. backward: top of the lower half. middle, under: centre lines of the halves. height: of
    the whole track. road: height of the band below the lower half in which a state passes by, 0 without one.
    """

    units: int
    words: int
    pitch: float
    gap: float
    numbered: bool
    road: float = 0.0

    @property
    def cell_height(self) -> float:
        return self.pitch - self.gap

    @property
    def span(self) -> float:
        """Height of one vector."""
        return self.units * self.pitch - self.gap

    @property
    def backward(self) -> float:
        return FORWARD + self.span + 30

    @property
    def middle(self) -> float:
        return FORWARD + self.span / 2

    @property
    def under(self) -> float:
        return self.backward + self.span / 2

    @property
    def skipped(self) -> float:
        """What a second lane leaves out at its top: the room of the codes, as far as no road runs there."""
        return 14.0 if self.road else 56.0

    @property
    def bottom(self) -> float:
        """Lower edge of a column's card."""
        return self.backward + self.span + 32 + self.road

    @property
    def height(self) -> float:
        return self.bottom + 22

    def row(self, unit: int) -> float:
        """Top of a unit's cell, from the top of its vector."""
        return unit * self.pitch

    def centre(self, unit: int) -> float:
        return unit * self.pitch + self.cell_height / 2


@lru_cache(maxsize=64)
def geometry(units: int, words: int, steps: int, road: bool = False, lanes: int = 1) -> Geometry:
    """The measures for H, V, T and so many chains; `road` where a state passes by the cells."""
    room = ROAD if road else 0.0
    if units <= NUMBERED_UNITS and units * steps * lanes <= NUMBERED_CELLS:
        pitch, gap = (26, 2) if units <= 4 and lanes == 1 else (18, 1)
        return Geometry(units, words, pitch, gap, True, room)
    height = max(1.0, round(208 / lanes / units, 2))
    return Geometry(units, words, height, 1 if units <= 40 else 0, False, room)


def _shown(geo: Geometry) -> range:
    """The units whose edges are drawn: all of them, or about sixteen spread over the vector."""
    return range(0, geo.units, -(-geo.units // 16))


@lru_cache(maxsize=64)
def fan(geo: Geometry) -> str:
    """Path data of the edge bundle h_{t-1} -> a_t inside column t: H x H lines as one path."""
    tops = [FORWARD + geo.centre(i) for i in _shown(geo)]
    return "".join(f"M0 {y0:g}C22 {y0:g} 24 {y1:g} {LEFT - 3} {y1:g}" for y0 in tops for y1 in tops)


@lru_cache(maxsize=64)
def stub(geo: Geometry) -> str:
    """Path data of the edges' first stretch, from h_t to the right border of its column."""
    return "".join(f"M{EXIT + 2} {FORWARD + geo.centre(i):g}H{COLUMN}" for i in _shown(geo))


@lru_cache(maxsize=64)
def leave(geo: Geometry) -> str:
    """The same stretch from h_0."""
    return "".join(f"M63 {FORWARD + geo.centre(i):g}H{ORIGIN}" for i in _shown(geo))


@lru_cache(maxsize=64)
def funnel(geo: Geometry, top: float) -> str:
    """Path data of h_T -> logit: H lines that meet at one cell."""
    tops = [FORWARD + geo.centre(i) for i in _shown(geo)]
    return "".join(f"M0 {y:g}C20 {y:g} 22 {top:g} {LEFT - 9} {top:g}" for y in tops)
