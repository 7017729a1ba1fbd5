"""Backward passes made ready: every array allocated and every view taken before the loops."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.abreast import adding_up_abreast, cotangents_abreast, side_by_side
from app.engine.activations import ACTIVATIONS
from app.engine.cells import CELLS
from app.engine.chain import ChainTrace
from app.engine.cotangents import Cotangents, blank_cotangents
from app.engine.errors import EngineError
from app.engine.judge import tape_from_losses
from app.engine.local import blank_local, hold
from app.engine.network import BIASES
from app.engine.norms import StepNorms
from app.engine.outer import OuterSum
from app.engine.readout import as_targets
from app.engine.softmax import step_weights
from app.engine.sweep import Backward, ChainBackward
from app.engine.tape import Call, assign
from app.engine.trace import Trace, product_with_itself
from app.engine.way_back import steps_back
from app.engine.weights import chain_views, first_word, readout_views

Array = NDArray[np.float64]


def blank_backward(
    trace: Trace, target: Any, mean: bool = False, window: int | None = None, norms: bool = True
) -> Backward:
    """A backward pass to be filled by `backpropagate`, and again by `refill`.

    mean : whether the gradients are of the mean of the sentences' losses, instead of their sum
    window : words that are walked back at most before the gradient is cut, counted from a sentence's last;
        all when None
    norms : whether the contributions of one sentence's steps are measured in every pass; else, and those of
        several sentences, when they are asked for
    """
    if window is not None and window < 1:
        raise EngineError(f"window must be at least 1, got {window}", field="window", value=window)
    targets = as_targets(target, trace)
    share = 1.0 / trace.logit.shape[-2] if mean else 1.0
    beside, total = room_beside(trace, norms)
    gradient = trace.weights.like(total)
    chains = {name: blank_chain(chain, gradient.chains[name], norms) for name, chain in trace.chains.items()}
    d_logit = np.empty_like(trace.logit)
    d_outside = None if trace.output_bias_inside else np.empty((1, *d_logit.shape))
    gradients = {name: chain_gradients(chain) for name, chain in chains.items()}
    gradients["readout"] = readout_gradients(trace, d_logit, d_outside, gradient.readout)
    hidden, right = trace.network.hidden_size, d_logit.reshape(-1, d_logit.shape[-1])
    loss, weights = np.empty(trace.logit.shape[-2]), None
    if trace.network.per_step:
        weights = step_weights(targets) * share
    tapes = [tape_from_losses(trace, targets, share, weights, loss, d_logit, gradient.readout, d_outside)]
    tapes += [
        tape_back(chain, right, trace.weights.readout[k * hidden : (k + 1) * hidden].T, window)
        for k, chain in enumerate(chains.values())
    ]
    measured, square = [chain.norms for chain in chains.values() if chain.norms is not None], np.empty(())
    tape = [call for tape in (*tapes, *(norms.tape for norms in measured)) for call in tape]
    watch = [] if measured else [product_with_itself(gradient.flat, square)]
    return Backward(
        trace,
        targets,
        share,
        weights,
        loss,
        d_logit,
        chains,
        tape + watch,
        measured,
        square,
        both_ways(trace, tape, watch, beside) if d_outside is None and weights is None else None,
        beside is not None,
        gradient,
        gradients,
    )


def room_beside(trace: Trace, norms: bool) -> tuple[Array | None, Array]:
    """What of a single chain is watched with room for the gradient behind it, of the first pass that has use
    for it, and that room; else None and room of its own.

    norms : whether they watch the gradient
    """
    spare, size = trace.chains["left_to_right"].spare, trace.weights.flat.size
    beside = spare.pop() if spare and not norms else None
    return beside, np.zeros(size) if beside is None else beside[-size:]


def both_ways(trace: Trace, tape: list[Call], watch: list[Call], beside: Array | None) -> list[Call]:
    """Both passes as one tape, of which no call may raise: an overflow is looked for once, after the last.

    tape, watch : of the way back
    """
    if beside is None:
        return [*trace.tape, *trace.watch, *tape, *watch]
    return [*trace.tape, *tape, product_with_itself(beside, trace.watched[0, ...])]


def blank_chain(trace: ChainTrace, total: Array, measured: bool) -> ChainBackward:
    """The arrays of one chain's sweep. dL/d(b_h) is dL/da itself unless a bias stands outside."""
    apart = CELLS[trace.network.cell].apart
    local = blank_local(trace)
    sweep = blank_sweep(trace, apart is not None)
    d_product, d_a = sweep.d_product, sweep.d_preactivation
    rows = [trace.h, d_product]
    if apart is not None:
        rows += [trace.gate(d_product, apart), d_a]
    return ChainBackward(
        trace,
        local,
        sweep,
        d_a if trace.outside is None else np.empty_like(d_a),
        total,
        StepNorms.blank(trace.h_0[0], [part[:, 0] for part in rows], trace.reverse)
        if measured and trace.alone
        else None,
    )


