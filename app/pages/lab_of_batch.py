"""The lab of batches: the block as slices, and what padding and the mask make of each review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run
from app.labs.batch import Batch, Slice, Way, batch
from app.numerals import long, tint
from app.pages.rendering import rendered
from app.wording.catalogue import N_, _, kept_by_language

SHOWN_STEPS, SHOWN_FEATURES = 24, 12
MASKS = {"on": True, "off": False}
SIDES = {"after": N_("after the words"), "before": N_("before them")}


@dataclass(frozen=True)
class Line:
    """A timestep of a slice. bits: its one-hot code, empty where only the column of the 1 is told."""

    t: int
    tint: int
    token: str
    bits: tuple[int, ...]
    column: str


@dataclass(frozen=True)
class Face:
    """A slice as it is drawn. more: timesteps that are not."""

    number: int
    label: int
    lines: tuple[Line, ...]
    more: int


@dataclass(frozen=True)
class Elsewhere:
    """One of the ways to read the block: for each review its answer, and whether it is that of the review
    alone."""

    name: str
    current: bool
    answers: tuple[tuple[str, bool], ...]
    gap: str
    problem: str


@dataclass(frozen=True)
class BatchLab:
    """What the template of the lab places. block: the slices, drawn. numbers: of the reviews."""

    found: Batch
    padding: str
    masked: bool
    sides: dict[str, str]
    block: Markup
    numbers: tuple[int, ...]
    quantity: str
    alone: tuple[str, ...]
    ways: tuple[Elsewhere, ...]
    problem: str
    held: int
    percent: str
    zeros: str


def batch_lab(run: Run, asked: Mapping[str, str]) -> BatchLab:
    """The lab of a run. Raises ExperimentError for an unknown side or switch."""
    padding, mask = asked.get("padding") or "after", asked.get("mask") or "on"
    if mask not in MASKS:
        raise ExperimentError([fault("mask", "on or off", mask)])
    found, masked = batch(run, padding), MASKS[mask]
    products, features = found.ordinary.products, found.shape[2]
    head = run.vocabulary if features <= SHOWN_FEATURES else ()
    return BatchLab(
        found,
        padding,
        masked,
        SIDES,
        block(found.slices, head, features, masked),
        tuple(range(1, len(found.slices) + 1)),
        "loss" if found.alone.y_hat is None else "ŷ",
        tuple(numbers(found.alone)),
        tuple(elsewhere(way, found.alone, (padding, masked)) for way in found.ways),
        found.alone.problem,
        sum(token == "" for one in found.slices for token in one.tokens),
        percent(products.on_padding, products.total),
        percent(products.on_zeros, products.total),
    )


@kept_by_language(32)
def block(slices: tuple[Slice, ...], head: tuple[str, ...], features: int, masked: bool) -> Markup:
    """The slices drawn side by side: no weight is in them, so many runs have the same."""
    faces = [face(k, one, features) for k, one in enumerate(slices, 1)]
    return Markup(rendered("_lab_block.html", faces=faces, head=head, masked=masked))


def face(number: int, one: Slice, features: int) -> Face:
    """A slice drawn: its first timesteps."""
    whole = features <= SHOWN_FEATURES
    steps = len(one.ids)
    lines = [
        Line(
            t,
            tint(t, steps),
            token,
            tuple(int(k == column) for k in range(features)) if whole else (),
            _("{column} of {features}", column=column + 1, features=features) if token else "none",
        )
        for t, (column, token) in enumerate(zip(one.ids, one.tokens, strict=True), 1)
    ]
    return Face(number, one.label, tuple(lines[:SHOWN_STEPS]), max(0, steps - SHOWN_STEPS))


def numbers(way: Way) -> list[str]:
    """The answer for each review: the prediction, or the loss where every step predicts."""
    values = way.losses if way.y_hat is None else way.y_hat
    return [] if values is None else [long(value) for value in values.tolist()]


def elsewhere(way: Way, alone: Way, current: tuple[str, bool]) -> Elsewhere:
    """A way beside the reviews alone; numbers written alike are the same. Either may have no answer."""
    found = numbers(way)
    pairs = zip(found, numbers(alone) or found, strict=True) if found else ()
    return Elsewhere(
        _("{padding}, mask {switch}", padding=_(way.padding), switch=_("on") if way.masked else _("off")),
        (way.padding, way.masked) == current,
        tuple((text, text == other) for text, other in pairs),
        "" if way.gap is None else long(way.gap),
        way.problem,
    )


def percent(part: int, whole: int) -> str:
    """A share in percent."""
    return f"{100.0 * part / whole:.3g} %"
