"""The question: what it accepts, what it refuses, and in which words."""

from typing import Any

import pytest

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.fields import LIMITS


def messages(**fields: Any) -> list[str]:
    with pytest.raises(ExperimentError) as caught:
        Experiment(**{"sentence": "movie was good", **fields})
    return [error.message for error in caught.value.errors]


W_HH = {"left_to_right": {"W_hh": [[1, 2], [3, 4]]}}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"hidden_size": 900}, "hidden_size must be 1 to 256, got 900"),
        ({"hidden_size": 0}, "hidden_size must be 1 to 256, got 0"),
        ({"hidden_size": "3"}, 'hidden_size must be a whole number, 1 to 256, got "3"'),
        ({"hidden_size": 2.5}, "hidden_size must be a whole number, 1 to 256, got 2.5"),
        ({"hidden_size": True}, "hidden_size must be a whole number, 1 to 256, got true"),
        ({"hidden_size": None}, "hidden_size must be a whole number, 1 to 256, got null"),
        ({"target": 2}, "target must be 0 or 1, got 2"),
        ({"target": True}, "target must be a whole number, 0 or 1, got true"),
        ({"sentence": 5}, "sentence must be text, at most 20000 characters of valid Unicode, got 5"),
        ({"sentence": ""}, 'sentence must be text with at least 1 word, got ""'),
        ({"sentence": "?! \x00"}, 'sentence must be text with at least 1 word, got "?! \\u0000"'),
        ({"sentence": "a " * 257}, "sentence must be 1 to 256 words, got 257"),
        (
            {"sentence": "\ud800x"},
            'sentence must be at most 20000 characters of valid Unicode, got "\\ud800x"',
        ),
        ({"corpus": "films"}, 'corpus must be movie, catmatrat, maharashtra or custom, got "films"'),
        ({"activation": "swish"}, 'activation must be tanh, sigmoid, relu or identity, got "swish"'),
        ({"bias": "both"}, 'bias must be inside, outside, mixed or none, got "both"'),
        ({"loss": "hinge"}, 'loss must be bce, mse or difference, got "hinge"'),
        ({"weights": "best"}, 'weights must be drawn or lecture, got "best"'),
        ({"cell": "rnn"}, 'cell must be elman, lstm or gru, got "rnn"'),
        ({"task": "tagging"}, 'task must be sentiment or next_word, got "tagging"'),
        ({"bidirectional": 0}, "bidirectional must be true or false, got 0"),
        ({"cell": "lstm", "activation": "relu"},
         'activation must be tanh for cell lstm, whose gates have their own, got "relu"'),
        ({"cell": "gru", "bias": "outside"}, 'bias must be inside or none for cell gru, got "outside"'),
        ({"cell": "lstm", "bias": "mixed"}, 'bias must be inside or none for cell lstm, got "mixed"'),
        ({"task": "next_word", "loss": "mse"},
         'loss must be bce for task next_word, the cross-entropy of a softmax, got "mse"'),
        ({"task": "next_word", "sentence": "movie"},
         "sentence must be 2 to 256 words for task next_word, got 1"),
        ({"epochs": -1}, "epochs must be 0 to 1000, got -1"),
        ({"epochs": 1.5}, "epochs must be a whole number, 0 to 1000, got 1.5"),
        ({"epochs": 1, "corpus": "custom"},
         "reviews must be at least 1 review to learn from when there are epochs, got 0"),
        ({"epochs": 1, "vocabulary": ["movie", "was", "good", "not"]},
         'reviews[1].text must use words of the vocabulary: word 3, "bad", is not in it'),
        ({"epochs": 1, "corpus": "custom", "task": "next_word", "reviews": [{"text": "tea", "label": 1}]},
         "reviews must be at least 1 review of 2 words or more for task next_word, got 0"),
        ({"epochs": 1, "corpus": "custom", "hidden_size": 256, "cell": "lstm",
          "reviews": [{"text": "tea " * 256, "label": 1}] * 16},
         "reviews must be read 4000000 numbers at a time at most, got 4194304: 16 reviews, padded to"
         " 256 words, of 1024 columns in each chain"),
        ({"epochs": 1000, "hidden_size": 256}, None),
        ({"lowercase": 1}, "lowercase must be true or false, got 1"),
        ({"seed": -1}, "seed must be 0 to 4294967295, got -1"),
        ({"seed": 10**30}, f'seed must be 0 to 4294967295, got "{10**30}"'),
        ({"learning_rate": -0.1}, "learning_rate must be 0 to 1000000, got -0.1"),
        ({"learning_rate": float("inf")}, 'learning_rate must be 0 to 1000000, got "Infinity"'),
        ({"learning_rate": float("nan")}, 'learning_rate must be 0 to 1000000, got "NaN"'),
        ({"learning_rate": "0.1"}, 'learning_rate must be a number, 0 to 1000000, got "0.1"'),
        ({"clip_norm": 0}, "clip_norm must be above 0 and at most 1000000, got 0"),
        ({"recurrent_radius": -1}, "recurrent_radius must be 0 to 1000000, got -1"),
        ({"forget_bias": 1e7}, "forget_bias must be -1000000 to 1000000, got 10000000.0"),
        ({"temperature": 3}, "temperature is not a field of an experiment"),
        ({"initial_state": [1, 2], "hidden_size": 3},
         "initial_state must be zeros, random or 3 numbers, as hidden_size is 3, got [1.0, 2.0]"),
        ({"initial_state": "ones"},
         'initial_state must be zeros, random or a list of numbers, -1000000 to 1000000, got "ones"'),
        ({"initial_state": [1, True]},
         "initial_state must be zeros, random or a list of numbers, -1000000 to 1000000, got [1, true]"),
        ({"initial_state": [float("nan")]},
         'initial_state must be zeros, random or a list of numbers, -1000000 to 1000000, got ["NaN"]'),
        ({"vocabulary": []}, "vocabulary must be 1 to 4096 words, got 0"),
        ({"vocabulary": [1]}, "vocabulary[0] must be text, 1 word of valid Unicode, got 1"),
        ({"sentence": "x" * 20_001}, "sentence must be at most 20000 characters of valid Unicode, got 20001"),
        ({"corpus": "custom", "reviews": [{"text": "a", "label": 1}] * 65},
         "reviews must be at most 64 reviews {text, label}, got 65"),
        ({"edits": [{"name": "readout.b_y", "index": [0], "value": 1}] * 257},
         "edits must be at most 256 edits {name, index, value}, got 257"),
        ({"edits": [{"name": "x" * 41, "index": [0], "value": 1}]},
         f'edits[0].name must be a parameter such as left_to_right.W_hh, got "{"x" * 41}"'),
        ({"vocabulary": ["movie", "was"]},
         'sentence must use words of the vocabulary: word 3, "good", is not in it'),
        ({"vocabulary": ["movie", "was", "good", "Movie"]},
         'vocabulary[3] must be different from vocabulary[0], got "Movie"'),
        ({"vocabulary": ["movie", "was", "good", "very bad"]},
         'vocabulary[3] must be exactly 1 word, got "very bad"'),
        ({"vocabulary": ["movie", "was", "good", "!"]}, 'vocabulary[3] must be exactly 1 word, got "!"'),
        ({"vocabulary": "movie"}, 'vocabulary must be a list, 1 to 4096 words, got "movie"'),
        ({"reviews": [{"text": "a"}]}, "reviews[0].label must be given"),
        ({"reviews": [{"text": "a", "label": 2}]}, "reviews[0].label must be 0 or 1, got 2"),
        ({"reviews": [{"text": " ", "label": 1}]},
         'reviews[0].text must be text with at least 1 word, got " "'),
        ({"reviews": [{"text": "a " * 300, "label": 1}]}, "reviews[0].text must be 1 to 256 words, got 300"),
        ({"reviews": [3]}, "reviews[0] must be an object {text, label}, got 3"),
        ({"reviews": [{"text": "a", "label": 1}] * 65}, None),
        ({"parameters": [1]},
         "parameters must be an object of left_to_right and right_to_left {W_xh, W_hh, b_h, b_hn} and readout"
         " {W_hy, b_y}, got [1]"),
        ({"parameters": {"left_to_right": {"W_hx": [[1]]}}},
         "parameters.left_to_right.W_hx is not a field of parameters.left_to_right"),
        ({"parameters": {"readout": {"b_y": [1, 2]}}},
         "parameters.readout.b_y must have shape (1,), got (2,)"),
        ({"parameters": {"left_to_right": {"W_xh": [[1, 2, 3]]}}},
         "parameters.left_to_right.W_xh must have shape (5, 3), got (1, 3)"),
        ({"parameters": {"left_to_right": {"W_hh": [[1, 2], [3]]}}},
         "parameters.left_to_right.W_hh must have shape (2, 2), got rows of 1 to 2 numbers"),
        ({"parameters": {"left_to_right": {"W_hh": []}}},
         "parameters.left_to_right.W_hh must have shape (3, 3), got (0, 0)"),
        ({"parameters": {"left_to_right": {"W_hh": [[1, 2], [3, "4"]]}}},
         'parameters.left_to_right.W_hh[1][1] must be a number, -1000000 to 1000000, got "4"'),
        ({"parameters": {"left_to_right": {"W_hh": [[1, 2], [3, float("inf")]]}}},
         'parameters.left_to_right.W_hh[1][1] must be -1000000 to 1000000, got "Infinity"'),
        ({"parameters": {"left_to_right": {"W_hh": [1]}}},
         "parameters.left_to_right.W_hh[0] must be a list of numbers, got 1"),
        ({"parameters": {"left_to_right": {"b_hn": [1, 2, 3]}}},
         "parameters.left_to_right.b_hn must be left out for cell elman, got [1.0, 2.0, 3.0]"),
        ({"parameters": {"right_to_left": {"b_h": [1, 2, 3]}}},
         'parameters.right_to_left must be left out unless bidirectional is true, got {"b_h": "…"}'),
        ({"cell": "lstm", "parameters": {"left_to_right": {"W_hh": [[1, 2, 3]] * 3}}},
         "parameters.left_to_right.W_hh must have shape (3, 12), got (3, 3)"),
        ({"cell": "gru", "hidden_size": 2, "parameters": {"left_to_right": {"b_hn": [1, 2, 3]}}},
         "parameters.left_to_right.b_hn must have shape (2,), got (3,)"),
        ({"bidirectional": True, "hidden_size": 3, "parameters": {"readout": {"W_hy": [[1]] * 3}}},
         "parameters.readout.W_hy must have shape (6, 1), got (3, 1)"),
        ({"task": "next_word", "parameters": {"readout": {"b_y": [1]}}},
         "parameters.readout.b_y must have shape (5,), got (1,)"),
        ({"bidirectional": True, "recurrent_radius": 0.9,
          "parameters": {"right_to_left": {"W_hh": [[1, 2], [3, 4]]}}},
         "recurrent_radius must be left out when parameters.right_to_left.W_hh is given, got 0.9"),
        ({"parameters": W_HH, "recurrent_radius": 0.9},
         "recurrent_radius must be left out when parameters.left_to_right.W_hh is given, got 0.9"),
        ({"edits": [{"name": "left_to_right.W_hh", "index": [0, 3], "value": 1}]},
         'edits must be entries of left_to_right.W_hh, shape (3, 3), got "left_to_right.W_hh.0.3"'),
        ({"edits": [{"name": "left_to_right.b_h", "index": [0, 0], "value": 1}]},
         'edits must be entries of left_to_right.b_h, shape (3,), got "left_to_right.b_h.0.0"'),
        ({"edits": [{"name": "W", "index": [0], "value": 1}]}, None),
        ({"edits": [{"name": "readout.b_y", "index": [0], "value": 1e7}]},
         "edits[0].value must be -1000000 to 1000000, got 10000000.0"),
        ({"edits": [{"name": "readout.b_y", "index": [-1], "value": 1}]},
         "edits[0].index[0] must be a whole number from 0 or a word of the vocabulary, got -1"),
        ({"edits": [{"name": "readout.b_y", "index": [True], "value": 1}]},
         "edits[0].index[0] must be a whole number from 0 or a word of the vocabulary, got true"),
        ({"edits": [{"name": "left_to_right.W_xh", "index": ["terrible", 1], "value": 1}]},
         "edits must be entries of left_to_right.W_xh, shape (5, 3), for words of the vocabulary, "
         'got "left_to_right.W_xh~terrible.1"'),
        ({"edits": [{"name": "left_to_right.W_hh", "index": ["good", 1], "value": 1}]},
         'edits must be entries of left_to_right.W_hh, shape (3, 3), got "left_to_right.W_hh~good.1"'),
        ({"edits": [{"name": "left_to_right.W_xh", "index": ["good"], "value": 1}]},
         'edits must be entries of left_to_right.W_xh, shape (5, 3), got "left_to_right.W_xh~good"'),
        ({"edits": [{"name": "left_to_right.W_xh", "index": ["\ud800", 1], "value": 1}]}, None),
        ({"edits": [{"name": "readout.b_y", "index": ["good"], "value": 1}]},
         'edits must be entries of readout.b_y, shape (1,), got "readout.b_y~good"'),
    ],
)  # fmt: skip
def test_a_fault_is_refused_in_these_words(fields: dict[str, Any], message: str | None) -> None:
    given = messages(**fields)
    assert len(given) == 1
    assert message is None or given[0] == message


