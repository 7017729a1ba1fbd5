"""Training over HTTP: what the events say, how a course ends, and that it ends when its client goes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api.answers_schema import lesson
from app.main import create_app
from app.settings import Settings
from tests.api.test_refusals import messages, problem
from tests.conftest import Client, serve

ASKED = {"sentence": "movie was not good", "target": 0}
LONG = {**ASKED, "epochs": 20_000, "record_every": 200, "hidden_size": 32, "batch_size": 1}
Events = list[tuple[str, Any]]


def read(text: str) -> Events:
    """The events of a stream, comments left out."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def train(client: Client, **fields: Any) -> Events:
    answer = client.post("/api/v1/train", json={**ASKED, **fields})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    return read(answer.text)


def refused(client: Client, **fields: Any) -> list[str]:
    return messages(client.post("/api/v1/train", json={**ASKED, **fields}))


def test_progress_then_the_final_run(client: Client) -> None:
    *progress, (last, final) = train(client, epochs=5)
    assert [name for name, _ in progress] == ["progress"] * 5 and last == "final"
    losses = [epoch["loss"] for _, epoch in progress]
    assert losses == sorted(losses, reverse=True) and len(set(losses)) == 5
    first = progress[0][1]
    known = lesson({"properties": {}}, {})
    assert first.keys() == known["progress"]["properties"].keys() and first["epoch"] == 1
    assert first["parameter_norms"].keys() == {"left_to_right", "readout"}
    assert len(first["step_norms"]["left_to_right"]) == 4
    assert final.keys() == known["final"]["properties"].keys()
    assert (final["reason"], final["epochs"], final["steps"]) == ("epochs", 5, 5)


@pytest.mark.parametrize("fields", [{}, {"cell": "gru", "bidirectional": True}, {"task": "next_word"}])
def test_a_plain_course_is_the_epochs_of_a_run(client: Client, fields: dict[str, Any]) -> None:
    edits = [{"name": "readout.b_y", "index": [0], "value": 0.5}]
    answer = client.post("/api/v1/train", json={**ASKED, **fields, "epochs": 30, "edits": edits})
    run = client.post("/api/v1/run", json={**ASKED, **fields, "epochs": 30, "edits": edits})
    assert run.content in answer.content


@pytest.mark.parametrize(
    "fields",
    [
        {"optimiser": "adam"},
        {"optimiser": "momentum", "batch_size": 2, "shuffle": True, "clip_norm": 0.5},
        {"batch_size": 1, "window": 2, "cell": "lstm", "weights": "lecture", "recurrent_radius": 0.9},
    ],
)
def test_the_final_run_can_be_asked_for_again(client: Client, fields: dict[str, Any]) -> None:
    answer = client.post("/api/v1/train", json={**ASKED, **fields, "epochs": 20})
    _, final = read(answer.text)[-1]
    again = client.post("/api/v1/run", json=final["run"]["experiment"])
    assert again.content in answer.content
    start = client.post("/api/v1/run", json={**ASKED, **{k: v for k, v in fields.items() if k in (
        "cell", "weights", "recurrent_radius", "clip_norm")}}).json()  # fmt: skip
    assert final["run"]["parameters"] != start["parameters"]
    assert client.post("/api/v1/train", json={**ASKED, **fields, "epochs": 20}).content == answer.content


def test_include_chooses_the_parts_of_the_final_run(client: Client) -> None:
    answer = client.post("/api/v1/train?include=check", json={**ASKED, "epochs": 1})
    run = read(answer.text)[-1][1]["run"]
    assert "check" in run and "forward" not in run


def test_batches_make_steps(client: Client) -> None:
    assert train(client, epochs=4, batch_size=1)[-1][1]["steps"] == 12
    assert train(client, epochs=4, batch_size=2)[-1][1]["steps"] == 8
    assert train(client, epochs=4, batch_size=64)[-1][1]["steps"] == 4


def test_held_out_reviews_are_judged_and_not_learned_from(client: Client) -> None:
    held_out = [{"text": "good was not movie", "label": 1}]
    plain, watched = train(client, epochs=3), train(client, epochs=3, held_out=held_out)
    assert [epoch["held_out"] for _, epoch in plain[:-1]] == [None] * 3
    assert all(epoch["held_out"] > 0 for _, epoch in watched[:-1])
    assert watched[-1][1]["run"] == plain[-1][1]["run"]
    direct = client.post("/api/v1/run", json={**ASKED, "sentence": held_out[0]["text"], "target": 1,
                                              "epochs": 3}).json()  # fmt: skip
    assert watched[2][1]["held_out"] == pytest.approx(direct["loss"], abs=1e-12)