def blank_sweep(trace: ChainTrace, apart: bool) -> Cotangents:
    """The arrays of a sweep through time."""
    if trace.abreast is not None:
        return cotangents_abreast(trace, trace.abreast.blocks)
    d_product: Array = np.empty(trace.shape)
    d_a = np.empty_like(d_product) if apart else d_product
    return blank_cotangents(trace, (d_product, d_a), trace.alone)


def tape_back(chain: ChainBackward, d_logit: Array, W_hy_T: Array, window: int | None) -> list[Call]:
    """One chain back: from the readout into its states, the derivatives of all the steps, the steps from the
    last one walked to the first, and the sum over them.

    d_logit, W_hy_T : ndarray of shape (B, O), T*B for B where every step predicts, and (O, H)
    """
    trace, sweep = chain.trace, chain.sweep
    network, last = trace.network, trace.last
    d_h, tape = sweep.d_h, linearising(chain)
    if trace.abreast is not None:
        d_h = sweep.came[..., : trace.abreast.blocks.copies * network.hidden_size]
        W_hy_T, filled = side_by_side(W_hy_T, trace.abreast.blocks.copies)
        tape.append(filled)
    # what each step's own prediction adds to dL/dh_t, where every step predicts
    own: Array | None = np.empty(d_h.shape) if network.per_step else None
    tape.append((d_logit.dot, (W_hy_T, d_h[last] if own is None else own.reshape(len(d_logit), -1))))
    if sweep.carried is not None and trace.abreast is None:
        # nothing comes along the road from beyond the last step
        tape.append((trace.leaving(sweep.carried)[last].fill, (0.0,)))
    if own is not None:
        tape.append(assign(d_h[last], own[last]))
    return tape + steps_back(chain, own, window) + adding_up(chain)


def linearising(chain: ChainBackward) -> list[Call]:
    """The derivatives of all the steps."""
    trace, local, network = chain.trace, chain.local, chain.trace.network
    if local.abreast is not None:
        return list(local.abreast.tape)
    flatness = ACTIVATIONS[network.activation].flatness
    if local.inverted and flatness is not None:
        views = trace.in_spans(trace.preactivation, local.found)
        return [call for arrays in views for call in flatness(*arrays)]
    linearise, views = CELLS[network.cell].linearise(ACTIVATIONS[network.activation], trace, local)
    return [(linearise, arrays) for arrays in views] + hold(local, trace)


