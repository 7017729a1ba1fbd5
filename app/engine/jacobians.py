"""Products of local Jacobians: how much of the last state still hears an earlier one."""

import math
import sys

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def chain_norms(jacobians: Array) -> Array:
    """Spectral norms of dh_T/dh_t = J_T ... J_{t+1}, (T, B); the last is 1.

    jacobians : ndarray of shape (T, B, H, H), dh_t/dh_{t-1} at index t, (out, in)

    The product is kept near 1 and its scale apart, as a power of 2: a norm is 0 only below the smallest
    float64, and held at the largest one beyond it.
    """
    steps, lanes = jacobians.shape[:2]
    norms = np.ones((steps, lanes))
    for lane in range(lanes):
        norms[:, lane] = lane_norms(jacobians[:, lane])
    return norms


def lane_norms(jacobians: Array) -> Array:
    """Spectral norms of the products of one lane, (T,)."""
    steps, hidden = jacobians.shape[:2]
    products = np.empty((steps, hidden, hidden))
    exponents = np.zeros(steps, np.int64)
    products[-1] = np.eye(hidden)
    for t in range(steps - 1, 0, -1):
        product = products[t].dot(jacobians[t], products[t - 1])
        exponent = math.frexp(np.abs(product).max())[1]
        np.ldexp(product, -exponent, product)
        exponents[t - 1] = exponents[t] + exponent
    return ldexp(np.linalg.norm(products, 2, axis=(1, 2)), exponents)


def ldexp(mantissas: Array, exponents: NDArray[np.int64]) -> Array:
    """mantissa * 2^exponent, held at the largest float64."""
    with np.errstate(over="ignore", under="ignore"):
        values = np.ldexp(mantissas, np.clip(exponents, -5000, 5000).astype(np.intc))
    return np.minimum(values, sys.float_info.max)
