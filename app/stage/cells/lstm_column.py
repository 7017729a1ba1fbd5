"""The LSTM cell as a column: the road above, c -> tanh, o -> h; below dL/dc <- slope <- dL/dh, and the road's
own pulse."""

from app.stage.cells import gates
from app.stage.cells.elman_column import factors
from app.stage.cells.gates_column import return_road, roadway, sums, valves
from app.stage.cells.lstm_reading import GATES
from app.stage.column import again, arrival, label, norm, pulse, vector
from app.stage.lanes import Lane
from app.stage.layout import FORWARD, LEFT, MIDDLE, RIGHT, Geometry
from app.stage.marks import TRANSPOSE
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

JOINS = LEFT + 23.0  # the road passes above c_t


def column(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> str:
    """Everything in the column of step t but its heading."""
    geo = shape.geometry
    return "".join(
        (
            arrival(geo, lane, t),
            roadway(lane, JOINS, "f", t),
            _upper(geo, sheet, lane, t),
            *(sums(shape, sheet, lane, gate, t) for gate in GATES if gates.opens(lane)),
            _lower(geo, sheet, lane, t),
            again(geo, sheet, lane, t, "a2", "h2") if shape.again else "",
        )
    )


def _upper(geo: Geometry, sheet: Sheet, lane: Lane, t: int) -> str:
    """c -> tanh, o -> h."""
    up, two = FORWARD - 8, bool(lane.mark)  # with arrows on the symbols there is less room
    return "".join(
        (
            label(lane, 22, up, f"W{lane.prime}", "h", classes="wt", own=True),
            label(lane, LEFT + (14 if two else 8), up, "c", t),
            label(lane, MIDDLE + 21, up, "tanh\u2299o" if two else _("tanh ⊙ o"), "" if two else t),
            label(lane, RIGHT + (30 if two else 23), up, "h", t),
            vector(geo, sheet, lane, "c", t, LEFT, FORWARD),
            valves(geo, sheet, lane, "o", t),
            vector(geo, sheet, lane, "h", t, RIGHT, FORWARD),
        )
    )


def _lower(geo: Geometry, sheet: Sheet, lane: Lane, t: int) -> str:
    """dL/dc <- o tanh' <- dL/dh; the wide pulse goes through the gates, the road's through f alone."""
    lower, above = geo.backward, geo.backward - 8
    return "".join(
        (
            f'<g class="lower">{pulse(geo, sheet, lane, t)}{return_road(geo, sheet, lane, t, JOINS, "f")}',
            label(lane, 22, above, f"W{lane.prime}", "h", TRANSPOSE, classes="bw", own=True),
            label(lane, LEFT + 23, above, "\u2202L/\u2202c", t, classes="bw"),
            label(lane, MIDDLE + 21, above, "\u2202h/\u2202c", classes="bw", own=True),
            label(lane, RIGHT + 23, above, "\u2202L/\u2202h", t, classes="bw"),
            vector(geo, sheet, lane, "dc", t, LEFT, lower),
            factors(geo, sheet, lane, "oc", t),
            vector(geo, sheet, lane, "dh", t, RIGHT, lower),
            norm(geo, sheet, lane, t),
            "</g>",
        )
    )
