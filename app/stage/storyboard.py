"""The storyboard: the scenes of a run in their order, from the folded loop to the second forward pass."""

from app.stage.backward_scenes import accumulate, again, back, outback, update
from app.stage.forward_scenes import forward, loss, output, unfold
from app.stage.frame import PHASES, Frame
from app.stage.sheet import Sheet

SCENES = (unfold, forward, output, loss, outback, back, accumulate, update, again)


def storyboard(sheet: Sheet) -> list[Frame]:
    """All frames of a run."""
    return [frame for scene in SCENES for frame in scene(sheet)]


__all__ = ["PHASES", "Frame", "storyboard"]
