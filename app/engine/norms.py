"""Euclidean norms that neither underflow nor overflow. A vanishing gradient is small, not zero."""

import math
from dataclasses import dataclass

import numpy as np
from numpy import multiply, sqrt
from numpy.typing import NDArray

Array = NDArray[np.float64]
Stretch = tuple[list[tuple[Array, Array]], Array, Array, Array]
"""Rows and room for their squares; all that room, ones to sum it with, where the sums go."""

SMALL = 256
"""Below so many numbers one call of `hypot.reduce`, which needs no scaling, beats the calls of scaling."""
CACHED = 32_768
"""Numbers that are squared at a time."""
SAFE_RANGE = 1e140
"""Norms between its inverse and it have squares that keep all their digits, and finite products."""


def row_norms(rows: Array, out: Array | None = None) -> Array:
    """Norm along the last axis.

    rows : ndarray of shape (…, M)
    out : ndarray of shape (…), filled when given
    """
    norms: Array
    if rows.size <= SMALL:
        norms = np.hypot.reduce(rows, axis=-1, out=out)
        return norms
    scale = np.abs(rows).max(axis=-1)
    scaled = rows / np.where(scale > 0.0, scale, 1.0)[..., None]
    norms = np.multiply(np.sqrt(np.square(scaled).sum(axis=-1)), scale, out=out)
    return norms


