"""Which loss blames which step: the credit matrix as a table, a row a loss, a column a step."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run
from app.numerals import short, tint
from app.stage.lanes import Lane, lanes_of
from app.stage.words import abridged, quoted
from app.wording.catalogue import _

Array = NDArray[np.float64]
WINDOW = 12  # losses and steps that a table shows
ROOM = 9  # characters of a word at the head of a row
STOPS, DECADES = 9, 3  # colours, for lengths from .001 to 1


@dataclass(frozen=True)
class Step:
    """A step at the head of a row or of a column."""

    t: int
    tint: int
    word: str


@dataclass(frozen=True)
class Cell:
    """A loss's length at a step. sentence: what it says. tone: its colour. lights, part: what it means on the
    stage, and in the inspector. All empty where no way leads from the loss to the step."""

    text: str = ""
    tone: str = ""
    sentence: str = ""
    lights: str = ""
    part: str = ""


@dataclass(frozen=True)
class Row:
    """A loss and its cells; none where nothing is asked."""

    step: Step
    loss: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """One chain. title: which, where there are two."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Link:
    """Another window."""

    said: str
    pairs: str
    current: bool


@dataclass(frozen=True)
class Credit:
    """All chains, through one window. reach: the farthest loss in words."""

    steps: tuple[Step, ...]
    matrices: tuple[Matrix, ...]
    losses_links: tuple[Link, ...]
    steps_links: tuple[Link, ...]
    reach: str
    asked: int


def credit(run: Run, losses: int = 1, columns: int = 1) -> Credit:
    """The matrices from a loss and a step on.

    losses, columns : the first loss and the first step that are shown, from 1

    Raises ExperimentError naming "task", "losses" or "columns".
    """
    if not run.network.per_step:
        raise ExperimentError([fault("task", "next_word for a credit matrix", run.experiment.task)])
    last = len(run.words)
    for name, first in (("losses", losses), ("columns", columns)):
        if not 1 <= first <= last:
            raise ExperimentError([fault(name, f"1 to {last}", first)])
    shown, judged = (range(first, min(first + WINDOW, last + 1)) for first in (columns, losses))
    found = lanes_of(tuple(run.credit), last)
    return Credit(
        steps=tuple(_step(run, t) for t in shown),
        matrices=tuple(
            Matrix(lane.chain.replace("_", " ") if lane.mark else "", tuple(_rows(run, lane, judged, shown)))
            for lane in found
        ),
        losses_links=_links(last, losses, lambda k: f"losses={k}&columns={columns}"),
        steps_links=_links(last, columns, lambda k: f"losses={losses}&columns={k}"),
        reach=_reach(run, found[0]),
        asked=last - 1,
    )


def _step(run: Run, t: int) -> Step:
    return Step(t, tint(t, len(run.words)), abridged(run.words[t - 1], ROOM)[0])


def _rows(run: Run, lane: Lane, judged: range, shown: range) -> list[Row]:
    lengths, losses = run.credit[lane.chain], run.losses
    assert losses is not None
    return [
        Row(
            _step(run, loss),
            short(float(losses[loss - 1])),
            tuple(_cell(run, lane, lengths, loss, t) for t in shown) if loss < lane.steps else (),
        )
        for loss in judged
    ]


def _cell(run: Run, lane: Lane, lengths: Array, loss: int, t: int) -> Cell:
    if lane.at(t) > lane.at(loss):  # the chain comes to step t after the prediction was made
        return Cell()
    length = float(lengths[loss - 1, t - 1])
    word, blamed = (quoted(escape(abridged(run.words[k - 1], ROOM)[0])) for k in (loss, t))
    whose = _("its own state") if loss == t else _("step {t}, {blamed},", t=t, blamed=blamed)
    return Cell(
        short(length),
        f"r{_stop(length)}",
        _(
            "The loss after {word} blames {whose} with {length}.",
            word=word,
            whose=whose,
            length=short(length),
        ),
        f"foot-{loss} lost-{loss} {lane.name('col', t)}",
        lane.name("dh", t),
    )


def _stop(length: float) -> int:
    """The colour of a length, on a logarithmic scale."""
    if length <= 0.0:
        return 0
    return round(STOPS * min(1.0, max(0.0, 1.0 + math.log10(length) / DECADES)))


def _reach(run: Run, lane: Lane) -> str:
    """How much of the last loss is left at the first step."""
    lengths, loss = run.credit[lane.chain], lane.steps - 1
    own, far = float(lengths[loss - 1, loss - 1]), float(lengths[loss - 1, 0])
    if loss == 1 or own == 0.0:
        return ""
    word = quoted(escape(abridged(run.words[loss - 1], ROOM)[0]))
    return _(
        "The loss after {word} gives its own state {own}, and step 1 still {far}.",
        word=word,
        own=short(own),
        far=short(far),
    )


def _links(last: int, first: int, pairs: Callable[[int], str]) -> tuple[Link, ...]:
    """The windows of a long sentence."""
    if last <= WINDOW:
        return ()
    return tuple(
        Link(f"{k}\u2013{min(k + WINDOW - 1, last)}", pairs(k), k == first)
        for k in range(1, last + 1, WINDOW)
    )
