"""PyTorch at its leanest, and its modules; checked against the engine before they are timed."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from app.engine import OuterSum, Parameters

Job = Callable[[], Any]
MODULES = {"elman": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
LABEL = torch.ones(1, dtype=torch.float64)


def leaf(value: Any) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


def elman(a: Any, W_hh: Any, b_hn: Any, h: Any, c: Any) -> tuple[Any, Any]:
    return torch.tanh(torch.addmm(a, h, W_hh)), c


def lstm(a: Any, W_hh: Any, b_hn: Any, h: Any, c: Any) -> tuple[Any, Any]:
    i, f, g, o = torch.addmm(a, h, W_hh).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def gru(a: Any, W_hh: Any, b_hn: Any, h: Any, c: Any) -> tuple[Any, Any]:
    u_r, u_z, u_n = (h @ W_hh).chunk(3, 1)
    a_r, a_z, a_n = a.chunk(3, 1)
    r, z = torch.sigmoid(a_r + u_r), torch.sigmoid(a_z + u_z)
    n = torch.tanh(a_n + r * (u_n + b_hn))
    return n + z * (h - n), c


STEPS = {"elman": elman, "lstm": lstm, "gru": gru}


def loss_of(step: Any, rows: Any, W_hh: Any, b_hn: Any, readout: list[Any]) -> Any:
    """The loss of a loop over the steps."""
    h = c = torch.zeros(1, len(readout[0]), dtype=torch.float64)
    for a, W, b in zip(rows, W_hh, b_hn, strict=True):
        h, c = step(a, W, b, h, c)
    logit = (h @ readout[0] + readout[1])[0]
    return functional.binary_cross_entropy_with_logits(logit, LABEL)


def totals(
    cell: str, parameters: Parameters, ids: list[int], vocabulary: int, found: Mapping[str, OuterSum]
) -> dict[str, Job]:
    """Total gradients: the loop and the module."""
    leaves = {name: leaf(value) for group in parameters.values() for name, value in group.items()}
    chain = [leaves[name] for name in parameters["left_to_right"]]
    readout, words, steps = [leaves["W_hy"], leaves["b_y"]], torch.tensor(ids), len(ids)

    def loop() -> Any:
        rows = functional.embedding(words, leaves["W_xh"]) + leaves["b_h"]
        copies = [leaves["W_hh"]] * steps, [leaves.get("b_hn")] * steps
        loss = loss_of(STEPS[cell], rows.split(1), *copies, readout)
        return torch.autograd.grad(loss, [*chain, *readout])

    for name, gradient in zip(parameters["left_to_right"], loop(), strict=False):
        np.testing.assert_allclose(found[name].total, gradient.numpy(), rtol=1e-7, atol=1e-11)
    return {"lean": loop, "module": module(cell, parameters, ids, vocabulary, readout)}


def module(cell: str, parameters: Parameters, ids: list[int], vocabulary: int, readout: list[Any]) -> Job:
    """Total gradients by PyTorch's own module, on dense one-hot rows."""
    chain = parameters["left_to_right"]
    hidden = len(chain["W_hh"])
    network = MODULES[cell](vocabulary, hidden).double()
    with torch.no_grad():
        network.weight_ih_l0.copy_(torch.tensor(chain["W_xh"].T))
        network.weight_hh_l0.copy_(torch.tensor(chain["W_hh"].T))
        network.bias_ih_l0.copy_(torch.tensor(chain["b_h"]))
        network.bias_hh_l0.zero_()
        if "b_hn" in chain:
            network.bias_hh_l0[2 * hidden :] = torch.tensor(chain["b_hn"])
    x = functional.one_hot(torch.tensor(ids), vocabulary).double()
    leaves = [*network.parameters(), *readout]

    def job() -> Any:
        output, _ = network(x)
        logit = output[-1] @ readout[0] + readout[1]
        return torch.autograd.grad(functional.binary_cross_entropy_with_logits(logit, LABEL), leaves)

    return job


