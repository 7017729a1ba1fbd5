"""The lab of training: where one step more would lead, the way back, and the losses on the way here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.experiments.experiment import Experiment
from app.experiments.learning import ALL, THIS
from app.experiments.query import to_query
from app.experiments.run import Run
from app.labs.descent import Descent, Moment, descent
from app.numerals import long
from app.pages.lab_plot import Box, Plot, Point, ends
from app.wording.catalogue import _

SHORT = 40  # characters of a review


@dataclass(frozen=True)
class Way:
    """A link to the run after one step, or before it; problem: why there is none."""

    key: str
    label: str
    query: str
    problem: str = ""


@dataclass(frozen=True)
class TrainingLab:
    """What the template of the lab places. rows: steps, learned from, rate, own loss, mean loss."""

    ways: tuple[Way, ...]
    undo: Way | None
    begin: Way | None
    steps: int
    rate: str
    plot: Plot | None
    last: int
    rows: tuple[tuple[int, str, str, str, str], ...]
    edited: bool
    fell: str
    own: str


def training_lab(run: Run, asked: Mapping[str, str]) -> TrainingLab:
    """The lab of a run; nothing is asked of it but the run's own address."""
    del asked
    found = descent(run)
    moments = found.moments
    return TrainingLab(
        tuple(
            Way(move.on, label(run, move.on), _query(move.experiment), move.problem) for move in found.moves
        ),
        _way("undo", _("Undo the last step"), found.undone),
        _way("begin", _("Undo all"), found.begun),
        moments[-1].steps if moments else 0,
        long(run.experiment.learning_rate),
        drawn(found) if moments else None,
        len(moments) - 1,
        tuple(row(run, moment) for moment in moments),
        found.edited,
        verdict(moments[0].own, moments[-1].own) if moments else "",
        long(run.loss),
    )


def label(run: Run, on: str) -> str:
    """What a step learns from, in words."""
    if on == THIS:
        return _("this sentence")
    if on == ALL:
        return _("the whole corpus")
    text = run.experiment.labelled.reviews[int(on) - 1].text
    return _(
        "review {number}: {text}", number=on, text=text if len(text) <= SHORT else text[: SHORT - 1] + "…"
    )


def _query(experiment: Experiment | None) -> str:
    return "" if experiment is None else to_query(experiment)


def _way(key: str, said: str, experiment: Experiment | None) -> Way | None:
    return None if experiment is None else Way(key, said, _query(experiment))


def drawn(found: Descent) -> Plot:
    """The loss of the sentence, and the mean of the corpus, over the steps."""
    moments = found.moments
    values = [loss for moment in moments for loss in (moment.own, moment.mean) if loss is not None] or [0.0]
    low, high = min(0.0, *values), max(values)
    box = Box(float(moments[-1].steps), low, high + 0.08 * (high - low) or 1.0)
    own = [(float(moment.steps), moment.own) for moment in moments]
    mean = [(float(moment.steps), moment.mean) for moment in moments]
    points = tuple(
        Point(k, box.dot(x, y), str(moments[k].steps), _said(moments[k])) for k, (x, y) in enumerate(own)
    )
    lines = (("promise", box.line(mean)), ("actual", box.line(own)))
    return Plot(lines, points, ("before", _("step {steps}", steps=moments[-1].steps)), ends(box))


def _said(moment: Moment) -> str:
    return _("after {steps} steps: {own}", steps=moment.steps, own=written(moment.own))


def row(run: Run, moment: Moment) -> tuple[int, str, str, str, str]:
    """A moment as it is written."""
    said = label(run, moment.on) if moment.on else _("before any step")
    rate = long(moment.rate) if moment.on else ""
    return moment.steps, said, rate, written(moment.own), written(moment.mean)


def written(value: float | None) -> str:
    """A loss, or that it has none."""
    return _("undefined") if value is None else long(value)


def verdict(first: float | None, last: float | None) -> str:
    """What the steps did to the loss of the sentence."""
    if first is None or last is None:
        return _("is not defined all the way")
    return _("fell") if last < first else _("rose") if last > first else _("stayed")
