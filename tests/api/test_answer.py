"""The answer of a run: the contract's names and shapes, what include chooses, same question, same bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from app.api.answer import PARTS
from app.api.asked import ASKED
from app.experiments.experiment import Experiment
from app.experiments.query import to_query
from tests.conftest import Client

LECTURE = {"sentence": "movie was not good", "target": 0, "weights": "lecture"}
T, V, H, O = 4, 5, 3, 1  # noqa: E741


def run(client: Client, include: str | None = None, **fields: Any) -> dict[str, Any]:
    params = {} if include is None else {"include": include}
    answer = client.post("/api/v1/run", params=params, json={**LECTURE, **fields})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def shape(value: Any) -> tuple[int, ...]:
    """The shape of nested lists, which must not be ragged."""
    if not isinstance(value, list):
        return ()
    inner = {shape(entry) for entry in value}
    assert len(inner) <= 1, "ragged"
    return (len(value), *(inner.pop() if inner else ()))


def shapes(value: Any) -> Any:
    return {name: shapes(inner) for name, inner in value.items()} if isinstance(value, dict) else shape(value)


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for entry in value:
            yield from numbers(entry)
    elif isinstance(value, float | int):
        yield value


PARAMETERS = {
    "left_to_right": {"W_xh": (V, H), "W_hh": (H, H), "b_h": (H,)},
    "readout": {"W_hy": (H, O), "b_y": (O,)},
}


def test_names_and_shapes_are_the_contracts(client: Client) -> None:
    answer = run(client)
    assert shapes(answer["parameters"]) == PARAMETERS
    assert shapes(answer["forward"]) == {
        "left_to_right": {"x": (T, V), "h_prev": (T, H), "preactivation": (T, H), "h": (T, H)},
        "readout": {"input": (H,), "logit": (O,), "y_hat": (O,)},
    }
    assert shapes(answer["backward"]) == {
        "readout": {"dL_dy_hat": (O,), "dL_dlogit": (O,), "dL_dinput": (H,)},
        "left_to_right": {
            "dL_dh": (T, H), "dL_dh_norm": (T,), "dL_dpreactivation": (T, H), "dL_dx": (T, V),
            "dh_dh_prev": (T, H, H), "dhT_dh_norm": (T,),
        },
    }  # fmt: skip
    assert shapes(answer["gradients"]) == {
        "left_to_right": {
            name: {"total": size, "contributions": (T, *size), "norms": (T,), "shares": (T,)}
            for name, size in PARAMETERS["left_to_right"].items()
        },
        "readout": {name: {"total": size} for name, size in PARAMETERS["readout"].items()},
    }
    assert shapes(answer["update"]["parameters"]) == PARAMETERS
    assert {"learning_rate", "y_hat", "loss", "predicted_loss"} < answer["update"].keys()
    assert {"method", "max_abs_error", "max_rel_error", "entries_checked"} == answer["check"].keys()
    assert answer["omitted"] == []


def test_the_question_is_echoed_with_its_defaults(client: Client) -> None:
    answer = run(client)
    assert answer["experiment"] == Experiment(**LECTURE).canonical()
    assert list(answer["experiment"]) == list(Experiment.model_fields)
    assert answer["permalink"] == "/?sentence=movie+was+not+good&target=0&weights=lecture"


def test_permalink_stands_under_the_root_path(make_client: Any) -> None:
    client = make_client(root_path="/unrolled")
    answer = client.get("/unrolled/api/v1/run", params={"sentence": "a", "include": "check"})
    assert answer.json()["permalink"] == "/unrolled/?sentence=a"


def test_words_as_typed_and_tokens_as_encoded(client: Client) -> None:
    answer = run(client, sentence="Movie was Naïve", corpus="movie")
    assert (answer["words"], answer["tokens"]) == (["Movie", "was", "Naïve"], ["movie", "was", "naïve"])
    assert answer["vocabulary"] == ["movie", "was", "good", "bad", "not", "naïve"]


def test_contributions_sum_to_totals_and_shares_to_one(client: Client) -> None:
    for gradient in run(client)["gradients"]["left_to_right"].values():
        flat = [list(numbers(step)) for step in gradient["contributions"]]
        sums = [math.fsum(column) for column in zip(*flat, strict=True)]
        assert sums == pytest.approx(list(numbers(gradient["total"])), abs=1e-12)
        assert sum(gradient["shares"]) == pytest.approx(1, abs=1e-12)
        assert [math.hypot(*step) for step in flat] == pytest.approx(gradient["norms"], abs=1e-12)


@pytest.mark.parametrize("part", PARTS)
def test_include_chooses_one_part(client: Client, part: str) -> None:
    answer = run(client, include=part)
    carried = {"jacobians": "backward", "contributions": "gradients"}.get(part, part)
    assert answer.keys() & set(PARTS) == {carried}
    if carried == "backward":
        assert ("dh_dh_prev" in answer["backward"]["left_to_right"]) == (part == "jacobians")
    if carried == "gradients":
        assert ("contributions" in answer["gradients"]["left_to_right"]["W_hh"]) == (part == "contributions")
    assert answer["omitted"] == []


def test_include_takes_a_comma_list_and_blank_means_all(client: Client) -> None:
    assert run(client, include="update, check").keys() & set(PARTS) == {"update", "check"}
    assert run(client, include="") == run(client)


def test_large_parts_are_omitted_unless_asked_for(client: Client) -> None:
    large = {"sentence": "movie was good " * 12, "hidden_size": 48}
    answer = run(client, **large)
    assert answer["omitted"] == ["jacobians", "contributions"]
    assert "dh_dh_prev" not in answer["backward"]["left_to_right"]
    assert "contributions" not in answer["gradients"]["left_to_right"]["W_hh"]
    asked = run(client, include="jacobians", **large)
    assert shape(asked["backward"]["left_to_right"]["dh_dh_prev"]) == (36, 48, 48)
    assert asked["omitted"] == []


def test_an_answer_beyond_the_limit_is_refused(client: Client) -> None:
    words = " ".join(f"w{number}" for number in range(256))
    answer = client.get(
        "/api/v1/run", params={"sentence": words, "hidden_size": 256, "include": "contributions"}
    )
    assert answer.status_code == 422
    assert "include must ask for at most 8000000 numbers, got" in answer.json()["detail"]


@pytest.mark.parametrize(("include", "wrong"), [("loss", "loss"), ("check,", "")])
def test_an_unknown_part_is_refused(client: Client, include: str, wrong: str) -> None:
    message = f'include must be one or more of {", ".join((*PARTS, *ASKED))}, got "{wrong}"'
    for answer in (
        client.get("/api/v1/run", params={"sentence": "a", "include": include}),
        client.post("/api/v1/run", params={"include": include}, json={"sentence": "a"}),
    ):
        assert answer.status_code == 422
        assert [error["message"] for error in answer.json()["errors"]] == [message]


FULL = {
    "sentence": "tea was Cold", "target": 0, "corpus": "custom", "lowercase": False, "hidden_size": 2,
    "reviews": [{"text": "tea, was|hot", "label": 1}], "vocabulary": ["tea", "was", "Cold", "1,000"],
    "activation": "sigmoid", "bias": "mixed", "loss": "mse", "initial_state": [0.25, -0.5], "seed": 7,
    "parameters": {"readout": {"W_hy": [[0.5], [1.5]]}}, "recurrent_radius": 0.8, "learning_rate": 0.3,
    "clip_norm": 0.01, "edits": [{"name": "left_to_right.W_hh", "index": [0, 1], "value": 0.125}],
}  # fmt: skip


@pytest.mark.parametrize("fields", [LECTURE, FULL], ids=["lecture", "every field"])
def test_query_and_body_give_the_same_bytes(client: Client, fields: dict[str, Any]) -> None:
    posted = client.post("/api/v1/run", json=fields).content
    assert client.get("/api/v1/run?" + to_query(Experiment(**fields))).content == posted
    canonical = json.loads(posted)["experiment"]
    assert client.post("/api/v1/run", json=canonical).content == posted


def test_the_permalink_asks_the_same_question(client: Client) -> None:
    posted = client.post("/api/v1/run", json=FULL)
    query = posted.json()["permalink"].removeprefix("/?")
    assert client.get("/api/v1/run?" + query).content == posted.content


def test_every_choice_of_a_full_experiment_takes_effect(client: Client) -> None:
    answer = client.post("/api/v1/run", json=FULL).json()
    assert answer["vocabulary"] == ["tea", "was", "Cold", "1,000"]
    assert answer["forward"]["left_to_right"]["h_prev"][0] == [0.25, -0.5]
    assert answer["parameters"]["readout"]["W_hy"] == [[0.5], [1.5]]
    assert answer["parameters"]["left_to_right"]["W_hh"][0][1] == 0.125
    assert answer["weights_from"] == {
        "left_to_right.W_xh": "drawn", "left_to_right.W_hh": "drawn and edited", "left_to_right.b_h": "drawn",
        "readout.W_hy": "given", "readout.b_y": "drawn",
    }  # fmt: skip
    assert answer["update"]["clip_scale"] < 1


def test_biases_set_aside_are_echoed_but_not_used(client: Client) -> None:
    given = {"left_to_right": {"b_h": [9, 9, 9]}, "readout": {"b_y": [9]}}
    answer = run(client, bias="none", parameters=given)
    assert answer["experiment"]["parameters"] == given
    assert [sorted(group) for group in answer["parameters"].values()] == [["W_hh", "W_xh"], ["W_hy"]]
    assert [sorted(group) for group in answer["gradients"].values()] == [["W_hh", "W_xh"], ["W_hy"]]
    assert answer["parameter_count"] == {
        "left_to_right": {"W_xh": 15, "W_hh": 9}, "readout": {"W_hy": 3}, "total": 27,
    }  # fmt: skip
    assert answer["loss"] == run(client, bias="none")["loss"]


def test_a_vanishing_gradient_is_small_not_zero(client: Client) -> None:
    answer = run(client, sentence="movie was good " * 70, activation="sigmoid", include="backward")
    norms = answer["backward"]["left_to_right"]["dL_dh_norm"]
    assert 0 < norms[0] < 1e-60


def test_an_update_that_leaves_the_domain_says_so(client: Client) -> None:
    fields = {"sentence": "movie was good", "target": 1, "weights": "drawn", "bias": "outside"}
    answer = run(client, **fields, parameters={"readout": {"b_y": [0.2]}}, hidden_size=3, learning_rate=2.0)
    update = answer["update"]
    assert (update["loss"], update["problem"] is None) == (None, False)
    assert "bce" in update["problem"]


def test_same_seed_draws_the_same_whatever_the_sentence(client: Client) -> None:
    one = run(client, weights="drawn", seed=5, include="check")["parameters"]
    other = run(client, weights="drawn", seed=5, sentence="movie was", include="check")["parameters"]
    assert one == other != run(client, weights="drawn", seed=6, include="check")["parameters"]


@pytest.mark.parametrize(
    ("logit", "target", "slope", "blame"),
    [(20, 0, 1 + math.exp(20), 1), (1000, 0, 8.988e307, 1), (-1000, 1, -8.988e307, -1), (1000, 1, -1, 0)],
)
def test_the_slope_of_a_sure_answer_is_taken_from_the_logit_and_held_within_floats(
    client: Client, logit: float, target: int, slope: float, blame: float
) -> None:
    parameters = {"readout": {"W_hy": [[0], [0], [0]], "b_y": [logit]}}
    readout = run(client, "backward", target=target, parameters=parameters)["backward"]["readout"]
    assert readout["dL_dy_hat"] == pytest.approx([slope], rel=1e-3)
    assert readout["dL_dlogit"] == pytest.approx([blame], rel=1e-8)
    assert "held at half its largest number, about 8.99e307" in client.get("/openapi.json").text
