"""Epochs before a run: steps down the mean gradient of the corpus, held to the runs of its reviews."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.conftest import Client

MOVIE = [("movie was good", 1), ("movie was bad", 0), ("movie was not good", 0)]
ASKED = {"sentence": "movie was not good", "target": 0}


def run(client: Client, **fields: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/run", json={**ASKED, **fields})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(client: Client, **fields: Any) -> str:
    answer = client.post("/api/v1/run", json={**ASKED, **fields})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    return str(error["message"])


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"bias": "outside", "loss": "mse", "initial_state": "random"},
        {"cell": "lstm", "initial_state": [0.5, -0.5, 0.25]},
        {"cell": "gru", "bidirectional": True},
        {"task": "next_word", "bidirectional": True},
        {"bias": "mixed", "loss": "mse", "bidirectional": True},
    ],
)
def test_an_epoch_is_a_step_down_the_mean_gradient_of_the_reviews(
    client: Client, fields: dict[str, Any]
) -> None:
    reviews = [run(client, sentence=text, target=label, **fields) for text, label in MOVIE]
    learned = run(client, epochs=1, learning_rate=0.5, **fields)["parameters"]
    for group, names in reviews[0]["parameters"].items():
        for name, value in names.items():
            gradient = np.mean([review["gradients"][group][name]["total"] for review in reviews], axis=0)
            assert np.allclose(learned[group][name], value - 0.5 * gradient, rtol=0, atol=1e-14), name


def test_epochs_follow_each_other(client: Client) -> None:
    one = run(client, epochs=1)["parameters"]
    assert run(client, epochs=3)["parameters"] == run(client, epochs=2, parameters=one)["parameters"]
    assert run(client, epochs=0)["parameters"] == run(client)["parameters"] != one


def test_a_clipped_step_is_as_long_as_said(client: Client) -> None:
    moved = 0.0
    before, after = run(client)["parameters"], run(client, epochs=1, clip_norm=0.01, learning_rate=1)
    for group, names in before.items():
        for name, value in names.items():
            moved += float(np.square(np.subtract(value, after["parameters"][group][name])).sum())
    assert moved**0.5 == pytest.approx(0.01, rel=1e-9)


def test_the_corpus_is_learned(client: Client) -> None:
    for cell in ("elman", "lstm", "gru"):
        fields = {"cell": cell, "epochs": 400, "learning_rate": 1.0, "include": "forward"}
        found = [client.get("/api/v1/run", params={**fields, "sentence": text, "target": label}).json()
                 for text, label in MOVIE]  # fmt: skip
        predicted = [answer["forward"]["readout"]["y_hat"][0] for answer in found]
        assert [round(y_hat) for y_hat in predicted] == [1, 0, 0], cell


def test_the_same_question_gives_the_same_bytes(client: Client) -> None:
    asked = {**ASKED, "epochs": 50, "cell": "lstm"}
    one = client.post("/api/v1/run", json=asked)
    assert client.post("/api/v1/run", json=asked).content == one.content
    assert client.get("/api/v1/run" + one.json()["permalink"][1:]).content == one.content
    assert "epochs=50" in one.json()["permalink"]


def test_edits_come_after_the_epochs_and_origins_say_so(client: Client) -> None:
    answer = run(client, epochs=2, weights="lecture",
                 edits=[{"name": "readout.b_y", "index": [0], "value": 0.125}])  # fmt: skip
    assert answer["parameters"]["readout"]["b_y"] == [0.125]
    assert answer["weights_from"]["readout.b_y"] == "lecture and trained and edited"
    assert answer["weights_from"]["left_to_right.W_hh"] == "lecture and trained"


def test_epochs_that_diverge_are_refused_with_the_step_and_the_weight(client: Client) -> None:
    message = refused(
        client, epochs=50, learning_rate=1e6, activation="identity", loss="mse", bias="outside"
    )
    assert message.startswith("training must stay finite, step ") and "largest weight" in message


def test_a_cross_entropy_that_leaves_its_domain_on_the_way_is_refused(client: Client) -> None:
    message = refused(client, epochs=50, learning_rate=3, bias="outside")
    assert message.startswith("training must stay finite, step ") and "bce" in message


def test_as_many_epochs_as_the_work_allows(client: Client) -> None:
    message = refused(client, epochs=1000, hidden_size=256)
    most = int(message.removeprefix("epochs must be at most ").split()[0])
    assert 0 < most < 1000 and message.endswith("got 1000")
    assert refused(client, epochs=most + 1, hidden_size=256).endswith(f"got {most + 1}")


def test_the_page_shows_a_trained_network(client: Client) -> None:
    answer = client.get("/?sentence=movie+was+bad&target=0&epochs=20")
    assert answer.status_code == 200 and 'name="epochs" value="20"' in answer.text
