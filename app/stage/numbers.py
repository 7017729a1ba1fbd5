"""How arrays of numbers are written and coloured on the stage.

A page writes thousands of numbers, so an array is written by looking its numbers up in a table; what the
table does not hold is written one by one, as `app.numerals` does.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.numerals import BOUNDS, MINUS, TEXTS, short

STOPS = 10  # colour stops on either side of zero
FORWARD_SCALE = 1.0  # states and weights reach the last stop at 1
GRADIENT_SCALE = 0.5  # gradients reach it at a half
FEW = 8  # numbers that are sooner written one by one than looked up together


def _trimmed(text: str) -> str:
    """Without closing zeros behind the point; a power of ten keeps its digits."""
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _signed(texts: list[str]) -> list[str]:
    """The texts of sizes 0, 1, 2 … and, from the end backwards, with a minus: an index is signed."""
    return texts + [MINUS + text for text in reversed(texts[1:])]


def _table(texts: list[str]) -> NDArray[Any]:
    return np.array(texts, dtype=object)


def _encoded_table(texts: list[str]) -> NDArray[Any]:
    return np.array([text.encode() for text in texts], dtype=object)


# The index of a size is its thousandths; from 1000 on, its place among the rarer ones.
_SIZES = [short(k / 1000) for k in range(1000)] + ["0"] + TEXTS
_PLACES = np.array(BOUNDS)
_RARE = np.zeros(2001, dtype=bool)  # by signed thousandths: whether they do not tell the size
_RARE[[0, 1000, -1000]] = True
# Round about TRIMMED stand the texts without closing zeros.
TRIMMED = 2 * len(_SIZES) - 1
_BARE = _signed([_trimmed(text) for text in _SIZES])
_TEXTS = _SIZES + _BARE[len(_SIZES) :] + _BARE[: len(_SIZES)] + _signed(_SIZES)[len(_SIZES) :]
_TABLE, _ENCODED = _table(_TEXTS), _encoded_table(_TEXTS)
# A stop's index is signed, too. It reaches as far as numbers held to FORWARD_SCALE do on a finer scale.
_STOPS = [f"v-p{min(k, STOPS)}" if k else "v-0" for k in range(int(STOPS / GRADIENT_SCALE) + 1)]
_STOPS += [text.replace("p", "n") for text in reversed(_STOPS[1:])]
_STOP_TABLE, _STOP_ENCODED = _table(_STOPS), _encoded_table(_STOPS)


def shorts(values: Sequence[float] | NDArray[Any], trim: bool = False) -> list[str]:
    """Every number of an array, flattened, as its cell shows it; `trim` drops closing zeros (weights)."""
    array = np.asarray(values, dtype=float).ravel()
    if array.size <= FEW:
        return [_trimmed(short(value)) if trim else short(value) for value in array.tolist()]
    index, others = _indices(array, _held(array, 1.0))
    texts: list[str] = _TABLE[index + TRIMMED * trim].tolist()
    for k in others:
        texts[k] = short(float(array[k]))
    return texts


class Kind(NamedTuple):
    """Arrays whose numbers are written and coloured alike."""

    arrays: Sequence[NDArray[Any]]
    scale: float
    trim: bool


def written(*groups: Sequence[Kind]) -> list[list[bytes]]:
    """For a template to be filled with, in UTF-8: of each group the texts of all numbers, then their colour
    classes."""
    array = np.concatenate([part.ravel() for group in groups for kind in group for part in kind.arrays])
    held = _held(array, FORWARD_SCALE)  # no scale reaches further
    index, others = _indices(array, held)
    held *= STOPS
    first, ends = 0, []
    for group in groups:
        for kind in group:
            here = slice(first, first := first + sum([part.size for part in kind.arrays]))
            if kind.trim:
                index[here] += TRIMMED
            if kind.scale != FORWARD_SCALE:
                held[here] /= kind.scale
        ends.append(first)
    texts: list[bytes] = _ENCODED[index].tolist()
    for k in others:
        texts[k] = short(array.item(k)).encode()
    tones: list[bytes] = _STOP_ENCODED[np.rint(held).astype(np.int16)].tolist()
    return [texts[start:end] + tones[start:end] for start, end in pairwise([0, *ends])]


def _indices(array: NDArray[Any], held: NDArray[Any]) -> tuple[NDArray[np.int16], list[int]]:
    """The signed place of each number in the table, and which numbers the table does not hold.

    held : the same numbers held between -1 and 1
    """
    index = np.rint(held * 1000.0).astype(np.int16)
    (rare,) = _RARE[index].nonzero()
    values = array[rare]
    places = _PLACES.searchsorted(np.abs(values), side="right")
    index[rare] = np.where(values < 0.0, -1000 - places, 1000 + places)
    others = ((places == 0) & (values != 0.0)) | (places == len(_PLACES))
    index[rare[others]] = 0
    return index, rare[others].tolist()


def colours(values: Sequence[float] | NDArray[Any], scale: float = FORWARD_SCALE) -> list[str]:
    """The colour class of every number of an array on the absolute scale [-scale, scale]."""
    held = _held(np.asarray(values, dtype=float).ravel(), scale)
    classes: list[str] = _STOP_TABLE[np.rint(held * (STOPS / scale)).astype(np.int16)].tolist()
    return classes


def _held(array: NDArray[Any], scale: float) -> NDArray[Any]:
    held: NDArray[Any] = np.minimum(np.maximum(array, -scale), scale)
    return held
