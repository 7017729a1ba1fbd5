"""Shapes that differ in the length of their vocabulary alone.

A student who types another word has another vocabulary. It is seen in the cards of the weights that words
enter, row by row, and nowhere else: all the rest is drawn once for every vocabulary.
"""

from dataclasses import replace
from functools import lru_cache

from app.stage.bars import SHOWN
from app.stage.matrix import NUMBERED_ROWS, matrix_of
from app.stage.shape import Shape
from app.stage.words import DIGITS


@lru_cache(maxsize=256)
def family_of(shape: Shape) -> Shape:
    """The shape that stands for all whose stage is this one's but for those cards.

    It has as many words as fit a card with its numbers, or one more. A small vocabulary, whose codes are
    written digit by digit or whose weights are too few for all the bars, stands for itself.
    """
    if shape.words <= DIGITS or shape.words * shape.units < SHOWN:
        return shape
    numbered = matrix_of(shape, shape.inputs[0]).numbered
    return replace(shape, words=NUMBERED_ROWS if numbered else NUMBERED_ROWS + 1)
