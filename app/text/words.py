"""Words of a text, in any script, each as it was typed and as the network sees it."""

import unicodedata
from functools import partial
from typing import NamedTuple

import regex

# Unicode's own word boundaries: they keep "don't", "मराठी" and "👩‍🏫" whole, where \w+ would not.
_BOUNDARY = regex.compile(r"(?V1w)\b")
# A piece between two boundaries is a word when it holds one of these; otherwise it is space or punctuation.
_WORDY = regex.compile(r"[\p{L}\p{M}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]")
# Characters that leave no trace in reading: soft hyphens, joins that forbid a line break, direction marks.
# Joiners (U+200C, U+200D) stay: they tell words and emoji apart.
_SILENT = regex.compile(r"[\u00AD\u061C\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]")
_EDGE = regex.compile(r"^[\p{Z}\p{Cc}]+|[\p{Z}\p{Cc}]+$")


class Word(NamedTuple):
    """One word: ``typed`` as it stands in the text, ``token`` as it is encoded."""

    typed: str
    token: str


_word = partial(tuple.__new__, Word)  # of a pair; the constructor is a function in Python, once a word


def split(text: str, lowercase: bool = True) -> tuple[Word, ...]:
    """The words of ``text`` in reading order; punctuation and space are left out.

    lowercase : fold case, so that "Rat" and "rat" are one token (the typed form is kept).
    """
    if text.isascii() and text.replace(" ", "").isalpha():
        # letters and spaces are cut at the spaces
        return tuple(map(_word, zip(text.split(), token(text, lowercase).split(), strict=True)))
    pieces = [_bare(piece) for piece in _BOUNDARY.split(text) if _WORDY.search(piece)]
    return tuple(Word(piece, token(piece, lowercase)) for piece in pieces)


def _bare(piece: str) -> str:
    # A mark after a space joins the space by Unicode's rules; the space is no part of the word.
    return piece if piece.isalpha() else _EDGE.sub("", piece)


def token(word: str, lowercase: bool = True) -> str:
    """The form under which a word is encoded: one spelling for what reads the same.

    Composed and decomposed accents agree (NFC), as do the two apostrophes; direction marks are dropped.
    """
    if word.isascii():
        return word.lower() if lowercase else word
    plain = _SILENT.sub("", word).replace("\u2019", "'")
    if lowercase:
        # Folding after NFD catches marks whose fold is a letter (ypogegrammeni); NFC joins the rest again.
        plain = unicodedata.normalize("NFD", plain).casefold()
    return unicodedata.normalize("NFC", plain)
