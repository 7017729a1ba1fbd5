"""An edit stays with its word, and every word can be written into an address."""

from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.experiments import places
from app.experiments.experiment import Experiment
from app.experiments.query import parse, to_query
from app.experiments.run import run
from app.text import words

EDIT = {"name": "left_to_right.W_xh", "index": [5, 1], "value": 0.5}
# Marks and joiners make words of what is punctuation by itself.
HOSTILE = [
    "]\u0301", "|\u0301", "%\u0301", "~\u0301", ".\u0301", "&\u0301", "+\u0301", "#\u0301", "<\u0301",
    "3", "3.14", "1,000", "a.b", "don't", "null", "👩‍🏫", "❤️", "मराठी", "क्षत्रिय", "שלום", "naïve", "e\u0301",
]  # fmt: skip


def edited(sentence: str, **fields: Any) -> Experiment:
    return Experiment(sentence=sentence, edits=[EDIT], **fields)


def test_an_edit_stays_with_its_word_when_the_vocabulary_changes() -> None:
    first = edited("fine tea")
    assert first.edits[0].index == ("fine", 1)
    query = to_query(first).replace("fine+tea", "so+fine+tea")
    moved = run(Experiment(**parse(parse_qsl(query))))
    assert moved.vocabulary.index("fine") == 6
    assert moved.parameters["left_to_right"]["W_xh"][6, 1] == 0.5
    assert moved.parameters["left_to_right"]["W_xh"][5, 1] != 0.5


def test_a_number_and_a_word_are_one_edit_and_give_the_same_bytes() -> None:
    by_word = {"name": "left_to_right.W_xh", "index": ["Fine", 1], "value": 0.5}
    both = Experiment(sentence="fine tea", edits=[{**EDIT, "value": 9}, by_word])
    assert both == edited("fine tea")
    assert to_query(both) == "sentence=fine+tea&edit=left_to_right.W_xh~fine.1%7C0.5"


@pytest.mark.parametrize("word", HOSTILE)
def test_a_hostile_word_comes_back_from_an_address(word: str) -> None:
    split = words.split(word)
    assert len(split) == 1
    for task, names in {
        "sentiment": {"left_to_right.W_xh": (5, 1)},
        "next_word": {"left_to_right.W_xh": (5, 1), "readout.W_hy": (2, 5), "readout.b_y": (5,)},
    }.items():
        edits = [{"name": name, "index": index, "value": -0.5} for name, index in names.items()]
        asked = Experiment(sentence=f"{word} tea", task=task, edits=edits)
        assert all(split[0].token in edit.index for edit in asked.edits)
        again = Experiment(**parse(parse_qsl(to_query(asked))))
        assert again == asked and to_query(again) == to_query(asked)
        parameters = run(again).parameters
        for name, index in names.items():
            group, _, own = name.partition(".")
            assert parameters[group][own][index] == -0.5


@given(
    st.sampled_from(["left_to_right.W_xh", "right_to_left.W_xh", "readout.W_hy", "readout.b_y"]),
    st.text(min_size=1), st.integers(0, 999),
)  # fmt: skip
def test_what_is_written_is_read(name: str, word: str, number: int) -> None:
    own = name.rpartition(".")[2]
    place = {"W_xh": [word, number], "W_hy": [number, word], "b_y": [word]}[own]
    assert places.read(places.written(name, place)) == (name, place)


def test_numbers_are_read_as_they_always_were() -> None:
    assert places.read("left_to_right.W_hh.0.1") == ("left_to_right.W_hh", [0, 1])
    assert places.read("readout.b_y.0") == ("readout.b_y", [0])
    assert places.read("readout.b_y") == ("readout.b_y", [])


def test_a_changed_experiment_leaves_out_edits_of_words_it_has_no_longer() -> None:
    kept = {"name": "left_to_right.W_hh", "index": [0, 1], "value": 0.25}
    asked = Experiment(sentence="fine tea", edits=[EDIT, kept])
    assert [edit.name for edit in asked.changed(sentence="good tea").edits] == ["left_to_right.W_hh"]
    assert asked.changed(sentence="tea fine").edits == asked.edits
