"""What nobody sees at once of a long sentence travels as text, and is the same."""

import pytest

from app.experiments.experiment import Experiment
from app.experiments.run import run
from app.stage.held import END, FORMS, TEXT, WORDS, held
from app.stage.stage import Stage

LONG = " ".join(f"word{k}" for k in range(WORDS + 1))


def test_as_many_words_as_are_seen_at_once_are_drawn_at_once() -> None:
    stage = Stage(run(Experiment(sentence=LONG.rsplit(" ", 1)[0])))
    assert held(stage.pieces, stage.shape.steps) == stage.pieces


@pytest.mark.parametrize(
    "fields", [{}, {"cell": "lstm", "bidirectional": True}, {"cell": "gru", "task": "next_word"}]
)
def test_the_text_of_each_is_what_stands_in_it_on_a_whole_page(fields: dict[str, object]) -> None:
    stage = Stage(run(Experiment(sentence=LONG + " </script><!--<script>", weights="drawn", **fields)))
    track, story = (b"".join(held(stage.pieces, stage.shape.steps)[name]) for name in FORMS)
    columns = stage.parts["track"].count(b'class="column ') + stage.parts["track"].count(b'class="foot-of ')
    assert columns >= stage.shape.steps
    for markup, count in ((track, columns), (story, len(stage.frames))):
        assert markup.count(TEXT) == markup.count(END) == markup.count(b"<script") == count
    assert track.replace(b"</svg>" + TEXT, b"").replace(END, b"</svg>") == stage.parts["track"]
    assert story.replace(TEXT, b"").replace(END, b"") == stage.parts["story"]
    assert {name: part for name, part in held(stage.pieces, 99).items() if name not in FORMS} == {
        name: part for name, part in stage.pieces.items() if name not in FORMS
    }