def copies(cell: str, parameters: Parameters, ids: list[int], found: Mapping[str, OuterSum]) -> Job:
    """Totals and the norm of every contribution: a leaf copy of the weights for every step."""
    chain, steps = parameters["left_to_right"], len(ids)
    rows = [leaf(chain["W_xh"][word][None]) for word in ids]
    biases = [leaf(chain["b_h"]) for _ in ids]
    W_hh = [leaf(chain["W_hh"]) for _ in ids]
    b_hn = [leaf(chain["b_hn"]) for _ in ids] if "b_hn" in chain else [None] * steps
    readout = [leaf(parameters["readout"][name]) for name in ("W_hy", "b_y")]
    apart = [b for b in b_hn if b is not None]
    words = torch.tensor(ids)
    W_xh = torch.zeros(chain["W_xh"].shape, dtype=torch.float64)

    def job() -> Any:
        a = [row + bias for row, bias in zip(rows, biases, strict=True)]
        loss = loss_of(STEPS[cell], a, W_hh, b_hn, readout)
        grads = torch.autograd.grad(loss, [*rows, *biases, *W_hh, *apart, *readout])
        stacks = [torch.stack(grads[at : at + steps]) for at in range(0, len(grads) - 2, steps)]
        norms = [torch.linalg.vector_norm(stack.flatten(1), dim=1) for stack in stacks]
        return [torch.index_add(W_xh, 0, words, stacks[0][:, 0]), *(s.sum(0) for s in stacks[1:])], norms

    for name, norm in zip(("W_xh", "b_h", "W_hh", "b_hn"), job()[1], strict=False):
        np.testing.assert_allclose(found[name].norms, norm.numpy(), rtol=1e-7, atol=1e-11)
    return job


def chain_norms(cell: str, parameters: Parameters, ids: list[int], found: Any) -> dict[str, Job]:
    """|dh_T/dh_t| for all t: the gradients of all units of h_T at once, then all norms at once."""
    chain = {name: torch.tensor(value) for name, value in parameters["left_to_right"].items()}
    hidden = len(chain["W_hh"])
    units, one = torch.eye(hidden, dtype=torch.float64)[:, None], torch.ones(1, dtype=torch.float64)

    def job() -> Any:
        rows = chain["W_xh"][ids] + chain["b_h"]
        h = c = torch.zeros(1, hidden, dtype=torch.float64)
        states = []
        for a in rows.split(1):
            h, c = STEPS[cell](a, chain["W_hh"], chain.get("b_hn"), h, c)
            h.requires_grad_() if not states else None
            states.append(h)
        if len(states) == 1:
            return one
        grads = torch.autograd.grad(h, states[:-1], units, is_grads_batched=True)
        norms = torch.linalg.matrix_norm(torch.stack(grads)[:, :, 0], 2)
        return torch.cat([norms, one])

    np.testing.assert_allclose(found, job().numpy(), rtol=1e-6, atol=1e-12)
    return {"PyTorch, batched": job}


def many(cell: str, leaves: Mapping[str, Any], words: Any, mask: Any, labels: Any) -> Any:
    """The mean loss of sentences side by side; words (T, B), mask (T, B, 1) or None."""
    rows = functional.embedding(words, leaves["W_xh"]) + leaves["b_h"]
    h = c = torch.zeros(words.shape[1], len(leaves["W_hh"]), dtype=torch.float64)
    for t, a in enumerate(rows.unbind(0)):
        fresh, road = STEPS[cell](a, leaves["W_hh"], leaves.get("b_hn"), h, c)
        h, c = (
            (fresh, road) if mask is None else (torch.where(mask[t], fresh, h), torch.where(mask[t], road, c))
        )
    logit = (h @ leaves["W_hy"] + leaves["b_y"])[:, 0]
    return functional.binary_cross_entropy_with_logits(logit, labels)


def training(
    cell: str, parameters: Parameters, sentences: list[list[int]], labels: list[float], epochs: int
) -> dict[str, Job]:
    """Epochs of plain descent on padded sentences."""
    longest = max(map(len, sentences))
    words = torch.tensor([[*ids, *[0] * (longest - len(ids))] for ids in sentences]).T
    mask = torch.tensor([[t < len(ids) for ids in sentences] for t in range(longest)])[:, :, None]
    goal = torch.tensor(labels, dtype=torch.float64)

    def job() -> Any:
        leaves = {name: leaf(value) for group in parameters.values() for name, value in group.items()}
        for _ in range(epochs):
            loss = many(cell, leaves, words, mask, goal)
            with torch.no_grad():
                for values, grad in zip(
                    leaves.values(), torch.autograd.grad(loss, list(leaves.values())), strict=True
                ):
                    values -= 0.1 * grad
        return leaves

    return {"lean": job}


def batch(cell: str, parameters: Parameters, ids: Any) -> dict[str, Job]:
    """Total gradients of a batch without padding."""
    leaves = {name: leaf(value) for group in parameters.values() for name, value in group.items()}
    words, labels = torch.tensor(ids), torch.ones(ids.shape[1], dtype=torch.float64)

    def job() -> Any:
        return torch.autograd.grad(many(cell, leaves, words, None, labels), list(leaves.values()))

    return {"lean": job}