def test_the_sentence_must_be_given() -> None:
    with pytest.raises(ExperimentError, match=r"^sentence must be given$"):
        Experiment()


def test_all_faults_are_told_at_once() -> None:
    assert len(messages(hidden_size=0, target=3, wrong=1)) == 3


def test_a_vocabulary_gathered_from_long_reviews_is_bounded() -> None:
    assert LIMITS.max_vocabulary == 4096
    texts = [" ".join(f"w{i * 256 + j}" for j in range(256)) for i in range(17)]
    given = messages(corpus="custom", reviews=[{"text": text, "label": 1} for text in texts])
    assert given == ["vocabulary must be 1 to 4096 words, got 4355"]


@pytest.mark.parametrize(
    "fields",
    [
        {"parameters": W_HH},
        {"parameters": {"left_to_right": {"b_h": [1, 2]}}},
        {"parameters": {"readout": {"W_hy": [[1], [2]]}}},
        {"initial_state": [1, 2]},
        {"cell": "lstm", "parameters": {"left_to_right": {"b_h": [1] * 8}}},
        {"cell": "gru", "parameters": {"left_to_right": {"b_hn": [1, 2]}}},
        {"cell": "gru", "parameters": {"left_to_right": {"W_hh": [[1] * 6] * 2}}},
        {"bidirectional": True, "parameters": {"readout": {"W_hy": [[1]] * 4}}},
        {"bidirectional": True, "parameters": {"right_to_left": {"W_hh": [[1, 2], [3, 4]]}}},
    ],
)
def test_hidden_size_is_read_off_what_is_given(fields: dict[str, Any]) -> None:
    assert Experiment(sentence="a", **fields).hidden_size == 2


