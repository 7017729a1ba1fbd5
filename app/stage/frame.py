"""One frame of the animation, as data.

A frame is a pure function of (phase, t, part). It says what is said (title, caption), what is computed
(formula), which parts of the drawing are lit, which become known, which layers lie on the weight cards, and
what moves. The player only moves an index, so it plays in both directions; the printed table, the screen
reader and the tests read the same frames.
"""

from typing import NamedTuple

PHASES = {
    "unfold": "Unfold",
    "forward": "Forward",
    "output": "Output",
    "loss": "Loss",
    "outback": "Back: output",
    "back": "Back through time",
    "accumulate": "Accumulate",
    "update": "Update",
    "again": "Again",
}


class Frame(NamedTuple):
    """One frame.

    phase, t, part, parts: where it stands (t from 1, 0 when no step is meant; part 1 of `parts`).
    title, caption: what is said, caption as HTML. formula: MathML.
    lit: parts in this frame. new: parts whose numbers become known here. on: layers shown on the weight
    cards.
    fly: moves, as "what,from,to", in groups one after the other. grow: ribbons that are drawn from right to
    left.
    slide: curves whose dot runs. sweep: parts that appear one after the other.
    """

    phase: str
    t: int
    part: int
    parts: int
    title: str
    caption: str
    formula: str = ""
    lit: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    fly: tuple[tuple[str, ...], ...] = ()
    grow: tuple[str, ...] = ()
    slide: str = ""
    sweep: tuple[str, ...] = ()

    @property
    def direction(self) -> str:
        """Which way the numbers run in this frame: forward, backward or neither."""
        if self.phase in ("outback", "back", "accumulate"):
            return "backward"
        return "weights" if self.phase == "update" else "forward"
