"""The LSTM cell: a road c_t that is multiplied by a gate and added to, read through another.

i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o),  g = tanh(a_g)
c_t = f c_{t-1} + i g,  h_t = o tanh(c_t)

S. Hochreiter and J. Schmidhuber, Long Short-Term Memory, 1997; the forget gate: F. Gers et al., 1999.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy import add, multiply, negative, reciprocal, tanh

from app.engine.activations import exponential, gate_scales, gate_slopes
from app.engine.cells.cell import Cell, Views
from app.engine.tape import ones

if TYPE_CHECKING:
    from app.engine.activations import Activation, Array, Values
    from app.engine.chain import ChainTrace
    from app.engine.cotangents import Cotangents
    from app.engine.local import Local

I, F, G, O = range(4)  # noqa: E741
TANH_C = 4


def step(activation: "Activation", trace: "ChainTrace") -> tuple[Callable[..., object], Views]:
    """The gates, the road and the state. c_{t-1}, i, f, g, o stand side by side: [c_{t-1}, i] [f, g] is one
    product."""
    assert trace.c_and_gates is not None
    assert trace.c is not None
    y, row, gate, rooms = trace.activated, trace.entering(trace.c_and_gates), trace.gate, trace.in_rooms
    exp, one = exponential(y), ones(*(trace.by_gate(y)[0] if rooms else trace.by_step(y)[0][0]).shape)
    both, (kept, fresh) = parts_of_c(trace)

    def gates(
        a: "Values", y: "Values", a_g: "Values", g: "Values", o: "Values",
        c_prev_and_i: "Values", f_and_g: "Values", c: "Values", tanh_c: "Values", h: "Values",
    ) -> None:  # fmt: skip
        negative(a, y)  # sigmoid for all four at once; g's is overwritten
        exp(y, y)
        add(y, one, y)
        reciprocal(y, y)
        tanh(a_g, g)
        multiply(c_prev_and_i, f_and_g, both)
        add(kept, fresh, c)
        tanh(c, tanh_c)
        multiply(o, tanh_c, h)

    if rooms:
        return in_rooms(gates, trace)
    a, two = trace.preactivation, both.shape[-1]
    return gates, trace.by_step(
        a, y, gate(a, G), gate(y, G), gate(y, O), row[..., :two], row[..., two : 2 * two],
        trace.leaving(trace.c), trace.tanh_c, trace.h,
    )  # fmt: skip


def parts_of_c(trace: "ChainTrace") -> tuple["Values", Sequence["Values"]]:
    """Room for f c_{t-1} and i g of a step, in one and as two."""
    assert trace.tanh_c is not None
    lanes, hidden = trace.tanh_c[0].shape
    if trace.in_rooms:
        both = np.empty((2, lanes, hidden), trace.tanh_c.dtype)
        return both, list(both)
    both = np.empty((2 * hidden,) if trace.alone else (lanes, 2 * hidden), trace.tanh_c.dtype)
    return both, (both[..., :hidden], both[..., hidden:])


def in_rooms(gates: Callable[..., object], trace: "ChainTrace") -> tuple[Callable[..., object], Views]:
    """The same of several sentences, with each gate on its own."""
    assert trace.c is not None
    assert trace.tanh_c is not None
    a, y = trace.by_gate(trace.preactivation), trace.by_gate(trace.activated)
    of_a, of_row = np.empty(a[0].shape, a.dtype), np.empty((a.shape[1] + 1, *a[0, 0].shape), a.dtype)
    of_c_prev, of_y = of_row[0], of_row[1:]
    of_c, of_h = np.empty(a[0, 0].shape, a.dtype), np.empty(a[0, 0].shape, a.dtype)
    views = of_a, of_y, of_a[G], of_y[G], of_y[O], of_row[:2], of_row[2:4], of_c

    def gates_in_rooms(
        a: "Values", y: "Values", c_prev: "Values", c: "Values", tanh_c: "Values", h: "Values"
    ) -> None:
        of_a[...] = a
        of_c_prev[...] = c_prev
        gates(*views, tanh_c, of_h)
        y[...] = of_y
        c[...] = of_c
        h[...] = of_h

    return gates_in_rooms, trace.by_step(
        a, y, trace.entering(trace.c), trace.leaving(trace.c), trace.tanh_c, trace.h
    )


def linearise(
    activation: "Activation", trace: "ChainTrace", local: "Local"
) -> tuple[Callable[..., object], Views]:
    """Each gate's slope times what the gate is multiplied by, and dh/dc = o tanh'(c); f is dc_t/dc_{t-1}.

    All five stand side by side, and so does first what they are multiplied by: gates are blocks of wider
    rows, and to copy a few of them takes a sixth of the time of multiplying them.
    """
    assert trace.c is not None
    assert local.onto is not None
    first, gate, y, joint = trace.spans[0], trace.gate, trace.activated, local.joint
    given = (
        trace.preactivation, gate(y, I), gate(y, G), gate(y, O),
        trace.entering(trace.c), trace.leaving(trace.c), trace.tanh_c,
    )  # fmt: skip
    width = local.found.shape[-1]
    factors = np.empty((*local.found[first].shape[:2], width + local.onto.shape[-1]))
    beside = gate_scales(factors, 5, G, TANH_C), factors, *(gate(factors, k) for k in (I, F, G, O, TANH_C))

    def derivatives(
        a: "Array", i: "Array", g: "Array", o: "Array", c_prev: "Array", c: "Array", tanh_c: "Array",
        through: "Array | None", onto: "Array | None", found: "Array", of_a: "Array", of_c: "Array",
        scales: "Array", factors: "Array",
        by_i: "Array", by_f: "Array", by_g: "Array", by_o: "Array", by_c: "Array",
    ) -> None:  # fmt: skip
        of_a[...] = a
        of_c[...] = c
        gate_slopes(found, scales, found)
        by_i[...] = g
        by_f[...] = c_prev
        by_g[...] = i
        by_o[...] = tanh_c
        by_c[...] = o
        multiply(found, factors, found)
        if through is not None and onto is not None:
            through[...] = of_a
            onto[...] = of_c

    if joint is not None:
        return derivatives, trace.in_spans(*given, None, None, joint, local.found, local.onto, rooms=beside)
    room = np.empty_like(factors)
    beside = room, room[..., :width], room[..., width:], *beside
    return derivatives, trace.in_spans(*given, local.found, local.onto, rooms=beside)


def pull(
    d_h: "Array", onto: "Array", later: "Array", d_c: "Array", through: "Array", d_a: "Array",
    d_i_f_g: "Array", d_c_each: "Array", d_o: "Array", keep: "Array", earlier: "Array",
) -> None:  # fmt: skip
    """dL/dc = dL/dc from later + dL/dh o tanh'(c); the gates' share of it, o's of dL/dh;
    dL/dc_{t-1} = dL/dc f."""
    multiply(d_h, onto, d_c)
    add(d_c, later, d_c)
    d_i_f_g[...] = d_c_each
    d_o[...] = d_h
    multiply(d_a, through, d_a)
    multiply(d_c, keep, earlier)


def vjp(
    trace: "ChainTrace", local: "Local", back: "Cotangents"
) -> tuple[Callable[..., object], Views]:
    """The factors in `through` are each gate's slope times what the gate is multiplied by."""
    assert back.carried is not None
    assert back.d_c is not None
    d_a, d_c = back.d_product, back.d_c
    d_o = trace.gate(d_a, O)
    return pull, back.by_step(
        back.d_h, local.onto, trace.leaving(back.carried), d_c, local.found, d_a,
        d_a[..., : -d_o.shape[-1]].reshape(*d_c.shape[:2], 3, -1), d_c[:, :, None], d_o,
        local.keep_c, trace.entering(back.carried),
    )  # fmt: skip


LSTM = Cell(
    "lstm",
    ("i", "f", "g", "o"),
    step,
    linearise,
    vjp,
    remembers=True,
    candidate=G,
    road=F,
    forget_gate=F,
)