@dataclass(frozen=True)
class StepNorms:
    """The norms of the factors of each step of one sentence, and of the products of two of them.

    h_prev : ndarray of shape (T,), |h_{t-1}|
    d_product : ndarray of shape (T,), |dL/d(h_{t-1} W_hh)|
    d_preactivation : ndarray of shape (T,), |dL/da_t|; d_product itself unless a cell keeps the two apart
    d_apart : ndarray of shape (T,), of such a cell the norm of that gate's own part of d_product, else None
    products : ndarray of shape (T,), |h_{t-1}| |dL/d(h_{t-1} W_hh)|
    stretches : what is squared
    rows : the same rows whole, and their norms
    measured : the norms of h_1, ..., h_T and of the gradients in one row
    """

    h_prev: Array
    d_product: Array
    d_preactivation: Array
    d_apart: Array | None
    products: Array
    stretches: list[Stretch]
    rows: list[tuple[Array, Array]]
    measured: Array

    @classmethod
    def blank(cls, h_0: Array, rows: list[Array], reverse: bool) -> "StepNorms":
        """Norms to be filled.

        h_0 : ndarray of shape (H,)
        rows : h_t, dL/d(h_{t-1} W_hh), and of a cell that keeps a gate's product apart that part of it and
            dL/da_t; each (T, .)

        |h_0| stands before |h_1|, ..., or after them when the chain walks from right to left, so that
        |h_{t-1}| are a view.
        """
        steps = len(rows[0])
        h, d_product, *others = range(len(rows))
        # rows of one length stand together, h first, or last when the chain walks from right to left
        order = [h, *others[:1], d_product, *others[1:]]
        order = order[::-1] if reverse else order
        row = np.empty(1 + len(rows) * steps)
        measured = row[:-1] if reverse else row[1:]
        norms = [measured[order.index(k) * steps :][:steps] for k in range(len(rows))]
        first = order.index(h) * steps + reverse
        found = cls(
            row[first : first + steps],
            norms[d_product],
            norms[others[1] if others else d_product],
            norms[others[0]] if others else None,
            np.empty(steps),
            stretches([rows[k] for k in order], measured),
            list(zip(rows, norms, strict=True)),
            measured,
        )
        found.begin(h_0, reverse)
        return found

    def begin(self, h_0: Array, reverse: bool) -> None:
        """Measure the first state, h_0 (H,), which no pass changes."""
        self.h_prev[-1 if reverse else 0] = math.hypot(*h_0.tolist())

    def fill(self) -> bool:
        """Measure; False when squares may have lost digits, or a product or a total may be infinite."""
        for parts, squares, ones, sums in self.stretches:
            for rows, room in parts:
                multiply(rows, rows, room)
            squares.dot(ones, sums)
        measured = self.measured
        sqrt(measured, measured)
        multiply(self.h_prev, self.d_product, self.products)
        numbers: list[float] = measured.tolist()
        return min(numbers) > 1 / SAFE_RANGE and sum(numbers) < SAFE_RANGE

    def fill_carefully(self) -> None:
        """The same by scaling first, of the rows whose squares may have lost digits."""
        for rows, norms in self.rows:
            doubtful = np.flatnonzero(~((norms > 1 / SAFE_RANGE) & (norms < SAFE_RANGE)))
            stretch = max(1, CACHED // rows.shape[1])
            for at in range(0, len(doubtful), stretch):
                places = doubtful[at : at + stretch]
                norms[places] = row_norms(rows[places])
        np.multiply(self.h_prev, self.d_product, self.products)


def stretches(rows: list[Array], norms: Array) -> list[Stretch]:
    """What squaring rows needs, in stretches that fit a processor's cache. Rows of one length stand together.

    rows : arrays of as many rows each, but of their own lengths; norms : of all of them one after another
    """
    steps, found, at = len(rows[0]), [], 0
    while at < len(rows):
        width = rows[at].shape[1]
        until = at + 1
        while until < len(rows) and rows[until].shape[1] == width:
            until += 1
        alike, ones, of_alike = rows[at:until], np.ones(width), norms[at * steps : until * steps]
        if of_alike.size * width <= CACHED:
            room = np.empty((of_alike.size, width))
            parts = [(own, room[k * steps : (k + 1) * steps]) for k, own in enumerate(alike)]
            found.append((parts, room, ones, of_alike))
        else:
            found += long_stretches(alike, ones, of_alike.reshape(len(alike), steps))
        at = until
    return found


def long_stretches(rows: list[Array], ones: Array, norms: Array) -> list[Stretch]:
    """The same for rows that need more than one: they share their room."""
    stretch = max(1, CACHED // len(ones))
    room = np.empty((min(stretch, len(rows[0])), len(ones)))
    found: list[Stretch] = []
    for own, sums in zip(rows, norms, strict=True):
        for at in range(0, len(own), stretch):
            part = own[at : at + stretch]
            squares = room[: len(part)]
            found.append(([(part, squares)], squares, ones, sums[at : at + stretch]))
    return found


@np.errstate(over="ignore")
def norm(values: Array) -> float:
    """Norm of all the entries of an array."""
    flat = values.ravel()
    square = float(flat.dot(flat))
    if SAFE_RANGE**-2 < square < SAFE_RANGE**2:
        return math.sqrt(square)
    scale = float(np.abs(values).max(initial=0.0))
    if scale == 0.0 or not math.isfinite(scale):
        return scale
    scaled = flat / scale
    return scale * math.sqrt(scaled.dot(scaled))


def norm_of_product_sums(left: Array, right: Array) -> Array:
    """|sum_b left_tb outer right_tb| for each t, from the Gram matrices of the factors.

    left : ndarray of shape (T, B, N)
    right : ndarray of shape (T, B, M)
    """
    left_scale, right_scale = (np.abs(factor).max(axis=(1, 2)) for factor in (left, right))
    left = left / np.where(left_scale > 0.0, left_scale, 1.0)[:, None, None]
    right = right / np.where(right_scale > 0.0, right_scale, 1.0)[:, None, None]
    gram = (left @ left.swapaxes(1, 2)) * (right @ right.swapaxes(1, 2))
    norms: Array = np.sqrt(np.maximum(gram.sum(axis=(1, 2)), 0.0)) * left_scale * right_scale
    return norms


def largest_of(values: Array) -> float:
    """The largest absolute value, without an array of them."""
    return max(float(values.max()), -float(values.min()))


def near_one(values: Array) -> tuple[Array, int]:
    """values / 2^n with the largest entry in [1/2, 1), and n."""
    exponent = math.frexp(largest_of(values))[1]
    scaled: Array = np.ldexp(values, -exponent)
    return scaled, exponent


def tame(values: Array) -> tuple[Array, int]:
    """The same, or where products of three such arrays could leave float64 `near_one`.

    For callers that have silenced overflow.
    """
    # states stand in wider rows, where `ravel` would copy them
    square = np.vdot(values, values) if values.flags.c_contiguous else np.vecdot(values, values).sum()
    return (values, 0) if 1e-120 < square < 1e120 else near_one(values)
