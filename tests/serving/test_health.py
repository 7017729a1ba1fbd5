from __future__ import annotations


def test_health_answers_while_the_process_lives(client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readiness_answers_once_a_run_can_be_computed(client) -> None:
    assert client.get("/readyz").json() == {"status": "ready"}


def test_readiness_fails_where_the_engine_does(client, monkeypatch) -> None:
    def broken(experiment: object) -> None:
        raise FloatingPointError("no arithmetic today")

    monkeypatch.setattr("app.api.health.run", broken)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert client.get("/healthz").status_code == 200
