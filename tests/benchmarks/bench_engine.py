"""The engine against PyTorch's autograd on the lecture's example: T = 3, V = 5, H = 3, float64, one thread.

    python tests/benchmarks/bench_engine.py [rounds]

The job: a forward pass, the prediction and the loss, backpropagation through time, the total gradient of all
five parameters and the norm of every step's contribution. Both sides are given their parameters and inputs
ready made, and both do all of the arithmetic anew on every call. PyTorch does it with one leaf copy of each
shared weight per step, which is how autograd can tell contributions apart; its total gradient alone needs
one leaf per weight. The jobs take turns of about a millisecond; medians and their ratios are printed. A
shared machine's ratios mean more than its microseconds.
"""

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch

from app.engine import Network, OneHot, backward, draw_parameters, forward
from app.engine.blank import blank_backward
from app.engine.bptt import refill

STEPS, VOCABULARY, HIDDEN, TARGET = 3, 5, 3, 1.0
NETWORK = Network(hidden_size=HIDDEN)
PARAMETERS = draw_parameters(NETWORK, VOCABULARY, seed=0)
WORDS = OneHot.of([0, 1, 2], VOCABULARY)
TIMED_STEPS = ("W_xh", "W_hh", "b_h")


def engine(back: Any) -> Any:
    """The job in a trace that is filled again: what training and the finite differences do."""
    refill(back)
    chain = back.gradients["left_to_right"]
    return back.trace.y_hat, back.loss, [chain[name].norms for name in TIMED_STEPS]


def engine_from_scratch() -> Any:
    """The job with the packing of the parameters and every allocation in it: what one request does."""
    trace = forward(NETWORK, PARAMETERS, WORDS)
    back = backward(trace, TARGET)
    chain = back.gradients["left_to_right"]
    return back.trace.y_hat, back.loss, [chain[name].norms for name in TIMED_STEPS]


def leaf(value: Any) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


X = torch.tensor(WORDS.dense()[:, 0])
Y = torch.tensor([TARGET], dtype=torch.float64)
LEAVES = {name: leaf(value) for group in PARAMETERS.values() for name, value in group.items()}
COPIES = {name: [leaf(value) for _ in range(STEPS)] for name, value in PARAMETERS["left_to_right"].items()}


def torch_forward(W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    """The prediction and the loss."""
    h = torch.zeros(HIDDEN, dtype=torch.float64)
    for t in range(STEPS):
        h = torch.tanh(X[t] @ W_xh[t] + h @ W_hh[t] + b_h[t])
    logit = h @ LEAVES["W_hy"] + LEAVES["b_y"]
    return torch.sigmoid(logit), torch.nn.functional.binary_cross_entropy_with_logits(logit, Y)


def torch_contributions() -> Any:
    """One leaf copy per step: totals and the norm of every contribution."""
    y_hat, loss = torch_forward(**COPIES)
    leaves = [copy for name in TIMED_STEPS for copy in COPIES[name]]
    *grads, _, _ = torch.autograd.grad(loss, [*leaves, LEAVES["W_hy"], LEAVES["b_y"]])
    stacks = [torch.stack(grads[at : at + STEPS]) for at in range(0, len(grads), STEPS)]
    totals = [stack.sum(0) for stack in stacks]
    return y_hat, loss, totals, [torch.linalg.vector_norm(stack.flatten(1), dim=1) for stack in stacks]


def torch_total() -> Any:
    """One leaf per weight: totals alone."""
    shared = {name: [LEAVES[name]] * STEPS for name in TIMED_STEPS}
    y_hat, loss = torch_forward(**shared)
    return y_hat, loss, torch.autograd.grad(loss, list(LEAVES.values()))


def torch_total_hoisted() -> Any:
    """Totals alone, with the input products of all steps made at once: the leanest we could write."""
    h = torch.zeros(HIDDEN, dtype=torch.float64)
    projected = X @ LEAVES["W_xh"] + LEAVES["b_h"]
    for t in range(STEPS):
        h = torch.tanh(projected[t] + h @ LEAVES["W_hh"])
    logit = h @ LEAVES["W_hy"] + LEAVES["b_y"]
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logit, Y)
    return torch.sigmoid(logit), loss, torch.autograd.grad(loss, list(LEAVES.values()))


def interleaved(jobs: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median microseconds of each job, about a millisecond of each in turn."""
    calls = {name: max(1, round(1e3 / once(job))) for name, job in jobs.items()}
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            times[name].append(once(job, calls[name]))
    return {name: statistics.median(values) for name, values in times.items()}


def once(job: Callable[[], Any], calls: int = 200) -> float:
    """Microseconds a call takes, over so many calls."""
    start = time.perf_counter()
    for _ in range(calls):
        job()
    return (time.perf_counter() - start) / calls * 1e6


def agree() -> None:
    """Both sides must give the same numbers before their times mean anything."""
    trace = forward(NETWORK, PARAMETERS, WORDS)
    back = backward(trace, TARGET)
    _, loss, totals, norms = torch_contributions()
    np.testing.assert_allclose(back.loss[0], loss.item(), rtol=1e-12)
    for name, total, norm in zip(TIMED_STEPS, totals, norms, strict=True):
        found = back.gradients["left_to_right"][name]
        np.testing.assert_allclose(found.total, total.numpy(), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(found.norms, norm.numpy(), rtol=1e-9, atol=1e-12)


def main() -> None:
    torch.set_num_threads(1)
    agree()
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    back = blank_backward(forward(NETWORK, PARAMETERS, WORDS), TARGET)
    jobs = {
        "engine": lambda: engine(back),
        "engine, from scratch": engine_from_scratch,
        "PyTorch, one leaf copy per step": torch_contributions,
        "PyTorch, total gradient alone": torch_total,
        "PyTorch, total gradient, hoisted": torch_total_hoisted,
    }
    with np.errstate(all="ignore"):  # as a training loop does, once around it
        medians = interleaved(jobs, rounds)
    for name, median in medians.items():
        print(f"{name:36} {median:8.1f} us   {median / medians['engine']:5.1f} x engine")


if __name__ == "__main__":
    main()
