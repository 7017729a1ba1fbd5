"""Arrays to take along are the run's own, whole or named as left out; a spreadsheet computes none of them."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from typing import Any

import numpy as np
import orjson
import pytest

from app.api.answer import PARTS, answer
from app.experiments.experiment import Experiment
from app.experiments.run import Run, run
from app.exports.npz import npz
from app.exports.table_csv import guarded, table_csv
from app.exports.tables import fitting, tables
from tests.exports.cases import ELMAN, HOSTILE, OTHERS, elman, label, of_network

ALL = 10**7
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def rows(found: Run, most: int = ALL) -> list[dict[str, str]]:
    text = table_csv(found, most).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def loaded(found: Run, most: int = ALL) -> dict[str, Any]:
    with np.load(BytesIO(npz(found, most)), allow_pickle=False) as archive:
        return dict(archive)


def at(body: Any, name: str) -> Any:
    for part in name.split("."):
        body = body[part]
    return body


@pytest.mark.parametrize("name", [name for name in ELMAN if name != "a large vocabulary"])
def test_the_archive_holds_what_the_api_answers_under_the_apis_names(name: str) -> None:
    same_as_the_api(elman(name))


@pytest.mark.parametrize("fields", OTHERS, ids=label)
def test_the_archive_of_every_network_holds_what_the_api_answers(fields: dict[str, Any]) -> None:
    same_as_the_api(of_network(fields))


def same_as_the_api(found: Run) -> None:
    body = orjson.loads(answer(found, frozenset(PARTS), []))
    arrays = loaded(found)
    about = json.loads(str(arrays.pop("about")))
    assert about["words"] == body["words"] and about["experiment"] == body["experiment"]
    assert "forward.left_to_right.h" in arrays and "gradients.left_to_right.W_hh.contributions" in arrays
    for key, values in arrays.items():
        assert values.tolist() == at(body, key), key


@pytest.mark.parametrize("fields", OTHERS, ids=label)
def test_every_array_of_every_network_has_the_shape_it_was_promised(fields: dict[str, Any]) -> None:
    found = of_network(fields)
    names = [table.name for table in tables(found)]
    for table in tables(found):
        values = table.values()
        assert values.shape == table.shape and len(table.axes) == values.ndim, table.name
        assert np.isfinite(values).all(), table.name
    assert len(set(names)) == len(names)
    assert any(name.startswith("forward.right_to_left") for name in names) is fields.get(
        "bidirectional", False
    )
    contributions = {name for name in names if name.endswith(".contributions")}
    totals = {name.replace("contributions", "total") for name in contributions}
    arrays = loaded(found)
    for name in totals:
        summed = arrays[name.replace("total", "contributions")].sum(axis=0)
        np.testing.assert_allclose(summed, arrays[name], atol=1e-13)


def test_the_archive_is_the_same_for_the_same_run() -> None:
    assert npz(elman("the lecture"), ALL) == npz(elman("the lecture"), ALL)


@pytest.mark.parametrize("name", ["the lecture", "mixed", "relu", "hostile"])
def test_numbers_of_the_table_read_back_to_the_same_bits(name: str) -> None:
    found = elman(name)
    read: dict[str, list[float]] = {}
    for row in rows(found):
        if row["section"] not in ("experiment", "words"):
            place = ".".join(part for part in (row["section"], row["chain"], row["name"]) if part)
            read.setdefault(place, []).append(float(row["value"]))
    for table in tables(found):
        first, *rest = table.name.split(".")
        chain = [part for part in rest if part in ("left_to_right", "right_to_left", "readout")]
        place = ".".join(
            [first, *chain, *(part for part in rest if part not in chain)] + [first] * (not rest)
        )
        assert read.pop(place) == table.values().ravel().tolist(), table.name
    assert not read


def test_a_row_says_which_word_and_which_entry_its_number_belongs_to() -> None:
    found = elman("the lecture")
    terms = found.gradients["left_to_right"]["W_xh"].terms
    row = next(
        row for row in rows(found)
        if row["name"] == "W_xh.contributions" and row["t"] == "3" and row["word"] == row["entry"] == "not"
    )  # fmt: skip
    i, j = int(row["i"]) - 1, int(row["j"]) - 1
    assert found.vocabulary[i] == "not"
    assert float(row["value"]) == terms[2, i, j] != 0.0


@pytest.mark.parametrize("start", FORMULAS)
def test_no_text_of_the_table_is_a_formula(start: str) -> None:
    found = run(Experiment(sentence=f"{start}HYPERLINK(1) is {start}good"))
    everything = rows(found)
    assert [row["value"] for row in everything if row["name"] == "sentence"] == [
        f"'{found.experiment.sentence}"
    ]
    texts = [row[name] for row in everything for name in row if name != "value"]
    assert not [text for text in texts if text.startswith(FORMULAS)]


def test_a_text_is_guarded_even_behind_spaces_and_a_number_never() -> None:
    assert guarded(" =1") == "' =1" and guarded("good") == "good"
    assert any(
        float(row["value"]) < 0 for row in rows(elman("the lecture")) if row["section"] == "parameters"
    )


def test_hostile_words_stay_in_their_cells() -> None:
    found = elman("hostile")
    assert [row["word"] for row in rows(found) if row["section"] == "words"] == [
        guarded(word) for word in found.words
    ]
    assert json.loads(str(loaded(found)["about"]))["experiment"]["sentence"] == HOSTILE


def test_what_is_too_large_is_left_out_largest_first_and_named() -> None:
    found = elman("wide")
    kept, left_out = fitting(tables(found), 2000)
    assert sum(table.size for table in kept) <= 2000 < sum(table.size for table in tables(found))
    assert min(table.size for table in left_out) >= max(table.size for table in kept)
    names = [table.name for table in left_out]
    assert names == [row["name"] for row in rows(found, 2000) if row["section"] == "omitted"]
    assert names == json.loads(str(loaded(found, 2000)["about"]))["omitted"]
    assert not set(names) & loaded(found, 2000).keys()
