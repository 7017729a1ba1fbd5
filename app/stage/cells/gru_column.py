"""The GRU cell as a column: n -> mixed by z -> h under the road of the old h; below it the way back."""

from app.stage.cells import gates
from app.stage.cells.elman_column import factors
from app.stage.cells.gates_column import return_road, roadway, sums, valves
from app.stage.cells.gru_reading import GATES
from app.stage.column import again, arrival, label, norm, pulse, vector
from app.stage.lanes import Lane
from app.stage.layout import FORWARD, LEFT, MIDDLE, RIGHT, Geometry
from app.stage.marks import TRANSPOSE
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

JOINS = RIGHT + 23.0  # the old state comes down into h_t


def column(shape: Shape, sheet: Sheet, lane: Lane, t: int) -> str:
    """Everything in the column of step t but its heading."""
    geo = shape.geometry
    return "".join(
        (
            roadway(lane, JOINS, "z", t),
            arrival(geo, lane, t),
            _upper(geo, sheet, lane, t),
            *(sums(shape, sheet, lane, gate, t) for gate in GATES if gates.opens(lane)),
            _lower(geo, sheet, lane, t),
            again(geo, sheet, lane, t, "n2", "h2") if shape.again else "",
        )
    )


def _upper(geo: Geometry, sheet: Sheet, lane: Lane, t: int) -> str:
    """n -> the mixer -> h."""
    up = FORWARD - 8
    return "".join(
        (
            label(lane, 22, up, f"W{lane.prime}", "h", classes="wt", own=True),
            label(lane, LEFT + 31, up, "n", t),
            label(lane, MIDDLE + 21, up, _("mix z"), "" if lane.mark else t),
            label(lane, RIGHT + 38, up, "h", t),
            vector(geo, sheet, lane, "n", t, LEFT, FORWARD, shows="gate_n", part="gate_n"),
            valves(geo, sheet, lane, "z", t),
            vector(geo, sheet, lane, "h", t, RIGHT, FORWARD),
        )
    )


def _lower(geo: Geometry, sheet: Sheet, lane: Lane, t: int) -> str:
    """dL/dn <- 1 - z <- dL/dh; the wide pulse goes through the gates, the road's through z alone."""
    lower, above = geo.backward, geo.backward - 8
    return "".join(
        (
            f'<g class="lower">{pulse(geo, sheet, lane, t)}{return_road(geo, sheet, lane, t, JOINS, "z")}',
            label(lane, 22, above, f"W{lane.prime}", "h", TRANSPOSE, classes="bw", own=True),
            label(lane, LEFT + 23, above, "\u2202L/\u2202n", t, classes="bw"),
            label(lane, MIDDLE + 21, above, "\u00d7 1\u2212z", classes="bw", own=True),
            label(lane, RIGHT + 23, above, "\u2202L/\u2202h", t, classes="bw"),
            vector(geo, sheet, lane, "dn", t, LEFT, lower, shows="dg_n", part="dg_n"),
            factors(geo, sheet, lane, "mz", t),
            vector(geo, sheet, lane, "dh", t, RIGHT, lower),
            norm(geo, sheet, lane, t),
            "</g>",
        )
    )
