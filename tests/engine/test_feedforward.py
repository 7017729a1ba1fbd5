"""The ordinary network: its counts, its gradients, and what padding and bags of words cost it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine import DivergenceError, EngineError, Network, OneHot, draw_parameters, forward
from app.engine.feedforward import (
    Feedforward,
    Products,
    draw_feedforward,
    encode,
    products,
    run_feedforward,
    train_feedforward,
)
from app.engine.plan import Example, Plan
from app.engine.training import train
from tests.engine.questions import few

MOVIE = [[0, 1, 2], [0, 1, 3], [0, 1, 4, 2]]
LABELS = np.array([1.0, 0.0, 0.0])
FLAT = Feedforward(5, slots=4)
BAG = Feedforward(5)


def test_products_on_padding_and_on_zeros() -> None:
    assert products(FLAT, MOVIE) == Products(180, 30, 150)
    twelve = Feedforward(12, slots=5, hidden_size=1)
    assert products(twelve, [[0] * 5, [0] * 3, [0] * 4]) == Products(180, 36, 180 - 12)
    assert products(BAG, MOVIE).on_padding == 0


@pytest.mark.parametrize(("longest", "count"), [(4, 67), (10, 157), (100, 1507), (1000, 15007)])
def test_parameters_grow_with_the_longest_sentence(longest: int, count: int) -> None:
    network = Feedforward(5, slots=longest)
    assert network.parameter_count == count
    assert sum(values.size for values in draw_feedforward(network, 0).values()) == count


def test_longer_sentences_do_not_fit() -> None:
    with pytest.raises(
        EngineError, match="sentence must have at most 4 words, the slots of this network, got 5"
    ):
        encode(FLAT, [[0, 1, 2, 3, 4]])


def test_a_bag_of_words_forgets_their_order() -> None:
    one, other = encode(BAG, [[0, 1, 4, 2], [2, 1, 4, 0]])
    np.testing.assert_array_equal(one, other)
    flat = encode(FLAT, [[0, 1, 4, 2], [2, 1, 4, 0]])
    assert not np.array_equal(*flat)


def test_padding_is_zeros_behind_the_words() -> None:
    x = encode(FLAT, [[0, 1, 2]])[0].reshape(4, 5)
    np.testing.assert_array_equal(x, [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]])


@few
@given(
    st.sampled_from(["tanh", "sigmoid", "identity"]),
    st.sampled_from(["bce", "mse", "difference"]),
    st.sampled_from([None, 4]),
    st.integers(0, 50),
)
def test_gradients_agree_with_finite_differences(
    activation: str, loss: str, slots: int | None, seed: int
) -> None:
    network = Feedforward(5, slots, activation=activation, loss=loss)
    parameters, x = draw_feedforward(network, seed), encode(network, MOVIE)
    found = run_feedforward(network, parameters, x, LABELS).gradients
    for name, values in parameters.items():
        for place in np.ndindex(values.shape):
            losses = []
            for eps in (1e-6, -1e-6):
                moved = {key: array.copy() for key, array in parameters.items()}
                moved[name][place] += eps
                losses.append(run_feedforward(network, moved, x, LABELS).loss.mean())
            np.testing.assert_allclose((losses[0] - losses[1]) / 2e-6, found[name][place], atol=1e-8)


@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "adam"])
def test_it_learns_the_reviews(optimiser: str) -> None:
    parameters = draw_feedforward(FLAT, 0)
    learned, losses = train_feedforward(FLAT, parameters, encode(FLAT, MOVIE), LABELS, 300, 0.3, optimiser)
    assert losses[-1] < 0.1 < losses[0]
    y_hat = run_feedforward(FLAT, learned, encode(FLAT, MOVIE), LABELS).y_hat[:, 0]
    np.testing.assert_array_equal(y_hat > 0.5, LABELS > 0.5)
    assert draw_feedforward(FLAT, 0)["W_ih"].tobytes() == parameters["W_ih"].tobytes()


def test_a_shifted_word_is_lost_on_it_and_not_on_a_recurrent_network() -> None:
    """Trained on the three reviews, how often are "movie good" and "movie bad" told apart?"""
    right = {"flat": 0, "recurrent": 0}
    for seed in range(20):
        parameters = draw_feedforward(FLAT, seed)
        learned, _ = train_feedforward(FLAT, parameters, encode(FLAT, MOVIE), LABELS, 500, 0.5)
        good, bad = run_feedforward(FLAT, learned, encode(FLAT, [[0, 2], [0, 3]]), [1.0, 0.0]).y_hat[:, 0]
        right["flat"] += bool(good > 0.5 > bad)
        network = Network()
        examples = [Example(ids, label) for ids, label in zip(MOVIE, LABELS, strict=True)]
        plan = Plan(epochs=500, learning_rate=0.5, record_every=500)
        trained = train(network, draw_parameters(network, 5, seed), 5, examples, plan).parameters
        good, bad = forward(network, trained, OneHot.batch([[0, 2], [0, 3]], 5)).y_hat[:, 0]
        right["recurrent"] += bool(good > 0.5 > bad)
    assert right["flat"] <= 3
    assert right["recurrent"] >= 10


def test_a_run_that_outgrows_the_numbers_is_refused_by_name() -> None:
    network = Feedforward(5, slots=4, activation="identity", loss="difference")
    with pytest.raises(DivergenceError, match="must stay finite"):
        train_feedforward(network, draw_feedforward(network, 0), encode(network, MOVIE), LABELS, 50, 1e200)


@pytest.mark.parametrize("field", ["vocabulary_size", "slots", "hidden_size"])
def test_sizes_that_are_none_are_refused(field: str) -> None:
    with pytest.raises(EngineError, match=f"{field} must be at least 1, got 0") as caught:
        Feedforward(**{"vocabulary_size": 5, field: 0})
    assert caught.value.field == field
