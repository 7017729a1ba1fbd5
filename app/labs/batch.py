"""Reviews as one block of shape (B, T, V): padded to the longest, with the padding held by a mask or read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine import Backward, EngineError, OneHot, backward, forward
from app.engine.feedforward import Feedforward, Products, encode, products
from app.engine.norms import norm
from app.engine.onehot import PADDING, SIDES
from app.engine.plan import Example
from app.engine.training import targets_of
from app.experiments.errors import ExperimentError, fault
from app.experiments.learning import examples, unknown_words
from app.experiments.run import Run
from app.experiments.weights import first_state
from app.text import words
from app.text.corpora import Review

Array = NDArray[np.float64]
LONGER = (10, 100, 1000)
"""Longest sentences for which an ordinary network is counted, besides the block's own."""
MOST = 8
"""Reviews in a block; more would be read as well, and not be seen."""


@dataclass(frozen=True)
class Slice:
    """One review in the block.

    ids : the column of the 1 at each of T timesteps, or PADDING
    tokens : its words, "" where there is none
    """

    text: str
    label: int
    ids: tuple[int, ...]
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Way:
    """What the network answers when it reads the block in one way.

    y_hat : (B,), None where every step predicts; losses : (B,), None where one is undefined
    gap : |g - g_alone| / |g_alone| of the gradient of the mean loss
    problem : why there is no answer
    """

    padding: str
    masked: bool
    y_hat: Array | None
    losses: Array | None
    gap: float | None
    problem: str = ""


@dataclass(frozen=True)
class Ordinary:
    """A network without a state that takes as many words as the longest review.

    counts : (longest sentence, its parameters); refusal : what it says of a word more
    """

    products: Products
    counts: tuple[tuple[int, int], ...]
    refusal: str


@dataclass(frozen=True)
class Batch:
    """The block, read in every way. left_out: reviews of the corpus that are not in it.

    alone : each review on its own, without padding
    """

    shape: tuple[int, int, int]
    slices: tuple[Slice, ...]
    left_out: int
    alone: Way
    ways: tuple[Way, ...]
    ordinary: Ordinary
    parameters: int

    def way(self, padding: str, masked: bool) -> Way:
        """The answers of one of the ways."""
        return next(way for way in self.ways if (way.padding, way.masked) == (padding, masked))


def batch(run: Run, padding: str = "after") -> Batch:
    """The reviews of a run's corpus as one block, read with the run's weights.

    padding : the side of the block that is shown; the answers are there for both

    Raises ExperimentError for an unknown side, and where no review can be read.
    """
    if padding not in SIDES:
        raise ExperimentError([fault("padding", " or ".join(SIDES), padding)])
    kept, left_out = reviews_of(run)
    taught, size = examples(run.experiment, kept), len(run.vocabulary)
    sentences = [example.ids for example in taught]
    block = OneHot.batch(sentences, size, padding)
    return Batch(
        (len(sentences), len(block.ids), size),
        tuple(
            sliced(review, block.ids[:, lane], run.vocabulary) for lane, review in enumerate(kept)
        ),
        left_out,
        *answers(run, taught),
        ordinary(size, run.experiment.hidden_size, sentences),
        total_of(run),
    )  # fmt: skip


def reviews_of(run: Run) -> tuple[list[Review], int]:
    """The first reviews that the network can read, and how many there are besides; else the sentence."""
    experiment = run.experiment
    every = [Review(review.text, review.label) for review in experiment.labelled.reviews]
    every = every or [Review(experiment.sentence, experiment.target)]
    least = 2 if run.network.per_step else 1
    readable = [
        review for review in every
        if not any(unknown_words(experiment, [review], "reviews"))
        and len(words.split(review.text, experiment.lowercase)) >= least
    ]  # fmt: skip
    if not readable:
        raise ExperimentError([fault("reviews", "at least 1 review that the network can read", len(every))])
    return readable[:MOST], len(every) - len(readable[:MOST])


def sliced(review: Review, ids: NDArray[np.intp], entries: tuple[str, ...]) -> Slice:
    """A review as a column of the block."""
    tokens = tuple("" if k == PADDING else entries[k] for k in ids.tolist())
    return Slice(review.text, review.label, tuple(ids.tolist()), tokens)


def answers(run: Run, taught: list[Example]) -> tuple[Way, tuple[Way, ...]]:
    """Each review alone, and all of them as a block in every way."""
    try:
        found = [read(run, [example], SIDES[0], True) for example in taught]
    except EngineError as error:
        alone = Way("", True, None, None, None, error.message)
        return alone, tuple(way_of(run, taught, None, *way) for way in ways())
    gradient = np.mean([back.gradient.flat for back in found], axis=0)
    y_hat = None if run.network.per_step else np.array([back.trace.y_hat[0, 0] for back in found])
    alone = Way("", True, y_hat, np.array([back.loss[0] for back in found]), 0.0)
    return alone, tuple(way_of(run, taught, gradient, *way) for way in ways())


def ways() -> Iterator[tuple[str, bool]]:
    """Sides and masks."""
    return ((padding, masked) for padding in SIDES for masked in (True, False))


def way_of(run: Run, taught: list[Example], gradient: Array | None, padding: str, masked: bool) -> Way:
    """The block read in one way; gradient: that of the reviews alone."""
    try:
        back = read(run, taught, padding, masked)
    except EngineError as error:
        return Way(padding, masked, None, None, None, error.message)
    y_hat = None if run.network.per_step else back.trace.y_hat[:, 0]
    size = 0.0 if gradient is None else norm(gradient)
    gap = None if gradient is None or size == 0.0 else norm(back.gradient.flat - gradient) / size
    return Way(padding, masked, y_hat, back.loss, gap)


def read(run: Run, taught: list[Example], padding: str, masked: bool) -> Backward:
    """Both passes over some reviews as one block, of the mean of their losses."""
    x = OneHot.batch([example.ids for example in taught], len(run.vocabulary), padding, masked)
    targets = targets_of(run.network, taught)
    if run.network.per_step:
        targets = OneHot.batch([example.target for example in taught], run.network.outputs, padding).ids
    state = first_state(run.experiment, run.network)
    return backward(forward(run.network, run.parameters, x, state), targets, mean=True)


def ordinary(size: int, hidden: int, sentences: list[Sequence[int]]) -> Ordinary:
    """What zero padding costs a network without a state."""
    longest = max(map(len, sentences))
    network = Feedforward(size, longest, hidden)
    lengths = (longest, *(slots for slots in LONGER if slots > longest))
    counts = tuple((slots, Feedforward(size, slots, hidden).parameter_count) for slots in lengths)
    try:
        encode(network, [(0,) * (longest + 1)])
        refusal = ""
    except EngineError as error:
        refusal = error.message
    return Ordinary(products(network, sentences), counts, refusal)


def total_of(run: Run) -> int:
    """All parameters of the recurrent network, whatever the length of the sentence."""
    return sum(array.size for named in run.parameters.values() for array in named.values())
