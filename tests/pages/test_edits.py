"""A weight typed into the inspector becomes an edit of the address."""

from __future__ import annotations

import pytest

from app.experiments.experiment import Experiment
from app.pages.edits import edited_part, with_edit
from tests.conftest import Client

TYPED = [("edit_place", "left_to_right.W_hh.0.1"), ("edit_value", "0.5")]


def test_the_two_fields_become_one_edit_after_the_others() -> None:
    pairs = [("sentence", "a"), ("edit", "readout.b_y.0|1"), *TYPED]
    assert with_edit(pairs) == [
        ("sentence", "a"), ("edit", "readout.b_y.0|1"), ("edit", "left_to_right.W_hh.0.1|0.5"),
    ]  # fmt: skip


@pytest.mark.parametrize("field", ["edit", "edits"])
def test_an_entry_has_one_edit_at_most(field: str) -> None:
    pairs = [(field, "left_to_right.W_hh.0.1|7"), (field, "left_to_right.W_hh.0.10|8"), *TYPED]
    assert with_edit(pairs) == [(field, "left_to_right.W_hh.0.10|8"), ("edit", "left_to_right.W_hh.0.1|0.5")]


@pytest.mark.parametrize(("typed", "kept"), [(" 0.25 ", "0.25"), ("\u22120.25", "-0.25"), ("1e-3", "1e-3")])
def test_a_value_is_read_as_people_write_it(typed: str, kept: str) -> None:
    assert with_edit([TYPED[0], ("edit_value", typed)]) == [("edit", f"left_to_right.W_hh.0.1|{kept}")]


def test_an_empty_value_takes_the_edit_back() -> None:
    assert with_edit([("edit", "left_to_right.W_hh.0.1|7"), TYPED[0], ("edit_value", "  ")]) == []


def test_one_field_changes_nothing() -> None:
    assert with_edit([("sentence", "a"), TYPED[0]]) == [("sentence", "a")]


def test_a_plain_form_is_sent_on_to_the_canonical_address(client: Client) -> None:
    path = "/?sentence=a+b&edit_place=left_to_right.W_hh.0.1&edit_value=0.5"
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?sentence=a+b&edit=left_to_right.W_hh.0.1%7C0.5"
    assert client.get(answer.headers["location"]).status_code == 200


def test_an_edit_shows_on_the_card_and_in_the_inspector(client: Client) -> None:
    own = "sentence=a+b&edit=left_to_right.W_hh.0.1%7C0.5"
    fragment = client.get(f"/inspect?{own}&part=W_hh-0.1", headers={"HX-Request": "true"}).text
    assert 'value="0.5"' in fragment and "Take this edit back" in fragment
    assert client.get(f"/api/v1/run?{own}").json()["parameters"]["left_to_right"]["W_hh"][0][1] == 0.5


@pytest.mark.parametrize("value", ["abc", "nan", "1e999"])
def test_a_value_that_is_no_number_is_refused_by_name(client: Client, value: str) -> None:
    path = f"/?sentence=a+b&edit_place=left_to_right.W_hh.0.1&edit_value={value}"
    here = {"HX-Request": "true", "HX-Current-URL": "http://testserver/?sentence=a+b"}
    answer = client.get(path, headers=here)
    assert answer.status_code == 422 and "edit" in answer.text and value in answer.text


def test_after_a_refused_weight_the_form_sends_what_it_sent_before(client: Client) -> None:
    own = "sentence=a+b&edit=left_to_right.W_hh.0.1%7C0.5"
    typed = "&edit_place=left_to_right.W_hh.0.1&edit_value=abc"
    here = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/?{own}"}
    for headers in (here, {}):
        answer = client.get(f"/?{own}{typed}", headers=headers)
        assert answer.status_code == 422 and 'value="left_to_right.W_hh.0.1|0.5"' in answer.text
        assert 'value="left_to_right.W_hh.0.1|abc"' not in answer.text


def test_one_edit_too_many_is_refused_and_not_left_out(client: Client) -> None:
    most = "".join(f"&edit=left_to_right.W_hh.{k // 16}.{k % 16}%7C0.5" for k in range(256))
    own = f"sentence=a+b&hidden_size=16{most}"
    typed = "&edit_place=left_to_right.b_h.0&edit_value=1"
    here = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/?{own}"}
    answer = client.get(f"/?{own}{typed}", headers=here)
    assert answer.status_code == 422 and "at most 256 edits" in answer.text


@pytest.mark.parametrize(
    ("fields", "place", "part"),
    [
        ({}, "left_to_right.W_hh.0.1", "W_hh-0.1"),
        ({}, "left_to_right.b_h.2", "b_h-0.2"),
        ({"bidirectional": True}, "right_to_left.W_xh.1.0", "W_xh_r-1.0"),
        ({"cell": "lstm"}, "left_to_right.W_hh.2.4", "W_hf-2.1"),
        ({"cell": "gru", "bidirectional": True}, "right_to_left.b_hn.1", "b_hn_r-0.1"),
        ({"task": "next_word"}, "readout.W_hy.2.4", "W_hy-2.4"),
        ({}, "left_to_right.W_hn.0.0", ""),
    ],
    ids=str,
)
def test_the_part_typed_over_is_that_of_the_gate_and_the_chain(
    fields: dict[str, object], place: str, part: str
) -> None:
    experiment = Experiment(**{"sentence": "movie was good", **fields})
    assert edited_part([("edit_place", place)], experiment) == part
