"""One frame of the animation, as data.

A frame is a pure function of (phase, t, part). It says what is said (title, caption), what is computed
(formula), which parts of the drawing are lit, which become known, which layers lie on the weight cards, and
what moves. The player only moves an index, so it plays in both directions; the printed table, the screen
reader and the tests read the same frames.
"""

from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import Any, NamedTuple

from app.wording.catalogue import N_, _

PHASES = {
    "unfold": N_("Unfold"),
    "forward": N_("Forward"),
    "output": N_("Output"),
    "loss": N_("Loss"),
    "outback": N_("Back: output"),
    "back": N_("Back through time"),
    "accumulate": N_("Accumulate"),
    "update": N_("Update"),
    "again": N_("Again"),
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
    at: the columns in hand, where that is not the one of step t alone.
    gate: the gate that is told about, whose cards and bars are shown.
    above, below: what the caption adds where two chains are told together, of this chain as the upper one (if
    the caption has not said it) and as the lower one.
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
    slide: tuple[str, ...] = ()
    sweep: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    gate: str = ""
    above: str = ""
    below: str = ""

    def of_chain(self, told: str) -> "Frame":
        """The same frame with what is said of its chain when another is told together with it."""
        return self._replace(above=told, below=told)

    @property
    def direction(self) -> str:
        """Which way the numbers run in this frame: forward, backward or neither."""
        if self.phase in ("outback", "back", "accumulate"):
            return "backward"
        return "weights" if self.phase == "update" else "forward"


def together(frames: Sequence[Frame]) -> Frame:
    """The same moment of several chains as one frame: neither waits for the other."""
    first = frames[0]
    if len(frames) == 1:
        return first
    lower = ", ".join(frame.below for frame in frames[1:])
    others = _("Below, {lower}.", lower=lower)
    if first.above:
        others = _("Above, {upper}; below, {lower}.", upper=first.above, lower=lower)
    formulas = "".join(f'<span class="voice">{frame.formula}</span>' for frame in frames)
    flights = zip_longest(*(frame.fly for frame in frames), fillvalue=())
    joined: dict[str, Any] = {
        name: _joined(frames, name) for name in ("lit", "new", "on", "grow", "slide", "sweep", "at")
    }
    return first._replace(
        caption=f"{first.caption} {others}",
        formula=f'<span class="duet">{formulas}</span>',
        fly=tuple(tuple(chain.from_iterable(groups)) for groups in flights),
        **joined,
    )


def _joined(frames: Sequence[Frame], name: str) -> tuple[str, ...]:
    """What all frames have of a kind, each thing once."""
    return tuple(dict.fromkeys(part for frame in frames for part in getattr(frame, name)))