def test_a_course_ends_early_when_it_is_good_enough_or_no_longer_gets_better(client: Client) -> None:
    final = train(client, epochs=5000, learning_rate=1, stop_below=0.05)[-1][1]
    assert final["reason"] == "reached" and final["epochs"] == final["steps"] < 5000
    assert final["run"]["experiment"]["epochs"] == final["epochs"]
    held_out = [{"text": "movie was good", "label": 0}]
    final = train(client, epochs=5000, patience=3, held_out=held_out)[-1][1]
    assert final["reason"] == "patience" and final["epochs"] < 100


def test_so_many_reports_as_asked_for(client: Client) -> None:
    def epochs(**fields: Any) -> list[int]:
        return [epoch["epoch"] for _, epoch in train(client, **fields)[:-1]]

    assert epochs(epochs=10, record_every=4) == [1, 4, 8, 10]
    assert len(epochs(epochs=1000)) == 101


def test_a_divergence_tells_step_weight_and_value_and_keeps_what_it_had(client: Client) -> None:
    *progress, (name, data) = train(
        client, epochs=300, learning_rate=1e6, activation="identity", loss="mse", bias="outside"
    )
    known = lesson({"properties": {}}, {})["diverged"]["properties"]
    assert name == "diverged" and data.keys() == known.keys()
    assert data["epochs"] == data["step"] - 1 >= progress[-1][1]["epoch"]
    assert data["parameter"].split(".")[0] in ("left_to_right", "readout") and abs(float(data["value"])) > 1e6
    assert data["message"].startswith(f"training must stay finite, step {data['step']} did not")


@pytest.mark.parametrize(
    ("course", "ending"),
    [
        ({"optimiser": "momentum", "activation": "identity", "loss": "mse", "bias": "outside"}, "diverged"),
        ({"batch_size": 1, "activation": "identity", "loss": "mse", "bias": "outside"}, "diverged"),
        ({"optimiser": "adam", "cell": "gru", "bidirectional": True}, "final"),
    ],
)
def test_weights_beyond_what_may_be_given_are_kept_all_the_same(
    client: Client, course: dict[str, Any], ending: str
) -> None:
    name, data = train(client, epochs=30, learning_rate=1e6, **course)[-1]
    assert name == ending
    found = data["run"]["parameters"]["readout"]["b_y"][0]
    assert abs(found) > 1e6 and data["run"]["experiment"]["parameters"]["readout"]["b_y"] == [found]
    refused = client.get(data["run"]["permalink"].replace("/?", "/api/v1/run?"))
    assert refused.status_code == 422
    assert "1000000" in refused.json()["detail"], refused.text


def test_a_course_whose_end_has_no_answer_ends_in_a_problem(client: Client) -> None:
    # What is typed over after the epochs takes the prediction out of (0, 1).
    fields = {
        "bias": "outside", "parameters": {"readout": {"b_y": [0]}}, "learning_rate": 0,
        "edits": [{"name": "readout.b_y", "index": [0], "value": 3}],
    }  # fmt: skip
    name, data = train(client, epochs=2, **fields)[-1]
    assert name == "problem" and data["status"] == 422 and data["errors"][0]["field"] == "bias"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"epochs": 0}, "epochs must be 1 to 100000, got 0"),
        ({"epochs": 1.5}, "epochs must be a whole number, 1 to 100000, got 1.5"),
        ({"batch_size": 0}, "batch_size must be 1 to 64, got 0"),
        ({"optimiser": "rmsprop"}, 'optimiser must be sgd, momentum or adam, got "rmsprop"'),
        ({"window": 0}, "window must be 1 to 256, got 0"),
        ({"patience": 0}, "patience must be 1 to 100000, got 0"),
        ({"shuffle": 1}, "shuffle must be true or false, got 1"),
        ({"stop_below": -1}, "stop_below must be 0 to 1000000, got -1"),
        ({"held_out": [{"text": "a"}]}, "held_out[0].label must be given"),
        ({"held_out": [{"text": " ", "label": 1}]}, "held_out[0].text must be 1 to 256 words, got 0"),
        ({"held_out": [{"text": "movie was great", "label": 1}]},
         'held_out[0].text must use words of the vocabulary: word 3, "great", is not in it'),
        ({"corpus": "custom"},
         "reviews must be at least 1 review to learn from when there are epochs, got 0"),
        ({"epochs": 5000, "record_every": 1}, "record_every must be at least 5 for 5000 epochs, got 1"),
        ({"teacher": 1}, "teacher is not a field of an experiment"),
    ],
)  # fmt: skip
def test_what_cannot_be_taught_is_refused_before_the_stream(
    client: Client, fields: dict[str, Any], message: str
) -> None:
    assert refused(client, **fields) == [message]


