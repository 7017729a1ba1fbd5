"""The derivatives of every step of a chain: all that the way back needs of the way forward."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS, gate_scales, gate_slopes
from app.engine.cells import CELLS, Factors
from app.engine.chain import ChainTrace
from app.engine.tape import Call, assign, assign_where

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Local:
    """Derivatives that the cell's vjp multiplies by.

    joint : ndarray of shape (T, B, (G+1)*H), the next two side by side, of a lone sentence and a cell that
        remembers, else None
    found : ndarray of shape (T, B, G*H), `through`, or where it is `inverted` its inverse, by which a lone
        sentence's dL/dh_t is divided: a twentieth of the time of a short pass less
    onto : ndarray of shape (T, B, H), dh_t/dc_t, of a cell that remembers, else None
    into : ndarray of shape (T, B, H), of a cell that keeps a gate's product apart, what it is multiplied by,
        else None
    keep_h : ndarray of shape (T, B, H), the part of dh_t/dh_{t-1} that goes past the product; None when all
        goes through it
    keep_c : ndarray of shape (T, B, H), dc_t/dc_{t-1} along the road, of a cell that remembers, else None

    abreast : what blocks of few units are multiplied by, of which the others are views; None where they do
        not stand side by side

    A gate that is itself such a derivative is a view of the trace's, unless padding holds states.
    """

    joint: Array | None
    found: Array
    onto: Array | None
    into: Array | None
    keep_h: Array | None
    keep_c: Array | None
    abreast: Factors | None = None
    inverted: bool = False

    @property
    def through(self) -> Array:
        """From dL/dh_t or dL/dc_t to dL/da_t, (T, B, G*H); f'(a_t) of a cell with a single gate."""
        return np.reciprocal(self.found) if self.inverted else self.found

    def at(self, times: slice, lane: int) -> "Local":
        """The same of some steps of one lane, as views."""
        found, *others = (
            None if array is None else array[times, lane : lane + 1]
            for array in (self.found, self.joint, self.onto, self.into, self.keep_h, self.keep_c)
        )
        assert found is not None
        joint, onto, into, keep_h, keep_c = others
        return Local(joint, found, onto, into, keep_h, keep_c, inverted=self.inverted)

    def scaled(self, exponent: int) -> "Local":
        """The same with what goes past the product divided by 2^exponent."""
        keep_h, keep_c = (
            None if keep is None else np.ldexp(keep, -exponent) for keep in (self.keep_h, self.keep_c)
        )
        return replace(self, keep_h=keep_h, keep_c=keep_c)


def blank_local(trace: ChainTrace) -> Local:
    """The arrays of one chain, for `linearise` to fill."""
    cell, hidden = CELLS[trace.network.cell], trace.network.hidden_size
    steps, lanes, width = trace.shape
    joint: Array | None = None
    onto: Array | None = None
    into = None if cell.reset is None else trace.gate(trace.sigmoids, cell.reset)
    if trace.abreast is not None:
        found = trace.abreast.linearise(trace)
        return Local(None, found.through, found.onto, into, *past_the_product(trace), found)
    if cell.remembers and trace.alone:
        joint = np.empty((steps, lanes, width + hidden))
        onto = joint[..., width:]
    elif cell.remembers:
        onto = np.empty((steps, lanes, hidden))
    flatness = ACTIVATIONS[trace.network.activation].flatness
    return Local(
        joint,
        np.empty((steps, lanes, width)) if joint is None else joint[..., :width],
        onto,
        into,
        *past_the_product(trace),
        # padding that is held has no slope, and what is divided by must have one
        inverted=cell.free and flatness is not None and trace.alone and trace.x.held is None,
    )


def past_the_product(trace: ChainTrace) -> tuple[Array | None, Array | None]:
    """keep_h and keep_c: the gate on the road itself, or room for it where padding holds, and of several
    sentences, where it is a part of wider rows."""
    cell, held = CELLS[trace.network.cell], trace.x.held
    if trace.alone and held is None:
        on_the_road = None if cell.road is None else trace.gate(trace.sigmoids, cell.road)
        return (None, on_the_road) if cell.remembers else (on_the_road, None)
    shape = (*trace.shape[:2], trace.network.hidden_size)
    room = None if cell.road is None else np.empty(shape)
    past: Array | None = None
    if held is not None:
        # padding that is held passes all of the gradient on, past the product
        past = np.zeros(shape)
        past[held] = 1.0
    return (past, room) if cell.remembers else (past if room is None else room, None)


def hold(local: Local, trace: ChainTrace) -> list[Call]:
    """What goes past the product, where there is room of its own for it; and where padding holds the state,
    h_t = h_{t-1}, c_t = c_{t-1}, and nothing depends on anything else."""
    held, road = trace.x.held, CELLS[trace.network.cell].road
    if trace.alone and held is None:
        return []
    tape: list[Call] = []
    on_the_road = None if road is None else local.keep_h if local.keep_c is None else local.keep_c
    if road is not None and on_the_road is not None:
        tape.append(assign(on_the_road, trace.gate(trace.activated, road)))
    for t, lanes in enumerate([] if held is None else held):
        for array in (local.through, local.onto):
            tape += [] if array is None else assign_where(array[t], 0.0, lanes)
        if on_the_road is not None:
            tape += assign_where(on_the_road[t], 1.0, lanes)
    return tape


def slopes(trace: ChainTrace, local: Local) -> Array:
    """f'(a_t) of every gate, (T, B, G*H); 0 where padding holds the state."""
    cell, a = CELLS[trace.network.cell], trace.preactivation
    if cell.candidate is None:
        return local.through
    found = np.empty_like(a)
    scales = gate_scales(a, cell.gates, cell.candidate)
    with np.errstate(over="ignore"):
        gate_slopes(a, scales, found)
    if trace.x.held is not None:
        found[trace.x.held] = 0.0
    return found
