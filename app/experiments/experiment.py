"""The question: one flat, validated object that the page's address, the API and the cache share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from app.engine import Network
from app.engine.network import TASKS
from app.experiments import consistency, fields, places
from app.experiments.errors import ExperimentError
from app.experiments.fields import LARGEST_SEED, LIMITS, Number, ParameterValues, Rate, Review, Text
from app.experiments.rules import explain
from app.text import corpora, words

DEFAULT_HIDDEN_SIZE = 3


class Experiment(BaseModel):
    """A sentence, the network that reads it, and what is done to it.

    Raises ExperimentError, never a validation error of the library beneath.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", use_attribute_docstrings=True)

    sentence: Annotated[
        Text,
        Field(
            max_length=LIMITS.max_sentence_characters,
            description=f"Text of 1 to {LIMITS.max_words} words; case-folded unless lowercase is false.",
        ),
    ]
    target: fields.Label = 1
    """Label of this sentence."""
    corpus: fields.CorpusName = "movie"
    """Reviews the vocabulary is gathered from; custom takes them from reviews."""
    reviews: Annotated[tuple[Review, ...], Strict(False), Field(max_length=LIMITS.max_reviews)] = ()
    """Reviews of the custom corpus; kept, and set aside, under any other corpus."""
    vocabulary: (
        Annotated[tuple[Text, ...], Strict(False), Field(min_length=1, max_length=LIMITS.max_vocabulary)]
        | None
    ) = None
    """Explicit vocabulary; else first appearance over the corpus, then over the sentence."""
    lowercase: bool = True
    """Fold case, so that Rat and rat are one word."""
    task: fields.Task = "sentiment"
    """sentiment is many-to-one, with one output; next_word is many-to-many: a softmax over the vocabulary at
    every word is judged by the cross-entropy of the word after it. The last word has none after it: nothing
    is asked of it. The loss is the mean over the others, and target is set aside."""
    cell: fields.Cell = "elman"
    """The recurrent cell. Gate blocks stand in PyTorch's order, lstm i f g o, gru r z n; the gru's reset
    comes after the recurrent product."""
    activation: fields.Activation = "tanh"
    """Activation of the hidden units. Any but tanh is for elman alone: gates have their own."""
    bias: fields.Bias = "inside"
    """inside f(a+b); outside f(a)+b, output too; mixed: outside at the first step and the output; none. A
    cell with gates takes inside or none. A softmax takes its bias in, whatever is said here."""
    loss: fields.LossName = "bce"
    """bce; mse (y-ŷ)²; difference y-ŷ, a demonstration that has no minimum. Left at bce for next_word, whose
    loss is the softmax's cross-entropy."""
    hidden_size: Annotated[int, Field(ge=1, le=LIMITS.max_hidden_size), fields.Whole] = DEFAULT_HIDDEN_SIZE
    """Hidden units H; read off the parameters or the initial state when these are given and it is not."""
    bidirectional: bool = False
    """A second chain from right to left, of the same kind and size. A many-to-one readout sees the state of
    each chain after its last word: [h_ltr(T); h_rtl(1)]. For next_word it sees both states of the word, so
    that the second chain has read what is to be predicted."""
    initial_state: fields.State = "zeros"
    """zeros, random (from the seed), or a list of H numbers; the state of every chain before its first word.
    An lstm's cell state starts at zeros."""
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED), fields.Whole] = 0
    """Seed of every draw; each parameter has a stream of its own."""
    recurrent_radius: Rate | None = None
    """Spectral radius W_hh is rescaled to, each gate's block of it on its own."""
    forget_bias: Number = 1.0
    """Added to what is drawn for the bias of an lstm's forget gate; set aside by other cells."""
    parameters: ParameterValues | None = None
    """Explicit values, whole or in part; they win over the seed. Biases are set aside when bias is none.
    right_to_left is for a bidirectional network, b_hn for a gru."""
    learning_rate: Rate = 0.1
    """η of the update."""
    clip_norm: fields.Positive | None = None
    """Global gradient norm above which the gradient is scaled down to it."""
    epochs: Annotated[int, Field(ge=0, le=LIMITS.max_epochs), fields.Whole] = 0
    """Gradient steps on the corpus before this run is traced: each down the gradient of the mean loss of all
    its reviews, with learning_rate and clip_norm, from initial_state. The parameters of the answer are those
    learned. Fewer are allowed where the corpus and the network are large."""
    steps: fields.Steps = ()
    """Single gradient steps after the epochs, one at a time, each with a rate of its own, and clip_norm: on
    all, the whole corpus as an epoch is; on this, the sentence and its target; or on a review by its number,
    from 1."""
    weights: fields.Weights = "drawn"
    """drawn from the seed, or the lecture's numbers for every word and size they cover: of an elman chain
    from left to right, and of a readout with one output."""
    edits: fields.Edits = ()
    """Single weights typed over, last of all, after epochs and steps; the last edit of an entry counts. Where
    a row or a column belongs to a word (of W_xh, and of W_hy and b_y for next_word), the word may stand for
    its number, and stays with its weight when the vocabulary changes."""

    def __init__(self, /, **data: Any) -> None:
        """data : the fields; those left out take their defaults."""
        if "hidden_size" not in data and (size := consistency.implied_hidden_size(data)):
            data["hidden_size"] = size
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise ExperimentError(explain(error.errors(include_url=False, include_context=False))) from None
        if errors := consistency.faults(self):
            raise ExperimentError(errors)
        if self.edits:  # the field is frozen for everybody else
            object.__setattr__(self, "edits", places.settled(self))

    @cached_property
    def words(self) -> tuple[words.Word, ...]:
        """The words of the sentence, as typed and as encoded."""
        return words.split(self.sentence, self.lowercase)

    @cached_property
    def labelled(self) -> corpora.Corpus:
        """The corpus with its reviews."""
        if self.corpus == corpora.CUSTOM:
            return corpora.custom(corpora.Review(review.text, review.label) for review in self.reviews)
        return corpora.CORPORA[self.corpus]

    @cached_property
    def entries(self) -> tuple[str, ...]:
        """The vocabulary in use, V tokens."""
        if self.vocabulary is not None:
            return tuple(words.token(word, self.lowercase) for word in self.vocabulary)
        return tuple(dict.fromkeys([*self.corpus_tokens(), *[word.token for word in self.words]]))

    @cached_property
    def network(self) -> Network:
        """The network as the engine knows it."""
        return _network(
            cell=self.cell,
            activation=self.activation,
            bias=self.bias,
            loss=self.loss,
            hidden_size=self.hidden_size,
            outputs=len(self.entries) if TASKS[self.task] else 1,
            bidirectional=self.bidirectional,
            task=self.task,
        )

    def corpus_tokens(self) -> Sequence[str]:
        """The tokens that the vocabulary is gathered from before the sentence, as often as they come."""
        if self.corpus != corpora.CUSTOM:
            return corpora.vocabulary(self.corpus, self.lowercase)
        return [word.token for review in self.reviews for word in words.split(review.text, self.lowercase)]

    def changed(self, **changes: Any) -> Experiment:
        """The same experiment with other values in some fields, validated again.

        Edits of words that leave the vocabulary go with them.
        """
        kept = {
            name: getattr(self, name) for name in self.model_fields_set | {"sentence"} if name not in changes
        }
        if kept.get("edits"):
            bare = type(self)(**{**kept, "edits": ()}, **changes)
            kept["edits"] = tuple(edit for edit in self.edits if not places.unknown_word(bare, edit))
        return type(self)(**kept, **changes)

    def canonical(self) -> dict[str, Any]:
        """The fields in order, defaults filled in, as plain data."""
        return _DEFAULTS | {name: _plain(getattr(self, name)) for name in self.model_fields_set}


_network = lru_cache(maxsize=64)(Network)  # to check its names takes longer than a step of it


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, ParameterValues):
        return value.given()
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return dict(value) if isinstance(value, BaseModel) else value


# Their lists stand in every answer: nobody adds to what is told.
_DEFAULTS = {name: _plain(field.default) for name, field in Experiment.model_fields.items()}
