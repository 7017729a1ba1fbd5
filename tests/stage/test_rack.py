"""Norms of what steps pay and of what it adds up to, and the numbers that lines are told with."""

from __future__ import annotations

import numpy as np
import pytest

from app.stage.numbers import Kind, shorts, written
from app.stage.rack import norms, paid_norms
from app.stage.shape import shape_of
from app.stage.sheet import Numbers
from tests.stage.networks import GRID, NAMES, network


@pytest.mark.parametrize("index", range(len(GRID)), ids=NAMES)
def test_a_step_pays_each_weight_the_norm_of_its_own_term(index: int) -> None:
    run = network(index)
    shape = shape_of(run)
    paid = paid_norms(run, shape)
    assert paid.keys() == set(shape.shared)
    for key, found in paid.items():
        terms = shape.weights[key].gradient(run).terms
        expected = np.linalg.norm(terms.reshape(len(run.words), -1), axis=1)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-300, err_msg=key)


def test_a_tiny_gradient_is_not_none_and_a_huge_one_stays_a_number() -> None:
    arrays = [np.full((2, 2), size) for size in (3.0, 1e-200, 0.0, 1e200, 1.7e308)]
    found = norms([*arrays, np.array([5e-324])])
    assert found[:4] == pytest.approx([6.0, 2e-200, 0.0, 2e200], rel=1e-12)
    assert found[4] == np.finfo(float).max and found[5] == 5e-324


def test_lines_are_told_with_the_numbers_of_an_array_and_their_texts() -> None:
    arrays = {"a": np.array([[0.5, -2.0]]), "b": np.arange(6).reshape(3, 2) / 8, "c": np.array([[7.0]])}
    (texts,) = written([Kind(list(arrays.values()), 1.0, False)])
    numbers = Numbers(arrays, texts)
    for name, array in arrays.items():
        assert numbers.values(name) == array.ravel().tolist()
        assert numbers.texts(name) == shorts(array)
        assert numbers.firsts(name) == shorts(array[:, 0])
