"""Euclidean norms that neither underflow nor overflow. A vanishing gradient is small, not zero."""

import math
from dataclasses import dataclass

import numpy as np
from numpy import multiply, sqrt
from numpy.typing import NDArray

Array = NDArray[np.float64]

SMALL = 64
"""Below so many numbers one call of `hypot.reduce`, which needs no scaling, beats the calls of scaling."""
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
    """The norms of the two factors of each step, h_{t-1} and dL/da_t, and of their products.

    h_prev, d_preactivation, products : ndarray of shape (T, B), |h_{t-1}|, |dL/da_t| and |h_{t-1}| |dL/da_t|
    h : ndarray of shape (T, B, H), a copy of h_t
    right : ndarray of shape (T, B, G*H), dL/da_t itself
    squares : for what is squared in one go: its rows, room for the squares, ones to sum them with, the norms
    measured, multiplied : |h_1|, ..., |h_T|, |dL/da_1|, ..., |dL/da_T| in one row, and the products in one
    """

    h_prev: Array
    d_preactivation: Array
    products: Array
    h: Array
    right: Array
    squares: list[tuple[Array, Array, Array, Array]]
    measured: Array
    multiplied: Array

    @classmethod
    def blank(cls, h_prev: Array, preactivation: Array) -> "StepNorms":
        """Norms to be filled, and dL/da_t. |h_0| is known already."""
        steps, lanes, hidden = h_prev.shape
        width = preactivation.shape[2]
        count = steps * lanes
        norms = np.empty(lanes + 3 * count)
        row_norms(h_prev[0], norms[:lanes])
        measured = norms[lanes : lanes + 2 * count]
        factors = np.empty(count * (hidden + width))
        h, right = factors[: count * hidden], factors[count * hidden :]
        if width == hidden:
            squares = [scratch(factors.reshape(-1, hidden), measured)]
        else:
            squares = [
                scratch(h.reshape(-1, hidden), measured[:count]),
                scratch(right.reshape(-1, width), measured[count:]),
            ]
        by_step = norms[lanes:].reshape(3, steps, lanes)
        return cls(
            norms[:count].reshape(steps, lanes),
            by_step[1],
            by_step[2],
            h.reshape(steps, lanes, hidden),
            right.reshape(steps, lanes, width),
            squares,
            measured,
            norms[lanes + 2 * count :],
        )

    def fill(self, h: Array) -> bool:
        """Measure; False when squares may have lost digits, or a product or a total may be infinite."""
        self.h[...] = h
        for rows, squares, ones, norms in self.squares:
            multiply(rows, rows, squares)
            squares.dot(ones, norms)
        measured = self.measured
        sqrt(measured, measured)
        multiply(self.h_prev, self.d_preactivation, self.products)
        numbers: list[float] = measured.tolist()
        return min(numbers) > 1 / SAFE_RANGE and sum(numbers) < SAFE_RANGE

    def fill_carefully(self) -> None:
        """The same by scaling first."""
        for rows, _, _, norms in self.squares:
            row_norms(rows, norms)
        np.multiply(self.h_prev, self.d_preactivation, self.products)


def scratch(rows: Array, norms: Array) -> tuple[Array, Array, Array, Array]:
    """What one squaring of rows needs."""
    return rows, np.empty_like(rows), np.ones(rows.shape[1]), norms


def norm(values: Array) -> float:
    """Norm of all the entries of an array."""
    scale = float(np.abs(values).max(initial=0.0))
    if scale == 0.0 or not math.isfinite(scale):
        return scale
    scaled = values.ravel() / scale
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
