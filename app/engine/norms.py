"""Euclidean norms that neither underflow nor overflow. A vanishing gradient is small, not zero."""

import math

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