def test_hidden_size_is_read_off_W_xh_whatever_its_words() -> None:
    assert (
        Experiment(
            sentence="a", vocabulary=["a"], parameters={"left_to_right": {"W_xh": [[1, 2]]}}
        ).hidden_size
        == 2
    )


def test_a_stated_hidden_size_wins_over_what_is_given() -> None:
    assert messages(parameters=W_HH, hidden_size=3) == [
        "parameters.left_to_right.W_hh must have shape (3, 3), got (2, 2)"
    ]


def test_whole_floats_are_whole_numbers_and_signs_of_zero_vanish() -> None:
    experiment = Experiment(sentence="a", hidden_size=4.0, learning_rate=-0.0, initial_state=[-0.0] * 4)
    assert (
        repr((experiment.hidden_size, experiment.learning_rate, experiment.initial_state[0]))
        == "(4, 0.0, 0.0)"
    )


def test_the_last_edit_of_an_entry_counts_and_order_is_canonical() -> None:
    def edit(index: int, value: float) -> dict[str, Any]:
        return {"name": "left_to_right.b_h", "index": [index], "value": value}

    one = Experiment(sentence="a", edits=[edit(1, 5), edit(0, 1), edit(1, 2)])
    other = Experiment(sentence="a", edits=[edit(0, 1), edit(1, 2)])
    assert one == other and one.canonical() == other.canonical()


