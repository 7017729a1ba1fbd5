"""Markup with blanks: made once from marks, filled in with the strings of any run of that shape.

The strings are UTF-8 already: a page has half a million characters, a few of them no ASCII, and as text every
copy of it would be twice as large.
"""

import re
from collections.abc import Sequence
from operator import itemgetter

MARK = "\x02%d\x03"
_MARKED = re.compile(rb"\x02(\d+)\x03")
SEPARATOR = "\x1f"
FIRST = [MARK % place for place in range(8192)]  # half a megabyte; a page of twelve words has 4500


def marks(count: int) -> list[str]:
    """So many marks, in their order."""
    return [*FIRST[:count], *(MARK % place for place in range(len(FIRST), count))]


def encoded(texts: list[str]) -> list[bytes]:
    """Each text in UTF-8; encoded in one go."""
    pieces = SEPARATOR.join(texts).encode().split(SEPARATOR.encode())
    # A word may hold anything, a separator too.
    return pieces if len(pieces) == len(texts) else [text.encode() for text in texts]


def distinct(pieces: Sequence[bytes]) -> list[bytes]:
    """Equal pieces as one object: most stand in a page many times, and so they fit a processor's cache."""
    same: dict[bytes, bytes] = {}
    return list(map(same.setdefault, pieces, pieces))


class Template:
    """A text with blanks. Filling it is one list and one look-up; who has the pieces of a page joins them."""

    def __init__(self, marked: str) -> None:
        """marked : the text with a `MARK` in each blank, whose number is the place of its string."""
        pieces = _MARKED.split(marked.encode())
        places = list(map(int, pieces[1::2]))
        pieces[::2] = distinct(pieces[::2])
        self.pieces = pieces
        self.pick = itemgetter(*places) if len(places) > 1 else None
        self.place = places[0] if len(places) == 1 else None  # of the only one, which comes without a tuple

    def filled(self, strings: list[bytes]) -> list[bytes]:
        """The pieces of the text with the strings in their places, in UTF-8."""
        pieces = self.pieces.copy()
        if self.pick is not None:
            pieces[1::2] = self.pick(strings)
        elif self.place is not None:
            pieces[1] = strings[self.place]
        return pieces


Parts = dict[str, Template]
"""Drawings by name."""


def templates(drawings: dict[str, str]) -> Parts:
    return {name: Template(text) for name, text in drawings.items()}


def weight(parts: Parts) -> int:
    """The pieces of some parts; each takes about a hundred bytes, with what it takes to fill them in."""
    return sum(len(template.pieces) for template in parts.values())
