"""A course: how a network is to be taught, beside the experiment that says which network and which corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from app.engine.plan import Plan
from app.experiments import fields, learning
from app.experiments.errors import ExperimentError, FieldError, fault
from app.experiments.experiment import Experiment
from app.experiments.fields import LIMITS, Rate, Review
from app.experiments.rules import explain

EPOCHS_REPORTED = 100


class Course(BaseModel):
    """How often, how many sentences at a time, by which rule, and when to stop.

    learning_rate, clip_norm, seed and initial_state are the experiment's. Raises ExperimentError.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", use_attribute_docstrings=True)

    epochs: Annotated[int, Field(ge=1, le=LIMITS.max_course_epochs), fields.Whole] = 100
    """Passes over the corpus. Fewer are allowed where the corpus and the network are large."""
    batch_size: Annotated[int, Field(ge=1, le=LIMITS.max_reviews), fields.Whole] | None = None
    """Reviews a step: 1 for one at a time; all of them when it is not set."""
    shuffle: bool = False
    """Make up batches, and take them in every epoch, in an order drawn from the seed."""
    optimiser: fields.OptimiserName = "sgd"
    """sgd; momentum, which keeps 0.9 of its speed; adam with 0.9, 0.999 and 1e-8."""
    window: Annotated[int, Field(ge=1, le=LIMITS.max_words), fields.Whole] | None = None
    """Steps a gradient is walked back at most before it is cut; all of them when it is not set."""
    stop_below: Rate | None = None
    """The loss below which training ends."""
    patience: Annotated[int, Field(ge=1, le=LIMITS.max_course_epochs), fields.Whole] | None = None
    """Epochs without a better loss after which training ends: of the held-out reviews when there are any."""
    held_out: Annotated[tuple[Review, ...], Strict(False), Field(max_length=LIMITS.max_reviews)] = ()
    """Labelled reviews that are judged and not learned from; their words must be in the vocabulary."""
    record_every: Annotated[int, Field(ge=1, le=LIMITS.max_course_epochs), fields.Whole] | None = None
    """Epochs from one report to the next; so many that there are about a hundred when it is not set."""

    def __init__(self, /, **data: Any) -> None:
        """data : the fields; those left out take their defaults."""
        try:
            super().__init__(**data)
        except ValidationError as error:
            details = error.errors(include_url=False, include_context=False)
            raise ExperimentError(explain(details, RULES)) from None

    def plan(self, experiment: Experiment) -> Plan:
        """The course as the engine takes it."""
        return Plan(
            epochs=self.epochs,
            learning_rate=experiment.learning_rate,
            optimiser=self.optimiser,
            batch_size=self.batch_size,
            shuffle=self.shuffle,
            clip_norm=experiment.clip_norm,
            window=self.window,
            stop_below=self.stop_below,
            patience=self.patience,
            record_every=self.record_every or -(-self.epochs // EPOCHS_REPORTED),
            seed=experiment.seed,
        )

    @property
    def plain(self) -> bool:
        """Whether its epochs are those of an experiment: the whole corpus a step, straight downhill."""
        return (self.batch_size, self.window, self.shuffle, self.optimiser) == (None, None, False, "sgd")

    def canonical(self) -> dict[str, Any]:
        """The fields in order, defaults filled in, as plain data."""
        return {**dict(self), "held_out": [dict(review) for review in self.held_out]}


RULES = {
    "epochs": f"a whole number, 1 to {LIMITS.max_course_epochs}",
    "batch_size": f"a whole number, 1 to {LIMITS.max_reviews}",
    "shuffle": "true or false",
    "optimiser": "{}, {} or {}".format(*get_args(fields.OptimiserName)),
    "window": f"a whole number, 1 to {LIMITS.max_words}",
    "stop_below": f"a number, 0 to {LIMITS.max_absolute_number:.15g}",
    "patience": f"a whole number, 1 to {LIMITS.max_course_epochs}",
    "held_out": f"a list, at most {LIMITS.max_reviews} reviews {{text, label}}",
    "held_out.*": "an object {text, label}",
    "held_out.*.text": f"text, at most {LIMITS.max_review_characters} characters of valid Unicode",
    "held_out.*.label": "a whole number, 0 or 1",
    "record_every": f"a whole number, 1 to {LIMITS.max_course_epochs}",
}


def read_course(data: Mapping[str, Any]) -> tuple[Course, Experiment]:
    """The course and the experiment that stand side by side in one object.

    `epochs` are the course's. Raises ExperimentError with the faults of both.
    """
    own = {name: value for name, value in data.items() if name in Course.model_fields}
    rest = {name: value for name, value in data.items() if name not in own}
    errors: list[FieldError] = []
    found: list[Any] = []
    for model, given in ((Course, own), (Experiment, rest)):
        try:
            found.append(model(**given))
        except ExperimentError as error:
            errors.extend(error.errors)
    if not errors:
        errors = list(faults(*found))
    if errors:
        raise ExperimentError(errors)
    course, experiment = found
    return course, experiment


def faults(course: Course, experiment: Experiment) -> Iterator[FieldError]:
    """What keeps this network from being taught so."""
    records = course.epochs // (course.record_every or course.epochs)
    if records > LIMITS.max_course_records:
        least = -(-course.epochs // LIMITS.max_course_records)
        yield fault("record_every", f"at least {least} for {course.epochs} epochs", course.record_every)
    if experiment.steps:
        yield fault("steps", "left out of a course", len(experiment.steps))
    found = [
        *learning.corpus_faults(experiment, course.batch_size),
        *learning.held_out_faults(experiment, course.held_out),
    ]
    yield from found
    if not found:
        each = learning.epoch_work(experiment, experiment.labelled.reviews, course.batch_size)
        if course.held_out:
            each += learning.epoch_work(experiment, course.held_out, None)
        yield from learning.too_long(course.epochs, each, LIMITS.max_course_work)
