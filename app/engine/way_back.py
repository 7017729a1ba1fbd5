"""The steps of a sweep through time, from the last one walked to the first."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.engine.abreast import matrix_back
from app.engine.cells import CELLS
from app.engine.chain import ChainTrace
from app.engine.sweep import ChainBackward
from app.engine.tape import Call, assign_where

Array = NDArray[np.float64]

TILED_UNITS = 64
"""Up to so many, calls saved are worth a larger product: a twelfth of a GRU's passes at T = 20, H = 16."""


def steps_back(chain: ChainBackward, own: Array | None, window: int | None) -> list[Call]:
    """From the last step walked to the first: the cell's vjp, then dL/dh_{t-1} = dL/d(h_{t-1} W_hh) W_hh^T.

    own : ndarray of the shape of d_h, or of its copies where blocks stand abreast; None without predictions
    What goes past the product joins it, and what step t-1's own prediction adds. Where the gradient is cut
    nothing comes from later steps: the arrays are cleared, where it is for all sentences in place of the
    product.
    """
    trace, sweep, way = chain.trace, chain.sweep, way_back(chain)
    heard = sweep.came if own is None else sweep.came[..., : own.shape[-1]]
    rows = sweep.by_step(sweep.came, way.gave, own, way.carried, chain.local.keep_h, heard)
    tape = list(way.before)
    past, cut = np.empty_like(rows[0][0]), None if window is None else cut_behind(trace, window)
    order = trace.walked(list(range(len(rows))))
    for walked in range(len(order) - 1, 0, -1):
        t = order[walked]
        d_h_prev, _, own_prev, _, _, heard_prev = rows[order[walked - 1]]
        d_h, d_product, _, earlier, keep, _ = rows[t]
        tape.append(way.pulls[t])
        reached = [array for array in (d_h_prev, earlier) if array is not None]
        if cut is not None and cut[t].all():
            tape += [(array.fill, (0.0,)) for array in reached]
        else:
            tape.append((d_product.dot, (way.matrix, d_h_prev)))
            if way.goes_past[t]:
                tape += [(np.multiply, (keep, d_h, past)), (np.add, (d_h_prev, past, d_h_prev))]
            if cut is not None:
                tape += [call for array in reached for call in assign_where(array, 0.0, cut[t])]
        if own_prev is not None:
            tape.append((np.add, (heard_prev, own_prev, heard_prev)))
    tape.append(way.pulls[order[0]])
    return tape + way.after


def cut_behind(trace: ChainTrace, window: int) -> NDArray[np.bool_]:
    """Where nothing of a step's gradient goes on to the one walked before it, (T, B), or (T, 1) of all alike:
    every so many words of a sentence, counted from its last. Padding that a mask holds is none."""
    held, back = trace.x.held, slice(None, None, 1 if trace.reverse else -1)
    words = np.ones((trace.shape[0], 1), np.bool_) if held is None else ~held
    counted: NDArray[np.intp] = words[back].cumsum(axis=0)[back]
    cut: NDArray[np.bool_] = words & (counted % window == 0)
    return cut


@dataclass(frozen=True)
class WayBack:
    """What a sweep through time does.

    pulls : for each step, from dL/dh_t to the gradient of what the products gave
    matrix, gave : what brings that to the step before, and what of it meets it, (T, B, …)
    carried : what of dL/dc reaches the step before another way, (T, B, H), or None
    goes_past : whether some of dL/dh_t does
    before, after : what is done before the first step and after the last
    """

    pulls: list[Call]
    matrix: Array
    gave: Array
    carried: Array | None
    goes_past: list[bool]
    before: list[Call]
    after: list[Call] = field(default_factory=list)


def way_back(chain: ChainBackward) -> WayBack:
    """As the cell goes it, or with blocks abreast, of which the matrix holds all."""
    trace, local, sweep = chain.trace, chain.local, chain.sweep
    W_hh, (steps, _, _) = trace.weights[: trace.network.hidden_size], trace.shape
    if trace.abreast is not None and local.abreast is not None:
        matrix, filled = matrix_back(W_hh, trace.abreast.blocks)
        pulls = trace.abreast.pull(local.abreast, sweep, trace.last)
        return WayBack(pulls, matrix, sweep.gave[..., : len(matrix)], None, [False] * steps, [filled])
    cell, hidden = CELLS[trace.network.cell], trace.network.hidden_size
    if cell.tiled is not None and trace.alone and trace.x.held is None and hidden <= TILED_UNITS:
        tiled = cell.tiled(trace, local, sweep)
        matrix, filled = matrix_back(W_hh, tiled.blocks)
        before = [*tiled.before, filled]
        return WayBack(tiled.pulls, matrix, tiled.gave, None, [False] * steps, before, tiled.after)
    pull, views = cell.vjp(trace, local, sweep)
    pulls = [(pull, arrays) for arrays in views]
    carried = None if sweep.carried is None else trace.entering(sweep.carried)
    return WayBack(pulls, W_hh.T, sweep.gave, carried, steps_with_a_past(trace, steps), [])


def steps_with_a_past(trace: ChainTrace, steps: int) -> list[bool]:
    """Whether some of dL/dh_t goes past the product: on a road everywhere, else where padding holds."""
    cell, held = CELLS[trace.network.cell], trace.x.held
    if cell.road is not None and not cell.remembers:
        return [True] * steps
    return [False] * steps if held is None else [bool(lanes.any()) for lanes in held]
