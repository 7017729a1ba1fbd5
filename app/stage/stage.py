"""The whole stage of a run: its drawing and its frames, ready for a template to place."""

from dataclasses import dataclass
from functools import cached_property

from app.experiments.run import Run
from app.stage.bars import bars
from app.stage.cards import cards
from app.stage.column import columns
from app.stage.folded import folded
from app.stage.frame import PHASES, Frame
from app.stage.layout import Geometry, geometry
from app.stage.numbers import tint
from app.stage.readout import origin, readout
from app.stage.sheet import Sheet
from app.stage.storyboard import storyboard


@dataclass(frozen=True)
class Phase:
    """A phase on the transport: its name, its first frame and how many frames it has."""

    key: str
    title: str
    first: int
    length: int
    direction: str


@dataclass(frozen=True)
class Stage:
    """SVG and MathML of one run; every text a user typed is escaped in it."""

    run: Run

    @property
    def geometry(self) -> Geometry:
        return geometry(self.run.experiment.hidden_size, len(self.run.vocabulary), len(self.run.words))

    @property
    def sizes(self) -> str:
        """Classes for the style sheet: low rows from five units on, slim cells in the cards, a long sentence."""
        low, slim = self.geometry.pitch < 20, self.run.experiment.hidden_size > 4
        return f'{"low " if low else ""}{"slim " if slim else ""}{"long" if len(self.run.words) > 4 else ""}'.strip()

    @cached_property
    def sheet(self) -> Sheet:
        """The run's numbers, formatted once."""
        return Sheet(self.run)

    @property
    def track(self) -> str:
        """Origin, columns and readout, side by side."""
        geo = self.geometry
        return origin(self.sheet, geo) + columns(self.sheet, geo) + readout(self.run, geo)

    @property
    def folded(self) -> str:
        """The network before it is unrolled."""
        return folded(self.run, self.geometry.height)

    @property
    def cards(self) -> str:
        return cards(self.sheet)

    @cached_property
    def bars(self) -> dict[str, str]:
        return {name: bars(self.run, name) for name in self.run.parameters["left_to_right"]}

    @cached_property
    def frames(self) -> list[Frame]:
        return storyboard(self.sheet)

    @property
    def story(self) -> str:
        """The frames as a list: what the player shows one at a time, and the whole story as text."""
        return "".join(_item(frame, self.run) for frame in self.frames)

    @cached_property
    def phases(self) -> list[Phase]:
        keys = [frame.phase for frame in self.frames]
        found = []
        for key, title in PHASES.items():
            if key in keys:
                first = keys.index(key)
                found.append(Phase(key, title, first, keys.count(key), self.frames[first].direction))
        return found


def _item(frame: Frame, run: Run) -> str:
    chip = f'<span class="chip t-{tint(frame.t, len(run.words))}">{frame.t}</span>' if frame.t and frame.phase in ("forward", "back") else ""
    part = f"part {frame.part} of {frame.parts}" if frame.parts > 1 else ""
    data = f' data-fly="{"|".join(" ".join(group) for group in frame.fly)}"' if frame.fly else ""
    for name in ("lit", "new", "on", "grow", "sweep"):
        value = getattr(frame, name)
        data += f' data-{name}="{" ".join(value)}"' if value else ""
    data += f' data-slide="{frame.slide}"' if frame.slide else ""
    return (
        f'<li class="frame {frame.direction}" data-phase="{frame.phase}" data-t="{frame.t}" data-part="{frame.part}"{data}>'
        f'<div class="cap"><p class="where">{chip}{PHASES[frame.phase]} <span>{part}</span></p>'
        f'<p class="caption"><b>{frame.title}</b> {frame.caption}</p></div><div class="formula" tabindex="0">{frame.formula}</div></li>'
    )
