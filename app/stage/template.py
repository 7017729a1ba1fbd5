"""Markup with blanks: made once from marks, filled in with the strings of any run of that shape.

A page has half a million characters, and a few of them are no ASCII: as they are, every copy of the text
would be twice as large, and encoding it would cost more than everything else that is done to it. So the
pieces are `Octets`: text whose characters are the bytes of its UTF-8. It is joined as fast as ASCII and
encoded by copying.
"""

import re
from collections.abc import Iterable
from operator import itemgetter
from typing import NewType, cast

Octets = NewType("Octets", str)
MARK = "\x02%d\x03"
_MARKED = re.compile("\x02(\\d+)\x03")
SEPARATOR = "\x1f"


def octets(text: str) -> Octets:
    """A text as the bytes of its UTF-8, each one a character."""
    return Octets(text.encode().decode("latin-1"))


def text_of(characters: Octets) -> str:
    """The text again."""
    return bytes_of(characters).decode()


def bytes_of(characters: Octets) -> bytes:
    """The bytes as bytes: UTF-8."""
    return characters.encode("latin-1")


def all_octets(texts: list[str]) -> list[Octets]:
    """Many texts, encoded in one go."""
    pieces = octets(SEPARATOR.join(texts)).split(SEPARATOR)
    # A word may hold anything, a separator too.
    return cast(list[Octets], pieces) if len(pieces) == len(texts) else [octets(text) for text in texts]


def distinct(pieces: Iterable[str]) -> list[str]:
    """Equal pieces as one object: most stand in a page many times, and so they fit a processor's cache."""
    same: dict[str, str] = {}
    return [same.setdefault(piece, piece) for piece in pieces]


class Template:
    """A text with blanks. Filling it is one list, one look-up of all strings and one join."""

    def __init__(self, marked: str) -> None:
        """marked : the text with a `MARK` in each blank, whose number is the place of its string."""
        pieces = _MARKED.split(octets(marked))
        places = [int(place) for place in pieces[1::2]]
        self.pieces = distinct(pieces)
        self.pick = itemgetter(*places, 0, 0) if places else None  # two more, for it to be a tuple always

    def fill(self, strings: list[Octets]) -> bytes:
        """The text with the strings in their places, in UTF-8."""
        pieces = self.pieces.copy()
        if self.pick is not None:
            pieces[1::2] = self.pick(strings)[:-2]
        return bytes_of(Octets("".join(pieces)))
