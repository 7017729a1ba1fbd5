"""Learning from the corpus: its reviews as the engine takes them, what must hold of them, and the steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from app.engine import Network, Parameters
from app.engine.network import TASKS, Array
from app.engine.plan import Example, Plan
from app.engine.softmax import NO_TARGET
from app.engine.training import train
from app.experiments.cost import chain_width, descent_work
from app.experiments.errors import ExperimentError, FieldError, fault, presentable_text
from app.experiments.fields import LIMITS
from app.text import words
from app.text.corpora import Review
from app.text.vocabulary import UnknownWordError, encode

if TYPE_CHECKING:
    from app.experiments.experiment import Experiment


ALL, THIS = "all", "this"


class Labelled(Protocol):
    """A text with its label."""

    @property
    def text(self) -> str: ...
    @property
    def label(self) -> int: ...


def target_of(task: str, label: int, ids: tuple[int, ...]) -> float | tuple[int, ...]:
    """What a sentence is held to: its label, or after each word the next, with nothing asked of the last."""
    return (*ids[1:], NO_TARGET) if TASKS[task] else float(label)


def examples(experiment: Experiment, reviews: Iterable[Labelled]) -> list[Example]:
    """Reviews for the engine. One of a single word has no next word, and teaches nothing of next words."""
    least = 2 if TASKS[experiment.task] else 1
    read = ((review, _ids(experiment, review)) for review in reviews)
    return [
        Example(ids, target_of(experiment.task, review.label, ids))
        for review, ids in read if len(ids) >= least
    ]  # fmt: skip


def _ids(experiment: Experiment, review: Labelled) -> tuple[int, ...]:
    return encode(words.split(review.text, experiment.lowercase), experiment.entries)


@dataclass(frozen=True)
class Stretch:
    """Gradient steps that are alike. field: which of the experiment's fields asks for them."""

    field: str
    on: str
    rate: float
    times: int


def stretches(experiment: Experiment) -> Iterator[Stretch]:
    """What an experiment learns before it is traced, in order."""
    if experiment.epochs:
        yield Stretch("epochs", ALL, experiment.learning_rate, experiment.epochs)
    for step, alike in groupby(experiment.steps):
        yield Stretch("steps", step.on, step.rate, sum(1 for _ in alike))


def taught_by(experiment: Experiment, on: str) -> Sequence[Labelled]:
    """The reviews that a step learns from."""
    if on == THIS:
        return (Review(experiment.sentence, experiment.target),)
    reviews = experiment.labelled.reviews
    return reviews if on == ALL else reviews[int(on) - 1 : int(on)]


def learned(
    experiment: Experiment, network: Network, parameters: Parameters, state: Array | None
) -> Parameters:
    """The parameters after the experiment's epochs and steps.

    state : h_0 (H,) of every chain and sentence, or None for zeros

    Raises ExperimentError when they leave the finite numbers on the way.
    """
    for stretch in stretches(experiment):
        parameters = after(experiment, network, parameters, state, stretch)
    return parameters


def after(
    experiment: Experiment, network: Network, parameters: Parameters, state: Array | None, stretch: Stretch
) -> Parameters:
    """The parameters after one stretch, each step down the gradient of the mean loss of what is taught."""
    plan = Plan(
        epochs=stretch.times,
        learning_rate=stretch.rate,
        clip_norm=experiment.clip_norm,
        record_every=stretch.times,
    )
    taught = examples(experiment, taught_by(experiment, stretch.on))
    found = train(network, parameters, len(experiment.entries), taught, plan, h_0=state)
    if found.stop is not None:
        raise ExperimentError([FieldError(stretch.field, found.stop.message, stretch.times)])
    return found.parameters


def faults(experiment: Experiment) -> Iterator[FieldError]:
    """What keeps an experiment from learning as long as its epochs and steps say."""
    if not (experiment.epochs or experiment.steps):
        return
    whole = [stretch for stretch in stretches(experiment) if stretch.on == ALL]
    found = [*(corpus_faults(experiment, None) if whole else ()), *step_faults(experiment)]
    yield from found
    if not found:
        yield from too_much(experiment)


