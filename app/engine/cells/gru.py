"""The GRU cell: a mixer between the old state and a candidate; another gate opens the candidate's view back.

u = h_{t-1} W_hh + [0, 0, b_hn]
r, z = sigmoid(a_r), sigmoid(a_z),  n = tanh(a_n)
a_r = x_t W_xr + b_r + u_r,  a_z = x_t W_xz + b_z + u_z,  a_n = x_t W_xn + b_n + r u_n
h_t = n + z (h_{t-1} - n)

K. Cho et al., 2014; the reset after the recurrent product as in PyTorch and Keras.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy import add, multiply, negative, reciprocal, subtract, tanh

from app.engine.activations import exponential, gate_scales, gate_slopes
from app.engine.cells.abreast import Blocks
from app.engine.cells.cell import Cell, Tiled, Views
from app.engine.tape import assign, ones

if TYPE_CHECKING:
    from app.engine.activations import Activation, Array, Values
    from app.engine.chain import ChainTrace
    from app.engine.cotangents import Cotangents
    from app.engine.local import Local

R, Z, N = range(3)


def step(activation: "Activation", trace: "ChainTrace") -> tuple[Callable[..., object], Views]:
    """The gates, the candidate and the mixture. a_t holds x_t W_xh + b_h before, and is filled up."""
    a, u, y, gate = trace.preactivation, trace.recurrent, trace.activated, trace.gate
    assert u is not None
    both, rooms = slice(0, 2 * trace.network.hidden_size), trace.in_rooms
    exp, one = exponential(y), ones(*(trace.by_gate(y)[0] if rooms else trace.by_step(y)[0][0]).shape)
    fresh = np.empty_like(trace.by_step(trace.h)[0][0])

    def mix(
        a: "Values", a_rz: "Values", u_rz: "Values", y: "Values", r: "Values", z: "Values", u_n: "Values",
        a_n: "Values", n: "Values", h_prev: "Values", h: "Values",
    ) -> None:  # fmt: skip
        add(a_rz, u_rz, a_rz)
        negative(a, y)  # sigmoid for all three at once; n's is overwritten
        exp(y, y)
        add(y, one, y)
        reciprocal(y, y)
        multiply(r, u_n, fresh)
        add(a_n, fresh, a_n)
        tanh(a_n, n)
        subtract(h_prev, n, fresh)
        multiply(z, fresh, fresh)
        add(n, fresh, h)

    if rooms:
        return in_rooms(mix, trace)
    return mix, trace.by_step(
        a, a[..., both], u[..., both], y, gate(y, R), gate(y, Z), gate(u, N), gate(a, N), gate(y, N),
        trace.h_prev, trace.h,
    )  # fmt: skip


def in_rooms(mix: Callable[..., object], trace: "ChainTrace") -> tuple[Callable[..., object], Views]:
    """The same of several sentences, with each gate on its own."""
    assert trace.recurrent is not None
    a, u, y = (trace.by_gate(array) for array in (trace.preactivation, trace.recurrent, trace.activated))
    of_a, of_u, of_y = (np.empty(y[0].shape, y.dtype) for _ in range(3))
    of_h_prev, of_h = (np.empty(y[0, 0].shape, y.dtype) for _ in range(2))
    views = of_a, of_a[:N], of_u[:N], of_y, of_y[R], of_y[Z], of_u[N], of_a[N], of_y[N], of_h_prev, of_h

    def mix_in_rooms(
        a: "Values", u: "Values", y: "Values", h_prev: "Values", h: "Values"
    ) -> None:
        of_a[...] = a
        of_u[...] = u
        of_h_prev[...] = h_prev
        mix(*views)
        a[...] = of_a
        y[...] = of_y
        h[...] = of_h

    return mix_in_rooms, trace.by_step(a, u, y, trace.h_prev, trace.h)


def linearise(
    activation: "Activation", trace: "ChainTrace", local: "Local"
) -> tuple[Callable[..., object], Views]:
    """da_n/da_r = u_n r', dh/da_z = (h_{t-1} - n) z', dh/da_n = (1 - z) n'; r is da_n/du_n, z passes h on.

    The factors are [u_n, h_{t-1}, 1] - [0, n, z], put side by side first: gates are blocks of wider rows, and
    to copy a few of them takes a sixth of the time of multiplying them.
    """
    assert trace.recurrent is not None
    first, gate, y = trace.spans[0], trace.gate, trace.activated
    scales = gate_scales(trace.preactivation[first], 3, N)
    whole, less = ones(*scales.shape), np.zeros(scales.shape)

    def derivatives(
        a: "Array", through: "Array", u_n: "Array", h_prev: "Array", z: "Array", n: "Array",
        scales: "Array", factors: "Array", whole: "Array", by_r: "Array", by_z: "Array",
        less: "Array", less_z: "Array", less_n: "Array",
    ) -> None:  # fmt: skip
        gate_slopes(a, scales, through)
        by_r[...] = u_n
        by_z[...] = h_prev
        less_z[...] = n
        less_n[...] = z
        subtract(whole, less, factors)
        multiply(through, factors, through)

    return derivatives, trace.in_spans(
        trace.preactivation, local.found, gate(trace.recurrent, N), trace.h_prev, gate(y, Z), gate(y, N),
        rooms=(
            scales, np.empty_like(scales), whole, gate(whole, R), gate(whole, Z),
            less, gate(less, Z), gate(less, N),
        ),
    )  # fmt: skip


def pull(
    d_h: "Array", of_r: "Array", of_z: "Array", of_n: "Array", r: "Array",
    d_n: "Array", d_u_r: "Array", d_u_z: "Array", d_u_n: "Array",
) -> None:  # fmt: skip
    """dL/da_n = dL/dh (1 - z) n', and from it dL/du_n by r and dL/da_r by u_n r'; dL/da_z on its own."""
    multiply(d_h, of_n, d_n)
    multiply(d_n, of_r, d_u_r)
    multiply(d_h, of_z, d_u_z)
    multiply(d_n, r, d_u_n)


def vjp(
    trace: "ChainTrace", local: "Local", back: "Cotangents"
) -> tuple[Callable[..., object], Views]:
    """What goes past the product, dL/dh z, is for the loop to add."""
    gate, through, d_u = trace.gate, local.found, back.d_product
    if trace.in_rooms and not back.whole:
        return vjp_in_rooms(trace, local, back)
    return pull, back.by_step(
        back.d_h, *(gate(through, k) for k in (R, Z, N)), local.into, gate(back.d_preactivation, N),
        *(gate(d_u, k) for k in (R, Z, N)),
    )  # fmt: skip


def vjp_in_rooms(
    trace: "ChainTrace", local: "Local", back: "Cotangents"
) -> tuple[Callable[..., object], Views]:
    """The same of several sentences, with each gate on its own."""
    through, d_u = trace.by_gate(local.found), trace.by_gate(back.d_product)
    factors, found = np.empty(d_u.shape[1:]), np.empty(d_u.shape[1:])
    of_r, of_d_n = np.empty(back.d_h.shape[1:]), np.empty(back.d_h.shape[1:])
    views = *factors, of_r, of_d_n, *found

    def pull_in_rooms(d_h: "Array", through: "Array", r: "Array", d_n: "Array", d_u: "Array") -> None:
        factors[...] = through
        of_r[...] = r
        pull(d_h, *views)
        d_n[...] = of_d_n
        d_u[...] = found

    return pull_in_rooms, back.by_step(
        back.d_h, through, local.into, trace.gate(back.d_preactivation, N), d_u
    )


def tiled(trace: "ChainTrace", local: "Local", back: "Cotangents") -> Tiled:
    """[dL/du_r, dL/du_z, dL/du_n, what goes past] = dL/dh, four times, by what each is multiplied by; and at
    the end dL/da_n of all steps."""
    (steps, _, _), hidden, gate = trace.shape, trace.network.hidden_size, trace.gate
    by, gave = np.empty((steps, 1, 4 * hidden)), np.empty((steps, 1, 4 * hidden))
    tile = np.empty((4, hidden))
    flat, of_n, d_a_n = tile.reshape(-1), gate(local.found, N), gate(back.d_preactivation, N)
    assert local.into is not None
    assert local.keep_h is not None

    def pull_tiled(d_h: "Array", by: "Array", found: "Array") -> None:
        tile[...] = d_h
        multiply(flat, by, found)

    return Tiled(
        Blocks(1, 0, product=R, road=N + 1, along=slice(0, 1)),
        [(pull_tiled, arrays) for arrays in back.by_step(back.d_h, by, gave)],
        gave,
        [
            (multiply, (gate(local.found, R), of_n, gate(by, R))),
            assign(gate(by, Z), gate(local.found, Z)),
            (multiply, (local.into, of_n, gate(by, N))),
            assign(gate(by, N + 1), local.keep_h),
        ],
        [assign(back.d_product, gave[..., : 3 * hidden]), (multiply, (back.d_h, of_n, d_a_n))],
    )


GRU = Cell(
    "gru", ("r", "z", "n"), step, linearise, vjp, apart=N, reset=R, candidate=N, road=Z, tiled=tiled
)
