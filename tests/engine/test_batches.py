"""The B axis: many sentences of one length go through the same loops as one."""

import json
from typing import Any

import numpy as np
import pytest

from app.engine import (
    Backward,
    EngineError,
    Network,
    OneHot,
    backward,
    check_gradients,
    draw_parameters,
    forward,
    loss_of,
    step_downhill,
)
from app.engine.cells import CELLS
from tests.engine.golden import GOLDEN, by_id, network_of, parameters_of, words_of

LEFT = "left_to_right"
ANSWERS = json.loads((GOLDEN / "batch.json").read_text())
BATCHES, PADDED = ANSWERS["batch"], ANSWERS["padding"]


def together(
    network: Network, vocabulary: int, ids: list[list[int]], labels: list[float], padding: str = "after"
) -> tuple[Backward, list[Backward]]:
    parameters = draw_parameters(network, vocabulary, 5)
    batch = OneHot.batch(ids, vocabulary, padding)
    alone = [
        backward(forward(network, parameters, OneHot.of(words, vocabulary)), label)
        for words, label in zip(ids, labels, strict=True)
    ]
    return backward(forward(network, parameters, batch), np.array(labels)), alone


def assert_the_same(batch: Backward, alone: list[Backward], padding: str = "after") -> None:
    """A batch says of each sentence what it would say of it alone, and nothing of padding."""
    np.testing.assert_allclose(batch.loss, [one.loss[0] for one in alone], rtol=1e-13)
    for lane, one in enumerate(alone):
        np.testing.assert_allclose(batch.d_y_hat[lane], one.d_y_hat[0], rtol=1e-12)
        for name, chain in batch.chains.items():
            single = one.chains[name]
            steps, length = len(chain.d_h), len(single.d_h)
            start = 0 if padding == "after" else steps - length
            own = slice(start, start + length)
            np.testing.assert_allclose(chain.trace.h[own, lane], single.trace.h[:, 0], atol=1e-15)
            np.testing.assert_allclose(chain.d_h[own, lane], single.d_h[:, 0], atol=1e-15)
            np.testing.assert_allclose(chain.dhT_dh_norm[own, lane], single.dhT_dh_norm[:, 0], rtol=1e-12)
            np.testing.assert_allclose(chain.d_h_0[lane], single.d_h_0[0], atol=1e-15)
            outside = np.ones(steps, bool)
            outside[own] = False
            assert not chain.d_preactivation[outside, lane].any()
            np.testing.assert_array_equal(
                chain.dh_dh_prev[outside, lane],
                np.broadcast_to(np.eye(chain.d_h.shape[2]), (steps - length, *chain.dh_dh_prev.shape[2:])),
            )
    for group, named in batch.gradients.items():
        for name, gradient in named.items():
            parts = [one.gradients[group][name] for one in alone]
            np.testing.assert_allclose(gradient.total, sum(part.total for part in parts), atol=1e-15)
            terms = gradient.terms
            np.testing.assert_allclose(terms.sum(axis=0), gradient.total, atol=1e-15)
            norms = np.sqrt(np.square(terms).reshape(len(terms), -1).sum(axis=1))
            np.testing.assert_allclose(gradient.norms, norms, rtol=1e-7, atol=1e-15)
            assert gradient.shares.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("vocabulary", [4, 40])
@pytest.mark.parametrize("bias", ["inside", "mixed", "none"])
@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_a_batch_is_its_sentences(vocabulary: int, bias: str, loss: str) -> None:
    network = Network(bias=bias, loss=loss, hidden_size=4)
    assert_the_same(*together(network, vocabulary, [[0, 1, 2], [3, 3, 0], [2, 1, 1]], [1.0, 0.0, 1.0]))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("padding", ["before", "after"])
@pytest.mark.parametrize("vocabulary", [4, 40])
def test_padding_changes_nothing(cell: str, bidirectional: bool, padding: str, vocabulary: int) -> None:
    network = Network(cell=cell, bidirectional=bidirectional, hidden_size=4)
    ids = [[0, 1, 2, 3, 3], [3, 0], [2]]
    assert_the_same(*together(network, vocabulary, ids, [1.0, 0.0, 1.0], padding), padding)


