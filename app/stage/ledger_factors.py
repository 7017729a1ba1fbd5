"""The factors of a row of the ledger: what arrives at a state, and what its cell makes of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.stage.chains import Chain
from app.stage.ends import end_of, output_slope, times_slope
from app.stage.gates import RESET, gate_of, letter, local, marked, product, source, source_values
from app.stage.ledger_cells import Window, cells, matrix, vector
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE
from app.stage.weights import Weight
from app.wording.catalogue import _

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cell:
    """One cell of a row: HTML, its class, and what stands under it in small print."""

    html: str
    kind: str = ""
    note: str = ""


@dataclass(frozen=True)
class Column:
    """A column of the ledger: its heading, and its cell of a step."""

    heading: Cell
    cell: Callable[[int], Cell]


def arriving(chain: Chain, view: Window, stand: bool) -> tuple[Column, ...]:
    """What reaches the state of a step: the new factor of its chain, and dL/dh_t."""
    lane = chain.lane
    whole = Column(
        Cell(f"= ∂L/∂{lane.said('h', 't')}", "bw"),
        lambda t: _vector(chain, "dh", 0, t, view, stand, f"∂L/∂{lane.said('h', t)}"),
    )
    if not chain.per_step:
        return Column(Cell(_("new factor of the chain"), "bw"), lambda t: _new(chain, t, view, stand)), whole
    own = Column(
        Cell(_("its own loss"), "bw"),
        lambda t: _vector(chain, "own", 0, t, view, stand, f"∂L<sub>{t}</sub>/∂{lane.said('h', t)}"),
    )
    factor = Column(Cell(_("the step that comes between"), "bw"), lambda t: _between(chain, t, view, stand))
    later = Column(
        Cell(_("+ from the losses beyond"), "bw"),
        lambda t: _plain_vector(chain.carried[t - 1], view, stand),
    )
    return own, factor, later, whole


def _vector(chain: Chain, kind: str, gate: int, t: int, view: Window, stand: bool, note: str) -> Cell:
    """A gradient of a step, an entry for each unit."""
    named = f"{kind}_{letter(chain, gate)}" if kind in ("da", "du") and chain.gated else kind
    values = chain.array(kind, gate)[t - 1]
    part = chain.lane.name(named, t)
    return Cell(vector(part, values, view.columns, part, GRADIENT_SCALE, stand), "bw", note)


def _plain_vector(values: Array, view: Window, stand: bool) -> Cell:
    """A vector that is no part of the stage."""
    shown = values[view.columns.start : view.columns.stop]
    numbers = cells(
        [""] * len(shown), shown, 1 if stand else len(shown), _("from later losses"), GRADIENT_SCALE
    )
    return Cell(numbers.replace(' data-part=""', ""), "bw")


def _new(chain: Chain, t: int, view: Window, stand: bool) -> Cell:
    return _last(chain, view, stand) if t == chain.lane.last else _between(chain, t, view, stand)


def blame_on_y_hat(run: Run) -> str:
    """dL/dy as a cell."""
    text = end_of(run).d_prediction.short
    return cells(["dy.0"], run.backward.d_y_hat, 1, "dL/dy", GRADIENT_SCALE, texts=[text])


def _last(chain: Chain, view: Window, stand: bool) -> Cell:
    """The two factors that the gradient starts with: dL/dy and dy/dh_T."""
    run, t = chain.run, chain.lane.last
    weights = run.parameters["readout"]["W_hy"][chain.reads_out, 0]
    through, shown = output_slope(run) * weights, view.columns
    texts = [times_slope(run, float(weights[i])).short for i in shown]
    part = chain.lane.name("yh", t)
    return Cell(
        blame_on_y_hat(run)
        + '<i class="op">·</i>'
        + vector(part, through, shown, f"dy/dh_{t}", FORWARD_SCALE, stand, texts=texts),
        "bw pair",
        f"∂L/∂ŷ · ∂ŷ/∂{chain.lane.said('h', t)}",
    )


def _between(chain: Chain, t: int, view: Window, stand: bool) -> Cell:
    """The Jacobian between two steps, a row for each unit of the later one; beside it the road."""
    if t == chain.lane.last:
        return Cell("", "bw", _("none: it is the last"))
    lane, later = chain.lane, chain.after(t)
    said = f"∂{lane.said('h', later)}/∂{lane.said('h', t)}"
    block = matrix(
        lane.name("jac", later),
        chain.jacobian(later),
        view.columns,
        view.rows,
        f"dh_{later}/dh_{t}",
        FORWARD_SCALE,
    )
    if not chain.cell.remembers or chain.cell.road is None:
        return Cell(block, "bw", said)
    name = letter(chain, chain.cell.road)
    kept = chain.array("gate", chain.cell.road)[later - 1]
    road = vector(
        lane.name(f"gate_{name}", later), kept, view.columns, f"{name}_{later}", FORWARD_SCALE, True
    )
    beside = f'<i class="op">and</i>{road}'
    return Cell(
        block + beside,
        "bw pair",
        _(
            "{said}, {c_t} held; {name_later}",
            said=said,
            c_t=lane.said("c", t),
            name_later=lane.said(name, later),
        ),
    )


def through_the_cell(chain: Chain, weight: Weight, view: Window, stand: bool) -> tuple[Column, ...]:
    """From dL/dh_t to what the weight is blamed for."""
    if not chain.gated:
        return _through_f(chain, view, stand)
    k = _gate(chain, weight)
    inner = weight.blame.startswith("du")
    found = [] if gate_of(chain, k).source == "dh" else [_source(chain, k, view, stand)]
    name = letter(chain, k)
    times = "".join(f" · {factor.html(chain, 't')}" for factor in local(chain, k)).removeprefix(" · ")
    found.append(Column(Cell(f"× {times}"), lambda t: _local(chain, k, t, view, stand)))
    delta = marked(chain, "δ", "t", name)
    found.append(
        Column(
            Cell(f"= {delta}", "bw"),
            lambda t: _vector(chain, "da", k, t, view, stand, marked(chain, "δ", t, name)),
        )
    )
    return (*found, *_reset(chain, k, view, stand)) if inner else tuple(found)


def _gate(chain: Chain, weight: Weight) -> int:
    """The gate a weight belongs to; a bias b_hn to the gate kept apart."""
    return weight.gate if weight.gate is not None else chain.cell.apart or 0


def _through_f(chain: Chain, view: Window, stand: bool) -> tuple[Column, ...]:
    lane = chain.lane

    def slope(t: int) -> Cell:
        part = lane.name("fp", t)
        values = chain.array("fp")[t - 1]
        return Cell(vector(part, values, view.columns, part, None, stand), "", f"f′({lane.said('a', t)})")

    return (
        Column(Cell(f"× f′({lane.said('a', 't')})"), slope),
        Column(
            Cell(f"= {lane.said('δ', 't')}", "bw"),
            lambda t: _vector(chain, "da", 0, t, view, stand, lane.said("δ", t)),
        ),
    )


def _source(chain: Chain, k: int, view: Window, stand: bool) -> Column:
    """What the gate acts on, where that is not h_t itself."""

    def cell(t: int) -> Cell:
        kind, said = source(chain, k, t)
        part = chain.lane.name(kind, t)
        return Cell(
            vector(part, source_values(chain, k)[t - 1], view.columns, part, GRADIENT_SCALE, stand),
            "bw",
            said,
        )

    return Column(Cell(f"→ {source(chain, k, 't')[1]}", "bw"), cell)


def _local(chain: Chain, k: int, t: int, view: Window, stand: bool) -> Cell:
    part = chain.lane.name(f"local_{letter(chain, k)}", t)
    numbers = vector(part, product(chain, k, t), view.columns, part, FORWARD_SCALE, stand)
    return Cell(numbers, "", _("the gate’s own derivative"))


def _reset(chain: Chain, k: int, view: Window, stand: bool) -> tuple[Column, ...]:
    """Of a product kept apart: times the reset gate."""
    lane = chain.lane

    def kept(t: int) -> Cell:
        part = lane.name("gate_r", t)
        values = RESET.values(chain, t)
        return Cell(vector(part, values, view.columns, part, FORWARD_SCALE, stand), "", RESET.html(chain, t))

    return (
        Column(Cell(f"× {RESET.html(chain, 't')}"), kept),
        Column(
            Cell(f"= {marked(chain, 'δ', 't', 'u')}", "bw"),
            lambda t: _vector(chain, "du", k, t, view, stand, marked(chain, "δ", t, "u")),
        ),
    )
