"""Weights that a change leaves out are named with the reason; what is kept or taken back is not."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.experiments.experiment import Experiment
from app.experiments.presets import presets
from app.experiments.query import to_pairs, to_query
from app.pages.left_out import left_out
from app.pages.refitting import Before, fitting, mended
from app.wording.catalogue import speaking
from tests.conftest import Client
from tests.pages.test_page import HTMX, query

HEAD = "Given weights that no longer fit were left out: "
LSTM = next(preset.experiment for preset in presets() if preset.experiment.cell == "lstm")


def edited(*places: tuple[Any, ...], **fields: Any) -> Experiment:
    """An experiment with entries typed over, each a name and an index."""
    edits = [{"name": name, "index": index, "value": 0.5} for name, *index in places]
    return Experiment(**{"sentence": "a fine b", "edits": edits, **fields})


PLAIN = edited(("left_to_right.W_hh", 2, 1), ("left_to_right.W_xh", "fine", 0), ("left_to_right.b_h", 2))
GATES = edited(
    ("left_to_right.W_hh", 2, 3), ("right_to_left.W_xh", "b", 0), ("readout.W_hy", 5, 0),
    cell="lstm", bidirectional=True,
)  # fmt: skip


def told(before: Experiment, **changes: str) -> str:
    """What is said after a change of a control, without markup."""
    sent = [*((n, t) for n, t in to_pairs(before) if n not in changes), *changes.items()]
    page = Before(f"http://testserver/?{to_query(before)}")
    return re.sub("<.*?>", "", left_out(sent, page, mended(fitting(sent, page), page)))


@pytest.mark.parametrize(
    ("before", "changes", "said"),
    [
        (PLAIN, {"hidden_size": "2"}, "Whh, now of size 2 × 2; bh, now of size 2."),
        (PLAIN, {"sentence": "a b"}, "Wxh of “fine”, not in the vocabulary."),
        (PLAIN, {"cell": "gru"}, "Whh, Wxh, bh, made for the RNN."),
        (GATES, {"hidden_size": "1"}, "Whf, now of size 1 × 1; Why, now of size 2 × 1."),
        (GATES, {"bidirectional": "false"},
         "Why, now of size 3 × 1; W′xi, which this network does not have."),
        (LSTM, {"bidirectional": "true"}, "Why, now of size 6 × 1."),
        (LSTM, {"cell": "elman"}, "Wxh, Whh, bh, Why, by, made for the LSTM."),
    ],
)  # fmt: skip
def test_what_is_left_out_is_named_with_the_reason(
    before: Experiment, changes: dict[str, str], said: str
) -> None:
    assert told(before, **changes) == HEAD + said


@pytest.mark.parametrize(
    "changes", [{"seed": "3"}, {"sentence": "b fine"}, {"hidden_size": "4"}, {"loss": "mse"}], ids=str
)
def test_what_is_kept_is_not_spoken_of(changes: dict[str, str]) -> None:
    assert told(PLAIN, **changes) == ""


def test_many_reasons_are_counted() -> None:
    words = [f"w{k}" for k in range(9)]
    before = edited(*(("left_to_right.W_xh", word, 0) for word in words), sentence=" ".join(words))
    said = told(before, sentence="a b")
    assert said.count("not in the vocabulary") == 4 and said.endswith("; and 5 more.")


def test_an_edit_that_was_taken_back_is_not_missed(client: Client) -> None:
    there = f"http://testserver/?{to_query(PLAIN)}"
    less = to_query(PLAIN.changed(edits=PLAIN.edits[:2]))
    answer = client.get(f"/?{less}", headers={**HTMX, "HX-Current-URL": there})
    assert answer.status_code == 200 and '<p class="leftout" role="status"></p>' in answer.text


def test_a_typed_word_is_text_in_it(client: Client) -> None:
    before = edited(("left_to_right.W_xh", "it's", 0), sentence="it's fun")
    fields = {**dict(to_pairs(before)), "sentence": "fun"}
    here = {**HTMX, "HX-Current-URL": f"http://testserver/?{to_query(before)}"}
    answer = client.get(query(**fields), headers=here)
    assert "“<bdi>it&#x27;s</bdi>”, not in the vocabulary" in answer.text


def test_a_whole_page_and_a_refusal_leave_nothing_out(client: Client) -> None:
    for asked in (to_query(PLAIN), "sentence=a&seed=x"):
        assert '<p class="leftout" role="status"></p>' in client.get(f"/?{asked}").text


def test_it_is_said_in_the_language_of_the_page() -> None:
    with speaking("hi"):
        assert told(PLAIN, sentence="a b") == (
            "दिए गए जो भार अब नहीं बैठते, वे छोड़ दिए गए: “fine” का Wxh, क्योंकि यह शब्द शब्दावली में नहीं है।"
        )
