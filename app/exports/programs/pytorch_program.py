"""The run in PyTorch: the loop written out, gradients by autograd, and PyTorch's own layer beside it."""

from __future__ import annotations

from collections.abc import Callable
from string import Template

from app.experiments.run import Run
from app.exports.programs import source
from app.exports.programs.numpy_program import BIASES

ACTIVATIONS = {
    "tanh": "torch.tanh(a)",
    "sigmoid": "torch.sigmoid(a)",
    "relu": "torch.relu(a)",
    "identity": "a",
}
ELMAN = Template('''def walk(W, order):
    """Each h_t by its t."""
    h, states = h_0, {}
    for t in order:
        a = W["W_xh"][ids[t]] + h @ W["W_hh"]$into_a
        h = $f$onto_h
        states[t] = h
    return states
''')
LSTM = Template('''def walk(W, order):
    """Each h_t by its t."""
    h, c, states = h_0, torch.zeros_like(h_0), {}
    for t in order:
        i, f, g, o = (W["W_xh"][ids[t]] + h @ W["W_hh"]$into_a).chunk(4)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        states[t] = h
    return states
''')
GRU = Template('''def walk(W, order):
    """Each h_t by its t."""
    h, states = h_0, {}
    for t in order:
        x_r, x_z, x_n = (W["W_xh"][ids[t]]$into_a).chunk(3)
        u_r, u_z, u_n = (h @ W["W_hh"]).chunk(3)
        r, z = torch.sigmoid(x_r + u_r), torch.sigmoid(x_z + u_z)
        n = torch.tanh(x_n + r * $u_n)
        h = n + z * (h - n)
        states[t] = h
    return states
''')


def elman(run: Run) -> str:
    """h_t = f(a_t), the bias where the experiment puts it."""
    bias = BIASES[run.network.bias]
    f = ACTIVATIONS[run.network.activation]
    return ELMAN.substitute(into_a=bias.into_a, onto_h=bias.onto_h, f=f)


def lstm(run: Run) -> str:
    """i, f, g, o and the road c_t."""
    return LSTM.substitute(into_a=BIASES[run.network.bias].into_a)


def gru(run: Run) -> str:
    """r, z, n, the reset after the recurrent product."""
    bias = BIASES[run.network.bias]
    return GRU.substitute(into_a=bias.into_a, u_n='(u_n + W["b_hn"])' if bias.gathers else "u_n")


CELLS: dict[str, Callable[[Run], str]] = {"elman": elman, "lstm": lstm, "gru": gru}
WALK = """states = {name: walk(parameters[name], order) for name, order in orders.items()}
out = parameters["readout"]
"""
LOSSES = {
    (
        "bce",
        True,
    ): "torch.nn.functional.binary_cross_entropy_with_logits(logit, torch.full_like(logit, target))",
    ("bce", False): "-(target * torch.log(y_hat) + (1 - target) * torch.log(1 - y_hat)).sum()",
    ("mse", True): "((target - y_hat) ** 2).sum()",
    ("mse", False): "((target - y_hat) ** 2).sum()",
    ("difference", True): "(target - y_hat).sum()",
    ("difference", False): "(target - y_hat).sum()",
}


def one_prediction(run: Run) -> str:
    """The readout of the last states, and the loss."""
    inside = run.network.output_bias_inside
    bias = ' + out["b_y"]' if "b_y" in run.parameters["readout"] else ""
    return "\n".join(
        [
            "read = torch.cat([states[name][order[-1]] for name, order in orders.items()])",
            f'logit = read @ out["W_hy"]{bias if inside else ""}',
            f"y_hat = torch.sigmoid(logit){'' if inside else bias}",
            f"loss = {LOSSES[run.network.loss, inside]}",
        ]
    )


def every_word(run: Run) -> str:
    """A softmax over the vocabulary at every step; cross_entropy takes the mean."""
    bias = ' + out["b_y"]' if "b_y" in run.parameters["readout"] else ""
    return "\n".join(
        [
            "read = torch.stack([torch.cat([states[name][t] for name in orders]) for t in range(len(ids))])",
            f'logit = read @ out["W_hy"]{bias}',
            "y_hat = torch.softmax(logit, dim=1)",
            "loss = torch.nn.functional.cross_entropy(logit[: len(targets)], torch.tensor(targets))",
        ]
    )


