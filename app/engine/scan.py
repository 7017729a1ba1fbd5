"""The one forward loop, for every cell."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.engine.finite import all_finite, require_finite
from app.engine.network import Network, Parameters
from app.engine.onehot import OneHot
from app.engine.readout import read_out
from app.engine.trace import ChainTrace, Trace, Walk, blank_trace
from app.engine.walk import tape_of
from app.engine.weights import Weights, first_word

Array = NDArray[np.float64]


class Nudge(Protocol):
    """Moves each lane's own copy of one weight at each step, see `lanes`."""

    @property
    def outside(self) -> Any:
        """What a moved bias adds outside f, (T, B, H), or None."""

    def __call__(self, t: int, z: Any, a: Any) -> None:
        """Add to a_t what the moved weights would."""


def forward(
    network: Network, parameters: Parameters, x: OneHot, h_0: Array | None = None, c_0: Array | None = None
) -> Trace:
    """The forward pass over sentences x from the states h_0 and c_0 of every chain (zeros when None).

    h_t = f(x_t W_xh + h_{t-1} W_hh + b_h),  y_hat = sigma(h_T W_hy + b_y)

    Raises DivergenceError when a number outgrows float64.
    """
    trace = blank_trace(Weights.of(network, parameters), x, h_0, c_0=c_0)
    propagate(trace)
    return trace


@np.errstate(all="ignore")
def propagate(trace: Trace) -> None:
    """Fill a trace from its weights. An overflow is looked for once, afterwards."""
    run_forward(trace)


def run_forward(trace: Trace) -> None:
    """`propagate` for callers that have silenced overflow themselves."""
    for walk in trace.walks:
        scan(walk)
        if not all_finite(walk.preactivation):
            require_finite(walk.chain.preactivation, "preactivation", latest=walk.chain.reverse)
    read_out(trace)


def scan(walk: Walk, nudge: Nudge | None = None) -> None:
    """Walk one chain, step by step: see `tape_of`."""
    if not walk.plain:
        prepare(walk.chain, nudge)
    tape = walk.tape if nudge is None else tape_of(walk.chain, nudge)
    for call, arrays in tape:
        call(*arrays)
    if walk.held is not None:
        np.copyto(walk.chain.preactivation, 0.0, where=walk.held)


def prepare(chain: ChainTrace, nudge: Nudge | None) -> None:
    """What the steps need and no state changes: the words' rows, and biases outside."""
    if chain.words is None and not chain.folded:
        W_xh, a = chain.weights[first_word(chain.network) :], chain.preactivation
        if chain.x.ids.shape == a.shape[:2]:
            chain.x.project(W_xh, a)
        else:
            a[...] = chain.x.project(W_xh)
    if chain.recurrent is not None and chain.words is None:
        # the bias is zero where there is none
        b_h = chain.weights[chain.network.hidden_size + 1]
        np.add(chain.preactivation, b_h, chain.preactivation)
    if chain.outside is not None:
        set_outside(chain, chain.outside, nudge)


def set_outside(chain: ChainTrace, outside: Array, nudge: Nudge | None) -> None:
    """The bias of the steps where it stands outside, with what a nudge adds to it."""
    bias = chain.weights[chain.network.hidden_size]
    np.multiply(~chain.bias_inside[:, None, None], bias, outside)
    if nudge is not None:
        np.add(outside, nudge.outside, outside)
