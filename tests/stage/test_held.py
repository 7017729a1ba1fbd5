"""A long sentence's columns travel as text, and are the same columns."""

import pytest

from app.experiments.experiment import Experiment
from app.experiments.run import run
from app.stage.held import AFTER, BEFORE, WORDS, held
from app.stage.stage import Stage

LONG = " ".join(f"word{k}" for k in range(WORDS + 1))


def test_as_many_words_as_are_seen_at_once_are_drawn_at_once() -> None:
    stage = Stage(run(Experiment(sentence=LONG.rsplit(" ", 1)[0])))
    assert b"".join(held(stage.pieces["track"], stage.shape.steps)) == stage.parts["track"]


@pytest.mark.parametrize(
    "fields", [{}, {"cell": "lstm", "bidirectional": True}, {"cell": "gru", "task": "next_word"}]
)
def test_the_text_beside_each_empty_column_is_what_stands_in_it(fields: dict[str, object]) -> None:
    stage = Stage(run(Experiment(sentence=LONG + " </script><!--<script>", weights="drawn", **fields)))
    track, steps = stage.parts["track"], stage.shape.steps
    markup = b"".join(held([track], steps))
    columns = track.count(b'class="column ') + track.count(b'class="foot-of ')
    assert markup.count(BEFORE) == markup.count(AFTER) == markup.count(b"<script") == columns >= steps
    assert markup.replace(BEFORE, b"").replace(AFTER, b"</svg>") == track
