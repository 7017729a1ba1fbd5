"""PyTorch as everybody writes it: a loop over the words, `loss.backward()`, an optimiser from the shelf.

`torch_ways` does the same with everything taken out of the loop that can be.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from app.engine import OuterSum, Parameters

Job = Callable[[], Any]
Leaves = dict[str, torch.Tensor]
RATE = 0.1


def elman(x: Any, h: Any, c: Any, w: Leaves) -> tuple[Any, Any]:
    return torch.tanh(x @ w["W_xh"] + h @ w["W_hh"] + w["b_h"]), c


def lstm(x: Any, h: Any, c: Any, w: Leaves) -> tuple[Any, Any]:
    i, f, g, o = (x @ w["W_xh"] + h @ w["W_hh"] + w["b_h"]).chunk(4, -1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def gru(x: Any, h: Any, c: Any, w: Leaves) -> tuple[Any, Any]:
    x_r, x_z, x_n = (x @ w["W_xh"] + w["b_h"]).chunk(3, -1)
    h_r, h_z, h_n = (h @ w["W_hh"]).chunk(3, -1)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * (h_n + w["b_hn"]))
    return (1 - z) * n + z * h, c


STEPS = {"elman": elman, "lstm": lstm, "gru": gru}


def leaves_of(parameters: Parameters) -> Leaves:
    """Every parameter as a leaf, by name."""
    return {
        name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
        for group in parameters.values()
        for name, value in group.items()
    }


def loss_of(cell: str, copies: list[Leaves], x: Any, label: Any) -> Any:
    """The loss of one sentence, x (T, V), or of several, x (T, B, V)."""
    last = copies[-1]
    h = c = torch.zeros(*x.shape[1:-1], len(last["W_hh"]), dtype=torch.float64)
    for x_t, w in zip(x, copies, strict=True):
        h, c = STEPS[cell](x_t, h, c, w)
    logit = (h @ last["W_hy"] + last["b_y"])[..., 0]
    return functional.binary_cross_entropy_with_logits(logit, label)


def one_hot(ids: Any, vocabulary: int) -> torch.Tensor:
    return functional.one_hot(torch.tensor(ids), vocabulary).double()


def ones(*shape: int) -> torch.Tensor:
    return torch.ones(shape, dtype=torch.float64)


def totals(cell: str, parameters: Parameters, ids: Any, vocabulary: int) -> Job:
    """Total gradients of a sentence, ids (T,), or of a batch, ids (T, B)."""
    leaves, x = leaves_of(parameters), one_hot(ids, vocabulary)
    label = ones(*x.shape[1:-1])

    def job() -> Leaves:
        for leaf in leaves.values():
            leaf.grad = None
        loss_of(cell, [leaves] * len(x), x, label).backward()
        return leaves

    return job


def copies(
    cell: str, parameters: Parameters, ids: list[int], vocabulary: int, found: Mapping[str, OuterSum]
) -> Job:
    """Totals and the norm of every contribution: one leaf copy of all the weights for every step."""
    every, x, label = [leaves_of(parameters) for _ in ids], one_hot(ids, vocabulary), ones()
    names = list(parameters["left_to_right"])

    def job() -> tuple[Any, Any]:
        loss_of(cell, every, x, label).backward()
        grads: dict[str, list[Any]] = {name: [leaves[name].grad for leaves in every] for name in names}
        for leaves in every:
            for leaf in leaves.values():
                leaf.grad = None
        return (
            {name: sum(parts) for name, parts in grads.items()},
            {name: [part.norm() for part in parts] for name, parts in grads.items()},
        )

    for name, norms in job()[1].items():
        np.testing.assert_allclose(found[name].norms, torch.stack(norms).numpy(), rtol=1e-7, atol=1e-11)
    return job


def training(
    cell: str, parameters: Parameters, sentences: list[list[int]], labels: list[float], epochs: int
) -> Job:
    """Epochs of torch.optim.SGD on the mean loss of sentences read one after another."""
    vocabulary = len(parameters["left_to_right"]["W_xh"])
    xs = [one_hot(ids, vocabulary) for ids in sentences]
    goals = [torch.tensor(label, dtype=torch.float64) for label in labels]

    def job() -> Leaves:
        leaves = leaves_of(parameters)
        optimiser = torch.optim.SGD(leaves.values(), lr=RATE)
        for _ in range(epochs):
            optimiser.zero_grad()
            losses = [loss_of(cell, [leaves] * len(x), x, goal) for x, goal in zip(xs, goals, strict=True)]
            torch.stack(losses).mean().backward()
            optimiser.step()
        return leaves

    return job
