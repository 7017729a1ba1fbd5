"""The compact sum is true with immediate partials and counts twice with total ones."""

from typing import Any

import numpy as np
import pytest

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.presets import ONE_UNIT
from app.experiments.run import Run, run
from app.labs.entries import weights_of
from app.labs.freezing import TINY, freeze, owed

NETWORKS: list[dict[str, Any]] = [
    {},
    {"bias": "outside", "loss": "mse", "initial_state": "random"},
    {"bias": "mixed"},
    {"activation": "relu"},
    {"activation": "sigmoid", "bias": "none"},
    {"cell": "lstm", "bidirectional": True},
    {"cell": "gru", "task": "next_word"},
    {"cell": "lstm", "task": "next_word"},
]


def answer(**fields: Any) -> Run:
    return run(Experiment(**{"sentence": "movie was not good", "target": 0, **fields}))


def one_unit() -> Run:
    return answer(sentence="cat mat rat", corpus="catmatrat", target=1, loss="mse", parameters=ONE_UNIT)


@pytest.mark.parametrize(
    ("address", "held", "free"),
    [(None, -0.09886, -0.15763), ("left_to_right.W_hh.0.0", -0.02355, -0.04057)],
)
def test_the_numbers_of_the_one_unit_network(address: str | None, held: float, free: float) -> None:
    """E9."""
    found = freeze(one_unit(), address)
    assert found.sums == (pytest.approx(held, abs=5e-6), pytest.approx(free, abs=5e-6))
    assert found.sums[0] == pytest.approx(found.gradient, abs=1e-15)


@pytest.mark.parametrize("fields", NETWORKS, ids=str)
def test_with_the_state_before_held_each_copy_gives_its_contribution(fields: dict[str, Any]) -> None:
    """Moving step t's copy alone holds what comes before; what it does to s_t is the immediate partial."""
    found = answer(**fields)
    for weight in [each for each in weights_of(found) if each.group != "readout"][::7]:
        frozen, steps = freeze(found, weight.address), len(found.words)
        for t in range(steps):
            alone = np.zeros((steps, 1), complex)
            alone[t] = TINY * 1j
            assert owed(found, weight, alone)[t] == pytest.approx(frozen.held[t], abs=1e-14)
        assert frozen.sums[0] == pytest.approx(frozen.gradient, abs=1e-14)


@pytest.mark.parametrize("fields", NETWORKS, ids=str)
def test_free_terms_are_those_of_states_moved_by_the_shared_weight(fields: dict[str, Any]) -> None:
    found = answer(**fields)
    for weight in [each for each in weights_of(found) if each.group != "readout"][::11]:
        if found.network.cell == "lstm":
            continue  # its state is more than h
        value, moved = float(found.parameters[weight.group][weight.name][weight.index]), []
        for eps in (1e-6, -1e-6):
            edit = {"name": f"{weight.group}.{weight.name}", "index": weight.index, "value": value + eps}
            moved.append(answer(**fields, edits=(edit,)).forward.chains[weight.group].h)
        slope = (moved[0] - moved[1]) / 2e-6
        expected = (found.backward.chains[weight.group].d_h * slope).sum(axis=1)
        np.testing.assert_allclose(freeze(found, weight.address).free, expected, atol=2e-9)


def test_at_the_first_step_walked_both_are_the_same() -> None:
    left, right = (
        freeze(answer(bidirectional=True), f"{name}.b_h.1") for name in ("left_to_right", "right_to_left")
    )
    assert left.free[0] == pytest.approx(left.held[0]) and left.free[-1] != pytest.approx(left.held[-1])
    assert right.free[-1] == pytest.approx(right.held[-1]) and right.free[0] != pytest.approx(right.held[0])


def test_the_readout_is_refused() -> None:
    with pytest.raises(ExperimentError, match="weight must be of a chain: no state depends on the readout"):
        freeze(answer(), "readout.W_hy.0.0")


@pytest.mark.parametrize(
    "fields",
    [{"cell": "gru", "initial_state": [1e6]}, {"cell": "lstm", "initial_state": [-1e6]},
     {"activation": "sigmoid", "initial_state": [1e6]}, {"cell": "lstm", "recurrent_radius": 1e6}],
    ids=str,
)  # fmt: skip
def test_gates_that_are_shut_for_good_have_sums_all_the_same(fields: dict[str, Any]) -> None:
    """Where exp outgrows every number, its reciprocal is 0 in a complex step, too."""
    found = freeze(run(Experiment(sentence="good bad good", hidden_size=1, seed=3, **fields)))
    assert np.isfinite(found.free).all()
    assert found.sums[0] == pytest.approx(found.gradient, rel=1e-9, abs=1e-300)
