"""Euclidean norms that neither underflow nor overflow. A vanishing gradient is small, not zero."""

import math
from dataclasses import dataclass

import numpy as np
from numpy import multiply, sqrt
from numpy.typing import NDArray

Array = NDArray[np.float64]

SMALL = 256
"""Below so many numbers one call of `hypot.reduce`, which needs no scaling, beats the calls of scaling."""
CACHED = 65_536
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
    """The norms of the two factors of each step, h_{t-1} and dL/d(h_{t-1} W_hh), and of their products.

    h_prev, d_product, products : ndarray of shape (T, B)
    d_preactivation : ndarray of shape (T, B), |dL/da_t|; d_product itself unless a cell keeps the two apart
    h : ndarray of shape (T, B, H), a copy of h_t
    right, entered : ndarray of shape (T, B, G*H), dL/d(h_{t-1} W_hh) and dL/da_t themselves
    squares : for what is squared in one go: its rows, room for the squares, ones to sum them with, the norms
    measured : the norms of h_1, ..., h_T and of the gradients in one row
    """

    h_prev: Array
    d_product: Array
    d_preactivation: Array
    products: Array
    h: Array
    right: Array
    entered: Array
    squares: list[tuple[Array, Array, Array, Array]]
    measured: Array

    @classmethod
    def blank(cls, h_0: Array, shape: tuple[int, ...], reverse: bool, apart: bool) -> "StepNorms":
        """Norms to be filled, and the gradients.

        |h_0| is known already. It stands before |h_1|, ..., or after them when the chain walks from right to
        left, so that |h_{t-1}| are a view.
        """
        (steps, lanes, width), hidden = shape, h_0.shape[1]
        count = steps * lanes
        widths = [hidden, width, *[width] * apart]
        places = range(len(widths))
        starts = [(len(widths) - 1 - k if reverse else k) * count for k in places]
        row = np.empty(lanes + len(widths) * count)
        measured = row[:-lanes] if reverse else row[lanes:]
        row_norms(h_0, row[-lanes:] if reverse else row[:lanes])
        norms = [measured[start : start + count] for start in starts]
        if hidden == width and not apart:
            factors = np.empty((2 * count, hidden))
            rows = [factors[start : start + count] for start in starts]
            squares = scratches(factors, measured)
        else:
            rows = [np.empty((count, size)) for size in widths]
            squares = [part for k in places for part in scratches(rows[k], norms[k])]
        products = np.empty((steps, lanes))
        first = starts[0] + (lanes if reverse else 0)
        by_step = [values.reshape(steps, lanes, -1) for values in rows]
        of_steps = [values.reshape(steps, lanes) for values in norms]
        return cls(
            row[first : first + count].reshape(steps, lanes),
            of_steps[1],
            of_steps[-1],
            products,
            by_step[0],
            by_step[1],
            by_step[-1],
            squares,
            measured,
        )

    def fill(self, h: Array) -> bool:
        """Measure; False when squares may have lost digits, or a product or a total may be infinite."""
        self.h[...] = h
        for rows, squares, ones, norms in self.squares:
            multiply(rows, rows, squares)
            squares.dot(ones, norms)
        measured = self.measured
        sqrt(measured, measured)
        multiply(self.h_prev, self.d_product, self.products)
        numbers: list[float] = measured.tolist()
        return min(numbers) > 1 / SAFE_RANGE and sum(numbers) < SAFE_RANGE

    def fill_carefully(self) -> None:
        """The same by scaling first."""
        for rows, _, _, norms in self.squares:
            row_norms(rows, norms)
        np.multiply(self.h_prev, self.d_product, self.products)


def scratches(rows: Array, norms: Array) -> list[tuple[Array, Array, Array, Array]]:
    """What squaring rows needs, in stretches that share their room and fit a processor's cache."""
    ones = np.ones(rows.shape[1])
    stretch = max(1, CACHED // rows.shape[1])
    room = np.empty((min(stretch, len(rows)), rows.shape[1]))
    return [
        (rows[at : at + stretch], room[: len(rows) - at], ones, norms[at : at + stretch])
        for at in range(0, len(rows), stretch)
    ]


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


def near_one(values: Array) -> tuple[Array, int]:
    """values / 2^n with the largest entry in [1/2, 1), and n."""
    exponent = math.frexp(float(np.abs(values).max()))[1]
    scaled: Array = np.ldexp(values, -exponent)
    return scaled, exponent


def tame(values: Array) -> tuple[Array, int]:
    """The same, or where products of three such arrays could leave float64 `near_one`.

    For callers that have silenced overflow.
    """
    flat = values.ravel()
    return (values, 0) if 1e-120 < flat.dot(flat) < 1e120 else near_one(values)
