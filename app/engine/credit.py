"""Which state a loss credits: every step's loss carried back on its own, where every step predicts."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.engine.chain import ChainTrace
from app.engine.cotangents import more_lanes, pull_back
from app.engine.errors import EngineError
from app.engine.finite import held, held_product
from app.engine.local import Local
from app.engine.norms import row_norms
from app.engine.softmax import NO_TARGET, pull
from app.engine.sweep import Backward

Array = NDArray[np.float64]


@np.errstate(all="ignore")
def credit(back: Backward) -> dict[str, Array]:
    """|dL_tau/dh_t| of each chain, (T, T), row tau, column t, of one sentence. No loss reaches the future: a
    chain from left to right has nothing above the diagonal, one from right to left nothing below it.

    Raises EngineError for a network that predicts but once, and for more than one sentence.
    """
    trace = back.trace
    if not trace.network.per_step:
        message = f"task must be 'next_word' for a credit matrix, got {trace.network.task!r}"
        raise EngineError(message, field="task", value=trace.network.task)
    lanes = back.loss.size
    if lanes != 1:
        message = f"credit is of 1 sentence, got {lanes}"
        raise EngineError(message, field="sentences", value=lanes)
    judged = (back.target != NO_TARGET).astype(np.float64)
    d_logit = pull(trace.logit, back.target, judged, np.empty_like(trace.logit))[:, 0]
    parts = np.split(trace.weights.readout[:-1], len(back.chains))
    return {
        name: chain_credit(chain.trace, chain.local, held_product(d_logit, W_hy.T))
        for (name, chain), W_hy in zip(back.chains.items(), parts, strict=True)
    }


def chain_credit(trace: ChainTrace, local: Local, own: Array) -> Array:
    """The credit matrix of one chain.

    own : ndarray of shape (T, H), what each step's loss gives its own state
    """
    found = np.zeros((len(own), len(own)))
    for t, losses, d_h in carried_back(trace, local, own):
        found[losses, t] = held(row_norms(d_h))
    return found


def carried_back(trace: ChainTrace, local: Local, own: Array) -> Iterator[tuple[int, list[int], Array]]:
    """From the last step walked to the first: t, the losses that hear of it, and their gradients there."""
    W_hh_T: Array = trace.weights[: trace.network.hidden_size].T
    d_h: Array = np.empty((0, own.shape[1]))
    d_c: Array | None = None if trace.c is None else d_h
    losses: list[int] = []
    order = trace.walked(list(range(len(own))))
    for t in reversed(order):
        losses.append(t)
        d_h = np.concatenate([d_h, own[t : t + 1]])
        yield t, losses, d_h
        if t == order[0]:
            return
        here = local.at(slice(t, t + 1), 0)
        back = more_lanes(trace, here, len(d_h))
        back.d_h[0] = d_h
        if back.carried is not None and d_c is not None:
            trace.leaving(back.carried)[0, :-1] = d_c  # a loss reaches its own c_t through h_t alone
        before, carried = pull_back(trace, here, back, W_hh_T)
        d_h, d_c = held(before[0]), None if carried is None else held(carried[0])
