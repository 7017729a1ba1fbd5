"""Two stories on one clock: which frame of each is shown together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from app.stage.frame import PHASES, Frame
from app.stage.outline import Phase
from app.wording.catalogue import _

Step = list[int]  # the frames of one step, by their index in the story


class Beat(NamedTuple):
    """A moment of both: its phase, and the index of the frame in each story."""

    phase: str
    a: int
    b: int


def beats(a: Sequence[Frame], b: Sequence[Frame]) -> list[Beat]:
    """The moments of two stories that are told together, phase by phase and in it step by step.

    Where one has fewer steps in a phase, or fewer parts in a step, both are at the same fraction of it: the
    shorter one stands still meanwhile. A phase that one of them leaves out finds it where it was.
    """
    found: list[Beat] = []
    ours, theirs = _phases(a), _phases(b)
    for phase in PHASES:
        mine, other = ours.get(phase), theirs.get(phase)
        if mine is None and other is None:
            continue
        last = found[-1] if found else Beat("", 0, 0)
        for left, right in _matched(mine or [[last.a]], other or [[last.b]]):
            most = max(len(left), len(right))
            pairs = zip(_stretched(left, most), _stretched(right, most), strict=True)
            found += [Beat(phase, i, j) for i, j in pairs]
    return found


def phases_of(moments: Sequence[Beat], stories: Sequence[Sequence[Frame]]) -> tuple[Phase, ...]:
    """The phases of the beats, for the transport."""
    keys = [beat.phase for beat in moments]
    directions = {frame.phase: frame.direction for story in stories for frame in story}
    return tuple(
        Phase(key, _(title), keys.index(key), keys.count(key), directions[key])
        for key, title in PHASES.items()
        if key in keys
    )


def _phases(frames: Sequence[Frame]) -> dict[str, list[Step]]:
    """The steps of each phase, in the order they are told."""
    found: dict[str, list[Step]] = {}
    for (phase, _t), group in groupby(enumerate(frames), lambda item: (item[1].phase, item[1].t)):
        found.setdefault(phase, []).append([index for index, _frame in group])
    return found


def _matched(a: list[Step], b: list[Step]) -> list[tuple[Step, Step]]:
    """As many pairs as the shorter has steps, each with the steps of the longer at the same fraction."""
    least = min(len(a), len(b))
    return list(zip(_joined(a, least), _joined(b, least), strict=True))


def _joined(steps: list[Step], parts: int) -> list[Step]:
    """The steps in so many parts, as equal as can be."""
    shares = groupby(range(len(steps)), lambda k: k * parts // len(steps))
    return [[index for k in share for index in steps[k]] for _start, share in shares]


def _stretched(frames: Step, length: int) -> Step:
    """Each frame for an equal share of the time."""
    return [frames[k * len(frames) // length] for k in range(length)]
