"""One-hot codes as plain lists: one row a word, a single 1 in the column of its vocabulary entry."""

from collections.abc import Sequence


def one_hot(ids: Sequence[int], size: int) -> list[list[int]]:
    """The one-hot table of a sentence.

    ids  : vocabulary rows, length T
    size : V, the number of vocabulary entries
    Returns T rows of V numbers: x[t][ids[t]] = 1, everything else 0.
    """
    table = [[0] * size for _ in ids]
    for line, column in zip(table, ids, strict=True):
        line[column] = 1
    return table
