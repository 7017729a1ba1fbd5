"""One-hot rows picked and gathered instead of multiplied out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.onehot import AT_ONCE, PADDING, OneHot
from tests.engine.questions import few


@few
@given(st.integers(1, 40), st.integers(1, 3), st.integers(1, 9), st.integers(0, 999))
def test_rows_are_what_one_hot_products_give(steps: int, lanes: int, size: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    x = OneHot(random.integers(PADDING, size, (steps, lanes)), size)
    dense, matrix = x.dense(), random.normal(size=(size, 4))
    right = random.normal(size=(steps, lanes, 4))
    np.testing.assert_array_equal(dense.sum(axis=2), x.ids != PADDING)
    np.testing.assert_allclose(x.project(matrix), dense @ matrix)
    expected = np.einsum("tbv,tbm->vm", dense, right)
    np.testing.assert_allclose(x.scatter(right, np.zeros((size, 4))), expected, atol=1e-13)


@pytest.mark.parametrize("words", [1, 3, AT_ONCE + 5])
def test_stretches_of_words_leave_none_out(words: int) -> None:
    """One word more often than fits a stretch, and more words than fit one."""
    ids = np.concatenate([np.zeros(2 * AT_ONCE, np.intp), np.arange(words), np.arange(words)])[:, None]
    x, right = OneHot(ids, words), np.ones((len(ids), 1, 2))
    counts = np.bincount(ids.ravel())
    np.testing.assert_array_equal(x.scatter(right, np.zeros((words, 2))), np.stack([counts, counts], axis=1))
