"""Two stories on one clock: every frame of both comes in its order, and the same words come together."""

from __future__ import annotations

from functools import cache

import pytest

from app.stage.frame import PHASES, Frame
from app.stage.pairing import beats, phases_of
from tests.stage.cases import CAT, MOVIE, stage_of


@cache
def story(name: str) -> tuple[Frame, ...]:
    """The frames of a run by a short name."""
    asked = {
        "elman": MOVIE,
        "lstm": {**MOVIE, "cell": "lstm"},
        "two ways": {**MOVIE, "bidirectional": True},
        "three words": CAT,
        "one word": {"sentence": "good"},
        "next word": {"sentence": "movie was good", "task": "next_word"},
    }[name]
    return tuple(stage_of(**asked).frames)


PAIRS = [("elman", "elman"), ("elman", "lstm"), ("lstm", "elman"), ("elman", "two ways"),
         ("elman", "three words"), ("one word", "lstm"), ("next word", "elman")]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_each_story_is_told_whole_and_in_its_order(one: str, other: str) -> None:
    moments = beats(story(one), story(other))
    for shown, frames in (([m.a for m in moments], story(one)), ([m.b for m in moments], story(other))):
        assert shown == sorted(shown)
        assert set(shown) == set(range(len(frames)))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_both_are_in_the_phase_of_the_beat(one: str, other: str) -> None:
    a, b = story(one), story(other)
    for moment in beats(a, b):
        assert a[moment.a].phase == b[moment.b].phase == moment.phase


@pytest.mark.parametrize("other", ["lstm", "elman"])
def test_cells_of_one_sentence_are_at_the_same_word(other: str) -> None:
    a, b = story("elman"), story(other)
    moments = beats(a, b)
    assert all(a[m.a].t == b[m.b].t for m in moments)
    longest = max(len(a), len(b))
    assert len(moments) == longest  # every step of the LSTM has at least as many parts


def test_a_story_beside_itself_is_the_story() -> None:
    assert [(m.a, m.b) for m in beats(story("elman"), story("elman"))] == [
        (k, k) for k in range(len(story("elman")))
    ]


def test_the_shorter_sentence_is_at_the_same_fraction_of_a_phase() -> None:
    a, b = story("elman"), story("three words")
    steps = {(a[m.a].t, b[m.b].t) for m in beats(a, b) if m.phase == "forward"}
    assert steps == {(1, 1), (2, 1), (3, 2), (4, 3)}


def test_a_phase_that_one_leaves_out_finds_it_where_it_was() -> None:
    a = story("elman")
    b = tuple(frame for frame in a if frame.phase != "again")
    tail = [m for m in beats(a, b) if m.phase == "again"]
    assert tail and {m.b for m in tail} == {len(b) - 1}


def test_the_phases_of_the_transport_cover_every_beat() -> None:
    stories = story("elman"), story("lstm")
    moments = beats(*stories)
    found = phases_of(moments, stories)
    assert [phase.key for phase in found] == list(PHASES)
    assert [phase.first for phase in found[1:]] == [p.first + p.length for p in found[:-1]]
    assert found[-1].first + found[-1].length == len(moments)
