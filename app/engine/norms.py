"""Euclidean norms that neither underflow nor overflow. A vanishing gradient is small, not zero."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SMALL = 64
"""Below so many numbers one call of `hypot.reduce`, which needs no scaling, beats the calls of scaling."""


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

    factors : ndarray of shape (2, T, B, H), a copy of h_{t-1} and dL/da_t itself, so that one call measures
        both; None when they differ in width or are many
    right : ndarray of shape (T, B, G*H), dL/da_t
    both, rows : the norms of the factors, (2, T, B), and the same as (2*T*B,) and (2*T*B, H)
    """

    factors: Array | None
    right: Array
    both: Array
    h_prev: Array
    d_preactivation: Array
    products: Array

    @classmethod
    def blank(cls, h_prev: Array, preactivation: Array) -> "StepNorms":
        """Norms to be filled, and dL/da_t."""
        both = np.empty((2, *h_prev.shape[:2]))
        small = h_prev.shape == preactivation.shape and 2 * h_prev.size <= SMALL
        factors = np.empty((2, *h_prev.shape)) if small else None
        right = np.empty(preactivation.shape) if factors is None else factors[1]
        return cls(factors, right, both, both[0], both[1], np.empty(h_prev.shape[:2]))

    def fill(self, h_prev: Array) -> bool:
        """Measure; True when every norm is finite."""
        if self.factors is None:
            row_norms(h_prev, self.h_prev)
            row_norms(self.right, self.d_preactivation)
        else:
            self.factors[0] = h_prev
            np.hypot.reduce(self.factors, 3, out=self.both)
        np.multiply(self.h_prev, self.d_preactivation, self.products)
        return math.isfinite(sum(self.products.ravel().tolist()) + sum(self.d_preactivation.ravel().tolist()))


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
