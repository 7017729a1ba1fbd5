"""Products of local Jacobians: how much of the last state still hears an earlier one."""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.engine.cells import CELLS
from app.engine.chain import ChainTrace
from app.engine.cotangents import more_lanes, pull_back
from app.engine.finite import LARGEST, all_finite
from app.engine.local import Local
from app.engine.norms import SAFE_RANGE, largest_of

Array = NDArray[np.float64]
Pull = Callable[[int, Array], tuple[Array, int]]
"""t and a product P -> P dS_t/dS_{t-1} / 2^n and n, S being the states that are carried."""

AT_ONCE = 200_000
"""Up to so many numbers all products are kept and measured in one call."""
COMPRESS_EVERY = 16
AT_A_TIME = 65_536
"""Numbers of all gates that the rows of a product are pulled back by at a time: they need room beside it."""
NEGLIGIBLE = 1e-16
"""Directions so much weaker than the strongest are dropped from a product."""


def local_jacobians(trace: ChainTrace, local: Local) -> Array:
    """dh_t/dh_{t-1} with c_{t-1} held, (T, B, H, H), (out, in): the vjp of every unit."""
    hidden = trace.network.hidden_size
    of_lanes = [pulled_units(trace, local, lane, hidden)[0] for lane in range(trace.shape[1])]
    return of_lanes[0][:, None] if len(of_lanes) == 1 else np.stack(of_lanes, axis=1)


@np.errstate(all="ignore")
def norms_of_chain(trace: ChainTrace, local: Local, known: Array | None = None) -> Array:
    """Spectral norms of the whole dh_T/dh_t, T being the last step walked, (T, B); the last is 1.

    Of a cell that remembers this is the h-h block of the product of the Jacobians of (h, c).

    known : the local Jacobians, (T, B, H, H), where they are found already and `suffice`
    """
    steps, lanes, _ = trace.shape
    hidden, width = trace.network.hidden_size, state_width(trace, local)
    of_lanes: list[Array] = []
    walk = slice(None, None, -1 if trace.reverse else 1)
    for lane in range(lanes):
        found = None
        if steps * width * width <= AT_ONCE:
            jacobians = state_jacobians(trace, local, lane) if known is None else known[:, lane]
            found = norms_of_products(jacobians[walk], hidden)
        if found is None:
            order = trace.walked(list(range(steps)))
            found = chain_norms(puller(trace, local, lane, order), steps, hidden, width)
        of_lanes.append(found[walk])
    return of_lanes[0][:, None] if lanes == 1 else np.stack(of_lanes, axis=1)


def state_width(trace: ChainTrace, local: Local) -> int:
    """W, the numbers that are carried from step to step: H of h, or as many again of c."""
    return trace.network.hidden_size * (1 if local.onto is None else 2)


def suffice(trace: ChainTrace, local: Local) -> bool:
    """Whether the local Jacobians are all that the norms need, and few enough to be kept."""
    hidden = trace.network.hidden_size
    return local.onto is None and trace.shape[0] * hidden * hidden <= AT_ONCE


def state_jacobians(trace: ChainTrace, local: Local, lane: int) -> Array:
    """dS_t/dS_{t-1} of one lane for every step, (T, W, W), (out, in): S is h, or h and c side by side."""
    h, c = pulled_units(trace, local, lane, state_width(trace, local))
    return h if c is None else np.concatenate([h, c], axis=2)


def pulled_units(trace: ChainTrace, local: Local, lane: int, width: int) -> tuple[Array, Array | None]:
    """Every unit of h_t, and of c_t where W says so, pulled back to h_{t-1} and c_{t-1}, each (T, W, H)."""
    hidden = trace.network.hidden_size
    here = local if trace.alone else local.at(slice(None), lane)
    if CELLS[trace.network.cell].candidate is None:
        return of_one_gate(here, trace.weights[:hidden].T), None
    back = more_lanes(trace, here, width)
    back.d_h[:, :hidden] = identity(hidden, hidden)
    if back.carried is not None and width > hidden:
        trace.leaving(back.carried)[:, hidden:] = identity(hidden, hidden)
    return pull_back(trace, here, back, trace.weights[:hidden].T)


def of_one_gate(local: Local, W_hh_T: Array) -> Array:
    """The same of a cell whose only gate is h: f'(a_t) times rows of W_hh^T.

    That is what its vjp and the product make of ones on a diagonal, in a quarter of their time.
    """
    slopes = local.found.swapaxes(1, 2)
    jacobians: Array = W_hh_T / slopes if local.inverted else W_hh_T * slopes
    if local.keep_h is not None:
        jacobians += local.keep_h * identity(*W_hh_T.shape)
    return jacobians


@lru_cache(maxsize=8)
def identity(rows: int, columns: int) -> Array:
    """Ones on the diagonal, made once: making it takes longer than a small product."""
    ones: Array = np.eye(rows, columns)
    ones.setflags(write=False)
    return ones


