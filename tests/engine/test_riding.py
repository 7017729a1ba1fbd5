"""Words' rows that ride beside W_hh, some at a time, against rows that are added."""

import numpy as np
import pytest

from app.engine import Network, OneHot, backward, draw_parameters, forward, refill, riding
from app.engine.riding import AT_ONCE, FEWEST
from app.engine.sweep import Backward

VOCABULARY = 70
"""More words than ride in z themselves."""
STEPS = (FEWEST, 3 * AT_ONCE - 1, 3 * AT_ONCE, 3 * AT_ONCE + 1)


def passes(network: Network, steps: int, padded: int) -> Backward:
    """Both passes over words that are refilled with weights unlike the first ones; padding is not masked."""
    random = np.random.default_rng(steps)
    ids = random.integers(0, VOCABULARY, steps).tolist() + [-1] * padded
    h_0 = random.normal(size=network.hidden_size)
    target = random.integers(0, VOCABULARY, len(ids)) if network.per_step else 1.0
    parameters = draw_parameters(network, VOCABULARY, 0)
    back = backward(forward(network, parameters, OneHot.of(ids, VOCABULARY), h_0), target)
    back.trace.weights.flat[:] *= 1.5
    refill(back)
    return back


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("task", ["sentiment", "next_word"])
@pytest.mark.parametrize(
    ("cell", "bias"), [("elman", "inside"), ("elman", "mixed"), ("elman", "none"), ("lstm", "inside")]
)
def test_riding_changes_nothing(
    cell: str, bias: str, task: str, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = VOCABULARY if task == "next_word" else 1
    network = Network(
        cell=cell, bias=bias, hidden_size=3, bidirectional=True, task=task, outputs=outputs, loss="mse"
    )
    for padded in (0, 2):
        back = passes(network, steps, padded)
        with monkeypatch.context() as patch:
            patch.setattr(riding, "WIDEST", 0)
            added = passes(network, steps, padded)
        for name, chain in back.chains.items():
            other = added.chains[name]
            assert (chain.trace.marks, other.trace.marks) == (AT_ONCE, 0)
            np.testing.assert_allclose(chain.trace.preactivation, other.trace.preactivation, 1e-12)
            np.testing.assert_allclose(chain.d_preactivation, other.d_preactivation, 1e-10, 1e-14)
            np.testing.assert_allclose(chain.total, other.total, 1e-10, 1e-14)
