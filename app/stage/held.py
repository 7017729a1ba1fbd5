"""The columns of a long sentence, and what its story says, as text until somebody sees them.

A browser takes as long to build them as to lay them out, and of two hundred words it shows a dozen, of a
thousand frames one. A new run that a page asks for brings each of them empty, with its markup as text beside
or in it; `frames.js` draws what is seen. A whole page has all in place, for whoever reads it without scripts.
"""

from collections.abc import Mapping

WORDS = 24  # as many are drawn at once on any screen, or nearly
TEXT, END = b'<script type="text/plain">', b"</script>"
# How something to be held starts and ends, and what holds it: a script in a drawing would not be text.
FORMS = {
    "track": (
        (b'<svg id="col', b"</svg>", b"</svg>" + TEXT, END),
        (b'<svg id="foot', b"</svg>", b"</svg>" + TEXT, END),
    ),
    "story": ((b'<li class="frame', b"</li>", TEXT, END + b"</li>"),),
}


def held(pieces: Mapping[str, list[bytes]], steps: int) -> dict[str, list[bytes]]:
    """A stage's parts by name, as pieces of markup in UTF-8, with text for what is not seen at once."""
    if steps <= WORDS:
        return dict(pieces)
    return {name: [_held(b"".join(part), name)] if name in FORMS else part for name, part in pieces.items()}


def _held(markup: bytes, name: str) -> bytes:
    for start, end, before, after in FORMS[name]:
        first, *others = markup.split(start)
        markup = b"".join((first, *(start + _as_text(other, end, before, after) for other in others)))
    return markup


def _as_text(drawing: bytes, end: bytes, before: bytes, after: bytes) -> bytes:
    """What follows a start, up to the next: the rest of a tag, what is held, its end, what stands between."""
    tag, inside = drawing.split(b">", 1)
    inside, beyond = inside.split(end, 1)
    return b"".join((tag, b">", before, inside, after, beyond))
