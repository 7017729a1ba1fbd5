"""The arrays of a chain of few units in one row of memory: one call gathers their blocks in any order."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.engine.tape import Call

Array = NDArray[np.float64]
Places = NDArray[np.intp]


class Floor:
    """One row of memory that a chain's arrays share.

    flat : ndarray, the arrays one after another, then 0 and 1, then the array "product"
    rooms : the arrays by name
    watched : "product" and so many numbers behind it
    """

    def __init__(self, size: int, product: tuple[int, int, int], behind: int) -> None:
        """Room for arrays of so many numbers together, and a last one."""
        last = math.prod(product)
        whole: Array = np.zeros(size + 2 + last + behind)
        self.flat, self.watched = whole[: len(whole) - behind], whole[size + 2 :]
        self.flat[size + 1] = 1.0
        self.rooms = {"product": self.watched[:last].reshape(product)}
        self._size, self._used = size, 0
        self._places = np.arange(len(self.flat))
        self._address = address(self.flat)

    def room(self, name: str, *shape: int) -> Array:
        """Zeros in the next part of the row."""
        start, self._used = self._used, self._used + math.prod(shape)
        room = self.rooms[name] = self.flat[: self._size][start : self._used].reshape(shape)
        return room

    def places(self, view: Array) -> Places:
        """Where in the row the entries of one of its arrays, or of a view of it, stand."""
        start = address(view) - self._address
        return np.ndarray(view.shape, np.intp, self._places, start, view.strides)

    def gathering(self, rows: Sequence[Sequence[Array | int]]) -> tuple[Array, Call]:
        """Room for blocks side by side, (len(rows), T, B, blocks*H), and the call that puts them there.

        rows : views of the floor, each (T, B, H), as many in each row; 0 and 1 stand for blocks of zeros and
            of ones
        """
        steps, lanes, hidden = next(block for block in rows[0] if not isinstance(block, int)).shape
        ids = np.empty((len(rows), steps, lanes, len(rows[0]), hidden), np.intp)
        once = {id(block): block for blocks in rows for block in blocks}  # half of them stand in several rows
        places = {
            key: self._size + block if isinstance(block, int) else self.places(block)
            for key, block in once.items()
        }
        for k, blocks in enumerate(rows):
            for n, block in enumerate(blocks):
                ids[k, :, :, n] = places[id(block)]
        room: Array = np.zeros((len(rows), steps, lanes, len(rows[0]) * hidden))
        return room, (self.flat.take, (ids.reshape(room.shape), None, room, "clip"))


def address(array: Array) -> int:
    """Where its first entry stands in memory."""
    first: int = array.__array_interface__["data"][0]
    return first
