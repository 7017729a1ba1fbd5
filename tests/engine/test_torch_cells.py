"""Every cell, direction and mask against PyTorch's modules and autograd, where it is installed."""

from typing import Any

import numpy as np
import pytest

from app.engine import Network, OneHot, Parameters, backward, draw_parameters, forward
from app.engine.cells import CELLS

torch = pytest.importorskip("torch")

LEFT = "left_to_right"
MODULES = {"elman": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
generator = np.random.default_rng(0)
DRAWN = zip(*(generator.integers(1, most + 1, 4).tolist() for most in (200, 64, 60, 6)), strict=True)
SHAPES = [(1, 1, 1, 1), (2, 3, 5, 3), (200, 64, 40, 2), *DRAWN]
"""T, H, V, B: both ends of what is promised, and shapes drawn in between."""
each_cell = pytest.mark.parametrize("cell", CELLS)
each_direction = pytest.mark.parametrize("bidirectional", [False, True])


def module_of(network: Network, parameters: Parameters, vocabulary: int) -> Any:
    """PyTorch's module with the engine's weights: transposed, and with its second bias where only b_hn is."""
    hidden = network.hidden_size
    module = MODULES[network.cell](vocabulary, hidden, bidirectional=network.bidirectional).double()
    with torch.no_grad():
        for name, suffix in zip(network.chains, ("", "_reverse"), strict=False):
            chain = parameters[name]
            getattr(module, "weight_ih_l0" + suffix).copy_(torch.tensor(chain["W_xh"].T))
            getattr(module, "weight_hh_l0" + suffix).copy_(torch.tensor(chain["W_hh"].T))
            getattr(module, "bias_ih_l0" + suffix).copy_(torch.tensor(chain["b_h"]))
            second = getattr(module, "bias_hh_l0" + suffix)
            second.zero_()
            if "b_hn" in chain:
                second[2 * hidden :] = torch.tensor(chain["b_hn"])
    return module


def gradients_of(module: Any, network: Network) -> dict[str, dict[str, Any]]:
    """Its gradients by the engine's names."""
    found: dict[str, dict[str, Any]] = {}
    for name, suffix in zip(network.chains, ("", "_reverse"), strict=False):
        found[name] = {
            "W_xh": getattr(module, "weight_ih_l0" + suffix).grad.T,
            "W_hh": getattr(module, "weight_hh_l0" + suffix).grad.T,
            "b_h": getattr(module, "bias_ih_l0" + suffix).grad,
        }
        if CELLS[network.cell].apart is not None:
            found[name]["b_hn"] = getattr(module, "bias_hh_l0" + suffix).grad[2 * network.hidden_size :]
    return found


@each_cell
@each_direction
@pytest.mark.parametrize("padding", ["before", "after"])
@pytest.mark.parametrize(("steps", "hidden", "vocabulary", "sentences"), SHAPES)
def test_batches_agree_with_packed_sequences(
    cell: str, bidirectional: bool, padding: str, steps: int, hidden: int, vocabulary: int, sentences: int
) -> None:
    random = np.random.default_rng(steps)
    network = Network(cell=cell, bidirectional=bidirectional, hidden_size=hidden)
    parameters = draw_parameters(network, vocabulary, 1)
    lengths = [steps, *random.integers(1, steps + 1, sentences - 1).tolist()]
    ids = [random.integers(0, vocabulary, length).tolist() for length in lengths]
    labels = random.integers(0, 2, sentences).astype(float)
    trace = forward(network, parameters, OneHot.batch(ids, vocabulary, padding))
    back = backward(trace, labels)

    module = module_of(network, parameters, vocabulary)
    rows = torch.nn.utils.rnn.pack_sequence(
        [torch.nn.functional.one_hot(torch.tensor(words), vocabulary).double() for words in ids],
        enforce_sorted=False,
    )
    packed, last = module(rows)
    h_last = last[0] if cell == "lstm" else last
    readout = {name: torch.tensor(value, requires_grad=True) for name, value in parameters["readout"].items()}
    logit = torch.cat(list(h_last), 1) @ readout["W_hy"] + readout["b_y"]
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        logit[:, 0], torch.tensor(labels), reduction="sum"
    )
    loss.backward()

    output, _ = torch.nn.utils.rnn.pad_packed_sequence(packed)
    for lane, length in enumerate(lengths):
        start = 0 if padding == "after" else steps - length
        found = trace.by_position[start : start + length, lane]
        np.testing.assert_allclose(found, output[:length, lane].detach().numpy(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(trace.logit, logit.detach().numpy(), rtol=0, atol=1e-12)
    expected = {**gradients_of(module, network), "readout": {n: leaf.grad for n, leaf in readout.items()}}
    for group, named in expected.items():
        for name, gradient in named.items():
            found = back.gradients[group][name].total
            np.testing.assert_allclose(found, gradient.numpy(), rtol=0, atol=1e-10)


def cell_step(cell: str, a: Any, u: Any, b_hn: Any, h: Any, c: Any) -> tuple[Any, Any]:
    """The cells as PyTorch's manual writes them; a = x W_xh + b_h, u = h W_hh."""
    if cell == "elman":
        return torch.tanh(a + u), c
    if cell == "lstm":
        i, f, g, o = (a + u).chunk(4)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
    (a_r, a_z, a_n), (u_r, u_z, u_n) = a.chunk(3), u.chunk(3)
    r, z = torch.sigmoid(a_r + u_r), torch.sigmoid(a_z + u_z)
    return (1 - z) * torch.tanh(a_n + r * (u_n + b_hn)) + z * h, c


def copies_of(parameters: dict[str, Any], steps: int) -> list[dict[str, Any]]:
    """Each step's own copy of a chain's parameters."""
    return [
        {name: torch.tensor(value, requires_grad=True) for name, value in parameters.items()}
        for _ in range(steps)
    ]


@each_cell
@each_direction
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("task", ["sentiment", "next_word"])
@pytest.mark.parametrize(("steps", "hidden"), [(steps, hidden) for steps, hidden, _, _ in SHAPES])
def test_contributions_agree_with_a_leaf_copy_for_every_step(
    cell: str, bidirectional: bool, masked: bool, task: str, steps: int, hidden: int
) -> None:
    per_step, vocabulary = task == "next_word", 6
    network = Network(
        cell=cell,
        bidirectional=bidirectional,
        hidden_size=hidden,
        task=task,
        outputs=vocabulary if per_step else 1,
    )
    parameters = draw_parameters(network, vocabulary, 2)
    random = np.random.default_rng(hidden)
    ids = random.integers(0, vocabulary, steps).tolist()
    h_0, c_0 = random.uniform(-1, 1, (2, hidden))
    target: Any = random.integers(0, vocabulary, steps).tolist() if per_step else 1.0
    padded = OneHot.batch([ids, [0] * (steps + 3)], vocabulary)
    assert padded.mask is not None
    x = OneHot(padded.ids[:, :1], vocabulary, padded.mask[:, :1]) if masked else OneHot.of(ids, vocabulary)
    goal = [*target, -1, -1, -1] if masked and per_step else target
    back = backward(forward(network, parameters, x, h_0, c_0), goal)

    copies = {name: copies_of(parameters[name], steps) for name in network.chains}
    readout = copies_of(parameters["readout"], steps)
    start = {name: torch.tensor(value, requires_grad=True) for name, value in (("h", h_0), ("c", c_0))}
    states: dict[str, list[Any]] = {}
    roads: list[Any] = []
    for name in network.chains:
        h, c = start["h"], start["c"]
        order = range(steps) if name == LEFT else range(steps - 1, -1, -1)
        states[name] = [None] * steps
        for t in order:
            own = copies[name][t]
            a, u = own["W_xh"][ids[t]] + own["b_h"], h @ own["W_hh"]
            h, c = cell_step(cell, a, u, own.get("b_hn"), h, c)
            h.retain_grad()
            states[name][t] = h
            if name == LEFT and cell == "lstm":
                c.retain_grad()
                roads.append(c)
    if per_step:
        losses = [
            torch.nn.functional.cross_entropy(
                torch.cat([states[name][t] for name in network.chains]) @ readout[t]["W_hy"]
                + readout[t]["b_y"],
                torch.tensor(target[t]),
            )
            for t in range(steps)
        ]
        loss = sum(losses) / steps
    else:
        ends = [states[name][-1 if name == LEFT else 0] for name in network.chains]
        logit = torch.cat(ends) @ readout[0]["W_hy"] + readout[0]["b_y"]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logit, torch.ones(1).double())
    loss.backward()

    np.testing.assert_allclose(back.loss[0], loss.item(), rtol=0, atol=1e-12)
    groups = {**copies, **({"readout": readout} if per_step else {})}
    for group, own in groups.items():
        for name, gradient in back.gradients[group].items():
            terms = gradient.terms
            assert not terms[steps:].any()
            for t in range(steps):
                np.testing.assert_allclose(terms[t], own[t][name].grad.numpy(), rtol=0, atol=1e-10)
    for name, chain in back.chains.items():
        for t in range(steps):
            np.testing.assert_allclose(chain.d_h[t, 0], states[name][t].grad.numpy(), rtol=0, atol=1e-10)
    for t, road in enumerate(roads):
        d_c = back.chains[LEFT].d_c
        assert d_c is not None
        np.testing.assert_allclose(d_c[t, 0], road.grad.numpy(), rtol=0, atol=1e-10)
    d_h_0 = sum(chain.d_h_0[0] for chain in back.chains.values())
    np.testing.assert_allclose(d_h_0, start["h"].grad.numpy(), rtol=0, atol=1e-10)
    if cell == "lstm":
        d_c_0 = sum(chain.d_c_0[0] for chain in back.chains.values() if chain.d_c_0 is not None)
        np.testing.assert_allclose(d_c_0, start["c"].grad.numpy(), rtol=0, atol=1e-10)
