"""What was made for the shapes met last, kept as far as there is room."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from app.stage.shape import Shape

V = TypeVar("V")


class Kept(Generic[V]):
    """By shape; the one that was used longest ago makes room. The last one stays however large it is."""

    def __init__(self, room: int, weigh: Callable[[V], int]) -> None:
        """room : the largest sum of what they weigh"""
        self.room, self.weigh, self.weight = room, weigh, 0
        self.kept, self.lock = OrderedDict[Shape, V](), Lock()

    def of(self, shape: Shape, make: Callable[[], V]) -> V:
        """What belongs to this shape."""
        found = self._found(shape)
        if found is not None:
            return found
        made = make()  # who asks for another shape does not wait for this
        with self.lock:
            if shape not in self.kept:
                self.kept[shape] = made
                self.weight += self.weigh(made)
            while self.weight > self.room and len(self.kept) > 1:
                self.weight -= self.weigh(self.kept.popitem(last=False)[1])
        return made

    def _found(self, shape: Shape) -> V | None:
        with self.lock:
            if shape in self.kept:
                self.kept.move_to_end(shape)
            return self.kept.get(shape)
