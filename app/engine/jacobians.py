"""Products of local Jacobians: how much of the last state still hears an earlier one."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.engine.finite import LARGEST
from app.engine.norms import near_one

Array = NDArray[np.float64]
Jacobians = Callable[[slice], Array]
"""times -> dh_t/dh_{t-1} at these t, (times, B, H, H), (out, in)."""

AT_ONCE = 200_000
"""Up to so many numbers all products are kept and measured in one call."""
COMPRESS_EVERY = 16
NEGLIGIBLE = 1e-16
"""Directions so much weaker than the strongest are dropped from a product."""


def chain_norms(jacobians: Jacobians, steps: int, lanes: int, hidden: int) -> Array:
    """Spectral norms of dh_T/dh_t = J_T ... J_{t+1}, (T, B); the last is 1.

    Factors and products are kept near 1 and their scale apart, as a power of 2: a norm is 0 only below the
    smallest float64, and held at the largest one beyond it.
    """
    norms = np.ones((steps, lanes))
    measure = norms_at_once if steps * hidden * hidden <= AT_ONCE else norms_step_by_step
    for lane in range(lanes):
        norms[:, lane] = measure(jacobians, lane, steps, hidden)
    return norms


def norms_at_once(jacobians: Jacobians, lane: int, steps: int, hidden: int) -> Array:
    """The norms of one lane, (T,), from all its products."""
    factors = jacobians(slice(0, steps))[:, lane]
    products = np.empty((steps, hidden, hidden))
    exponents = np.zeros(steps, np.int64)
    products[-1] = np.eye(hidden)
    for t in range(steps - 1, 0, -1):
        factor, of_factor = near_one(factors[t])
        products[t - 1], of_product = near_one(products[t].dot(factor))
        exponents[t - 1] = exponents[t] + of_factor + of_product
    return with_exponents(np.linalg.norm(products, 2, axis=(1, 2)), exponents)


def norms_step_by_step(jacobians: Jacobians, lane: int, steps: int, hidden: int) -> Array:
    """The norms of one lane, (T,), from a product that sheds the directions it no longer needs.

    The norm of a product P is that of S V^T in P = U S V^T, and so it stays when more factors join on the
    right: U is dropped, and with it the rows of S V^T that have become negligible.
    """
    norms = np.ones(steps)
    exponents = np.zeros(steps, np.int64)
    product: Array = np.eye(hidden)
    for t in range(steps - 1, 0, -1):
        factor, of_factor = near_one(jacobians(slice(t, t + 1))[0, lane])
        product, of_product = near_one(product @ factor)
        exponents[t - 1] = exponents[t] + of_factor + of_product
        gram = product @ product.T
        norms[t - 1] = math.sqrt(max(0.0, float(np.linalg.eigvalsh(gram)[-1])))
        if (steps - t) % COMPRESS_EVERY == 0:
            product = compressed(product)
    return with_exponents(norms, exponents)


def compressed(product: Array) -> Array:
    """S V^T without its negligible rows."""
    _, singular, rows = np.linalg.svd(product, full_matrices=False)
    keep = max(1, int((singular > NEGLIGIBLE * singular[0]).sum()))
    kept: Array = singular[:keep, None] * rows[:keep]
    return kept


def with_exponents(mantissas: Array, exponents: NDArray[np.int64]) -> Array:
    """mantissa * 2^exponent, held at the largest float64."""
    with np.errstate(over="ignore", under="ignore"):
        values = np.ldexp(mantissas, np.clip(exponents, -5000, 5000).astype(np.intc))
    return np.minimum(values, LARGEST)
