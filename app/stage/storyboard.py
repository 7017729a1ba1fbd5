"""The storyboard: the scenes of a run in their order, from the folded loop to the second forward pass."""

from app.numerals import tint
from app.stage.backward_scenes import back
from app.stage.forward_scenes import forward, unfold
from app.stage.frame import PHASES, Frame
from app.stage.heads import HEADS
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.stage.update_scenes import accumulate, again, update
from app.wording.catalogue import _

TINTED = ("forward", "back")  # phases whose frames carry the number of their step


def storyboard(shape: Shape, sheet: Sheet) -> list[Frame]:
    """All frames of a run."""
    head = HEADS[shape.task]
    scenes = (unfold, forward, head.output, head.loss, head.outback, back, accumulate, update, again)
    return [frame for scene in scenes for frame in scene(shape, sheet)]


def item(frame: Frame, steps: int) -> str:
    """A frame as an item of a list: what the player reads, and what a student does."""
    chip = f'<span class="chip t-{tint(frame.t, steps)}">{frame.t}</span>' if frame.phase in TINTED else ""
    part = _("part {part} of {parts}", part=frame.part, parts=frame.parts) if frame.parts > 1 else ""
    data = f' data-fly="{"|".join(" ".join(group) for group in frame.fly)}"' if frame.fly else ""
    for name in ("lit", "new", "on", "grow", "slide", "sweep", "at"):
        value = getattr(frame, name)
        data += f' data-{name}="{" ".join(value)}"' if value else ""
    data += f' data-gate="{frame.gate}"' if frame.gate else ""
    return (
        f'<li class="frame {frame.direction}" data-phase="{frame.phase}" data-t="{frame.t}" '
        f'data-part="{frame.part}"{data}>'
        f'<div class="cap"><p class="where">{chip}{_(PHASES[frame.phase])} <span>{part}</span></p>'
        f'<p class="caption"><b>{frame.title}</b> {frame.caption}</p></div><div class="formula" tabindex="0">'
        f"{frame.formula}</div></li>"
    )
