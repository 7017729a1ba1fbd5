"""Words as one-hot rows that are never multiplied out when a row can be picked instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class OneHot:
    """One-hot inputs x_t.

    ids : ndarray of shape (T, B), the column that holds the 1
    size : V, the size of the vocabulary
    """

    ids: NDArray[np.intp]
    size: int

    @classmethod
    def of(cls, ids: Sequence[int], size: int) -> "OneHot":
        """A single sentence, B = 1."""
        return cls(np.array(ids, np.intp).reshape(-1, 1), size)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, B, V)."""
        steps, lanes = self.ids.shape
        return steps, lanes, self.size

    def dense(self) -> Array:
        """x of shape (T, B, V)."""
        x = np.zeros(self.shape)
        x.reshape(-1, self.size)[np.arange(self.ids.size), self.ids.ravel()] = 1.0
        return x

    def project(self, matrix: NDArray[Any], out: NDArray[Any]) -> NDArray[Any]:
        """x W of shape (T, B, M) for W of shape (V, M): a row of W for every word."""
        return matrix.take(self.ids, axis=0, out=out, mode="clip")

    def scatter(self, right: Array, out: Array) -> Array:
        """sum over t and b of x_t outer right_t, (V, M): each word's rows added up where the word stands.

        A product with the words' incidence matrix: `np.add.at` takes many times as long.
        """
        words, which = np.unique(self.ids.ravel(), return_inverse=True)
        incidence = (np.arange(len(words))[:, None] == which).astype(np.float64)
        out.fill(0.0)
        out[words] = incidence.dot(right.reshape(len(which), -1))
        return out
