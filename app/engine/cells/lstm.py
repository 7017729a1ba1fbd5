"""The LSTM cell: a road c_t that is multiplied by a gate and added to, read through another.

i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o),  g = tanh(a_g)
c_t = f c_{t-1} + i g,  h_t = o tanh(c_t)

S. Hochreiter and J. Schmidhuber, Long Short-Term Memory, 1997; the forget gate: F. Gers et al., 1999.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy import add, copyto, multiply, negative, reciprocal, tanh

from app.engine.activations import exponential, gate_scales, gate_slopes, tanh_slope
from app.engine.cells.cell import Cell, Views

if TYPE_CHECKING:
    from app.engine.activations import Activation, Array, Values
    from app.engine.chain import ChainTrace
    from app.engine.cotangents import Cotangents
    from app.engine.local import Local

I, F, G, O = range(4)  # noqa: E741


def step(activation: "Activation", trace: "ChainTrace") -> tuple[Callable[..., object], Views]:
    """The gates, the road and the state."""
    assert trace.c is not None
    assert trace.tanh_c is not None
    y, gate = trace.activated, trace.gate
    exp, one = exponential(y), np.ones_like(trace.by_step(y)[0][0])
    fresh = np.empty_like(trace.by_step(trace.tanh_c)[0][0])

    def gates(
        a: "Values", y: "Values", a_g: "Values", i: "Values", f: "Values", g: "Values", o: "Values",
        c_prev: "Values", c: "Values", tanh_c: "Values", h: "Values",
    ) -> None:  # fmt: skip
        negative(a, y)  # sigmoid for all four at once; g's is overwritten
        exp(y, y)
        add(y, one, y)
        reciprocal(y, y)
        tanh(a_g, g)
        multiply(f, c_prev, c)
        multiply(i, g, fresh)
        add(c, fresh, c)
        tanh(c, tanh_c)
        multiply(o, tanh_c, h)

    a = trace.preactivation
    return gates, trace.by_step(
        a, y, gate(a, G), gate(y, I), gate(y, F), gate(y, G), gate(y, O),
        trace.entering(trace.c), trace.leaving(trace.c), trace.tanh_c, trace.h,
    )  # fmt: skip


def linearise(
    activation: "Activation", trace: "ChainTrace", local: "Local"
) -> tuple[Callable[..., object], Views]:
    """Each gate's slope times what the gate is multiplied by, and dh/dc = o tanh'(c); f is dc_t/dc_{t-1}.

    What they are multiplied by is put side by side first: gates are blocks of wider rows, and to copy a few
    of them takes a quarter of the time of multiplying them.
    """
    assert trace.c is not None
    assert local.onto is not None
    first, gate, y = trace.spans[0], trace.gate, trace.activated
    room, gates_of_h = np.empty_like(local.through[first]), np.empty_like(local.onto[first])
    scales = gate_scales(trace.preactivation[first], 4, G)

    def derivatives(
        a: "Array", through: "Array", i: "Array", g: "Array", o: "Array", c_prev: "Array", c: "Array",
        tanh_c: "Array", onto: "Array", scales: "Array", factors: "Array",
        by_i: "Array", by_f: "Array", by_g: "Array", by_o: "Array", gate_of_h: "Array",
    ) -> None:  # fmt: skip
        gate_slopes(a, scales, through)
        copyto(by_i, g)
        copyto(by_f, c_prev)
        copyto(by_g, i)
        copyto(by_o, tanh_c)
        multiply(through, factors, through)
        tanh_slope(c, onto)
        copyto(gate_of_h, o)
        multiply(onto, gate_of_h, onto)

    return derivatives, trace.in_spans(
        trace.preactivation, local.through, gate(y, I), gate(y, G), gate(y, O), trace.entering(trace.c),
        trace.leaving(trace.c), trace.tanh_c, local.onto,
        rooms=(scales, room, *(gate(room, k) for k in (I, F, G, O)), gates_of_h),
    )  # fmt: skip


def vjp(
    d_h: "Array", onto: "Array", later: "Array", d_c: "Array", keep: "Array", earlier: "Array",
    i: "Array", f: "Array", g: "Array", o: "Array", d_i: "Array", d_f: "Array", d_g: "Array", d_o: "Array",
) -> None:  # fmt: skip
    """dL/dc = dL/dc from later + dL/dh o tanh'(c); the gates' share of it; dL/dc_{t-1} = dL/dc f."""
    multiply(d_h, onto, d_c)
    add(d_c, later, d_c)
    multiply(d_c, i, d_i)
    multiply(d_c, f, d_f)
    multiply(d_c, g, d_g)
    multiply(d_h, o, d_o)
    multiply(d_c, keep, earlier)


def vjp_views(trace: "ChainTrace", local: "Local", back: "Cotangents") -> Views:
    """The factors i, f, g, o are each gate's slope times what the gate is multiplied by."""
    assert back.carried is not None
    gate, through, d_a = trace.gate, local.through, back.d_product
    return back.by_step(
        back.d_h, local.onto, trace.leaving(back.carried), back.d_c, local.keep_c,
        trace.entering(back.carried),
        *(gate(through, k) for k in (I, F, G, O)),
        *(gate(d_a, k) for k in (I, F, G, O)),
    )  # fmt: skip


LSTM = Cell(
    "lstm",
    ("i", "f", "g", "o"),
    step,
    linearise,
    vjp,
    vjp_views,
    remembers=True,
    candidate=G,
    road=F,
    forget_gate=F,
)