def step_faults(experiment: Experiment) -> Iterator[FieldError]:
    """What keeps single steps from being taken."""
    reviews = experiment.labelled.reviews
    for on in dict.fromkeys(step.on for step in experiment.steps if step.on not in (ALL, THIS)):
        if int(on) > len(reviews):
            yield fault("steps", f"all, this or a review from 1 to {len(reviews)}", on)
        else:
            yield from review_faults(experiment, taught_by(experiment, on), "steps", None)


def too_much(experiment: Experiment) -> Iterator[FieldError]:
    """Epochs, and steps, that take too much work together."""
    room = LIMITS.max_training_work
    for stretch in stretches(experiment):
        each = epoch_work(experiment, taught_by(experiment, stretch.on), None)
        found = [*too_long(stretch.times, each, room)]
        if found and stretch.field == "steps":
            rule = f"at most {max(0, room // each)} more for this network, of {each} multiply-adds each"
            found = [fault("steps", rule, stretch.times)]
        yield from found
        room = max(0, room - each * stretch.times)


def corpus_faults(experiment: Experiment, batch: int | None) -> Iterator[FieldError]:
    """What keeps a corpus from being learned from at all, so many reviews at a time, or all when None."""
    reviews = experiment.labelled.reviews
    if not reviews:
        yield fault("reviews", "at least 1 review to learn from when there are epochs", 0)
        return
    yield from review_faults(experiment, reviews, "reviews", batch)


def held_out_faults(experiment: Experiment, reviews: Sequence[Labelled]) -> Iterator[FieldError]:
    """What keeps reviews from being judged; there may be none."""
    if not reviews:
        return
    counts = [len(words.split(review.text)) for review in reviews]
    wrong = next((k for k, count in enumerate(counts) if not 0 < count <= LIMITS.max_review_words), None)
    if wrong is not None:
        yield fault(f"held_out[{wrong}].text", f"1 to {LIMITS.max_review_words} words", counts[wrong])
        return
    yield from review_faults(experiment, reviews, "held_out", None)


def review_faults(
    experiment: Experiment, reviews: Sequence[Labelled], field: str, batch: int | None
) -> Iterator[FieldError]:
    """What keeps reviews from being read by the network."""
    unknown = [*unknown_words(experiment, reviews, field)]
    yield from unknown
    if unknown:
        return
    taught = examples(experiment, reviews)
    if not taught:
        yield fault(field, f"at least 1 review of 2 words or more for task {experiment.task}", 0)
        return
    yield from too_wide(experiment, taught, field, batch)


def unknown_words(experiment: Experiment, reviews: Iterable[Labelled], field: str) -> Iterator[FieldError]:
    """The first word of each review that the vocabulary does not have."""
    for index, review in enumerate(reviews):
        try:
            _ids(experiment, review)
        except UnknownWordError as error:
            word = presentable_text(error.word.typed)
            place, which = f"{field}[{index}].text", f'word {error.position}, "{word}"'
            message = f"{place} must use words of the vocabulary: {which}, is not in it"
            yield FieldError(place, message, word)


def too_wide(
    experiment: Experiment, taught: list[Example], field: str, batch: int | None
) -> Iterator[FieldError]:
    """A batch is held in memory as a whole, padded to its longest sentence."""
    network, sentences = experiment.network, min(batch or len(taught), len(taught))
    longest = max(len(example.ids) for example in taught)
    numbers = sentences * longest * chain_width(network) * len(network.chains)
    if numbers > LIMITS.max_batch_numbers:
        message = (
            f"{field} must be read {LIMITS.max_batch_numbers} numbers at a time at most, "
            f"got {numbers}: {sentences} reviews, padded to {longest} words, "
            f"of {chain_width(network)} columns in each chain"
        )
        yield FieldError(field, message, numbers)


def epoch_work(experiment: Experiment, reviews: Sequence[Labelled], batch: int | None) -> int:
    """Multiply-adds of one pass over the reviews, to within a factor of a few."""
    longest = max(len(words.split(review.text)) for review in reviews)
    return descent_work(experiment.network, len(experiment.entries), len(reviews), longest, batch)


def too_long(epochs: int, each: int, most: int) -> Iterator[FieldError]:
    """Epochs of so much work each, held to the most."""
    if epochs * each > most:
        rule = f"at most {most // each} for this corpus and network, of {each} multiply-adds each"
        yield fault("epochs", rule, epochs)
