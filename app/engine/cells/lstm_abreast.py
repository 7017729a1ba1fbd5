"""The LSTM of few units: the same formulas as in `lstm`, on more of them at once."""

from typing import TYPE_CHECKING

import numpy as np
from numpy import add, divide, exp, multiply, reciprocal, tanh

from app.engine.activations import gate_slopes
from app.engine.cells.abreast import Abreast, Blocks, Factors, Seen, Woven
from app.engine.cells.lstm import F, G, I, O
from app.engine.tape import ones

if TYPE_CHECKING:
    from app.engine.activations import Array
    from app.engine.chain import ChainTrace
    from app.engine.cotangents import Cotangents
    from app.engine.tape import Call


def weave(trace: "ChainTrace") -> Woven:
    """The product gives -a_i, -a_f, a_g, -a_o; g stands before c_{t-1}, so that [g, c_{t-1}] / [1 / i, 1 / f]
    is one call; what i, f and o are is found for all steps at once."""
    floor, tanh_c, gate, hidden = trace.floor, trace.tanh_c, trace.gate, trace.network.hidden_size
    assert floor is not None
    assert trace.c_and_gates is not None
    assert trace.c is not None
    given = floor.rooms["product"]
    inverse, y = floor.room("1 / gates", *given.shape), floor.room("gates", *given.shape)
    one, both = ones(4 * hidden), np.empty(2 * hidden)
    fresh, kept = both[:hidden], both[hidden:]

    def gates(
        a: "Array", inverse: "Array", a_g: "Array", g: "Array", g_and_c_prev: "Array", by_i_and_f: "Array",
        c: "Array", tanh_c: "Array", by_o: "Array", h: "Array",
    ) -> None:  # fmt: skip
        exp(a, inverse)  # of all four at once; g's means nothing
        add(inverse, one, inverse)
        tanh(a_g, g)
        divide(g_and_c_prev, by_i_and_f, both)
        add(fresh, kept, c)
        tanh(c, tanh_c)
        divide(tanh_c, by_o, h)

    road, block = trace.entering(trace.c_and_gates), trace.weights[: trace.z.shape[-1]]
    signs, matrix = signs_of(trace, len(block)), np.empty(block.shape)
    views = trace.by_step(
        given, inverse, gate(given, G), gate(road, 0), road, inverse[..., : 2 * hidden],
        trace.leaving(trace.c), tanh_c, gate(inverse, O), trace.h,
    )  # fmt: skip
    before, after = (multiply, (block, signs, matrix)), (reciprocal, (inverse, y))
    return Woven(gates, views, matrix, list(given[:, 0]), before=[before], after=[after])


def signs_of(trace: "ChainTrace", rows: int) -> "Array":
    """-1 under the sigmoids, 1 under the candidate, (rows, 4 H)."""
    signs = -ones(rows, trace.shape[-1])
    trace.gate(signs, G)[...] = 1.0
    return signs


def see(trace: "ChainTrace") -> Seen:
    """What `weave` leaves behind."""
    assert trace.floor is not None
    assert trace.c_and_gates is not None
    activated = trace.floor.rooms["gates"].copy()
    trace.gate(activated, G)[...] = trace.gate(trace.entering(trace.c_and_gates), 0)
    return Seen(trace.floor.rooms["product"] * signs_of(trace, 1), activated)


def linearise(trace: "ChainTrace") -> Factors:
    """[f, g i', c_{t-1} f', i g', tanh(c) o'] and [o tanh'(c), ..., 1]: what dL/dc is multiplied by for the
    road and each gate, and what dL/dh is for their share of it, o's being all of it."""
    floor, c, tanh_c, gate = trace.floor, trace.c, trace.tanh_c, trace.gate
    assert floor is not None
    assert c is not None
    assert tanh_c is not None
    assert trace.c_and_gates is not None
    a, y, c_prev, c = floor.rooms["product"], floor.rooms["gates"], trace.entering(c), trace.leaving(c)
    g = gate(trace.entering(trace.c_and_gates), 0)
    found, gathering = floor.gathering(
        [
            [0, *(gate(a, k) for k in range(4))], [c, c, c, c, 0],
            [gate(y, F), g, c_prev, gate(y, I), tanh_c], [*[gate(y, O)] * 4, 1],
        ]
    )  # fmt: skip
    slopes, met = found[:2], found[2:]
    hidden, scales = trace.network.hidden_size, ones(*slopes.shape)
    scales[0][..., hidden:] = np.where(signs_of(trace, 1) < 0.0, 0.5, 1.0)
    return Factors(
        (slopes[0], slopes[1]),
        slopes[0][..., hidden:],
        slopes[1][..., :hidden],
        [gathering, (gate_slopes, (slopes, scales, slopes)), (multiply, (slopes, met, slopes))],
    )


def pull(
    d_h: "Array", onto: "Array", later: "Array", d_c_and_h: "Array", through: "Array", found: "Array"
) -> None:
    """dL/dc as in `lstm.pull`, for c_{t-1}, i, f and g each, and dL/dh for o; each times its factor."""
    multiply(d_h, onto, d_c_and_h)
    add(d_c_and_h, later, d_c_and_h)
    multiply(d_c_and_h, through, found)


def pull_last(
    d_h: "Array", onto: "Array", later: "Array", d_c_and_h: "Array", through: "Array", found: "Array"
) -> None:
    """The same of the step after which none is."""
    multiply(d_h, onto, d_c_and_h)
    multiply(d_c_and_h, through, found)


def pulls(factors: Factors, back: "Cotangents", last: int) -> "list[Call]":
    """Nothing is carried to o: its block of what is later is zero."""
    (through, onto), width = factors.by, back.gave.shape[-1]
    views = back.by_step(
        back.came[..., :width], onto, back.came[..., width:], back.reached, through, back.gave
    )
    calls: list[Call] = [(pull, arrays) for arrays in views]
    calls[last] = pull_last, views[last]
    return calls


LSTM_ABREAST = Abreast(
    Blocks(5, 5, product=1, preactivation=1, road=0, along=slice(5, 9)), 4, weave, see, linearise, pulls
)
