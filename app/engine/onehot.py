"""Words as one-hot rows that are never multiplied out when a row can be picked instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.errors import EngineError

Array = NDArray[np.float64]
PADDING = -1
"""The id of a place without a word: x_t is a row of zeros there."""
AT_ONCE = 64
"""Words whose rows are brought together at a time."""
APART = 3
"""Turns that take the time of adding up the rest of a single word's rows."""
SIDES = ("after", "before")


@dataclass(frozen=True)
class OneHot:
    """One-hot inputs x_t.

    ids : ndarray of shape (T, B), the column that holds the 1, or PADDING
    size : V, the size of the vocabulary
    mask : ndarray of shape (T, B), False where a sentence's state is held; None when every step counts
    """

    ids: NDArray[np.intp]
    size: int
    mask: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, ids: Sequence[int], size: int) -> "OneHot":
        """A single sentence, B = 1."""
        return cls(np.array(ids, np.intp).reshape(-1, 1), size)

    @classmethod
    def batch(
        cls, sentences: Sequence[Sequence[int]], size: int, padding: str = "after", masked: bool = True
    ) -> "OneHot":
        """Sentences of unequal length, B of them, padded to the longest.

        masked : whether padding holds the state, so that it changes nothing

        Raises EngineError for no sentence, an empty one, or an unknown side.
        """
        if padding not in SIDES:
            message = f"padding must be one of {', '.join(SIDES)}, got {padding!r}"
            raise EngineError(message, field="padding", value=padding)
        lengths = [len(sentence) for sentence in sentences]
        if min(lengths, default=0) == 0:
            message = f"sentences must be at least 1, each of at least 1 word, got lengths {lengths}"
            raise EngineError(message, field="sentences", value=lengths)
        ids = np.full((max(lengths), len(lengths)), PADDING, np.intp)
        for lane, sentence in enumerate(sentences):
            start = 0 if padding == "after" else len(ids) - len(sentence)
            ids[start : start + len(sentence), lane] = sentence
        return cls(ids, size, ids != PADDING if masked else None)

    def put(self, ids: Sequence[int]) -> None:
        """As many other words in place of a single sentence's."""
        self.ids[:, 0] = ids
        self.__dict__.pop("_places", None)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, B, V)."""
        steps, lanes = self.ids.shape
        return steps, lanes, self.size

    @cached_property
    def padding(self) -> NDArray[np.bool_] | None:
        """Where there is no word, (T, B); None when there is one everywhere."""
        absent = self.ids == PADDING
        return absent if absent.any() else None

    @cached_property
    def held(self) -> NDArray[np.bool_] | None:
        """Where the state is held, (T, B); None when it is nowhere."""
        return None if self.mask is None or self.mask.all() else ~self.mask

    @cached_property
    def moved(self) -> NDArray[np.bool_]:
        """Where the state is not held, (T, B, 1)."""
        moved: NDArray[np.bool_] = np.ones((*self.ids.shape, 1), np.bool_)
        return moved if self.held is None else ~self.held[:, :, None]

    @cached_property
    def _steps(self) -> NDArray[np.intp]:
        return np.arange(len(self.ids))

    def dense(self, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """x of shape (T, B, V), put into zeros when some are given."""
        x: NDArray[Any] = np.zeros(self.shape) if out is None else out
        for lane in range(self.ids.shape[1]):
            x[self._steps, lane, self.ids[:, lane]] = 1.0
        if self.padding is not None:
            x[self.padding] = 0.0
        return x

    def project(self, matrix: NDArray[Any], out: NDArray[Any] | None = None) -> NDArray[Any]:
        """x W of shape (T, B, M) for W of shape (V, M): a row of W for every word."""
        rows = matrix.take(self.ids, axis=0, out=out, mode="clip")
        if self.padding is not None:
            rows[self.padding] = 0.0
        return rows

    @cached_property
    def _places(self) -> list[tuple[NDArray[np.intp], list[NDArray[np.intp]], list[NDArray[np.intp]]]]:
        """The words that occur, in stretches, the most frequent first, and where: see `turns`."""
        flat = self.ids.ravel()
        order = np.argsort(flat, kind="stable")[np.count_nonzero(flat == PADDING) :]
        words, starts, counts = np.unique(flat[order], return_index=True, return_counts=True)
        by_count = np.argsort(-counts, kind="stable")
        stretches = (by_count[at : at + AT_ONCE] for at in range(0, len(words), AT_ONCE))
        return [(words[own], *turns(order, starts[own], counts[own])) for own in stretches]

    def scatter(self, right: Array, out: Array) -> Array:
        """sum over t and b of x_t outer right_t, (V, M): each word's rows added up where the word stands.

        out : zero in the rows of words that do not occur

        The first rows of all words are brought together, then the second ones of those that have one are
        added, and so on, whole rows at a time: four to nine times as fast as `np.add.reduceat` on sorted
        rows, which is nearly twice as fast as `np.add.at`.
        """
        flat = right.reshape(self.ids.size, -1)
        for words, (first, *others), rests in self._places:
            rows = flat.take(first, axis=0, mode="clip")
            for places in others:
                some = rows[: len(places)]
                np.add(some, flat.take(places, axis=0, mode="clip"), some)
            for row, places in zip(rows, rests, strict=False):
                row += np.add.reduce(flat.take(places, axis=0, mode="clip"), axis=0)
            out[words] = rows
        return out


def turns(
    order: NDArray[np.intp], starts: NDArray[np.intp], counts: NDArray[np.intp]
) -> tuple[list[NDArray[np.intp]], list[NDArray[np.intp]]]:
    """Where words occur first, where those that occur again do so, and so on; and what is left of a few that
    occur far more often than the rest, each on its own.

    order, starts, counts : all places by word, where each word's begin there, and how many they are; the most
        frequent first
    """
    # how many words occur more than 0, 1, 2, … times
    more_than = np.searchsorted(-counts, -np.arange(counts[0] + 1)).tolist()
    last = min(range(1, len(more_than)), key=lambda turn: turn + APART * more_than[turn])
    together = [order[starts[:words] + turn] for turn, words in enumerate(more_than[:last])]
    few = slice(more_than[last])
    rests = zip((starts + last)[few].tolist(), (starts + counts)[few].tolist(), strict=True)
    return together, [order[start:end] for start, end in rests]
