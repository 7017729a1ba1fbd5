"""Markup with blanks: made once from marks, filled in with the strings of any run of that shape.

All of it is bytes. A page has half a million characters, and a few of them are no ASCII: as text, each copy of it
would be twice as large, and encoding it would cost more than everything that is done to its numbers.
"""

import re
from operator import itemgetter

MARK = "\x02%d\x03"
_MARKED = re.compile(b"\x02(\\d+)\x03")
SEPARATOR = "\x1f"


def encoded(texts: list[str]) -> list[bytes]:
    """The texts as bytes, encoded in one go."""
    pieces = SEPARATOR.join(texts).encode().split(SEPARATOR.encode())
    # A word may hold anything, a separator too.
    return pieces if len(pieces) == len(texts) else [text.encode() for text in texts]


class Template:
    """A text with blanks. Filling it is one list, one look-up of all strings and one join."""

    def __init__(self, marked: str) -> None:
        """marked : the text with a `MARK` in each blank, whose number is the place of its string."""
        self.pieces: list[bytes] = _MARKED.split(marked.encode())
        places = [int(place) for place in self.pieces[1::2]]
        self.pick = itemgetter(*places, 0, 0) if places else None  # two more, for it to be a tuple always

    def fill(self, strings: list[bytes]) -> bytes:
        """The text with the strings in their places."""
        if self.pick is None:
            return self.pieces[0]
        pieces = self.pieces.copy()
        pieces[1::2] = self.pick(strings)[:-2]
        return b"".join(pieces)
