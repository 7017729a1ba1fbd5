"""Euclidean norms that neither underflow nor overflow. A vanishing gradient is small, not zero."""

import math
from dataclasses import dataclass

import numpy as np
from numpy import multiply, sqrt
from numpy.typing import NDArray

from app.engine.tape import Call, assign, ones

Array = NDArray[np.float64]

SMALL = 256
"""Below so many numbers one call of `hypot.reduce`, which needs no scaling, beats the calls of scaling."""
CACHED = 32_768
"""Numbers that are squared at a time."""
TOGETHER = 1_024
"""Up to so many numbers of several arrays are brought together and squared at once."""
SAFE_RANGE = 1e140
"""Norms between its inverse and it have squares that keep all their digits, and finite products."""


def row_norms(rows: Array) -> Array:
    """Norm along the last axis: of (T, …, M), (T, …). Of many rows some steps at a time."""
    norms: Array
    if rows.size <= SMALL:
        norms = np.hypot.reduce(rows, axis=-1)
        return norms
    norms, stretch = np.empty(rows.shape[:-1]), max(1, CACHED * len(rows) // rows.size)
    for at in range(0, len(rows), stretch):
        part = rows[at : at + stretch]
        scale = np.abs(part).max(axis=-1)
        scaled = part / np.where(scale > 0.0, scale, 1.0)[..., None]
        norms[at : at + stretch] = np.sqrt(np.square(scaled, scaled).sum(axis=-1)) * scale
    return norms


@dataclass(frozen=True)
class StepNorms:
    """The norms of the factors of each step of one sentence, and of the products of two of them.

    h_prev : ndarray of shape (T,), |h_{t-1}|
    d_product : ndarray of shape (T,), |dL/d(h_{t-1} W_hh)|
    d_preactivation : ndarray of shape (T,), |dL/da_t|; d_product itself unless a cell keeps the two apart
    d_apart : ndarray of shape (T,), of such a cell the norm of that gate's own part of d_product, else None
    products : ndarray of shape (T,), |h_{t-1}| |dL/d(h_{t-1} W_hh)|
    tape : the calls that measure
    rows : the same rows whole, and their norms
    measured : the norms of h_1, ..., h_T and of the gradients in one row
    """

    h_prev: Array
    d_product: Array
    d_preactivation: Array
    d_apart: Array | None
    products: Array
    tape: list[Call]
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
        products, h_prev = np.empty(steps), row[first : first + steps]
        found = cls(
            h_prev,
            norms[d_product],
            norms[others[1] if others else d_product],
            norms[others[0]] if others else None,
            products,
            [
                *squaring([rows[k] for k in order], measured),
                (sqrt, (measured, measured)),
                (multiply, (h_prev, norms[d_product], products)),
            ],
            list(zip(rows, norms, strict=True)),
            measured,
        )
        found.begin(h_0, reverse)
        return found

    def begin(self, h_0: Array, reverse: bool) -> None:
        """Measure the first state, h_0 (H,), which no pass changes."""
        self.h_prev[-1 if reverse else 0] = math.hypot(*h_0.tolist())

    def are_safe(self) -> bool:
        """False when squares may have lost digits, or a product or a total may be infinite."""
        numbers: list[float] = self.measured.tolist()
        return min(numbers) > 1 / SAFE_RANGE and sum(numbers) < SAFE_RANGE

    def fill_carefully(self) -> None:
        """Measure the rows whose squares may have lost digits again, scaling first."""
        for rows, norms in self.rows:
            doubtful = np.flatnonzero(~((norms > 1 / SAFE_RANGE) & (norms < SAFE_RANGE)))
            stretch = max(1, CACHED // rows.shape[1])
            for at in range(0, len(doubtful), stretch):
                places = doubtful[at : at + stretch]
                norms[places] = row_norms(rows[places])
        np.multiply(self.h_prev, self.d_product, self.products)


def squaring(rows: list[Array], norms: Array) -> list[Call]:
    """What finds the squares of norms, in stretches that fit a processor's cache. Rows of one length stand
    together.

    rows : arrays of as many rows each, but of their own lengths; norms : of all of them one after another
    """
    steps, at = len(rows[0]), 0
    tape: list[Call] = []
    while at < len(rows):
        width = rows[at].shape[1]
        until = at + 1
        while until < len(rows) and rows[until].shape[1] == width:
            until += 1
        alike, sums = rows[at:until], norms[at * steps : until * steps]
        tape += (in_one if sums.size * width <= CACHED else in_stretches)(alike, sums)
        at = until
    return tape


def in_one(rows: list[Array], sums: Array) -> list[Call]:
    """The same of rows of one length, summed up in one product."""
    steps, width = rows[0].shape
    room = np.empty((sums.size, width))
    parts = [room[k * steps : (k + 1) * steps] for k in range(len(rows))]
    if room.size <= TOGETHER:
        # to copy parts of wider rows takes a quarter of the time of multiplying them
        squares = [assign(part, own) for part, own in zip(parts, rows, strict=True)]
        squares.append((multiply, (room, room, room)))
    else:
        squares = [(multiply, (own, own, part)) for part, own in zip(parts, rows, strict=True)]
    return [*squares, (room.dot, (ones(width), sums))]


def in_stretches(rows: list[Array], sums: Array) -> list[Call]:
    """The same of rows that need more than one: they share their room."""
    steps, width = rows[0].shape
    whole, stretch = ones(width), max(1, CACHED // width)
    room = np.empty((min(stretch, steps), width))
    tape: list[Call] = []
    for own, of_own in zip(rows, sums.reshape(len(rows), steps), strict=True):
        for at in range(0, steps, stretch):
            part = own[at : at + stretch]
            squares = room[: len(part)]
            tape += [(multiply, (part, part, squares)), (squares.dot, (whole, of_own[at : at + stretch]))]
    return tape


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
