"""The numbers that the lecture notes' coverage table asks for, over HTTP; tests carry the table's rows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Client

NEAR = 1.1e-6  # the table gives five or six digits; the golden runs are checked to 1e-9 elsewhere


def run(client: Client, sentence: str, corpus: str = "catmatrat", **fields: Any) -> dict[str, Any]:
    answer = client.post(
        "/api/v1/run", json={"sentence": sentence, "corpus": corpus, "weights": "lecture", **fields}
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def near(expected: Any, digits: float = NEAR) -> Any:
    return pytest.approx(expected, abs=digits)


def flat(rows: list[Any]) -> list[float]:
    return [entry for row in rows for entry in row] if isinstance(rows[0], list) else rows


def chain(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = answer["forward"]["left_to_right"]
    return found


def y_hat(answer: dict[str, Any]) -> float:
    return float(answer["forward"]["readout"]["y_hat"][0])


def corpora(client: Client) -> dict[str, dict[str, Any]]:
    return {corpus["name"]: corpus for corpus in client.get("/api/v1/corpora").json()["corpora"]}


def test_row_2_one_output_after_the_last_word(client: Client) -> None:
    answer = run(client, "cat mat rat")
    assert len(answer["forward"]["readout"]["y_hat"]) == 1 and len(chain(answer)["h"]) == 3


def test_row_3_reviews_keep_their_capital_r(client: Client) -> None:
    reviews = corpora(client)["catmatrat"]["reviews"]
    assert [review["text"] for review in reviews] == ["cat mat rat", "Rat rat mat", "mat mat cat"]
    assert run(client, "Rat rat mat")["words"] == ["Rat", "rat", "mat"]


def test_row_4_lower_case_gives_rat_one_code(client: Client) -> None:
    answer = run(client, "Rat rat mat")
    assert chain(answer)["x"] == [[0, 0, 1], [0, 0, 1], [0, 1, 0]]
    assert len(answer["vocabulary"]) == 3
    cased = run(client, "Rat rat mat", lowercase=False)
    assert (len(cased["vocabulary"]), cased["parameter_count"]["total"]) == (4, 28)


def test_row_5_vocabulary_by_first_appearance(client: Client) -> None:
    assert run(client, "mat mat cat")["vocabulary"] == ["cat", "mat", "rat"]
    assert corpora(client)["catmatrat"]["vocabulary"] == ["cat", "mat", "rat"]


def test_row_6_one_hot_tables(client: Client) -> None:
    assert chain(run(client, "cat mat rat"))["x"] == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert chain(run(client, "mat mat cat"))["x"] == [[0, 1, 0], [0, 1, 0], [1, 0, 0]]


def test_row_7_three_hidden_biases_and_one_output_bias(client: Client) -> None:
    count = run(client, "cat mat rat")["parameter_count"]
    assert count == {
        "left_to_right": {"W_xh": 9, "W_hh": 9, "b_h": 3}, "readout": {"W_hy": 3, "b_y": 1}, "total": 25,
    }  # fmt: skip


def test_row_8_the_first_state_of_cat(client: Client) -> None:
    assert chain(run(client, "cat"))["h"] == [near([0.53705, -0.37995, 0.37995], 1e-5)]


def test_row_9_the_recurrences(client: Client) -> None:
    states = chain(run(client, "cat mat rat"))["h"]
    assert states[1:] == [
        near([0.13236, 0.34546, -0.13969], 1e-5),
        near([0.10544, 0.18389, 0.66896], 1e-5),
    ]
    outside = chain(run(client, "cat mat rat", bias="outside"))["h"]
    assert outside[0] == near([0.56212, -0.39131, 0.39738], 1e-5)


def test_row_10_one_matrix_before_and_after_the_update(client: Client) -> None:
    answer = run(client, "cat mat rat")
    assert (
        answer["parameters"]["left_to_right"].keys() == answer["update"]["parameters"]["left_to_right"].keys()
    )


@pytest.mark.parametrize(
    ("bias", "expected"), [("inside", 0.604485), ("outside", 0.688445), ("mixed", 0.679686)]
)
def test_row_11_the_output_under_each_bias(client: Client, bias: str, expected: float) -> None:
    assert y_hat(run(client, "cat mat rat", bias=bias)) == near(expected)


@pytest.mark.parametrize(
    ("loss", "expected"), [("mse", 0.156432), ("bce", 0.503379), ("difference", 0.395515)]
)
def test_row_12_the_three_losses(client: Client, loss: str, expected: float) -> None:
    answer = run(client, "cat mat rat", loss=loss)
    assert answer["loss"] == near(expected)
    if loss == "difference":
        assert answer["backward"]["readout"]["dL_dy_hat"] == [-1.0]


@pytest.mark.parametrize(("loss", "after"), [("bce", 0.455086), ("mse", 0.145238)])
def test_row_13_one_update_lowers_the_loss(client: Client, loss: str, after: float) -> None:
    assert run(client, "cat mat rat", loss=loss)["update"]["loss"] == near(after)


def test_row_14_new_is_old_minus_eta_times_gradient(client: Client) -> None:
    answer = run(client, "cat mat rat")
    for group, names in answer["parameters"].items():
        for name, old in names.items():
            gradient = answer["gradients"][group][name]["total"]
            new = answer["update"]["parameters"][group][name]
            assert flat(new) == [o - 0.1 * g for o, g in zip(flat(old), flat(gradient), strict=True)]


def test_row_14_a_step_too_long_raises_the_loss(client: Client) -> None:
    answer = run(client, "movie was not good", "movie", target=0, learning_rate=10)
    assert (answer["loss"], answer["update"]["loss"]) == (near(1.2847, 1e-4), near(3.5212, 1e-4))


def test_row_15_the_gradient_of_the_readout(client: Client) -> None:
    total = run(client, "cat mat rat")["gradients"]["readout"]["W_hy"]["total"]
    assert [row[0] for row in total] == near([-0.041702, -0.072733, -0.264585])


def test_row_17_the_scalar_networks_three_contributions(client: Client) -> None:
    answer = run(client, "cat mat rat", hidden_size=1, loss="mse")
    terms = answer["gradients"]["left_to_right"]["W_xh"]["contributions"]
    assert [terms[t][t][0] for t in range(3)] == near([-0.013535, -0.031701, -0.053628])


@pytest.mark.parametrize(("sentence", "steps"), [("movie was not good", 4), ("movie was good bad " * 5, 20)])
def test_row_18_as_many_contributions_as_words(client: Client, sentence: str, steps: int) -> None:
    assert len(run(client, sentence, "movie")["gradients"]["left_to_right"]["W_xh"]["norms"]) == steps


def test_row_21_the_first_term_of_W_hh_is_zero_from_a_zero_state(client: Client) -> None:
    norms = run(client, "cat mat rat")["gradients"]["left_to_right"]["W_hh"]["norms"]
    assert norms == near([0, 0.117787, 0.118879]) and norms[0] == 0
    started = run(client, "cat mat rat", initial_state=[0.1, -0.2, 0.3])
    assert started["gradients"]["left_to_right"]["W_hh"]["norms"][0] > 0


def test_row_25_the_long_and_the_short_sentence(client: Client) -> None:
    reviews = corpora(client)["maharashtra"]["reviews"]
    gaps = [len(review["words"]) - 1 - review["cue_index"] for review in reviews]
    assert [len(review["words"]) for review in reviews] == [20, 20, 4, 4] and gaps == [19, 19, 3, 3]


def test_row_28_four_words_four_states_and_no_bias_on_demand(client: Client) -> None:
    states = chain(run(client, "movie was not good", "movie"))["h"]
    assert len(states) == 4 and states[3] == near([0.685221, -0.459598, 0.531457])
    assert "b_h" not in run(client, "movie was not good", "movie", bias="none")["parameters"]["left_to_right"]


def test_row_29_the_long_review_learns(client: Client) -> None:
    answer = run(client, "movie was not good", "movie", target=0)
    assert (answer["loss"], answer["update"]["loss"]) == (near(1.284684), near(1.140224))


def test_row_30_a_scalar_and_a_vector(client: Client) -> None:
    backward = run(client, "movie was not good", "movie", target=0)["backward"]
    assert backward["readout"]["dL_dy_hat"] == [near(3.613526)]
    assert backward["left_to_right"]["dL_dh"][3] == near([0.433957, -0.289305, 0.361631])


@pytest.mark.parametrize(
    "sentence", ["Hi there", "don't panic", "naïve café", "मराठी भाषा", "👩‍🏫 teaches", "movie"]
)
def test_row_36_any_sentence_runs(client: Client, sentence: str) -> None:
    assert len(run(client, sentence, "movie")["tokens"]) == len(sentence.split())


def test_row_37_one_hot_of_the_users_words(client: Client) -> None:
    x = chain(run(client, "Hi my name is Asha", "custom"))["x"]
    assert x[:3] == [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0]]


@pytest.mark.parametrize(("sentence", "shape"), [("movie was good", (3, 5)), ("movie was not good", (4, 5))])
def test_rows_44_and_49_timesteps_by_features(client: Client, sentence: str, shape: tuple[int, int]) -> None:
    x = chain(run(client, sentence, "movie"))["x"]
    assert (len(x), len(x[0])) == shape


def test_row_45_three_reviews_with_their_labels(client: Client) -> None:
    movie = corpora(client)["movie"]
    assert [(review["text"], review["label"]) for review in movie["reviews"]] == [
        ("movie was good", 1), ("movie was bad", 0), ("movie was not good", 0),
    ]  # fmt: skip
    assert not movie["labels_assumed"] and corpora(client)["catmatrat"]["labels_assumed"]


def test_rows_46_and_47_five_numbers_a_word(client: Client) -> None:
    x = chain(run(client, "movie was not", "movie"))["x"]
    assert x == [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 1]]


def test_row_48_the_dictionary_in_its_order(client: Client) -> None:
    answer = run(client, "movie was not good", "movie")
    assert answer["vocabulary"] == ["movie", "was", "good", "bad", "not"]
    assert y_hat(answer) == near(0.7233, 1e-4)


def test_row_48_alphabetical_order_would_mean_another_network(client: Client) -> None:
    rows = run(client, "movie was not good", "movie")["parameters"]
    answer = run(
        client, "movie was not good", vocabulary=["bad", "good", "movie", "not", "was"], parameters=rows
    )
    assert y_hat(answer) == near(0.5480, 1e-4)


def test_row_50_word_by_word(client: Client) -> None:
    whole = chain(run(client, "movie was not good", "movie"))["h"]
    for steps in range(1, 5):
        part = " ".join("movie was not good".split()[:steps])
        assert chain(run(client, part, "movie"))["h"] == whole[:steps]


def test_row_53_the_state_before_is_the_input_after(client: Client) -> None:
    found = chain(run(client, "movie was not good", "movie"))
    assert found["h_prev"][1:] == found["h"][:-1]


@pytest.mark.parametrize(("state", "expected"), [("zeros", 0.604485), ([0.1, -0.2, 0.3], 0.607360)])
def test_row_55_the_initial_state(client: Client, state: Any, expected: float) -> None:
    assert y_hat(run(client, "cat mat rat", initial_state=state)) == near(expected)


def test_row_55_a_random_state_comes_from_the_seed(client: Client) -> None:
    def first(seed: int) -> Any:
        return chain(run(client, "cat mat rat", initial_state="random", seed=seed))["h_prev"][0]

    assert first(1) == first(1) != first(2)


def test_row_57_the_parameters_are_thirty_one(client: Client) -> None:
    count = run(client, "movie was good", "movie")["parameter_count"]
    assert count == {
        "left_to_right": {"W_xh": 15, "W_hh": 9, "b_h": 3}, "readout": {"W_hy": 3, "b_y": 1}, "total": 31,
    }  # fmt: skip


@pytest.mark.parametrize("sentence", ["movie was good", "movie was not good", "movie was good bad " * 5])
def test_row_61_the_count_does_not_grow_with_the_sentence(client: Client, sentence: str) -> None:
    assert run(client, sentence, "movie")["parameter_count"]["total"] == 31
