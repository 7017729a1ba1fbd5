"""A gradient as backpropagation through time finds it: a sum over time of outer products."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.finite import all_finite, held
from app.engine.norms import norm_of_product_sums, row_norms, tame
from app.engine.onehot import OneHot

Array = NDArray[np.float64]
AT_ONCE = 65_536
"""Numbers of a factor that shares are found from at a time."""


@dataclass(frozen=True)
class OuterSum:
    """dL/dW = sum_t left_t outer right_t, by its factors.

    left : what entered the product, ndarray of shape (T, B, N) or OneHot; None for the 1 of a bias
    right : dL/d(its output at t), ndarray of shape (T, B, M)
    total : the whole gradient, ndarray of shape (N, M), (M,) for a bias
    known_norms : |contribution_t|, (T,), where they have been measured already, else None

    The factors are views of a trace, so everything else is computed when asked for and not kept.
    """

    left: Array | OneHot | None
    right: Array
    total: Array
    known_norms: Array | None = None

    @property
    def terms(self) -> Array:
        """contribution_t, the gradient with only step t's copy of W free: (T, N, M), (T, M) for a bias."""
        terms: Array = (
            self.right.sum(axis=1) if self.left is None else self._dense_left().swapaxes(1, 2) @ self.right
        )
        return terms

    @property
    def norms(self) -> Array:
        """|contribution_t|, (T,). They do not add up: contributions may cancel."""
        if self.known_norms is not None:
            return self.known_norms
        with np.errstate(over="ignore"):
            if self.left is None:
                return held(row_norms(self.right.sum(axis=1)))
            return held(norm_of_product_sums(self._dense_left(), self.right))

    @property
    @np.errstate(over="ignore")
    def shares(self) -> Array:
        """<contribution_t, total> / |total|^2, (T,): signed, and they sum to 1.

        All zero when the total is exactly zero: there is nothing to have a share in.
        """
        total, total_exponent = tame(self.total)
        square = np.vdot(total, total)
        if square == 0.0:
            return np.zeros(len(self.right))
        right, right_exponent = tame(self.right)
        left, left_exponent = tame(self.left) if isinstance(self.left, np.ndarray) else (self.left, 0)
        shares = (inner if right.size <= AT_ONCE else inner_in_stretches)(left, total, right)
        shares /= square
        exponent = left_exponent + right_exponent - total_exponent
        if exponent:
            shares = np.ldexp(shares, exponent)
        return shares if all_finite(shares) or np.isfinite(shares).all() else np.zeros(len(right))

    def _dense_left(self) -> Array:
        assert self.left is not None
        return self.left.dense() if isinstance(self.left, OneHot) else self.left


def inner(left: Array | OneHot | None, total: Array, right: Array) -> Array:
    """<left_t outer right_t, total>, summed over the sentences, (T,)."""
    along = total if left is None else left.project(total) if isinstance(left, OneHot) else left @ total
    products: Array = np.vecdot(along, right)
    return products[:, 0] if products.shape[1] == 1 else products.sum(axis=1)


def inner_in_stretches(left: Array | OneHot | None, total: Array, right: Array) -> Array:
    """The same of long factors, some steps at a time."""
    products, stretch = np.empty(len(right)), max(1, AT_ONCE // right[0].size)
    for start in range(0, len(right), stretch):
        times = slice(start, start + stretch)
        products[times] = inner(steps_of(left, times), total, right[times])
    return products


def steps_of(left: Array | OneHot | None, times: slice) -> Array | OneHot | None:
    """Some steps of a factor."""
    if isinstance(left, OneHot):
        return OneHot(left.ids[times], left.size)
    return None if left is None else left[times]
