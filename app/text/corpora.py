"""The corpora: small sets of labelled reviews, read from the data files beside this module."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.text import words
from app.text.vocabulary import by_first_appearance

CUSTOM = "custom"
_FOLDER = Path(__file__).parent / "corpora"
_ORDER = ("movie", "catmatrat", "maharashtra")


@dataclass(frozen=True, slots=True)
class Review:
    """A labelled text; ``cue`` is the word that decides the label, ``left_out`` the word it foretells."""

    text: str
    label: int
    cue: str | None = None
    left_out: str | None = None

    @property
    def cue_index(self) -> int | None:
        """The cue's place among the words, from 0; None without a cue."""
        if self.cue is None:
            return None
        return [word.typed for word in words.split(self.text)].index(self.cue)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Reviews with a name; ``labels_assumed`` when the notes give none, ``note`` says what was mended."""

    name: str
    title: str
    about: str
    note: str | None
    labels_assumed: bool
    reviews: tuple[Review, ...]


def custom(reviews: Iterable[Review]) -> Corpus:
    """The corpus of reviews typed by the user."""
    return Corpus(CUSTOM, "Your own reviews", "Reviews and labels you type.", None, False, tuple(reviews))


def _load(name: str) -> Corpus:
    data = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    reviews = tuple(Review(**review) for review in data.pop("reviews"))
    return Corpus(name=name, reviews=reviews, **data)


CORPORA: dict[str, Corpus] = {name: _load(name) for name in _ORDER}


@cache
def vocabulary(name: str, lowercase: bool = True) -> tuple[str, ...]:
    """The tokens of a corpus that comes with the product, in the order they first appear."""
    return by_first_appearance(*(words.split(review.text, lowercase) for review in CORPORA[name].reviews))
