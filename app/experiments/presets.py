"""Experiments worth a click: the notes' reviews, their networks, and two sentences that ask for a memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.experiments.experiment import Experiment
from app.text import corpora, words
from app.wording.catalogue import N_, _, kept_by_language

MOVIE = N_("Movie reviews")
CATMATRAT = N_("Cat, mat, rat")
NOTES = N_("The notes' networks")
GATES = N_("Gates")
MEMORY = N_("Order and memory")

# Every parameter of the one-unit network by hand: small enough to follow with a pocket calculator.
ONE_UNIT: dict[str, Any] = {
    "left_to_right": {"W_xh": [[0.5], [-0.3], [0.8]], "W_hh": [[0.6]], "b_h": [0.1]},
    "readout": {"W_hy": [[0.9]], "b_y": [0.1]},
}


@dataclass(frozen=True)
class Preset:
    """An experiment with a name, one line that says why to look at it, and the group it is listed in."""

    name: str
    why: str
    group: str
    experiment: Experiment


@cache
def welcome() -> Experiment:
    """The run of a page that was asked for nothing in particular."""
    return Experiment(sentence="movie was not good", target=0, weights="lecture")


@kept_by_language(8)
def presets() -> tuple[Preset, ...]:
    """Every preset, group by group, told in the language that is spoken."""
    return (*_reviews("movie", MOVIE), *_reviews("catmatrat", CATMATRAT), *_networks(), *_gates(), *_memory())


def _reviews(corpus: str, group: str) -> Iterator[Preset]:
    """The reviews of a corpus, read by the lecture's network."""
    found = corpora.CORPORA[corpus]
    for number, review in enumerate(found.reviews, 1):
        label = _("label {label}", label=review.label) + (_(", assumed") if found.labels_assumed else "")
        experiment = Experiment(sentence=review.text, target=review.label, corpus=corpus, weights="lecture")
        yield Preset(
            review.text,
            _("Review {number} of the notes, {label}.", number=number, label=label),
            group,
            experiment,
        )


def _networks() -> Iterator[Preset]:
    """The networks as the notes write them; what is wrong with each is told beside the run."""
    three = {"sentence": "cat mat rat", "corpus": "catmatrat", "weights": "lecture"}
    listed: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (_("Three steps"), _("The page on backpropagation: every bias stands outside f."),
         {**three, "bias": "outside", "loss": "mse"}),
        (_("Three steps, mixed"), _("The page on the forward pass: outside f at step 1, inside after."),
         {**three, "bias": "mixed", "loss": "mse"}),
        (_("Loss y − ŷ"), _("The loss as the notes have it: its slope is −1 whatever the label."),
         {**three, "loss": "difference"}),
        (_("Four steps, no bias"), _("The four-step page: w, w₁ and no bias at all."),
         {"sentence": "movie was not good", "target": 0, "bias": "none", "weights": "lecture"}),
        (_("One unit"), _("H = 1: every number fits on a slip of paper."),
         {"sentence": "cat mat rat", "corpus": "catmatrat", "loss": "mse", "parameters": ONE_UNIT}),
    )  # fmt: skip
    for name, why, fields in listed:
        yield Preset(name, why, NOTES, Experiment(**fields))


def _gates() -> Iterator[Preset]:
    """The third review of the movies, read by cells with gates whose numbers are easy to copy."""
    listed: tuple[tuple[str, str, int, dict[str, Any]], ...] = (
        ("lstm", _("A road for memory: valves decide what stays, what enters and what is shown."), 4,
         {"b_h": [0.1, 0.0, -0.1, 1.0, 1.0, 1.0, 0.0, 0.1, -0.1, 0.2, 0.0, -0.2]}),
        ("gru", _("One valve mixes old and new; another says how much of the old the new may see."), 3,
         {"b_h": [0.1, 0.1, -0.1, 0.3, 0.1, -0.1, 0.0, 0.1, -0.1], "b_hn": [0.3, -0.2, 0.1]}),
    )  # fmt: skip
    for cell, why, blocks, biases in listed:
        chain = {"W_xh": _tenths(5, 3 * blocks, 3, 7), "W_hh": _tenths(3, 3 * blocks, 4, 5), **biases}
        readout = {"W_hy": [[0.6], [-0.4], [0.5]], "b_y": [0.1]}
        found = Experiment(
            sentence="movie was not good", target=0, cell=cell,
            parameters={"left_to_right": chain, "readout": readout},
        )  # fmt: skip
        yield Preset(f"movie was not good, {cell.upper()}", why, GATES, found)


def _tenths(rows: int, columns: int, down: int, across: int) -> list[list[float]]:
    """Numbers from -.5 to .5, well mixed: ((down i + across j) mod 11 - 5) / 10."""
    return [[((down * i + across * j) % 11 - 5) / 10 for j in range(columns)] for i in range(rows)]


def _memory() -> Iterator[Preset]:
    """Does it matter which word came when, and how long ago?"""
    reversed_words = Experiment(sentence="good not was movie", target=0, weights="lecture")
    why = _("The same words backwards: a bag of words cannot tell, this network can.")
    yield Preset("good not was movie", why, MEMORY, reversed_words)
    for review in corpora.CORPORA["maharashtra"].reviews:
        if review.label == 1:
            yield _remembered(review)


def _remembered(review: corpora.Review) -> Preset:
    """A sentence whose end depends on its cue."""
    length = len(words.split(review.text))
    gap = length - 1 - (review.cue_index or 0)
    experiment = Experiment(sentence=review.text, target=review.label, corpus="maharashtra", hidden_size=8)
    why = _(
        "Ends in {left_out} only if {cue} is remembered, {gap} steps later.",
        left_out=review.left_out,
        cue=review.cue,
        gap=gap,
    )
    return Preset(_("{cue}, {length} words", cue=review.cue, length=length), why, MEMORY, experiment)
