"""Parts that come only when asked for: schedules of an update (E19), the corpus as one block (E24)."""

from __future__ import annotations

from typing import Any

import pytest

from app.api.asked import ASKED
from app.experiments.cost import multiply_adds
from app.experiments.experiment import Experiment
from app.settings import settings
from tests.api.test_answer import LECTURE, run
from tests.conftest import Client
from tests.engine.golden import by_id

BOTH_WAYS = by_id("bi-movie-R3-bce")["experiment"]


def test_nobody_pays_for_them_who_does_not_ask(client: Client) -> None:
    assert not run(client).keys() & ASKED.keys()
    assert run(client, include="check, batch").keys() & {"check", "update", *ASKED} == {"check", "batch"}


def test_schedules_are_off_by_what_the_errata_say(client: Client) -> None:
    fields: dict[str, Any] = {name: BOTH_WAYS[name] for name in ("sentence", "target", "parameters")}
    found = run(client, "schedules", weights="drawn", bidirectional=True, **fields)["schedules"]
    off = {
        name: [round(made["errors"][chain]["W_xh"], 3) for chain in ("left_to_right", "right_to_left")]
        for name, made in found.items()
    }
    assert off["after both sweeps"] == [0.0, 0.0]
    assert off["readout first"][0] == 0.073
    assert off["inside the sweep"] == [0.019, 0.023]
    right = run(client, "update", weights="drawn", bidirectional=True, **fields)["update"]
    assert found["after both sweeps"]["loss"] == pytest.approx(right["loss"], abs=1e-14)


def test_schedules_are_of_one_prediction(client: Client) -> None:
    asked = {"sentence": "movie was good", "task": "next_word", "include": "schedules"}
    answer = client.get("/api/v1/run", params=asked)
    assert answer.status_code == 422
    message = 'include must be without schedules for task next_word, got "schedules"'
    assert [error["message"] for error in answer.json()["errors"]] == [message]


def test_what_is_beyond_all_numbers_is_null(client: Client) -> None:
    found = run(
        client, "schedules", activation="identity", sentence="movie was good " * 60, learning_rate=1e6
    )["schedules"]["inside the sweep"]
    assert found["errors"]["left_to_right"]["W_hh"] is None
    assert found["loss"] is None


def test_the_corpus_is_read_as_one_block_in_every_way(client: Client) -> None:
    found = run(client, "batch")["batch"]
    assert found["shape"] == [3, 4, 5]
    assert [review["ids"] for review in found["reviews"]] == [[0, 1, 2, -1], [0, 1, 3, -1], [0, 1, 4, 2]]
    first = {(way["padding"], way["masked"]): way["y_hat"][0] for way in found["ways"]}
    assert found["alone"]["y_hat"][0] == pytest.approx(0.717169, abs=1e-6)
    assert first["before", True] == first["after", True] == pytest.approx(0.717169, abs=1e-6)
    assert first["before", False] == pytest.approx(0.718232, abs=1e-6)
    assert first["after", False] == pytest.approx(0.574209, abs=1e-6)
    gaps = {way["masked"]: way["gradient_gap"] for way in found["ways"]}
    assert gaps[True] < 1e-14 < 0.01 < gaps[False]


def test_the_ordinary_network_multiplies_padding_and_grows_with_the_longest_review(client: Client) -> None:
    found = run(client, "batch")["batch"]["ordinary"]
    assert found["products"] == {"total": 180, "on_padding": 30, "on_zeros": 150}
    counts = [(count["longest"], count["parameters"]) for count in found["parameter_counts"]]
    assert counts == [(4, 67), (10, 157), (100, 1507), (1000, 15007)]
    assert found["refusal"] == "sentence must have at most 4 words, the slots of this network, got 5"


@pytest.mark.parametrize("part", ASKED)
def test_what_takes_long_leaves_the_event_loop(part: str) -> None:
    review, inline = "good " * 200, settings().inline_work
    asked = Experiment(
        sentence=review if part == "schedules" else "good", hidden_size=16, corpus="custom",
        reviews=[{"text": review, "label": 1}] * 8,
    )  # fmt: skip
    assert multiply_adds(asked, (), 0) < inline < multiply_adds(asked, (part,), 0)
    assert multiply_adds(Experiment(**LECTURE), (part,), 0) < inline
