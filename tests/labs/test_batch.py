"""Reviews as one block: what padding and the mask change, by the numbers of the notes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.run import run
from app.labs.batch import Batch, batch

PADDED = json.loads((Path(__file__).parents[1] / "golden" / "batch.json").read_text())["padding"]
R3: dict[str, Any] = {"sentence": "movie was not good", "target": 0, "weights": "lecture"}


def block(padding: str = "after", **fields: Any) -> Batch:
    return batch(run(Experiment(**{**R3, **fields})), padding)


def test_the_block_of_the_notes_is_three_by_four_by_five() -> None:
    after, before = block(), block("before")
    assert after.shape == before.shape == (3, 4, 5)
    assert after.slices[1].tokens == ("movie", "was", "bad", "")
    assert before.slices[1].tokens == ("", "movie", "was", "bad")
    assert before.slices[1].ids == (-1, 0, 1, 3)


@pytest.mark.parametrize("padding", ["before", "after"])
@pytest.mark.parametrize("masked", [True, False])
def test_the_answers_are_the_golden_ones(padding: str, masked: bool) -> None:
    name = f"{'pre' if padding == 'before' else 'post'}_{'masked' if masked else 'no_mask'}"
    found = block().way(padding, masked)
    assert found.y_hat is not None
    np.testing.assert_allclose(found.y_hat, [one[name] for one in PADDED], rtol=0, atol=1e-9)


def test_zeros_are_not_neutral_without_a_mask() -> None:
    """E24: R1 .717169 with a mask, .718232 with zeros before it, .574209 with zeros after it."""
    found = block()
    for way, expected in ((("after", True), 0.717169), (("before", True), 0.717169),
                          (("before", False), 0.718232), (("after", False), 0.574209)):  # fmt: skip
        answer = found.way(*way).y_hat
        assert answer is not None and answer[0] == pytest.approx(expected, abs=5e-7)


NETWORKS = [
    {},
    {"cell": "lstm", "weights": "drawn"},
    {"cell": "gru", "bidirectional": True, "weights": "drawn"},
    {"task": "next_word", "weights": "drawn"},
    {"corpus": "maharashtra", "weights": "drawn", "sentence": "spoken in India"},
    {"bias": "outside", "loss": "mse"},
    {"bias": "mixed", "loss": "mse", "bidirectional": True},
    {"initial_state": "random"},
]


@pytest.mark.parametrize("fields", NETWORKS, ids=str)
def test_a_mask_leaves_answers_and_gradient_alone_and_zeros_do_not(fields: dict[str, Any]) -> None:
    found = block(**fields)
    assert found.alone.losses is not None
    for way in found.ways:
        assert way.losses is not None and way.gap is not None
        if way.masked:
            np.testing.assert_allclose(way.losses, found.alone.losses, rtol=1e-12)
            assert way.gap < 1e-12
    before = found.way("before", False)
    assert before.gap is not None and before.gap > 1e-3


def test_an_undefined_loss_says_why_there_is_no_answer() -> None:
    edit = {"name": "readout.b_y", "index": (0,), "value": 0.4}
    found = block(bias="outside", sentence="movie was bad", edits=(edit,))
    assert "bce is defined" in found.alone.problem
    assert all(way.losses is None for way in found.ways)


def test_wasted_products_and_parameters_of_the_ordinary_network() -> None:
    found = block()
    wasted = found.ordinary.products
    assert (wasted.total, wasted.on_padding, wasted.on_zeros) == (180, 30, 150)
    assert found.ordinary.counts == ((4, 67), (10, 157), (100, 1507), (1000, 15007))
    assert found.parameters == 31
    assert found.ordinary.refusal == "sentence must have at most 4 words, the slots of this network, got 5"


def test_a_corpus_without_reviews_is_the_sentence_alone() -> None:
    found = block(corpus="custom", sentence="so good", weights="drawn")
    assert found.shape == (1, 2, 2)


def test_reviews_the_network_cannot_read_are_counted_and_left_out() -> None:
    found = block(vocabulary=("movie", "was", "not", "good"))
    assert (found.shape[0], found.left_out) == (2, 1)
    with pytest.raises(ExperimentError, match="reviews must be at least 1 review that the network can read"):
        block(vocabulary=("so",), sentence="so")


def test_an_unknown_side_is_refused() -> None:
    with pytest.raises(ExperimentError, match='padding must be after or before, got "around"'):
        block("around")
