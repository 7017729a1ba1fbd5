"""The run in NumPy alone: the forward pass and backpropagation through time, written out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from string import Template

from app.experiments.run import Run
from app.exports.programs import source


@dataclass(frozen=True)
class BiasLines:
    """Where b_h stands: what is added to a_t, what to h_t, and what its gradient gathers."""

    into_a: str
    onto_h: str
    gathers: str


BIASES = {
    "inside": BiasLines(' + W["b_h"]', "", "d_a"),
    "outside": BiasLines("", ' + W["b_h"]', "d_h"),
    "mixed": BiasLines(
        ' + (t != order[0]) * W["b_h"]', ' + (t == order[0]) * W["b_h"]', "d_h if t == order[0] else d_a"
    ),
    "none": BiasLines("", "", ""),
}
# f, and its slope
ACTIVATIONS = {
    "tanh": ("np.tanh(a)", "(1 - np.tanh(a) ** 2)"),
    "sigmoid": ("sigmoid(a)", "sigmoid(a) * sigmoid(-a)"),
    "relu": ("np.maximum(a, 0.0)", "(a > 0)"),
    "identity": ("a", "1.0"),
}
SIGMOID = '''def sigmoid(a):
    """1 / (1 + exp(-a)), without overflow."""
    return np.exp(-np.logaddexp(0.0, -a))
'''
ELMAN = Template('''def walk(W, order):
    """Each h_t by its t, and what the way back needs of it."""
    h, states, kept = h_0, {}, {}
    for t in order:
        h_prev = h
        a = W["W_xh"][ids[t]] + h_prev @ W["W_hh"]$into_a
        h = $f$onto_h
        states[t], kept[t] = h, (h_prev, a)
    return states, kept


def walk_back(W, order, kept, d_read, g):
    """Each step adds its contribution to the gradients g. d_read[t] comes from the readout."""
    d_h = np.zeros_like(h_0)
    for t in reversed(order):
        h_prev, a = kept[t]
        d_h = d_h + d_read[t]
        d_a = d_h * $slope
        g["W_xh"][ids[t]] += d_a
        g["W_hh"] += np.outer(h_prev, d_a)
$bias        d_h = d_a @ W["W_hh"].T
''')
LSTM = Template('''def walk(W, order):
    """Each h_t by its t, and what the way back needs of it."""
    h, c, states, kept = h_0, np.zeros_like(h_0), {}, {}
    for t in order:
        h_prev, c_prev = h, c
        a = W["W_xh"][ids[t]] + h_prev @ W["W_hh"]$into_a
        i, f, g, o = np.split(a, 4)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c = f * c_prev + i * g
        h = o * np.tanh(c)
        states[t], kept[t] = h, (h_prev, c_prev, i, f, g, o, c)
    return states, kept


def walk_back(W, order, kept, d_read, gradient):
    """Each step adds its contribution to the gradients. d_read[t] comes from the readout."""
    d_h, d_c = np.zeros_like(h_0), np.zeros_like(h_0)
    for t in reversed(order):
        h_prev, c_prev, i, f, g, o, c = kept[t]
        d_h = d_h + d_read[t]
        d_c = d_c + d_h * o * (1 - np.tanh(c) ** 2)
        d_i = d_c * g * i * (1 - i)
        d_f = d_c * c_prev * f * (1 - f)
        d_g = d_c * i * (1 - g ** 2)
        d_o = d_h * np.tanh(c) * o * (1 - o)
        d_a = np.concatenate([d_i, d_f, d_g, d_o])
        gradient["W_xh"][ids[t]] += d_a
        gradient["W_hh"] += np.outer(h_prev, d_a)
$bias        d_c = d_c * f
        d_h = d_a @ W["W_hh"].T
''')
GRU = Template('''def walk(W, order):
    """Each h_t by its t, and what the way back needs of it."""
    h, states, kept = h_0, {}, {}
    for t in order:
        h_prev = h
        x_r, x_z, x_n = np.split(W["W_xh"][ids[t]]$into_a, 3)
        u_r, u_z, u_n = np.split(h_prev @ W["W_hh"], 3)
$apart        r, z = sigmoid(x_r + u_r), sigmoid(x_z + u_z)
        n = np.tanh(x_n + r * u_n)
        h = n + z * (h_prev - n)
        states[t], kept[t] = h, (h_prev, r, z, n, u_n)
    return states, kept


def walk_back(W, order, kept, d_read, gradient):
    """Each step adds its contribution to the gradients. d_read[t] comes from the readout."""
    d_h = np.zeros_like(h_0)
    for t in reversed(order):
        h_prev, r, z, n, u_n = kept[t]
        d_h = d_h + d_read[t]
        d_n = d_h * (1 - z) * (1 - n ** 2)
        d_z = d_h * (h_prev - n) * z * (1 - z)
        d_r = d_n * u_n * r * (1 - r)
        d_a = np.concatenate([d_r, d_z, d_n])  # of what x_t enters
        d_u = np.concatenate([d_r, d_z, d_n * r])  # of what h_{t-1} enters
        gradient["W_xh"][ids[t]] += d_a
        gradient["W_hh"] += np.outer(h_prev, d_u)
$bias        d_h = d_u @ W["W_hh"].T + d_h * z
''')


def elman(run: Run) -> str:
    """h_t = f(a_t), the bias where the experiment puts it."""
    bias = BIASES[run.network.bias]
    f, slope = ACTIVATIONS[run.network.activation]
    line = f'        g["b_h"] += {bias.gathers}\n' if bias.gathers else ""
    return ELMAN.substitute(into_a=bias.into_a, onto_h=bias.onto_h, f=f, slope=slope, bias=line)


def lstm(run: Run) -> str:
    """i, f, g, o and the road c_t."""
    bias = BIASES[run.network.bias]
    line = '        gradient["b_h"] += d_a\n' if bias.gathers else ""
    return LSTM.substitute(into_a=bias.into_a, bias=line)


def gru(run: Run) -> str:
    """r, z, n, the reset after the recurrent product."""
    bias = BIASES[run.network.bias]
    lines = '        gradient["b_h"] += d_a\n        gradient["b_hn"] += d_n * r\n' if bias.gathers else ""
    apart = '        u_n = u_n + W["b_hn"]\n' if bias.gathers else ""
    return GRU.substitute(into_a=bias.into_a, bias=lines, apart=apart)


CELLS: dict[str, Callable[[Run], str]] = {"elman": elman, "lstm": lstm, "gru": gru}
WALK = """states, kept = {}, {}
for name, order in orders.items():
    states[name], kept[name] = walk(parameters[name], order)