def test_reviews_are_kept_but_set_aside_by_another_corpus() -> None:
    experiment = Experiment(sentence="movie", reviews=[{"text": "tea", "label": 1}])
    assert experiment.entries == ("movie", "was", "good", "bad", "not")
    assert experiment.changed(corpus="custom").entries == ("tea", "movie")


def test_custom_without_reviews_takes_the_words_of_the_sentence() -> None:
    assert Experiment(sentence="Hi my name is Ana", corpus="custom").entries == (
        "hi",
        "my",
        "name",
        "is",
        "ana",
    )


def test_an_explicit_vocabulary_is_folded_like_the_sentence() -> None:
    assert Experiment(sentence="rat", vocabulary=["Cat", "RAT"]).entries == ("cat", "rat")


def test_changed_validates_again() -> None:
    with pytest.raises(ExperimentError, match=r"^hidden_size must be 1 to 256, got 0$"):
        Experiment(sentence="a").changed(hidden_size=0)


def test_canonical_form_has_every_field_in_order_and_nothing_else() -> None:
    experiment = Experiment(sentence="a", parameters={"readout": {"b_y": [1]}})
    assert experiment.words and experiment.entries and experiment.labelled
    canonical = experiment.canonical()
    assert list(canonical) == list(Experiment.model_fields)
    assert canonical["parameters"] == {"readout": {"b_y": (1.0,)}}
    assert Experiment(**canonical) == experiment