def norms_of_products(jacobians: Array, hidden: int) -> Array | None:
    """The norms from products as they are, in the order of the walk; None where one leaves the range in which
    float64 keeps all its digits."""
    norms: Array = np.empty(len(jacobians))
    norms[-1] = 1.0
    if len(jacobians) == 1:
        return norms
    products = np.empty((len(jacobians) - 1, hidden, jacobians.shape[2]))
    products[-1] = jacobians[-1, :hidden]
    for t in range(len(products) - 1, 0, -1):
        products[t].dot(jacobians[t], products[t - 1])
    of_h = products[:, :, :hidden]
    squares = of_h @ of_h.swapaxes(1, 2)
    # an infinity among the columns of c makes those of h of the step before it infinite too, or NaN
    if not all_finite(squares.ravel()):
        return None
    # to the last digits the largest singular value, in half the time: only small ones suffer from squaring
    largest = np.linalg.eigvalsh(squares)[:, -1]
    if not min(largest.tolist()) > SAFE_RANGE**-2:
        return None
    np.sqrt(largest, norms[:-1])
    return norms


def puller(trace: ChainTrace, local: Local, lane: int, order: list[int]) -> Pull:
    """The vjp of one lane as a product from the left, P dS_t/dS_{t-1}, t counted in the order of the walk."""
    hidden = trace.network.hidden_size
    W_hh = trace.weights[:hidden]
    # so that a row of W_hh times a row of P, both near 1, cannot overflow
    exponent = max(0, math.frexp(largest_of(W_hh))[1])
    W_hh_T = (np.ldexp(W_hh, -exponent) if exponent else W_hh).T
    stretch = max(1, AT_A_TIME // W_hh.shape[1])

    def pull(walked: int, product: Array) -> tuple[Array, int]:
        t, pulled = order[walked], np.empty(product.shape)
        here = local.at(slice(t, t + 1), lane)
        here = here.scaled(exponent) if exponent else here
        for at in range(0, len(product), stretch):
            rows = slice(at, at + stretch)
            pull_rows(trace, here, product[rows], W_hh_T, pulled[rows])
        return pulled, exponent

    return pull


def pull_rows(trace: ChainTrace, here: Local, rows: Array, W_hh_T: Array, out: Array) -> None:
    """Some rows of P through one step."""
    hidden = trace.network.hidden_size
    back = more_lanes(trace, here, len(rows))
    back.d_h[0] = rows[:, :hidden]
    if back.carried is not None:
        trace.leaving(back.carried)[0] = rows[:, hidden:]
    h, c = pull_back(trace, here, back, W_hh_T)
    out[:, :hidden] = h[0]
    if c is not None:
        out[:, hidden:] = c[0]


def chain_norms(pull: Pull, steps: int, hidden: int, width: int) -> Array:
    """Spectral norms of J_T ... J_{t+1}, of their first columns where more than h is carried, (T,).

    Products are kept near 1 and their scale apart, as a power of 2: a norm is 0 only below the smallest
    float64, and held at the largest one beyond it.
    """
    measure = norms_at_once if steps * hidden * width <= AT_ONCE else norms_step_by_step
    return measure(pull, steps, hidden, width)


def norms_at_once(pull: Pull, steps: int, hidden: int, width: int) -> Array:
    """The norms from all the products."""
    products = np.empty((steps, hidden, width))
    exponents = np.zeros(steps, np.int64)
    products[-1] = np.eye(hidden, width)
    for t in range(steps - 1, 0, -1):
        product, of_pull = pull(t, products[t])
        products[t - 1], of_product = rescaled(product)
        exponents[t - 1] = exponents[t] + of_pull + of_product
    return with_exponents(np.linalg.norm(products[:, :, :hidden], 2, axis=(1, 2)), exponents)


def norms_step_by_step(pull: Pull, steps: int, hidden: int, width: int) -> Array:
    """The norms from a product that sheds the directions it no longer needs.

    The norm of a product P is that of S V^T in P = U S V^T, and so it stays when more factors join on the
    right: U is dropped, and with it the rows of S V^T that have become negligible.
    """
    norms = np.ones(steps)
    exponents = np.zeros(steps, np.int64)
    product: Array = np.eye(hidden, width)
    for t in range(steps - 1, 0, -1):
        product, of_pull = pull(t, product)
        product, of_product = rescaled(product)
        exponents[t - 1] = exponents[t] + of_pull + of_product
        norms[t - 1] = spectral_norm(product[:, :hidden])
        if (steps - t) % COMPRESS_EVERY == 0:
            product = compressed(product)
    return with_exponents(norms, exponents)


def spectral_norm(product: Array) -> float:
    """The largest singular value of numbers near 1, from the product of the rows with each other."""
    return math.sqrt(max(0.0, float(np.linalg.eigvalsh(product @ product.T)[-1])))


def rescaled(product: Array) -> tuple[Array, int]:
    """product / 2^n, in its place, with the largest entry in [1/2, 1), and n; entries beyond float64 held."""
    largest = largest_of(product)
    if not math.isfinite(largest):
        np.nan_to_num(product, copy=False, nan=LARGEST)
        largest = LARGEST
    exponent = math.frexp(largest)[1]
    scaled: Array = np.ldexp(product, -exponent, product)
    return scaled, exponent


def compressed(product: Array) -> Array:
    """S V^T without its negligible rows."""
    singular, rows = np.linalg.svd(product, full_matrices=False)[1:]
    keep = max(1, int((singular > NEGLIGIBLE * singular[0]).sum()))
    kept: Array = singular[:keep, None] * rows[:keep]
    return kept


def with_exponents(mantissas: Array, exponents: NDArray[np.int64]) -> Array:
    """mantissa * 2^exponent, held at the largest float64."""
    with np.errstate(over="ignore", under="ignore"):
        values = np.ldexp(mantissas, np.clip(exponents, -5000, 5000).astype(np.intc))
    return np.minimum(values, LARGEST)
