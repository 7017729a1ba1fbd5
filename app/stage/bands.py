"""The ribbon of the gradient in bands, where every step has a loss: one for each distance of that loss.

The ribbon is as wide as the gradient is long. Gradients of several losses may pull against each other, so
their lengths do not add up to it: a band's share of the width is its loss's share of all their lengths.
"""

import numpy as np
from numpy.typing import NDArray

from app.stage.lanes import Lane
from app.stage.layout import COLUMN, MIDDLE, Geometry
from app.stage.paths import pulse_widths, ribbon
from app.stage.sheet import Sheet

Array = NDArray[np.float64]
BANDS = 4  # the step's own loss, the next step's, the one after, and all later ones
STRETCHES = {"into": BANDS, "through": BANDS, "leaving": BANDS - 1, "over": BANDS - 1}


def by_distance(credit: Array, lane: Lane) -> Array:
    """The lengths that each step owes to losses so many steps later, (T, 4).

    credit : ndarray of shape (T, T), |dL_tau/dh_t|, row tau, column t
    """
    later = credit[::-1, ::-1] if lane.reverse else credit  # no loss credits a state that is read after it
    found = np.zeros((len(credit), BANDS))
    for k in range(BANDS - 1):
        found[: len(credit) - k, k] = later.diagonal(-k)
    found[:, -1] = np.tril(later, 1 - BANDS).sum(axis=0)
    return found[::-1] if lane.reverse else found


def band_places(
    lengths: Array, norms: tuple[Array, Array, Array], lane: Lane, geo: Geometry
) -> dict[str, Array]:
    """The edges of the bands where they enter a column, leave its cell, and enter the column before.

    lengths : (T, 4), as `by_distance` has them
    norms : of dL/dh_t, of what its cell passes on, and of what came back to h_t
    """
    before = [min(max(lane.before(t) - 1, 0), lane.steps - 1) for t in range(1, lane.steps + 1)]
    left = np.column_stack([lengths[:, :-2], lengths[:, -2:].sum(axis=1)])
    widths = pulse_widths(np.array([norms[0], norms[1], norms[2][before]]), geo.span)
    into, through, over = widths[:, :, None]
    shares = _edges(lengths)
    edges = {
        "into": into * shares,
        "through": through * shares,
        "leaving": through * _edges(left),
        "over": over * _edges(lengths[before][:, 1:]),
    }
    return {f"band {name}": geo.under + of for name, of in edges.items()}


def _edges(lengths: Array) -> Array:
    """(T, bands + 1), from the top down, of a ribbon of width 1 about 0."""
    whole = lengths.sum(axis=1, keepdims=True)
    edges = np.zeros((len(lengths), lengths.shape[1] + 1))
    lengths.cumsum(axis=1, out=edges[:, 1:])
    edges /= np.where(whole > 0.0, whole, 1.0)
    edges -= 0.5
    return edges


def banded(sheet: Sheet, lane: Lane) -> bool:
    """Whether ribbons have bands."""
    return f"band into{lane.suffix}" in sheet.lines


def bands(sheet: Sheet, lane: Lane, t: int) -> str:
    """The ribbon of step t, inside its column and across the gap."""
    inside = _ribbons(sheet, lane, t, ("into", "through"), (COLUMN, MIDDLE), 0)
    found = f'<g id="{lane.name("pulse", t)}" class="pulse">{inside}</g>'
    if t == lane.start:
        return found
    over = _ribbons(sheet, lane, t, ("leaving", "over"), (MIDDLE, 0), 1)
    return f'{found}<g id="{lane.name("cross", t)}" class="pulse">{over}</g>'


def _ribbons(
    sheet: Sheet, lane: Lane, t: int, ends: tuple[str, str], xs: tuple[int, int], nearest: int
) -> str:
    """One path a band, from one end to the other; nearest : the distance of the first band's loss."""
    count = STRETCHES[ends[0]]
    first, last = (
        sheet.lines[f"band {end}{lane.suffix}"][(t - 1) * (count + 1) : t * (count + 1)] for end in ends
    )
    return "".join(
        f'<path class="lag{k + nearest}" d="'
        f'{ribbon(xs[0], (first[k], first[k + 1]), xs[1], (last[k], last[k + 1]))}"/>'
        for k in range(count)
    )
