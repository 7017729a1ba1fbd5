from __future__ import annotations


def test_health_answers_while_the_process_lives(client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readiness_answers_once_a_run_can_be_computed(client) -> None:
    assert client.get("/readyz").json() == {"status": "ready"}
