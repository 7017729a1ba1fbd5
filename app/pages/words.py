"""From words to numbers: the reviews, the folding of case, the vocabulary, the one-hot codes."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine import parameter_shapes
from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.query import permalink
from app.experiments.run import Run
from app.pages.refitting import values
from app.text import words
from app.text.corpora import Review

SHOWN_REVIEWS = 12
SHOWN_WORDS = 24
SHOWN_ENTRIES = 48
ONE_HOT = (24, 30)  # timesteps and features up to which the whole table is drawn
NAMED = 8  # features up to which the columns carry words, beyond them numbers


@dataclass(frozen=True)
class ReviewRow:
    """A review: its words with their places in the notes' x_ij, and the run it leads to."""

    number: int
    words: tuple[tuple[str, str], ...]
    more: int
    label: int
    href: str
    current: bool


@dataclass(frozen=True)
class CodeRow:
    """A word of the sentence and its one-hot code: `row` is the column of its single 1."""

    t: int
    typed: str
    token: str
    row: int
    code: tuple[int, ...]


@dataclass(frozen=True)
class OtherCase:
    """The same experiment with case folded, or kept: V and the number of parameters it would have."""

    href: str
    entries: int
    parameters: int


@dataclass(frozen=True)
class Words:
    """What the first panel shows. folded: the words that change, as typed and as encoded, once each."""

    title: str
    note: str | None
    assumed: bool
    reviews: tuple[ReviewRow, ...]
    hidden_reviews: int
    vocabulary: tuple[tuple[int, str, bool], ...]
    hidden_entries: int
    lowercase: bool
    folded: tuple[tuple[str, str], ...]
    other_case: OtherCase | None
    codes: tuple[CodeRow, ...]
    hidden_codes: int
    head: tuple[str, ...]
    numbered: bool
    steps: int
    features: int
    parameters: int


def words_panel(run: Run, root: str) -> Words:
    """The panel of a run; `root` is the path the product is served under."""
    experiment, corpus = run.experiment, run.experiment.labelled
    entries, used = run.vocabulary, set(run.ids)
    steps = ONE_HOT[0]
    return Words(
        title=corpus.title,
        note=corpus.note,
        assumed=corpus.labels_assumed,
        reviews=_reviews(experiment, root),
        hidden_reviews=max(0, len(corpus.reviews) - SHOWN_REVIEWS),
        vocabulary=tuple((i + 1, entry, i in used) for i, entry in enumerate(entries[:SHOWN_ENTRIES])),
        hidden_entries=max(0, len(entries) - SHOWN_ENTRIES),
        lowercase=experiment.lowercase,
        folded=_folded(run),
        other_case=_other_case(experiment, root),
        codes=_codes(run)[:steps],
        hidden_codes=max(0, len(run.words) - steps),
        head=_head(entries),
        numbered=NAMED < len(entries) <= ONE_HOT[1],
        steps=len(run.words),
        features=len(entries),
        parameters=count(experiment),
    )


def count(experiment: Experiment) -> int:
    """How many numbers the network of an experiment has to learn."""
    groups = parameter_shapes(experiment.network, len(experiment.entries)).values()
    total = 0
    for shape in (shape for names in groups for shape in names.values()):
        size = 1
        for length in shape:
            size *= length
        total += size
    return total


def _reviews(experiment: Experiment, root: str) -> tuple[ReviewRow, ...]:
    rows = []
    for number, review in enumerate(experiment.labelled.reviews[:SHOWN_REVIEWS], 1):
        found = words.split(review.text, experiment.lowercase)
        tokens = [word.token for word in found]
        cells = tuple((f"{number}{',' if j > 9 else ''}{j}", word.typed) for j, word in enumerate(found, 1))
        rows.append(
            ReviewRow(
                number,
                cells[:SHOWN_WORDS],
                max(0, len(cells) - SHOWN_WORDS),
                review.label,
                _leads_to(experiment, review, root),
                tokens == [word.token for word in experiment.words],
            )
        )
    return tuple(rows)


def _leads_to(experiment: Experiment, review: Review, root: str) -> str:
    """The run of a review; "" where the network of this one cannot read it, as its vocabulary is given."""
    try:
        asked = experiment.changed(sentence=review.text, target=review.label, parameters=None)
        if experiment.parameters is not None:
            asked = asked.changed(parameters=values(experiment, asked) or None)
    except ExperimentError:
        return ""
    return permalink(asked, root)


def _head(entries: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the columns of the one-hot table; none where the table tells only the column of the 1."""
    if len(entries) > ONE_HOT[1]:
        return ()
    return entries if len(entries) <= NAMED else tuple(str(k) for k in range(1, len(entries) + 1))


def _folded(run: Run) -> tuple[tuple[str, str], ...]:
    pairs = zip(run.words, run.tokens, strict=True)
    return tuple(dict.fromkeys((typed, token) for typed, token in pairs if typed != token))


def _other_case(experiment: Experiment, root: str) -> OtherCase | None:
    """None where the other case is no experiment: given weights may then have the wrong shape."""
    try:
        other = experiment.changed(lowercase=not experiment.lowercase)
    except ExperimentError:
        return None
    return OtherCase(permalink(other, root), len(other.entries), count(other))


def _codes(run: Run) -> tuple[CodeRow, ...]:
    features = len(run.vocabulary)
    whole = features <= ONE_HOT[1]
    return tuple(
        CodeRow(t, typed, token, row + 1, tuple(int(k == row) for k in range(features)) if whole else ())
        for t, (typed, token, row) in enumerate(zip(run.words, run.tokens, run.ids, strict=True), 1)
    )