out = parameters["readout"]
gradients = {
    group: {name: np.zeros_like(W) for name, W in names.items()} for group, names in parameters.items()
}
"""
# The loss of one prediction, and its slope at y_hat; None where the logit gives it directly.
LOSSES = {
    ("bce", True): ("np.logaddexp(0.0, logit) - target * logit", None),
    ("bce", False): (
        "-(target * np.log(y_hat) + (1 - target) * np.log(1 - y_hat))",
        "(1 - target) / (1 - y_hat) - target / y_hat",
    ),
    ("mse", True): ("(target - y_hat) ** 2", "2 * (y_hat - target)"),
    ("mse", False): ("(target - y_hat) ** 2", "2 * (y_hat - target)"),
    ("difference", True): ("target - y_hat", "-np.ones_like(y_hat)"),
    ("difference", False): ("target - y_hat", "-np.ones_like(y_hat)"),
}


def one_prediction(run: Run) -> str:
    """The readout of the last states, the loss and its gradient."""
    inside, present = run.network.output_bias_inside, "b_y" in run.parameters["readout"]
    value, slope = LOSSES[run.network.loss, inside]
    bias = ' + out["b_y"]' if present else ""
    lines = [
        "read = np.concatenate([states[name][order[-1]] for name, order in orders.items()])",
        f'logit = read @ out["W_hy"]{bias if inside else ""}',
        f"y_hat = sigmoid(logit){'' if inside else bias}",
        f"loss = ({value}).sum()",
    ]
    if slope is None:
        lines.append("d_logit = y_hat - target")
    else:
        lines += [f"d_y_hat = {slope}", "d_logit = d_y_hat * sigmoid(logit) * sigmoid(-logit)"]
    lines.append('gradients["readout"]["W_hy"] += np.outer(read, d_logit)')
    if present:
        lines.append(f'gradients["readout"]["b_y"] += {"d_logit" if inside else "d_y_hat"}')
    return "\n".join([*lines, BACK_FROM_THE_LAST])


BACK_FROM_THE_LAST = """
for part, (name, order) in zip(np.split(d_logit @ out["W_hy"].T, len(orders)), orders.items()):
    d_read = {t: np.zeros_like(h_0) for t in order}
    d_read[order[-1]] = part
    walk_back(parameters[name], order, kept[name], d_read, gradients[name])
"""


def every_word(run: Run) -> str:
    """A softmax over the vocabulary at every step, and the mean loss of those that have a next word."""
    bias = ' + out["b_y"]' if "b_y" in run.parameters["readout"] else ""
    gathers = 'gradients["readout"]["b_y"] += d_logit.sum(axis=0)\n' if bias else ""
    return EVERY_WORD.substitute(bias=bias, gathers=gathers)


EVERY_WORD = Template("""steps = range(len(ids))
rows = [np.concatenate([states[name][t] for name in orders]) for t in steps]
read = np.array(rows)
logit = read @ out["W_hy"]$bias
shifted = logit - logit.max(axis=1, keepdims=True)
log_y_hat = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
y_hat = np.exp(log_y_hat)
judged = np.arange(len(targets))
loss = -log_y_hat[judged, targets].mean()
d_logit = np.zeros_like(logit)
d_logit[judged] = y_hat[judged] / len(judged)
d_logit[judged, targets] -= 1 / len(judged)
gradients["readout"]["W_hy"] += read.T @ d_logit
$gathers
for d_read, (name, order) in zip(np.split(d_logit @ out["W_hy"].T, len(orders), axis=1), orders.items()):
    walk_back(parameters[name], order, kept[name], d_read, gradients[name])
""")
READOUTS: dict[bool, Callable[[Run], str]] = {False: one_prediction, True: every_word}


def numpy_program(run: Run, most: int) -> bytes:
    """The program. It leaves y_hat, loss, gradients and updated, the parameters after a step.

    most : numbers it may hold; Raises ExperimentError beyond.
    """
    held = source.embedded(run, most)
    numbers = source.weights(held.parameters, "np.array(", ")")
    top = [
        source.docstring(run, "NumPy alone", held.note),
        "import numpy as np",
        "\n".join((source.facts(run, held), source.asked(run, held), source.orders(run))),
        f"h_0 = np.array({source.literal(source.state(run))})\n{numbers}",
    ]
    body = [
        SIGMOID + "\n\n" + CELLS[run.network.cell](run),
        WALK + READOUTS[run.network.per_step](run),
        source.updated(run),
    ]
    return ("\n\n".join(top) + "\n\n\n" + "\n\n".join(body)).encode()
