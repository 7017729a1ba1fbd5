"""The slip about the LSTM: E17."""

from __future__ import annotations

from collections.abc import Iterator

from app.experiments.query import permalink
from app.experiments.run import Run
from app.figures.chart import sub
from app.numerals import long
from app.pages.slip import Row, Slip, relative
from app.wording.catalogue import _

FORGET_BIASES = (0.0, 1.0, 3.0)


def mitigates(found: Run, root: str) -> Iterator[Slip]:
    """E17."""
    here = found.experiment
    asked = [{"forget_bias": bias} for bias in sorted({*FORGET_BIASES, here.forget_bias})]
    rows = [
        row
        for changes in asked
        for row in _row(
            found, root, _("b<sub>f</sub> + {changes}", changes=f"{changes['forget_bias']:g}"), **changes
        )
    ]
    rows += _row(found, root, _("a plain cell"), cell="elman")
    yield Slip(
        "E17",
        _("An LSTM eases vanishing"),
        _("“solved by LSTM”"),
        _(
            "along the road the gradient is multiplied by f alone, so it lasts where f is near "
            "1, which the bias of the forget gate decides. Nothing bounds what goes through the "
            "gates: it may still explode, and is clipped"
        ),
        ("", _("largest Πf"), f"‖∂{sub('h_T')}/∂{sub('h_1')}‖", f"‖∂L/∂{sub('h_1')}‖"),
        tuple(rows),
    )


def _row(found: Run, root: str, label: str, **changes: object) -> Iterator[Row]:
    """The road and the whole way of a neighbour; none where the given weights do not fit it."""
    other = relative(found, **changes)
    if other is None or _same(found, other):
        return
    road, back = other.forward.highway, other.backward
    cells = (
        label,
        _("no road") if road is None else long(float(road[0].max())),
        long(float(back.dhT_dh_norm[0])),
        long(float(back.d_h_norm[0])),
    )
    yield Row(cells, permalink(other.experiment, root), other.experiment == found.experiment)


def _same(found: Run, other: Run) -> bool:
    """Whether another question has the same network: nothing is added to a bias that is given."""
    if other.experiment == found.experiment or other.experiment.cell != found.experiment.cell:
        return False
    mine, its = (run.parameters["left_to_right"].get("b_h") for run in (found, other))
    return mine is None or its is None or bool((mine == its).all())
