"""The golden runs over HTTP, every number of them, to 1e-9."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Client

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "runs.json").read_text())
TOLERANCE = 1e-9


def differences(expected: Any, given: Any, path: str = "") -> list[str]:
    """Every place where what is expected is missing from what is given, or off by more than the tolerance."""
    if isinstance(expected, dict):
        return [
            found for name, value in expected.items()
            for found in differences(value, given.get(name, "missing"), f"{path}.{name}")
        ]  # fmt: skip
    if isinstance(expected, list):
        if not isinstance(given, list) or len(expected) != len(given):
            return [f"{path}: another length"]
        return [
            found for index, (one, other) in enumerate(zip(expected, given, strict=True))
            for found in differences(one, other, f"{path}[{index}]")
        ]  # fmt: skip
    if isinstance(expected, float | int) and isinstance(given, float | int):
        return [] if abs(expected - given) <= TOLERANCE else [f"{path}: {expected} and {given}"]
    return [] if expected == given else [f"{path}: {expected} and {given}"]


def in_our_names(expect: dict[str, Any]) -> dict[str, Any]:
    """The golden file lists the Jacobians between steps by name; the API stacks them from step 1 on."""
    chain = expect["backward"]["left_to_right"]
    named = chain.pop("dh_dh_prev_out_by_in", None)
    if named is not None:
        chain["dh_dh_prev"] = [named[f"dO{t}_dO{t - 1}"] for t in range(2, len(named) + 2)]
    return expect


def test_they_cover_every_cell_and_both_directions() -> None:
    kinds = [(run["experiment"]["cell"], run["experiment"].get("bidirectional", False)) for run in GOLDEN]
    assert kinds[20:] == [("lstm", False), ("gru", False), ("elman", True)]
    assert kinds[:20] == [("elman", False)] * 20


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["id"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_golden_run_over_http(client: Client, golden: dict[str, Any], method: str) -> None:
    expect = in_our_names(json.loads(json.dumps(golden["expect"])))
    answer = ask(client, method, golden["experiment"])
    # The first Jacobian leads to the initial state, which the golden file leaves out.
    jacobians = answer["backward"]["left_to_right"]["dh_dh_prev"]
    answer["backward"]["left_to_right"]["dh_dh_prev"] = jacobians[1:]
    assert differences(expect, answer) == []
    assert answer["parameters"] == golden["experiment"]["parameters"]
    assert answer["check"]["max_abs_error"] < 1e-8
    assert answer["check"]["entries_checked"] == answer["parameter_count"]["total"]


def ask(client: Client, method: str, experiment: dict[str, Any]) -> dict[str, Any]:
    if method == "POST":
        answer = client.post("/api/v1/run", json=experiment)
    else:
        query = {
            name: json.dumps(value) if isinstance(value, bool | list | dict) else value
            for name, value in experiment.items()
        }
        answer = client.get("/api/v1/run", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body
