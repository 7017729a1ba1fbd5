"""The schema: limits in it, examples that run, and no answer it does not document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.experiments.experiment import Experiment
from app.main import create_app
from tests.conftest import Client

APP = create_app()
SCHEMA: dict[str, Any] = APP.openapi()
RUN = SCHEMA["paths"]["/api/v1/run"]
QUERY = {parameter["name"]: parameter for parameter in RUN["get"]["parameters"]}
BODY = RUN["post"]["requestBody"]["content"]["application/json"]



@pytest.fixture(scope="module", autouse=True)
def no_process_is_left() -> Iterator[None]:
    yield
    APP.state.jobs.close()


schema = schemathesis.openapi.from_asgi("/openapi.json", APP)


@schema.parametrize()
@settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_no_server_error_and_no_undocumented_answer(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=[
        not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    ])  # fmt: skip


def test_every_field_is_a_query_parameter() -> None:
    short = {"reviews": "review", "edits": "edit"}
    assert set(QUERY) == {short.get(name, name) for name in Experiment.model_fields} | {"include"}
    assert all(parameter["description"] for parameter in QUERY.values())
    assert [name for name, parameter in QUERY.items() if parameter["required"]] == ["sentence"]


def test_limits_stand_in_the_schema() -> None:
    body = BODY["schema"]["properties"]
    for hidden_size in (body["hidden_size"], QUERY["hidden_size"]["schema"]):
        assert (hidden_size["minimum"], hidden_size["maximum"]) == (1, 256)
    assert body["sentence"]["maxLength"] == QUERY["sentence"]["schema"]["maxLength"] == 20_000
    assert body["reviews"]["maxItems"] == QUERY["review"]["schema"]["maxItems"] == 64
    assert body["reviews"]["items"]["properties"]["label"]["maximum"] == 1
    assert "256 words" in body["sentence"]["description"]
    assert body["cell"]["enum"] == ["elman", "lstm", "gru"]
    assert body["task"]["enum"] == ["sentiment", "next_word"]


def test_no_reference_is_left_open() -> None:
    def references(node: Any) -> Iterator[str]:
        for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from references(value)
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            yield node["$ref"]

    assert list(references(RUN)) == []


@pytest.mark.parametrize("name", sorted(BODY["examples"]))
def test_the_examples_of_the_body_run(client: Client, name: str) -> None:
    assert client.post("/api/v1/run", json=BODY["examples"][name]["value"]).status_code == 200


@pytest.mark.parametrize("name", sorted(name for name, parameter in QUERY.items() if "example" in parameter))
def test_the_examples_of_the_query_run(client: Client, name: str) -> None:
    example = QUERY[name]["example"]
    value = ",".join(example) if name == "include" else example
    params = {"sentence": QUERY["sentence"]["example"], name: value}
    answer = client.get("/api/v1/run", params=params)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_answers_are_documented_as_problems(method: str) -> None:
    answers = RUN[method]["responses"]
    assert {"200", "404", "405", "413", "414", "422", "503"} <= answers.keys()
    for status, answer in answers.items():
        kinds = {"200": {"application/json"}}.get(status, {"application/problem+json"})
        assert answer["content"].keys() == kinds, status


def test_the_schema_is_strict_json() -> None:
    json.dumps(SCHEMA, allow_nan=False)


def test_what_an_empty_value_means_is_written_down_and_true(client: Client) -> None:
    described = client.get("/openapi.json").json()["info"]["description"]
    assert "an empty value stands for the field's default" in described
    asked = client.get("/api/v1/run?sentence=a&hidden_size=&loss=&seed=&include=forward")
    assert asked.content == client.get("/api/v1/run?sentence=a&include=forward").content
