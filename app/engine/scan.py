"""The one forward loop, for every cell."""

import numpy as np
from numpy.typing import NDArray

from app.engine.finite import all_finite, diverged, require_finite
from app.engine.network import Network, Parameters
from app.engine.onehot import OneHot
from app.engine.readout import length
from app.engine.trace import ChainTrace, Trace, blank_trace
from app.engine.walk import Nudge, tape_of
from app.engine.weights import Weights

Array = NDArray[np.float64]


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
    for call, arrays in trace.tape:
        call(*arrays)
    for call, arrays in trace.watch:
        call(*arrays)
    if not all_finite(trace.watched):
        look_closely(trace)


def look_closely(trace: Trace) -> None:
    """Raise DivergenceError naming the first that outgrew float64, if anything did."""
    for chain in trace.chains.values():
        require_finite(chain.preactivation, "preactivation", latest=chain.reverse)
    if trace.network.per_step:
        require_finite(trace.logit, "logit")
    elif not np.isfinite(trace.logit).all():
        raise diverged("logit", length(trace))


def scan(chain: ChainTrace, nudge: Nudge | None = None) -> None:
    """Walk one chain, step by step: see `tape_of`."""
    for call, arrays in tape_of(chain, nudge):
        call(*arrays)
