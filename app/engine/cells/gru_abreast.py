"""The GRU of few units: the same formulas as in `gru`, on more of them at once."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy import add, divide, exp, multiply, reciprocal, subtract, tanh

from app.engine.activations import gate_slopes
from app.engine.cells.abreast import Abreast, Blocks, Factors, Seen, Woven
from app.engine.cells.gru import N, R, Z
from app.engine.tape import ones

if TYPE_CHECKING:
    from app.engine.activations import Array
    from app.engine.chain import ChainTrace
    from app.engine.cotangents import Cotangents
    from app.engine.floor import Places
    from app.engine.tape import Call


MINUS_A_R, MINUS_A_Z, A_Z, U_N, X_N, A_R, U_R, U_Z = range(8)
"""The blocks that a step's product gives; x_n is x_t W_xn + b_n."""
WHOLE = 2
"""The block behind r and z: 1 - z."""


def weave(trace: "ChainTrace") -> Woven:
    """The product gives -a_r, -a_z and a_z side by side, so that the gates, and with them 1 - z, which is
    sigmoid(-a_z), need neither a sum nor a sign. A_R, U_R and U_Z are only to be seen."""
    floor, hidden, (steps, _, _) = trace.floor, trace.network.hidden_size, trace.shape
    assert floor is not None
    a, y = floor.rooms["product"], floor.room("gates", *trace.shape)
    inverse = floor.room("1 / gates", *y.shape)
    a_n, n, less = (floor.room(name, steps, 1, hidden) for name in ("a_n", "n", "h_prev - n"))
    gate, one, fresh = trace.gate, ones(3 * hidden), np.empty(hidden)

    def mix(
        a: "Array", inverse: "Array", by_r: "Array", by_z: "Array", u_n: "Array", x_n: "Array",
        a_n: "Array", n: "Array", less: "Array", h_prev: "Array", h: "Array",
    ) -> None:  # fmt: skip
        exp(a, inverse)  # 1 / r, 1 / z and 1 / (1 - z)
        add(inverse, one, inverse)
        divide(u_n, by_r, fresh)
        add(x_n, fresh, a_n)
        tanh(a_n, n)
        subtract(h_prev, n, less)
        divide(less, by_z, fresh)
        add(n, fresh, h)

    matrix, before = product_of_all(trace.weights, hidden)
    views = trace.by_step(
        a[..., : 3 * hidden], inverse, gate(inverse, R), gate(inverse, Z), gate(a, U_N), gate(a, X_N), a_n, n,
        less, trace.h_prev, trace.h,
    )  # fmt: skip
    return Woven(mix, views, matrix, list(a[:, 0]), before=before, after=[(reciprocal, (inverse, y))])


def see(trace: "ChainTrace") -> Seen:
    """What `weave` leaves behind."""
    assert trace.floor is not None
    rooms, gate = trace.floor.rooms, trace.gate
    a, y = rooms["product"], rooms["gates"]
    return Seen(
        np.concatenate([gate(a, A_R), gate(a, A_Z), rooms["a_n"]], axis=-1),
        np.concatenate([gate(y, R), gate(y, Z), rooms["n"]], axis=-1),
        np.concatenate([gate(a, U_R), gate(a, U_Z), gate(a, U_N)], axis=-1),
    )


def product_of_all(block: "Array", hidden: int) -> tuple["Array", list["Call"]]:
    """The matrix that [h_{t-1}, 1, 1, x_t] meets in `weave`, and the calls that fill it.

    block : ndarray of shape (H + 2 + V, 3 H), the rows of W_hh, b_hn, b_h and of W_xh
    """
    places, signs = places_of_all(len(block), hidden)
    matrix = np.empty(places.shape)
    return matrix, [
        (block.ravel().take, (places, None, matrix, "clip")),
        (multiply, (matrix, signs, matrix)),
    ]


@lru_cache(maxsize=16)
def places_of_all(rows: int, hidden: int) -> tuple["Places", "Array"]:
    """Where in a block of so many rows the entries of that matrix stand, and their signs; made once, for
    making them takes a tenth of the time of making a short pass ready."""
    ids = np.arange(rows * 3 * hidden).reshape(-1, 3, hidden)
    r, z, n = (ids[:, k] for k in (R, Z, N))
    row, none = np.arange(rows)[:, None], ids[hidden, R, 0]  # b_hn has no entry under r
    of_W_hh, of_u = row < hidden, row <= hidden
    columns = [
        r, z, z, np.where(of_u, n, none), np.where(of_u, none, n),
        r, np.where(of_W_hh, r, none), np.where(of_W_hh, z, none),
    ]  # fmt: skip
    places = np.concatenate(columns, axis=1)
    signs = ones(*places.shape)
    signs[:, : A_Z * hidden] = -1.0
    for array in (places, signs):
        array.setflags(write=False)
    return places, signs


def linearise(trace: "ChainTrace") -> Factors:
    """What dL/dh is multiplied by for dL/du_r, dL/du_z, dL/du_n, the road, and dL/da_r, dL/da_z, dL/da_n:
    [u_n r', (h_{t-1} - n) z', r, z, u_n r', (h_{t-1} - n) z', (1 - z) n'] times (1 - z) n' under those that
    go through n."""
    assert trace.floor is not None
    rooms, gate, hidden = trace.floor.rooms, trace.gate, trace.network.hidden_size
    a, y, a_n, less = rooms["product"], rooms["gates"], rooms["a_n"], rooms["h_prev - n"]
    a_r, a_z, u_n = (gate(a, k) for k in (A_R, A_Z, U_N))
    r, z, whole = (gate(y, k) for k in (R, Z, WHOLE))
    gathered, gathering = trace.floor.gathering(
        [
            [a_r, a_z, 0, 0, a_r, a_z, a_n], [a_n, 0, a_n, 0, a_n, 0, 0],
            [u_n, less, r, z, u_n, less, whole], [whole, 1, whole, 1, whole, 1, 1],
        ]
    )  # fmt: skip
    slopes, met = gathered[:2], gathered[2:]
    scales, found = ones(*slopes.shape), np.empty(slopes.shape[1:])
    for of_gate in (0, 1, 4, 5):  # the slopes of r and z; that of 0 is 1, by tanh
        gate(scales[0], of_gate)[...] = 0.5
    return Factors(
        (found,),
        slopes[0][..., 4 * hidden :],
        None,
        [
            gathering, (gate_slopes, (slopes, scales, slopes)), (multiply, (slopes, met, slopes)),
            (multiply, (*slopes, found)),
        ],
    )  # fmt: skip


def pulls(factors: Factors, back: "Cotangents", last: int) -> "list[Call]":
    """All of it is one multiplication."""
    return [(multiply, arrays) for arrays in back.by_step(back.came, factors.by[0], back.gave)]


GRU_ABREAST = Abreast(
    Blocks(7, 0, product=0, preactivation=4, road=3, along=slice(0, 7)), 8, weave, see, linearise, pulls
)
