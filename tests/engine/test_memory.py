"""What a pass leaves in memory: factors, and no gradient for every step."""

import tracemalloc

import numpy as np
import pytest

from app.engine import Network, OneHot, backward, draw_parameters, forward
from app.engine.cells import CELLS

STEPS, HIDDEN, VOCABULARY = 150, 48, 200


@pytest.mark.parametrize("cell", CELLS)
def test_norms_and_shares_need_no_gradient_for_every_step(cell: str) -> None:
    network = Network(cell=cell, hidden_size=HIDDEN)
    parameters = draw_parameters(network, VOCABULARY, 0)
    width = HIDDEN * CELLS[cell].gates
    tracemalloc.start()
    back = backward(
        forward(network, parameters, OneHot.of([t % VOCABULARY for t in range(STEPS)], VOCABULARY)), 1.0
    )
    for named in back.gradients.values():
        for gradient in named.values():
            assert len(gradient.norms) == len(gradient.shares)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    every_step = STEPS * VOCABULARY * width * 8
    assert peak < every_step / 4


@pytest.mark.parametrize("cell", CELLS)
def test_a_thousand_words_and_256_units_take_less_than_64_megabytes(cell: str) -> None:
    """With every norm of every step, ‖∂h_T/∂h_t‖ too, and beyond the parameters themselves."""
    network = Network(cell=cell, hidden_size=256)
    parameters = draw_parameters(network, 1000, 0)
    words = OneHot.of(np.random.default_rng(0).integers(0, 1000, 1000).tolist(), 1000)
    tracemalloc.start()
    back = backward(forward(network, parameters, words), 1.0)
    chain = back.chains["left_to_right"]
    steps = [gradient.norms for gradient in back.gradients["left_to_right"].values()]
    steps += [chain.d_h_norm, chain.d_preactivation_norm, chain.dhT_dh_norm]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert {len(norms) for norms in steps} == {1000}
    assert peak - back.trace.weights.flat.nbytes < 64e6
