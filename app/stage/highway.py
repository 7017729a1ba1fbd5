"""How open the highway is: what the road alone passes back to each step, beside the whole derivative."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.cells import CELLS
from app.engine.norms import row_norms
from app.experiments.passes import BackwardChain, ForwardChain
from app.experiments.run import Run
from app.numerals import tint
from app.stage.lanes import Lane, lanes_of
from app.stage.numbers import shorts
from app.stage.sheet import DOTS

Array = NDArray[np.float64]
SHOWN = 5  # units of which a row tells the numbers


@dataclass(frozen=True)
class Row:
    """A step. valve, product : texts of a few units. alone, whole, blame : texts of norms."""

    t: int
    tint: int
    valve: tuple[str, ...]
    product: tuple[str, ...]
    alone: str
    whole: str
    blame: str


@dataclass(frozen=True)
class Highway:
    """One chain's road.

    gate : the letter of its valve. state : what it carries. first, last : steps, in the order of reading
    way : which chain, where there are two
    """

    gate: str
    state: str
    first: int
    last: int
    way: str
    rows: tuple[Row, ...]

    @property
    def start(self) -> Row:
        """The step that is read first, which the whole sentence lies before."""
        return next(row for row in self.rows if row.t == self.first)


def highways(run: Run) -> tuple[Highway, ...]:
    """The road of each chain; none for a cell all of whose state goes through the recurrent product."""
    cell = CELLS[run.experiment.cell]
    if cell.road is None:
        return ()
    chains = tuple(run.forward.chains)
    gate, state = cell.gate_names[cell.road], "c" if cell.remembers else "h"
    return tuple(
        Highway(gate, state, lane.start, lane.last, lane.way, _rows(run, lane, gate))
        for lane in lanes_of(chains, len(run.words))
    )


def _rows(run: Run, lane: Lane, gate: str) -> tuple[Row, ...]:
    forward, back = run.forward.chains[lane.chain], run.backward.chains[lane.chain]
    road = forward.along_road
    assert road is not None
    alone, whole, blame = (
        shorts(norms) for norms in (road.max(axis=1), back.dhT_dh_norm, row_norms(_blame(back)))
    )
    return tuple(
        Row(t, tint(t, lane.steps), _few(forward, gate, t), _told(shorts(road[t - 1])), *sizes)
        for t, *sizes in zip(range(1, lane.steps + 1), alone, whole, blame, strict=True)
    )


def _blame(back: BackwardChain) -> Array:
    """What the state on the road is blamed for, (T, H)."""
    return back.d_h if back.d_c is None else back.d_c


def _few(forward: ForwardChain, gate: str, t: int) -> tuple[str, ...]:
    return _told(shorts(forward.gates[gate][t - 1]))


def _told(texts: list[str]) -> tuple[str, ...]:
    """The numbers of a few units, with dots for the others."""
    return tuple(texts) if len(texts) <= SHOWN else (*texts[:3], DOTS, texts[-1])
