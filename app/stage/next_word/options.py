"""The words of the vocabulary that a step shows: all of a small one, else the likeliest and the next one."""

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.stage.shape import Shape

Words = NDArray[np.intp]
WHOLE = 8  # as many words as have their numbers in W_hy
LIKELIEST = 6


def all_shown(shape: Shape) -> bool:
    """Whether every word has a row."""
    return shape.outputs <= WHOLE


def shown(shape: Shape) -> int:
    """Rows of a step."""
    return shape.outputs if all_shown(shape) else LIKELIEST


def options(run: Run, shape: Shape) -> Words:
    """The words of each step, (T, R): in the order of the vocabulary, or the likeliest first.

    A word that comes and is not among the likeliest takes the last row.
    """
    steps = len(run.words)
    if all_shown(shape):
        return np.tile(np.arange(shape.outputs), (steps, 1))
    ranked = np.argsort(-run.forward.y_hat, axis=1, kind="stable")[:, :LIKELIEST]
    for t, word in enumerate(run.ids[1:]):
        if word not in ranked[t]:
            ranked[t, -1] = word
    return ranked


def at(array: NDArray[np.float64], words: Words) -> NDArray[np.float64]:
    """The numbers of these words, (T, R), of all words' (T, V)."""
    return np.take_along_axis(array, words, axis=1)
