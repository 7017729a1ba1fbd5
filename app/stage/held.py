"""The columns of a long sentence as text, until somebody sees them.

A browser takes as long to build a column as to lay it out, and of two hundred words it shows a dozen. A new
run that a page asks for brings each column empty, with its markup as text beside it; `frames.js` draws those
that are seen. A whole page has them all in place, for whoever reads it without scripts.
"""

from collections.abc import Iterable

WORDS = 24  # as many are drawn at once on any screen, or nearly
BEFORE, AFTER = b'</svg><script type="text/plain">', b"</script>"
COLUMNS = (b'<svg id="col', b'<svg id="foot')


def held(track: Iterable[bytes], steps: int) -> list[bytes]:
    """The pieces of a track in UTF-8, with its columns as text if there are many."""
    if steps <= WORDS:
        return list(track)
    markup = b"".join(track)
    for start in COLUMNS:
        first, *columns = markup.split(start)
        markup = b"".join((first, *(_held(start, column) for column in columns)))
    return [markup]


def _held(start: bytes, column: bytes) -> bytes:
    """A column from its start up to the next; no column has a drawing within its drawing."""
    opened, inside = column.split(b">", 1)
    inside, after = inside.split(b"</svg>", 1)
    return b"".join((start, opened, b">", BEFORE, inside, AFTER, after))
