"""The words of a run as the stage writes them: escaped, and cut where there is no room."""

import unicodedata
from functools import lru_cache
from html import escape

import regex

from app.experiments.run import Run
from app.stage.layout import CODE, CODE_WIDTH, EXIT, LEFT
from app.stage.shape import Shape

ROOM, NARROW_ROOM = (
    11,
    14,
)  # narrow characters that the head of a column holds, in its large and its small type
LABEL, QUOTATION = 60, 40  # characters that a label and a quotation keep
LONGEST_CLUSTER = 12  # characters in one grapheme; a longer pile of marks would leave its line
DIGITS = 5  # a code is written digit by digit for so many words


def abridged(word: str, room: int) -> tuple[str, bool]:
    """The word in at most `room` narrow characters, cut between graphemes, and whether it was cut."""
    if word.isascii():
        return (word, False) if len(word) <= room else (word[: room - 1] + "\u2026", True)
    kept: list[str] = []
    used = fitting = 0
    for cluster in regex.findall(r"\X", word[: 40 * room]):
        used += 2 if unicodedata.east_asian_width(cluster[0]) in "WF" else 1
        if used > room or len(cluster) > LONGEST_CLUSTER:
            return "".join(kept[:fitting]) + "\u2026", True
        kept.append(cluster)
        fitting = len(kept) if used < room else fitting  # the dots need room, too
    return word, False


def fitted(word: str, room: int) -> str:
    """The word abridged and escaped."""
    return _short_fitted(word, room) if len(word) <= QUOTATION else escape(abridged(word, room)[0])


@lru_cache(maxsize=4096)
def _short_fitted(word: str, room: int) -> str:
    """The same words come with every vocabulary; very long ones are not kept."""
    return escape(abridged(word, room)[0])


def word_lines(run: Run, shape: Shape) -> dict[str, list[str]]:
    """For each step its word as label, head of its column and quotation, and its place in the vocabulary."""
    written = [_known(word) if len(word) <= QUOTATION else _written(word) for word in run.words]
    labels, kinds, heads, typed, quotations = map(list, zip(*written, strict=True))
    codes, rows, places = map(list, zip(*[_placed(row, shape.words) for row in run.ids], strict=True))
    return {
        "label": labels,
        "kind": kinds,
        "word": heads,
        "typed": typed,
        "quoted": quotations,
        "code": codes,
        "row": rows,
        "nth": places,
        "entries": [str(shape.words)],
        "sentence": [escape(abridged(" ".join(run.words), 44)[0])],
    }


@lru_cache(maxsize=4096)
def _known(word: str) -> tuple[str, str, str, str, str]:
    """The same words come with every sentence; very long ones are not kept."""
    return _written(word)


def _written(word: str) -> tuple[str, str, str, str, str]:
    """A word as label; class and text of a column's head, smaller for a longer word; whole; quoted."""
    typed = escape(word)
    if not abridged(word, ROOM)[1]:
        return typed, "word", typed, typed, quoted(typed)
    label = typed if len(word) <= LABEL else escape(word[:LABEL])
    quotation = typed if len(word) <= QUOTATION else escape(word[: QUOTATION - 1]) + "\u2026"
    return label, "wordn", escape(abridged(word, NARROW_ROOM)[0]), typed, quoted(quotation)


def quoted(escaped: str) -> str:
    """A word in quotation marks, isolated from the text around it."""
    return f"\u201c<bdi>{escaped}</bdi>\u201d"


@lru_cache(maxsize=1024)
def _placed(row: int, words: int) -> tuple[str, str, str]:
    """A word's code, its row and its place in the vocabulary."""
    return _code(row, words), str(row), str(row + 1)


def _code(hot: int, words: int) -> str:
    """The one-hot code: every digit for a small vocabulary, a ruler with its one mark for a large one."""
    if words <= DIGITS:
        return "".join(
            f'<g class="{"hot" if k == hot else "cold"}"><rect x="{LEFT + 24 * k}" y="{CODE}" width="22" '
            'height="20" rx="3"/>'
            f'<text x="{LEFT + 11 + 24 * k}" y="{CODE + 14.5}">{int(k == hot)}</text></g>'
            for k in range(words)
        )
    mark = max(3.0, (CODE_WIDTH - 46) / words)
    x = LEFT + (CODE_WIDTH - 46 - mark) * hot / (words - 1)
    return (
        f'<g class="ruler"><rect x="{LEFT}" y="{CODE}" width="{CODE_WIDTH - 46}" height="20" rx="3"/>'
        f'<rect class="one" x="{x:.1f}" y="{CODE}" width="{mark:.1f}" height="20"/></g>'
        f'<text class="note" x="{EXIT}" y="{CODE + 14.5}" text-anchor="end">{hot + 1} of {words}</text>'
    )
