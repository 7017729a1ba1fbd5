"""The lab of the learning rate: predicted and actual loss as curves, and the point that is dragged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.experiments.run import Run
from app.labs.rate import Rates, Step, rates
from app.numerals import long
from app.pages.lab_numbers import decimal
from app.pages.lab_plot import Plot, Point, box_of, ends
from app.wording.catalogue import _

REACHES = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)


@dataclass(frozen=True)
class RateLab:
    """What the template of the lab places. rows: rate, predicted, actual or why not, rose."""

    plot: Plot
    chosen: int
    last: int
    said: str
    rate: str
    reaches: tuple[tuple[str, str, bool], ...]
    rows: tuple[tuple[str, str, str, bool, bool], ...]
    before: str
    norm: str
    clipped: str
    best: str


def rate_lab(run: Run, asked: Mapping[str, str]) -> RateLab:
    """The lab of a run. Raises ExperimentError."""
    found = rates(run, decimal(asked, "reach", None))
    reaches = sorted({*REACHES, found.reach} - {reach for reach in REACHES if reach < found.own.rate})
    return RateLab(
        drawn(found),
        found.chosen,
        len(found.steps) - 1,
        said(found, found.own),
        repr(found.own.rate),
        tuple((repr(reach), long(reach), reach == found.reach) for reach in reaches),
        tuple(
            (
                long(step.rate),
                long(step.predicted),
                "undefined" if step.loss is None else long(step.loss),
                step.loss is not None and step.loss > found.before,
                k == found.chosen,
            )
            for k, step in enumerate(found.steps)
        ),
        long(found.before),
        long(found.gradient_norm),
        "" if found.clip_scale == 1.0 else long(found.clip_scale),
        "" if found.best is None else long(found.best.rate),
    )


def drawn(found: Rates) -> Plot:
    """The two curves."""
    actual = [(step.rate, step.loss) for step in found.steps]
    box = box_of(found.reach, [loss for _, loss in actual if loss is not None], found.before)
    promised = [(step.rate, step.predicted) for step in found.steps]
    points = tuple(
        Point(k, box.dot(step.rate, step.loss), repr(step.rate), said(found, step))
        for k, step in enumerate(found.steps)
    )
    lines = (
        ("level", box.line([(0.0, found.before), (found.reach, found.before)])),
        ("promise", box.line(promised)),
        ("actual", box.line(actual)),
    )
    return Plot(lines, points, ("η = 0", f"η = {long(found.reach)}"), ends(box))


def said(found: Rates, step: Step) -> str:
    """A point in words."""
    start = _("η = {rate}: predicted {predicted}", rate=long(step.rate), predicted=long(step.predicted))
    if step.loss is None:
        return _("{start}, actual undefined: {problem}", start=start, problem=step.problem)
    rose, fell = step.loss > found.before, step.loss < found.before
    verdict = _("rose") if rose else _("fell") if fell else _("stayed")
    return _("{start}, actual {loss}; the loss {verdict}", start=start, loss=long(step.loss), verdict=verdict)
