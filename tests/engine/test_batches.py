"""The B axis: many sentences of one length go through the same loops as one."""

import json
from typing import Any

import numpy as np
import pytest

from app.engine import Backward, Network, OneHot, backward, draw_parameters, forward, loss_of, step_downhill
from tests.engine.golden import GOLDEN, by_id, network_of, parameters_of, words_of

LEFT = "left_to_right"
BATCHES = json.loads((GOLDEN / "batch.json").read_text())["batch"]


def together(
    network: Network, vocabulary: int, ids: list[list[int]], labels: list[float]
) -> tuple[Backward, list[Backward]]:
    parameters = draw_parameters(network, vocabulary, 5)
    batch = OneHot(np.array(ids).T, vocabulary)
    alone = [
        backward(forward(network, parameters, OneHot.of(words, vocabulary)), label)
        for words, label in zip(ids, labels, strict=True)
    ]
    return backward(forward(network, parameters, batch), np.array(labels)), alone


@pytest.mark.parametrize("vocabulary", [4, 40])
@pytest.mark.parametrize("bias", ["inside", "mixed", "none"])
@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_a_batch_is_its_sentences(vocabulary: int, bias: str, loss: str) -> None:
    network = Network(bias=bias, loss=loss, hidden_size=4)
    batch, alone = together(network, vocabulary, [[0, 1, 2], [3, 3, 0], [2, 1, 1]], [1.0, 0.0, 1.0])
    np.testing.assert_allclose(batch.loss, [one.loss[0] for one in alone], rtol=1e-13)
    np.testing.assert_allclose(batch.d_y_hat[:, 0], [one.d_y_hat[0, 0] for one in alone], rtol=1e-12)
    chain = batch.chains[LEFT]
    for lane, one in enumerate(alone):
        np.testing.assert_allclose(chain.trace.h[:, lane], one.chains[LEFT].trace.h[:, 0], atol=1e-15)
        np.testing.assert_allclose(chain.d_h[:, lane], one.chains[LEFT].d_h[:, 0], atol=1e-15)
        np.testing.assert_allclose(chain.dhT_dh_norm[:, lane], one.chains[LEFT].dhT_dh_norm[:, 0], rtol=1e-12)
    for group, named in batch.gradients.items():
        for name, gradient in named.items():
            parts = [one.gradients[group][name] for one in alone]
            np.testing.assert_allclose(gradient.total, sum(part.total for part in parts), atol=1e-15)
            terms = sum(part.terms for part in parts)
            np.testing.assert_allclose(gradient.terms, terms, atol=1e-15)
            norms = np.sqrt(np.square(terms).reshape(len(terms), -1).sum(axis=1))
            np.testing.assert_allclose(gradient.norms, norms, rtol=1e-7, atol=1e-15)
            assert gradient.shares.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("expected", BATCHES, ids=lambda batch: batch["corpus"])
def test_golden_batch_gradients(expected: dict[str, Any]) -> None:
    """The mean over three reviews, each passed on its own: their lengths differ."""
    movie = expected["corpus"] == "movie"
    run = by_id("movie-R3-inside-tanh-bce" if movie else "catmatrat-R1-inside-tanh-bce")
    texts = (
        ["movie was good", "movie was bad", "movie was not good"]
        if movie
        else ["cat mat rat", "rat rat mat", "mat mat cat"]
    )
    labels = [1.0, 0.0, 0.0] if movie else [1.0, 1.0, 0.0]
    network, parameters = network_of(run), parameters_of(run)
    backs = [
        backward(forward(network, parameters, words_of(run, text)), label)
        for text, label in zip(texts, labels, strict=True)
    ]
    np.testing.assert_allclose(
        [back.trace.y_hat[0, 0] for back in backs], expected["y_hat"], rtol=0, atol=1e-9
    )
    np.testing.assert_allclose(
        np.mean([back.loss[0] for back in backs]), expected["mean_loss"], rtol=0, atol=1e-9
    )
    for group, named in expected["gradients_mean"].items():
        for name, values in named.items():
            mean = sum(back.gradients[group][name].total for back in backs) / 3
            np.testing.assert_allclose(mean, values, rtol=0, atol=1e-9)
            parameters[group][name] -= 0.1 * mean
    losses = [
        loss_of(forward(network, parameters, words_of(run, text)), label)[0]
        for text, label in zip(texts, labels, strict=True)
    ]
    np.testing.assert_allclose(np.mean(losses), expected["mean_loss_after_update_0.1"], rtol=0, atol=1e-9)


def test_an_update_of_a_batch_descends_its_summed_loss() -> None:
    batch, _ = together(Network(hidden_size=4), 4, [[0, 1, 2], [3, 3, 0], [2, 1, 1]], [1.0, 0.0, 1.0])
    update = step_downhill(batch.trace, batch, 1e-4)
    assert update.loss == pytest.approx(update.predicted_loss, abs=1e-6)
    assert update.loss is not None
    assert update.loss < batch.loss.sum()
