"""The URL form reads back as what was written, and refuses what it cannot read."""

from typing import Any
from urllib.parse import parse_qsl, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.query import encoded, nested, parse, permalink, quoted, to_query

NUMBER = st.floats(-1e6, 1e6)
WORD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).map(lambda text: text + "a")
VOCABULARY = st.lists(st.sampled_from(["a", "1,000", "naïve", "मराठी", "👩‍🏫", "b"]), min_size=1, unique=True)


def read(query: str) -> Experiment:
    return Experiment(**parse(parse_qsl(query, keep_blank_values=True)))


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    size = draw(st.integers(1, 4))
    vocabulary = draw(st.none() | VOCABULARY)
    sentence = draw(st.lists(WORD, min_size=1, max_size=4).map(" ".join))
    if vocabulary is not None:
        sentence = " ".join(draw(st.lists(st.sampled_from(vocabulary), min_size=1)))
    fields: dict[str, Any] = {
        "sentence": sentence,
        "vocabulary": vocabulary,
        "target": draw(st.sampled_from([0, 1])),
        "corpus": draw(st.sampled_from(["movie", "catmatrat", "maharashtra", "custom"])),
        "reviews": [{"text": text, "label": label} for text, label in draw(
            st.lists(st.tuples(WORD, st.sampled_from([0, 1])), max_size=3))],
        "lowercase": draw(st.booleans()),
        "activation": draw(st.sampled_from(["tanh", "sigmoid", "relu", "identity"])),
        "bias": draw(st.sampled_from(["inside", "outside", "mixed", "none"])),
        "loss": draw(st.sampled_from(["bce", "mse", "difference"])),
        "hidden_size": size,
        "initial_state": draw(
            st.sampled_from(["zeros", "random"]) | st.lists(NUMBER, min_size=size, max_size=size)),
        "seed": draw(st.integers(0, 2**32 - 1)),
        "recurrent_radius": draw(st.none() | st.floats(0, 1e6)),
        "forget_bias": draw(NUMBER),
        "parameters": draw(st.none() | st.fixed_dictionaries({"readout": st.fixed_dictionaries(
            {}, optional={"b_y": st.lists(NUMBER, min_size=1, max_size=1)})})),
        "learning_rate": draw(st.floats(0, 1e6)),
        "clip_norm": draw(st.none() | st.floats(1e-9, 1e6)),
        "weights": draw(st.sampled_from(["drawn", "lecture"])),
        "steps": [{"on": on, "rate": rate} for on, rate in draw(
            st.lists(st.tuples(st.just("this"), st.floats(0, 1e6)), max_size=3))],
        "edits": [{"name": "left_to_right.W_hh", "index": [i, j], "value": value} for i, j, value in draw(
            st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1), NUMBER), max_size=3))],
    }  # fmt: skip
    return Experiment(**fields)


@settings(deadline=None)
@given(experiments())
def test_a_query_reads_back_as_the_experiment_it_was_written_from(experiment: Experiment) -> None:
    query = to_query(experiment)
    again = read(query)
    assert again == experiment
    assert to_query(again) == query
    assert query.isascii()


@given(st.text() | st.from_regex(r"[a-z0-9 ,.~%&=+-]*", fullmatch=True))
def test_a_text_is_quoted_as_every_form_does_but_for_commas(text: str) -> None:
    try:
        expected = quote_plus(text, safe=",")
    except UnicodeEncodeError:
        return
    assert quoted(text) == expected


@given(st.lists(st.tuples(st.sampled_from(["sentence", "seed"]), st.text(st.characters(codec="utf-8")))))
def test_a_query_within_another_is_quoted_once_more(pairs: list[tuple[str, str]]) -> None:
    assert nested(encoded(pairs)) == quote_plus(encoded(pairs), safe=",")


def test_defaults_are_left_out() -> None:
    assert to_query(Experiment(sentence="movie was good", hidden_size=3, seed=0)) == "sentence=movie+was+good"