READOUTS: dict[bool, Callable[[Run], str]] = {False: one_prediction, True: every_word}
STEP = Template("""loss.backward()
gradients = {group: {name: W.grad for name, W in names.items()} for group, names in parameters.items()}
norm = torch.sqrt(sum((g**2).sum() for names in gradients.values() for g in names.values()))
$scale
updated = {
    group: {name: (W - learning_rate * scale * W.grad).detach() for name, W in names.items()}
    for group, names in parameters.items()
}

print("y_hat =", y_hat.detach())
print("loss =", loss.item())
for group, names in gradients.items():
    for name, g in names.items():
        print(f"dL/d{name} of {group} =", g, sep="\\n")
""")
SCALES = {
    False: "scale = 1.0",
    # torch.nn.utils.clip_grad_norm_ adds 1e-6 to the norm, so the step is scaled here.
    True: "scale = min(1.0, clip_norm / norm.item()) if norm > 0 else 1.0",
}
# PyTorch's layer of a cell and activation, where the bias stands inside or nowhere.
LAYERS = {
    ("elman", "tanh"): 'torch.nn.RNN(**sizes, nonlinearity="tanh")',
    ("elman", "relu"): 'torch.nn.RNN(**sizes, nonlinearity="relu")',
    **{("lstm", f): "torch.nn.LSTM(**sizes)" for f in ACTIVATIONS},
    **{("gru", f): "torch.nn.GRU(**sizes)" for f in ACTIVATIONS},
}
LAYER = Template("""
# The same with PyTorch's own layer. It multiplies from the other side, so its weights are the transposes;
# it has two biases, of which the second is needed $second.
units, entries = len(h_0), len(vocabulary)
sizes = {"input_size": entries, "hidden_size": units, "bias": $bias, "bidirectional": len(orders) == 2}
layer = $layer.double()
with torch.no_grad():
    for name, suffix in zip(orders, ("", "_reverse")):
        W = parameters[name]
        getattr(layer, "weight_ih_l0" + suffix).copy_(W["W_xh"].T)
        getattr(layer, "weight_hh_l0" + suffix).copy_(W["W_hh"].T)
$biases    x = torch.nn.functional.one_hot(torch.tensor(ids), entries).double()
    start = h_0.repeat(len(orders), 1)
    outputs, _ = layer(x, $start)
    own = torch.stack([torch.cat([states[name][t] for name in orders]) for t in range(len(ids))])
    difference = (outputs - own).abs().max().item()
print("largest difference from", type(layer).__name__, "=", difference)
""")
BIAS_LINES = """        getattr(layer, "bias_ih_l0" + suffix).copy_(W["b_h"])
        getattr(layer, "bias_hh_l0" + suffix).zero_()
"""
APART_LINE = '        getattr(layer, "bias_hh_l0" + suffix)[2 * units :] = W["b_hn"]\n'
STARTS = {False: "start", True: "(start, torch.zeros_like(start))"}


def layer(run: Run) -> str:
    """The lines that hold the run against PyTorch's layer; none where PyTorch has no such layer."""
    network, weights = run.network, run.parameters["left_to_right"]
    made = LAYERS.get((network.cell, network.activation))
    if made is None or network.bias not in ("inside", "none"):
        return ""
    apart = "b_hn" in weights
    return LAYER.substitute(
        second="for the candidate of a GRU alone" if apart else "nowhere here",
        bias="b_h" in weights,
        layer=made,
        biases=(BIAS_LINES if "b_h" in weights else "") + (APART_LINE if apart else ""),
        start=STARTS[run.forward.c is not None],
    )


def pytorch_program(run: Run, most: int) -> bytes:
    """The program. It leaves y_hat, loss, gradients and updated, the parameters after a step.

    most : numbers it may hold; Raises ExperimentError beyond.
    """
    held = source.embedded(run, most)
    numbers = source.weights(held.parameters, "torch.tensor(", ", requires_grad=True)")
    top = [
        source.docstring(run, "PyTorch", held.note),
        "import torch",
        "torch.set_default_dtype(torch.float64)",
        "\n".join((source.facts(run, held), source.asked(run, held), source.orders(run))),
        f"h_0 = torch.tensor({source.literal(source.state(run))})\n{numbers}",
    ]
    body = [
        CELLS[run.network.cell](run),
        WALK + READOUTS[run.network.per_step](run),
        STEP.substitute(scale=SCALES[run.experiment.clip_norm is not None]) + layer(run),
    ]
    return ("\n\n".join(top) + "\n\n\n" + "\n\n".join(body)).encode()