def adding_up(chain: ChainBackward) -> list[Call]:
    """The total gradients, sum_t [h_{t-1}, 1, x_t]^T dL/da_t: one product for the whole sentence.

    Of a cell that keeps a gate's product apart [h_{t-1}, 1] meet dL/d(h_{t-1} W_hh) and [1, x_t] dL/da_t.
    """
    trace, sweep, total = chain.trace, chain.sweep, chain.total
    if trace.abreast is not None:
        return adding_up_abreast(trace, sweep.gave, total, trace.abreast.blocks)
    cell, width = CELLS[trace.network.cell], total.shape[1]
    of_words = first_word(trace.network)
    z, rows = trace.entering(trace.z), sweep.d_preactivation.reshape(-1, width)
    left, right = z.reshape(-1, z.shape[-1]).T, sweep.d_product.reshape(-1, width)
    tape: list[Call] = [(left.dot, (right, total[: len(left)]))]
    if cell.apart is not None:
        tape += others_of(chain, slice(0, cell.apart * trace.network.hidden_size))
    if trace.words is not None:
        tape.append((trace.words.T.dot, (rows, total[of_words - 1 :])))
    elif not trace.folded:
        if trace.marks:
            # the sums of the rows that were marked alike mean nothing
            tape.append((total[of_words : len(left)].fill, (0.0,)))
        tape.append((trace.x.scatter, (rows, total[of_words:])))
        if cell.apart is not None and BIASES[trace.network.bias].present:
            tape.append((np.ones(len(rows)).dot, (rows, total[of_words - 1])))
    if trace.outside is not None:
        tape.append((add_up_outside, (chain,)))
    return tape


def others_of(chain: ChainBackward, columns: slice) -> list[Call]:
    """Of a cell that keeps a gate's product apart: dL/da_t of the others, whose columns these are, is
    dL/d(h_{t-1} W_hh), and b_hn has no entries there."""
    sweep, no_b_hn = chain.sweep, chain.total[chain.trace.network.hidden_size, columns]
    others, found = sweep.d_preactivation[..., columns], sweep.d_product[..., columns]
    return [assign(others, found), (no_b_hn.fill, (0.0,))]


def add_up_outside(chain: ChainBackward) -> None:
    """dL/db_h where the bias stands outside f at some of the steps."""
    trace = chain.trace
    inside = trace.bias_inside[:, :, None]
    np.copyto(chain.d_bias, np.where(inside, chain.d_preactivation, chain.d_h))
    if trace.x.held is not None:
        np.multiply(chain.d_bias, trace.x.moved, chain.d_bias)
    chain.total[trace.network.hidden_size] = chain.d_bias.sum(axis=(0, 1))


def chain_gradients(chain: ChainBackward) -> dict[str, OuterSum]:
    """The gradients of one chain's parameters, as views of its sweep."""
    trace, sweep, norms = chain.trace, chain.sweep, chain.norms
    known = None if norms is None else norms.d_preactivation
    of_words = known if trace.x.padding is None else None
    products = None if norms is None else norms.products
    totals = chain_views(chain.total, trace.network)
    sums = {
        "W_xh": OuterSum(trace.x, sweep.d_preactivation, totals["W_xh"], of_words),
        "W_hh": OuterSum(trace.h_prev, sweep.d_product, totals["W_hh"], products),
    }
    if "b_h" in totals:
        inside = trace.outside is None
        sums["b_h"] = OuterSum(None, chain.d_bias, totals["b_h"], known if inside else None)
    apart = CELLS[trace.network.cell].apart
    if "b_hn" in totals and apart is not None:
        d_apart = trace.gate(sweep.d_product, apart)
        sums["b_hn"] = OuterSum(None, d_apart, totals["b_hn"], None if norms is None else norms.d_apart)
    return sums


def readout_gradients(
    trace: Trace, d_logit: Array, d_outside: Array | None, total: Array
) -> dict[str, OuterSum]:
    """The gradients of the readout's parameters: sums of one term, or of one for every step that predicts."""
    totals = readout_views(total, trace.network)
    left, right = trace.readout_input, d_logit
    if not trace.network.per_step:
        left, right = left[None], right[None]
    sums = {"W_hy": OuterSum(left, right, totals["W_hy"])}
    if "b_y" in totals:
        sums["b_y"] = OuterSum(None, right if d_outside is None else d_outside, totals["b_y"])
    return sums
