"""A small plot of a lab: lines and points in a box that stretches with the page, its numbers beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.numerals import long

WIDTH, HEIGHT = 1000.0, 200.0
STEEPEST = 4.0  # a curve is shown up to so many times what it falls; beyond, the box cuts it off
Places = Sequence[tuple[float, float | None]]


@dataclass(frozen=True)
class Point:
    """A point that can be chosen. k: its number; value: of x, exactly; said: in words."""

    k: int
    path: str
    value: str
    said: str


@dataclass(frozen=True)
class Plot:
    """Lines by their kind, and points; x and y: what stands at the ends of the axes."""

    lines: tuple[tuple[str, str], ...]
    points: tuple[Point, ...]
    x: tuple[str, str]
    y: tuple[str, str]


@dataclass(frozen=True)
class Box:
    """What the borders stand for."""

    right: float
    low: float
    high: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A place in the drawing, held to where numbers can be written."""
        across = WIDTH * (x / self.right if self.right else 0.0)
        up = HEIGHT * (1.0 - (y - self.low) / (self.high - self.low))
        return across, min(max(up, -9 * HEIGHT), 9 * HEIGHT)

    def line(self, places: Places) -> str:
        """A path through the places, with gaps where there is no y."""
        path, gap = [], True
        for x, y in places:
            if y is not None:
                across, up = self.at(x, y)
                path.append(f"{'M' if gap else 'L'}{across:.1f} {up:.1f}")
            gap = y is None
        return "".join(path)

    def dot(self, x: float, y: float | None) -> str:
        """A path of no length: its round ends draw a disc whatever the stretch."""
        if y is None:
            return ""
        across, up = self.at(x, y)
        return f"M{across:.1f} {up:.1f}h0"


def box_of(right: float, values: Sequence[float], first: float) -> Box:
    """Borders for these values of y: all of them, unless some are far above the first."""
    low, high = min(values, default=first), max(values, default=first)
    if first > low:
        high = min(high, max(first, low + STEEPEST * (first - low)))
    room = 0.08 * (high - low) or 0.05 * max(abs(high), 1.0)
    return Box(right, low - room, high + room)


def ends(box: Box) -> tuple[str, str]:
    """The numbers at the ends of the y axis, the upper one first."""
    return long(float(f"{box.high:.3g}")), long(float(f"{box.low:.3g}"))
