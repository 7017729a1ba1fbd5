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
    ranked = (-run.forward.y_hat).argsort(axis=1, kind="stable")[:, :LIKELIEST]
    coming = np.array(run.ids[1:], dtype=np.intp)
    (left_out,) = (ranked[:-1] != coming[:, None]).all(axis=1).nonzero()
    ranked[left_out, -1] = coming[left_out]
    return ranked


def at(array: NDArray[np.float64], words: Words) -> NDArray[np.float64]:
    """The numbers of these words, (T, R), of all words' (T, V)."""
    found: NDArray[np.float64] = array[rows(words), words]
    return found


def rows(words: Words) -> Words:
    """The step of each, (T, 1)."""
    return np.arange(len(words))[:, None]
