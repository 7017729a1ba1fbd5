"""The one forward loop, for every cell."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.engine.cells import CELLS
from app.engine.finite import require_finite
from app.engine.network import Network, Parameters
from app.engine.onehot import OneHot
from app.engine.readout import read_out
from app.engine.trace import ChainTrace, Trace, blank_trace
from app.engine.weights import Weights

Array = NDArray[np.float64]


class Nudge(Protocol):
    """Moves each lane's own copy of one weight at each step, see `lanes`."""

    @property
    def outside(self) -> Any:
        """What a moved bias adds outside f, (T, B, H), or None."""

    def __call__(self, t: int, z: Any, a: Any) -> None:
        """Add to a_t what the moved weights would."""


def forward(network: Network, parameters: Parameters, x: OneHot, h_0: Array | None = None) -> Trace:
    """The forward pass over sentences x from the state h_0 (zeros when None).

    h_t = f(x_t W_xh + h_{t-1} W_hh + b_h),  y_hat = sigma(h_T W_hy + b_y)

    Raises DivergenceError when a number outgrows float64.
    """
    trace = blank_trace(Weights.of(network, parameters), x, h_0)
    propagate(trace)
    return trace


@np.errstate(all="ignore")
def propagate(trace: Trace) -> None:
    """Fill a trace from its weights."""
    for name, chain in trace.chains.items():
        scan(chain, trace.steps[name])
        require_finite(chain.preactivation, "preactivation")
    read_out(trace)


def scan(chain: ChainTrace, steps: list[tuple[Any, ...]], nudge: Nudge | None = None) -> None:
    """Walk one chain: a_t = [h_{t-1}, 1, x_t] block, then the cell's step."""
    network, block = chain.network, chain.weights
    f, step = ACTIVATIONS[network.activation].f, CELLS[network.cell].step
    hidden = network.hidden_size
    if chain.words is not None:
        chain.x.project(block[hidden + 1 :], chain.words)
        block = block[: hidden + 1]
    if chain.outside is not None:
        np.multiply(~chain.bias_inside[:, None, None], chain.weights[hidden], chain.outside)
        if nudge is not None and nudge.outside is not None:
            np.add(chain.outside, nudge.outside, chain.outside)
    for t, (z, a, word, views) in enumerate(steps):
        z.dot(block, a)
        if word is not None:
            np.add(a, word, a)
        if nudge is not None:
            nudge(t, z, a)
        step(f, *views)