@pytest.mark.parametrize("bias", ["outside", "mixed"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("padding", ["before", "after"])
@pytest.mark.parametrize("vocabulary", [4, 40])
def test_padding_changes_nothing_where_the_bias_stands_outside(
    bias: str, bidirectional: bool, padding: str, vocabulary: int
) -> None:
    """Of the mixed bias each sentence's first step is that of its own first word, from either side."""
    network = Network(bias=bias, loss="mse", hidden_size=4, bidirectional=bidirectional)
    ids = [[0, 1, 2], [3, 0], [2]]
    assert_the_same(*together(network, vocabulary, ids, [1.0, 0.0, 1.0], padding), padding)


@pytest.mark.parametrize("vocabulary", [4, 40])
def test_a_mixed_bias_stands_outside_at_the_first_word_that_a_chain_reads(vocabulary: int) -> None:
    network = Network(bias="mixed", loss="mse", bidirectional=True)
    parameters, ids = draw_parameters(network, vocabulary, 5), [0, 1, 2, 1]
    trace = forward(network, parameters, OneHot.of(ids, vocabulary))
    for name, first in (("left_to_right", 0), ("right_to_left", 3)):
        own, chain = parameters[name], trace.chains[name]
        a = own["W_xh"][ids] + chain.h_prev[:, 0] @ own["W_hh"]
        expected = np.tanh(a + own["b_h"])
        expected[first] = np.tanh(a[first]) + own["b_h"]
        np.testing.assert_allclose(chain.h[:, 0], expected, atol=1e-15)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("padding", ["before", "after"])
def test_padding_changes_nothing_where_every_step_predicts(cell: str, padding: str) -> None:
    network = Network(cell=cell, task="next_word", outputs=4, bidirectional=True)
    parameters = draw_parameters(network, 4, 5)
    ids, targets = [[0, 1, 2, 3], [2, 1]], [[1, 2, 3, -1], [1, 0]]
    padded = OneHot.batch(targets, 4, padding).ids
    batch = backward(forward(network, parameters, OneHot.batch(ids, 4, padding)), padded, mean=True)
    alone = [
        backward(forward(network, parameters, OneHot.of(words, 4)), target)
        for words, target in zip(ids, targets, strict=True)
    ]
    np.testing.assert_allclose(batch.loss, [one.loss[0] for one in alone], rtol=1e-13)
    assert batch.total_loss == pytest.approx(np.mean([one.loss[0] for one in alone]))
    for group, named in batch.gradients.items():
        for name, gradient in named.items():
            mean = sum(one.gradients[group][name].total for one in alone) / 2
            np.testing.assert_allclose(gradient.total, mean, atol=1e-15)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("padding", ["before", "after"])
@pytest.mark.parametrize("window", [1, 2, 3])
@pytest.mark.parametrize("task", ["sentiment", "next_word"])
def test_a_window_is_counted_from_the_last_word_of_every_sentence(
    cell: str, padding: str, window: int, task: str
) -> None:
    """Padding takes no place in it: of a short sentence beside a long one nothing was learned."""
    network = Network(cell=cell, task=task, outputs=4 if task == "next_word" else 1, bidirectional=True)
    parameters = draw_parameters(network, 4, 5)
    ids, nexts = [[0, 1, 2, 3, 1], [2, 1], [3, 0, 1]], [[1, 2, 3, 1, -1], [1, -1], [0, 1, -1]]
    labels = np.array([1.0, 0.0, 1.0])
    target = OneHot.batch(nexts, 4, padding).ids if network.per_step else labels
    batch = backward(forward(network, parameters, OneHot.batch(ids, 4, padding)), target, window=window)
    alone = [
        backward(forward(network, parameters, OneHot.of(words, 4)), own, window=window)
        for words, own in zip(ids, nexts if network.per_step else labels, strict=True)
    ]
    for group, named in batch.gradients.items():
        for name, gradient in named.items():
            expected = sum(one.gradients[group][name].total for one in alone)
            np.testing.assert_allclose(gradient.total, expected, atol=1e-14)


def test_batch_of_the_notes_has_their_shape() -> None:
    batch = OneHot.batch([[0, 1, 2], [0, 1, 3], [0, 1, 4, 2]], 5)
    assert batch.dense().transpose(1, 0, 2).shape == (3, 4, 5)
    assert not batch.dense()[3, :2].any()


@pytest.mark.parametrize("expected", PADDED, ids=lambda expected: expected["id"])
def test_golden_padding(expected: dict[str, Any]) -> None:
    run = by_id("movie-R3-inside-tanh-bce")
    network, parameters = network_of(run), parameters_of(run)
    lane = ["R1", "R2", "R3"].index(expected["id"])
    for side, padding in (("pre", "before"), ("post", "after")):
        for masked in (True, False):
            x = OneHot.batch([[0, 1, 2], [0, 1, 3], [0, 1, 4, 2]], 5, padding, masked)
            y_hat = forward(network, parameters, x).y_hat[lane, 0]
            name = f"{side}_masked" if masked else f"{side}_no_mask"
            np.testing.assert_allclose(y_hat, expected[name], rtol=0, atol=1e-9)


@pytest.mark.parametrize("padding", ["before", "after"])
def test_padding_without_a_mask_is_a_step_without_a_word(padding: str) -> None:
    """Its contributions are found by moving each weight: the state goes on, and no row of W_xh takes part."""
    network = Network(hidden_size=2)
    parameters = draw_parameters(network, 3, 0)
    x = OneHot.batch([[0, 1], [0]], 3, padding, masked=False)
    lone = OneHot(x.ids[:, 1:], 3)
    back = backward(forward(network, parameters, lone), 1.0)
    check = check_gradients(back.trace, back)
    assert check.entries_checked == 6 + 4 + 2 + 2 + 1
    assert check.max_abs_error < 1e-9
    empty = 1 if padding == "after" else 0
    for gradient in (back.gradients[LEFT]["W_xh"],):
        assert gradient.norms[empty] == gradient.shares[empty] == 0.0
        np.testing.assert_allclose(gradient.terms.sum(axis=0), gradient.total, atol=1e-15)
    assert back.gradients[LEFT]["b_h"].norms[empty] > 0.0


@pytest.mark.parametrize(
    ("sentences", "padding", "message"),
    [
        ([], "after", r"sentences must be at least 1, each of at least 1 word, got lengths \[\]"),
        ([[0], []], "after", r"sentences must be at least 1, each of at least 1 word, got lengths \[1, 0\]"),
        ([[0]], "around", "padding must be one of after, before, got 'around'"),
    ],
)
def test_batches_that_are_none_are_refused(sentences: list[list[int]], padding: str, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        OneHot.batch(sentences, 3, padding)


@pytest.mark.parametrize("expected", BATCHES, ids=lambda batch: batch["corpus"])
@pytest.mark.parametrize("padding", ["before", "after"])
def test_golden_gradients_of_one_padded_batch(expected: dict[str, Any], padding: str) -> None:
    movie = expected["corpus"] == "movie"
    run = by_id("movie-R3-inside-tanh-bce" if movie else "catmatrat-R1-inside-tanh-bce")
    ids = [[0, 1, 2], [0, 1, 3], [0, 1, 4, 2]] if movie else [[0, 1, 2], [2, 2, 1], [1, 1, 0]]
    labels = np.array([1.0, 0.0, 0.0] if movie else [1.0, 1.0, 0.0])
    trace = forward(network_of(run), parameters_of(run), OneHot.batch(ids, 5 if movie else 3, padding))
    back = backward(trace, labels, mean=True)
    assert back.total_loss == pytest.approx(expected["mean_loss"], abs=1e-9)
    for group, named in expected["gradients_mean"].items():
        for name, values in named.items():
            np.testing.assert_allclose(back.gradients[group][name].total, values, rtol=0, atol=1e-9)
    assert step_downhill(trace, back, 0.1).loss == pytest.approx(
        expected["mean_loss_after_update_0.1"], abs=1e-9
    )


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