def test_faults_of_course_and_experiment_are_told_together(client: Client) -> None:
    assert len(refused(client, window=0, seed=-1, cell="rnn")) == 3


def test_a_course_too_long_is_told_how_long_it_may_be(client: Client) -> None:
    (message,) = refused(client, epochs=100_000, hidden_size=256, record_every=1000)
    most = int(message.removeprefix("epochs must be at most ").split()[0])
    assert 0 < most < 100_000 and message.endswith("got 100000")


def test_a_body_that_is_no_json(client: Client) -> None:
    headers = {"content-type": "application/json"}
    assert problem(client.post("/api/v1/train", content=b"{", headers=headers), 400)
    assert problem(client.post("/api/v1/train", content=b"{}"), 415)


async def asked(app: Any, body: dict[str, Any]) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://t", timeout=60) as http:
        return await http.post("/api/v1/train", json=body)


def test_a_killed_worker_does_not_change_a_byte() -> None:
    app = create_app(Settings())
    body = {**LONG, "epochs": 4000, "record_every": 80}

    async def scenario() -> tuple[bytes, bytes, int]:
        calm = (await asked(app, body)).content
        (first,) = app.state.jobs.workers
        waiting = asyncio.ensure_future(asked(app, body))
        while first.ready:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert not first.ready and not waiting.done()
        os.kill(first.process.pid, signal.SIGKILL)
        disturbed = (await waiting).content
        (second,) = app.state.jobs.workers
        assert second is not first
        return calm, disturbed, first.process.wait()

    try:
        calm, disturbed, code = asyncio.run(scenario())
    finally:
        app.state.jobs.close()
    assert calm == disturbed and b"event: final" in calm and code == -signal.SIGKILL


@pytest.mark.parametrize("record_every", [200, LONG["epochs"]])
def test_a_course_that_takes_too_long_ends_with_what_it_learned(record_every: int) -> None:
    app = create_app(Settings(course_seconds=0.2))
    try:
        _, final = read(asyncio.run(asked(app, {**LONG, "record_every": record_every})).text)[-1]
    finally:
        app.state.jobs.close()
    assert (final["reason"], final["message"]) == ("time", "training ended after 0.2 seconds")
    assert 0 < final["epochs"] < LONG["epochs"] and final["run"]["loss"] > 0


def test_more_courses_than_may_wait_are_told_when_to_come_back() -> None:
    app = create_app(Settings(worker_processes=1, queued_jobs=0, retry_after_seconds=3))

    async def scenario() -> httpx.Response:
        waiting = asyncio.ensure_future(asked(app, LONG))
        while not app.state.jobs.present:
            await asyncio.sleep(0.01)
        refused = await asked(app, ASKED)
        waiting.cancel()
        await asyncio.wait({waiting})
        return refused

    try:
        refused = asyncio.run(scenario())
    finally:
        app.state.jobs.close()
    assert problem(refused, 503)["detail"].endswith("try again in 3 seconds")
    assert refused.headers["retry-after"] == "3"


def test_a_large_run_is_a_job_and_answers_alike(client: Client) -> None:
    app = create_app(Settings(pool_work=0, inline_work=0))
    url = "/api/v1/run?sentence=a+b+c&hidden_size=8&cell=lstm"
    wrong = "/api/v1/run?sentence=a&bias=outside&edit=readout.b_y.0|9"

    async def scenario() -> tuple[httpx.Response, httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://t", timeout=60) as http:
            return await http.get(url), await http.get(wrong)

    try:
        answered, refused = asyncio.run(scenario())
        assert len(app.state.jobs.workers) == 1
    finally:
        app.state.jobs.close()
    assert answered.content == client.get(url).content
    assert problem(refused, 422)["errors"][0]["field"] == "bias"


def children(pid: int) -> list[int]:
    """Processes that this one has started."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in found for child in path.read_text().split()]


def until(holds: Any, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_a_course_stops_when_its_client_goes_and_the_server_ends_with_its_workers() -> None:
    with serve("--log-level", "warning") as server, httpx.Client(base_url=server.url, timeout=30) as http:
        pid = server.process.pid
        assert children(pid) == []
        with http.stream("POST", "/api/v1/train", json=LONG) as stream:
            lines = stream.iter_lines()
            assert next(line for line in lines if line.startswith("event")) == "event: progress"
            (worker,) = children(pid)
            began = time.monotonic()
            assert http.get("/healthz").status_code == 200 and time.monotonic() - began < 5
        assert until(lambda: worker not in children(pid))
        assert http.post("/api/v1/train", json={**ASKED, "epochs": 1}).text.count("event: final") == 1
        (worker,) = children(pid)
        assert "Traceback" not in server.stop()
        assert server.process.returncode == -signal.SIGTERM and not Path(f"/proc/{worker}").exists()