def test_permalink_is_a_path_under_the_root() -> None:
    experiment = Experiment(sentence="a b", target=0)
    assert permalink(experiment) == "/?sentence=a+b&target=0"
    assert permalink(experiment, "/unrolled/") == "/unrolled/?sentence=a+b&target=0"


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("sentence=a&edit=left_to_right.W_xh~good.1|.5",
         {"edits": [{"name": "left_to_right.W_xh", "index": ["good", 1], "value": 0.5}]}),
        ("sentence=a&edit=left_to_right.W_xh.2.1|7&edit=left_to_right.W_xh~GOOD.1|.5",
         {"edits": [{"name": "left_to_right.W_xh", "index": [2, 1], "value": 0.5}]}),
        ("sentence=a b&task=next_word&edit=readout.W_hy.1~good|.5&edit=readout.b_y~b|-1",
         {"sentence": "a b", "task": "next_word",
          "edits": [{"name": "readout.W_hy", "index": [1, "good"], "value": 0.5},
                    {"name": "readout.b_y", "index": [6], "value": -1}]}),
        ("sentence=a&review=x|y|1&review=z|0&corpus=custom",
         {"corpus": "custom", "reviews": [{"text": "x|y", "label": 1}, {"text": "z", "label": 0}]}),
        ("sentence=a&vocabulary=a,b", {"vocabulary": ["a", "b"]}),
        ("sentence=a&vocabulary=a&vocabulary=1,000", {"vocabulary": ["a", "1,000"]}),
        ('sentence=a&vocabulary=["a","1,000"]', {"vocabulary": ["a", "1,000"]}),
        ("sentence=a&vocabulary=a, b", {"vocabulary": ["a", "b"]}),
        ("sentence=a&initial_state=0.1,-2,3e-1", {"initial_state": [0.1, -2, 0.3]}),
        ("sentence=a&initial_state=[1,2]", {"initial_state": [1, 2]}),
        ("sentence=a&initial_state=1", {"initial_state": [1]}),
        ("sentence=a&initial_state=random", {"initial_state": "random"}),
        ('sentence=a&parameters={"readout":{"b_y":[1]}}', {"parameters": {"readout": {"b_y": [1]}}}),
        ("sentence=a&edit=left_to_right.W_hh.0.1|.5&edit=readout.b_y.0|-1",
         {"edits": [{"name": "left_to_right.W_hh", "index": [0, 1], "value": 0.5},
                    {"name": "readout.b_y", "index": [0], "value": -1}]}),
        ("sentence=a&lowercase=false&target=0", {"lowercase": False, "target": 0}),
        ("sentence=a&lowercase=0&bidirectional=false", {"lowercase": False}),
        ("sentence=a&clip_norm=&recurrent_radius=&vocabulary=&review=&parameters=&hidden_size=", {}),
    ],
)  # fmt: skip
def test_a_query_means_these_fields(query: str, fields: dict[str, Any]) -> None:
    assert read(query) == Experiment(**{"sentence": "a", **fields})


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("sentence=a&sentence=b", "sentence must be given once, got 2 values"),
        ("sentence=a&seed=1&seed=1", "seed must be given once, got 2 values"),
        ("sentence=a&colour=red&colour=blue", "colour is not a field of an experiment"),
        ("sentence=", 'sentence must be text with at least 1 word, got ""'),
        ("sentence=a&hidden_size=abc", 'hidden_size must be a whole number, 1 to 256, got "abc"'),
        ("sentence=a&hidden_size=3.5", 'hidden_size must be a whole number, 1 to 256, got "3.5"'),
        ("sentence=a&hidden_size=٣", 'hidden_size must be a whole number, 1 to 256, got "٣"'),
        ("sentence=a&hidden_size=1_0", 'hidden_size must be a whole number, 1 to 256, got "1_0"'),
        ("sentence=a&learning_rate=NaN", 'learning_rate must be a number, 0 to 1000000, got "NaN"'),
        ("sentence=a&learning_rate=1e999", 'learning_rate must be a number, 0 to 1000000, got "1e999"'),
        ("sentence=a&lowercase=maybe", 'lowercase must be true or false, got "maybe"'),
        ("sentence=a&review=nice", 'review must be text|label with label 0 or 1, got "nice"'),
        ("sentence=a&review=nice|2", "reviews[0].label must be 0 or 1, got 2"),
        ("sentence=a&edit=b_h",
         'edit must be name.index|value, such as left_to_right.W_hh.0.1|0.5, got "b_h"'),
        ("sentence=a&edit=readout.b_y.0|x", 'edits[0].value must be a number, -1000000 to 1000000, got "x"'),
        ("sentence=a&edit=readout.b_y|1",
         'edits must be entries of readout.b_y, shape (1,), got "readout.b_y"'),
        ("sentence=a&parameters={", None),
        ('sentence=a&parameters={"a":1,"a":2}',
         'parameters must be JSON ("a" is given twice), got "{"a":1,"a":2}"'),
        ("sentence=a&parameters=NaN", 'parameters must be JSON (NaN is not JSON), got "NaN"'),
        ("sentence=a&parameters=" + "[" * 100_000, None),
        ("sentence=a&parameters=" + "9" * 10_000, None),
        ("sentence=a&initial_state=1,x", None),
        ("sentence=a&initial_state=[1", None),
        ("sentence=a&initial_state=[[1]]", None),
        ("sentence=a&seed=" + "9" * 40, f'seed must be a whole number, 0 to 4294967295, got "{"9" * 40}"'),
    ],
)  # fmt: skip
def test_a_query_is_refused_in_these_words(query: str, message: str | None) -> None:
    with pytest.raises(ExperimentError) as caught:
        read(query)
    assert len(caught.value.errors) == 1
    if message is not None:
        assert caught.value.errors[0].message == message


def test_names_set_aside_are_the_callers() -> None:
    assert parse([("sentence", "a"), ("include", "check"), ("include", "x")], aside=("include",)) == {
        "sentence": "a"
    }


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([*Experiment.model_fields, "review", "edit", "x"]), st.text()), max_size=6
    )
)
def test_any_pairs_give_an_experiment_or_its_faults(pairs: list[tuple[str, str]]) -> None:
    try:
        experiment = Experiment(**parse(pairs))
    except ExperimentError as error:
        assert all(fault.field and fault.message for fault in error.errors)
    else:
        assert read(to_query(experiment)) == experiment


@pytest.mark.parametrize(("name", "shown"), [("hiden_size", "hiden_size"), ("", '""')])
@pytest.mark.parametrize("text", ["", "5"])
def test_an_unknown_field_is_refused_though_it_is_blank(name: str, shown: str, text: str) -> None:
    with pytest.raises(ExperimentError) as caught:
        Experiment(**parse([("sentence", "so good"), ("seed", ""), (name, text)]))
    (found,) = caught.value.errors
    assert (found.field, found.message) == (shown, f"{shown} is not a field of an experiment")


@pytest.mark.parametrize(
    "text", ["this", "this~0.1~x", "this~0.1~0", "this~0.1~-5", "~", "[1", "this~0.1,,all~1"]
)
def test_steps_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ExperimentError, match="steps"):
        Experiment(**parse([("sentence", "so good"), ("steps", text)]))


def test_steps_of_a_query_are_not_multiplied_out_beyond_what_is_allowed() -> None:
    assert len(parse([("steps", "this~0.1~999999999,this~0.1~999999999")])["steps"]) <= 258
