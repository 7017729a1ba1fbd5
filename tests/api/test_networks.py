"""Every cell, direction and task over HTTP: the contract's shapes, and numbers that hold together."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import numpy as np
import pytest

from app.experiments.experiment import Experiment
from app.experiments.query import to_query
from tests.api.test_answer import numbers, shapes
from tests.conftest import Client

T, V, H = 4, 5, 3
GATES: dict[str, str] = {"elman": "", "lstm": "ifgo", "gru": "rzn"}
each = pytest.mark.parametrize(
    ("cell", "bidirectional", "task"),
    list(product(GATES, (False, True), ("sentiment", "next_word"))),
)


def run(client: Client, **fields: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/run", json={"sentence": "movie was not good", "target": 0, **fields})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def chains(bidirectional: bool) -> list[str]:
    return ["left_to_right", "right_to_left"] if bidirectional else ["left_to_right"]


@each
def test_names_and_shapes_are_the_contracts(
    client: Client, cell: str, bidirectional: bool, task: str
) -> None:
    answer = run(client, cell=cell, bidirectional=bidirectional, task=task)
    names, lstm, words = chains(bidirectional), cell == "lstm", task == "next_word"
    width, state, outputs = H * max(1, len(GATES[cell])), H * len(names), V if words else 1
    lead = (T,) if words else ()
    chain = {"W_xh": (V, width), "W_hh": (H, width), "b_h": (width,)}
    chain |= {"b_hn": (H,)} if cell == "gru" else {}
    readout = {"W_hy": (state, outputs), "b_y": (outputs,)}
    assert shapes(answer["parameters"]) == {**dict.fromkeys(names, chain), "readout": readout}
    forward = {"x": (T, V), "h_prev": (T, H), "preactivation": (T, width), "h": (T, H)}
    forward |= {"gates": dict.fromkeys(GATES[cell], (T, H))} if GATES[cell] else {}
    forward |= {"c": (T, H)} if lstm else {}
    assert shapes(answer["forward"]) == {
        **dict.fromkeys(names, forward),
        "readout": {"input": (*lead, state), "logit": (*lead, outputs), "y_hat": (*lead, outputs)},
    }
    back = {
        "dL_dh": (T, H), "dL_dh_norm": (T,), "dL_dpreactivation": (T, width), "dL_dx": (T, V),
        "dh_dh_prev": (T, H, H), "dhT_dh_norm": (T,),
    }  # fmt: skip
    back |= {"dL_dc": (T, H), "highway": (T, H)} if lstm else {}
    credits = ["credit", "credit_right_to_left"][: len(names)] if words else []
    assert shapes(answer["backward"]) == {
        "readout": {
            "dL_dy_hat": (*lead, outputs), "dL_dlogit": (*lead, outputs), "dL_dinput": (*lead, state),
        },
        **dict.fromkeys(names, back), **dict.fromkeys(credits, (T, T)),
    }  # fmt: skip

    def summed(size: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        return {"total": size, "contributions": (T, *size), "norms": (T,), "shares": (T,)}

    assert shapes(answer["gradients"]) == {
        **{name: {key: summed(size) for key, size in chain.items()} for name in names},
        "readout": {key: summed(size) if words else {"total": size} for key, size in readout.items()},
    }
    assert shapes(answer["update"]["parameters"]) == shapes(answer["parameters"])
    assert np.shape(answer["update"]["y_hat"]) == (*lead, outputs)


@each
def test_the_numbers_hold_together(client: Client, cell: str, bidirectional: bool, task: str) -> None:
    answer = run(client, cell=cell, bidirectional=bidirectional, task=task)
    assert answer["check"]["max_abs_error"] < 1e-8
    sizes = {
        group: {name: np.size(value) for name, value in names.items()}
        for group, names in answer["parameters"].items()
    }
    total = sum(sum(names.values()) for names in sizes.values())
    assert answer["parameter_count"] == {**sizes, "total": total}
    assert answer["check"]["entries_checked"] == total
    for names in answer["gradients"].values():
        for gradient in names.values():
            if "contributions" not in gradient:
                continue
            terms, whole = np.array(gradient["contributions"]), np.array(gradient["total"])
            assert np.allclose(terms.sum(axis=0), whole, rtol=0, atol=1e-12)
            assert np.allclose([np.linalg.norm(term) for term in terms], gradient["norms"], atol=1e-12)
            shares = [(term * whole).sum() / (whole**2).sum() for term in terms]
            assert np.allclose(gradient["shares"], shares)
    step = sum(
        (np.array(answer["update"]["parameters"][group][name]) - answer["parameters"][group][name]).ravel()
        @ np.ravel(answer["gradients"][group][name]["total"])
        for group, names in answer["parameters"].items() for name in names
    )  # fmt: skip
    assert answer["update"]["predicted_loss"] == pytest.approx(answer["loss"] + step, abs=1e-12)
    assert answer["update"]["loss"] < answer["loss"]


@each
def test_query_body_and_permalink_give_the_same_bytes(
    client: Client, cell: str, bidirectional: bool, task: str
) -> None:
    given: Any = {"left_to_right": {"W_hh": np.full((2, 2 * max(1, len(GATES[cell]))), 0.25).tolist()}}
    given |= {"right_to_left": {"b_h": [0.5] * 2 * max(1, len(GATES[cell]))}} if bidirectional else {}
    fields = {
        "sentence": "movie was good", "cell": cell, "bidirectional": bidirectional, "task": task,
        "forget_bias": 2.5, "parameters": given,
        "edits": [{"name": f"{chains(bidirectional)[-1]}.W_xh", "index": [0, 1], "value": 0.125}],
    }  # fmt: skip
    posted = client.post("/api/v1/run", json=fields)
    assert client.get("/api/v1/run?" + to_query(Experiment(**fields))).content == posted.content
    assert client.get("/api/v1/run" + posted.json()["permalink"][1:]).content == posted.content
    assert client.post("/api/v1/run", json=posted.json()["experiment"]).content == posted.content
    assert posted.json()["parameters"][chains(bidirectional)[-1]]["W_xh"][0][1] == 0.125
    for group, names in given.items():
        for name, value in names.items():
            assert posted.json()["parameters"][group][name] == value


def test_an_lstm_is_its_formulas(client: Client) -> None:
    answer = run(client, cell="lstm")
    chain, back = answer["forward"]["left_to_right"], answer["backward"]["left_to_right"]
    i, f, g, o = (np.array(chain["gates"][name]) for name in "ifgo")
    c = np.array(chain["c"])
    blocks = np.split(np.array(chain["preactivation"]), 4, axis=1)
    assert np.allclose(f, 1 / (1 + np.exp(-blocks[1]))) and np.allclose(g, np.tanh(blocks[2]))
    assert np.allclose(c, f * np.vstack([np.zeros(H), c[:-1]]) + i * g)
    assert np.allclose(chain["h"], o * np.tanh(c))
    roads = [np.prod(f[t + 1 :], axis=0) for t in range(T)]
    assert np.allclose(back["highway"], roads)
    # At the last step the state alone hears the cell state.
    assert np.allclose(back["dL_dc"][-1], np.array(back["dL_dh"])[-1] * o[-1] * (1 - np.tanh(c[-1]) ** 2))


def test_a_forget_bias_stands_on_what_is_drawn_for_the_forget_gate(client: Client) -> None:
    one, three = (
        np.array(run(client, cell="lstm", forget_bias=bias)["parameters"]["left_to_right"]["b_h"])
        for bias in (1, 3)
    )
    assert np.allclose(three - one, [0] * H + [2] * H + [0] * 2 * H)
    assert run(client, forget_bias=3)["loss"] == run(client)["loss"]


def test_two_chains_read_the_sentence_from_both_ends(client: Client) -> None:
    answer = run(client, bidirectional=True)
    left, right = (np.array(answer["forward"][name]["h"]) for name in chains(True))
    assert np.allclose(answer["forward"]["readout"]["input"], [*left[-1], *right[0]])
    assert np.allclose(answer["forward"]["right_to_left"]["h_prev"], [*right[1:], np.zeros(H)])
    d_input = answer["backward"]["readout"]["dL_dinput"]
    assert answer["backward"]["right_to_left"]["dL_dh"][0] == d_input[H:]
    alone = run(client)["parameters"]["left_to_right"]
    assert answer["parameters"]["left_to_right"] == alone != answer["parameters"]["right_to_left"]


def test_a_next_word_is_asked_after_every_word_but_the_last(client: Client) -> None:
    answer = run(client, task="next_word")
    assert answer["next_words"] == ["was", "not", "good", None]
    y_hat = np.array(answer["forward"]["readout"]["y_hat"])
    assert np.allclose(y_hat.sum(axis=1), 1)
    asked = [answer["vocabulary"].index(word) for word in answer["next_words"][:-1]]
    losses = [-np.log(y_hat[t, word]) for t, word in enumerate(asked)]
    assert np.allclose(answer["losses"], [*losses, 0])
    assert answer["loss"] == pytest.approx(np.mean(losses), abs=1e-15)
    assert answer["backward"]["readout"]["dL_dlogit"][-1] == [0] * V
    assert run(client, task="next_word", target=1)["loss"] == answer["loss"]
    assert not {"losses", "next_words"} & run(client).keys()


def test_no_loss_reaches_the_future(client: Client) -> None:
    backward = run(client, task="next_word", bidirectional=True)["backward"]
    credit, other = np.array(backward["credit"]), np.array(backward["credit_right_to_left"])
    asked = slice(0, T - 1)
    assert (np.triu(credit, 1) == 0).all() and (np.diag(credit)[asked] > 0).all()
    assert (np.tril(other, -1) == 0).all() and (np.diag(other)[asked] > 0).all()
    assert (credit[-1] == 0).all() and (other[-1] == 0).all()


def test_the_lectures_weights_are_taken_where_they_fit(client: Client) -> None:
    def covered(**fields: Any) -> list[str]:
        origins = run(client, weights="lecture", **fields)["weights_from"]
        return [name for name, origin in origins.items() if origin == "lecture"]

    chain = ["left_to_right.W_xh", "left_to_right.W_hh", "left_to_right.b_h"]
    assert covered() == [*chain, "readout.W_hy", "readout.b_y"]
    assert covered(bidirectional=True) == [*chain, "readout.b_y"]
    assert covered(task="next_word") == chain
    assert covered(cell="lstm") == covered(cell="gru") == []


def test_numbers_of_a_long_bidirectional_lstm_are_finite(client: Client) -> None:
    answer = run(client, sentence="movie was good " * 60, cell="lstm", bidirectional=True, hidden_size=16)
    assert answer["omitted"] == ["jacobians", "contributions"]
    json.dumps(answer, allow_nan=False)
    assert min(numbers(answer["backward"]["left_to_right"]["dL_dh_norm"])) > 0
