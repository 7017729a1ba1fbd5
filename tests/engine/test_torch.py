"""The engine against PyTorch's autograd, where it is installed."""

from itertools import product

import numpy as np
import pytest

from app.engine import Network, OneHot, backward, draw_parameters, draw_state, forward

torch = pytest.importorskip("torch")

FUNCTIONS = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "identity": lambda a: a,
}
LOSSES = {
    "bce": lambda y_hat, y: torch.nn.functional.binary_cross_entropy(y_hat, y),
    "mse": lambda y_hat, y: ((y - y_hat) ** 2).sum(),
    "difference": lambda y_hat, y: (y - y_hat).sum(),
}


@pytest.mark.parametrize(
    ("activation", "bias", "loss"), list(product(FUNCTIONS, ("inside", "outside", "mixed", "none"), LOSSES))
)
def test_outputs_and_gradients_agree(activation: str, bias: str, loss: str) -> None:
    network = Network(activation=activation, bias=bias, loss=loss, hidden_size=4)
    words, h_0 = OneHot.of([2, 0, 1, 2, 4], 5), draw_state(network, 1)
    parameters = draw_parameters(network, 5, seed=2)
    if bias != "none":
        parameters["readout"]["b_y"] *= 0.1
    back = backward(forward(network, parameters, words, h_0), 1.0)

    leaves = {
        name: torch.tensor(value, requires_grad=True)
        for group in parameters.values()
        for name, value in group.items()
    }
    b_h, b_y = leaves.get("b_h", 0.0), leaves.get("b_y", 0.0)
    h = start = torch.tensor(h_0, requires_grad=True)
    states = []
    for t, x in enumerate(torch.tensor(words.dense()[:, 0])):
        a = x @ leaves["W_xh"] + h @ leaves["W_hh"]
        inside = bias in ("inside", "none") or (bias == "mixed" and t > 0)
        h = FUNCTIONS[activation](a + b_h) if inside else FUNCTIONS[activation](a) + b_h
        h.retain_grad()
        states.append(h)
    z = h @ leaves["W_hy"]
    y_hat = torch.sigmoid(z + b_y) if bias in ("inside", "none") else torch.sigmoid(z) + b_y
    LOSSES[loss](y_hat, torch.ones(1, dtype=torch.float64)).backward()

    chain = back.chains["left_to_right"]
    hidden = torch.stack(states).detach().numpy()
    np.testing.assert_allclose(chain.trace.h[:, 0], hidden, rtol=0, atol=1e-12)
    np.testing.assert_allclose(back.trace.y_hat[0], y_hat.detach().numpy(), rtol=0, atol=1e-12)
    gradients = {name: gradient for group in back.gradients.values() for name, gradient in group.items()}
    for name, leaf in leaves.items():
        np.testing.assert_allclose(gradients[name].total, leaf.grad.numpy(), rtol=0, atol=1e-10)
    for t, state in enumerate(states):
        np.testing.assert_allclose(chain.d_h[t, 0], state.grad.numpy(), rtol=0, atol=1e-10)
    np.testing.assert_allclose(chain.d_h_0[0], start.grad.numpy(), rtol=0, atol=1e-10)
