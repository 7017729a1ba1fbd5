"""The network once more, as plainly as it can be written: single numbers, one copy of the weights a step."""

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tests.engine.questions import Question

FUNCTIONS = {
    "tanh": math.tanh,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "relu": lambda a: max(a, 0.0),
    "identity": lambda a: a,
}


def naive_loss(question: "Question", step: int, row: int, column: int, amount: float) -> float:
    """The loss with one entry of one step's own copy of [W_hh; b_h; W_xh] moved by an amount."""
    network, chain, readout = (
        question.network,
        question.parameters["left_to_right"],
        question.parameters["readout"],
    )
    hidden = network.hidden_size
    f = FUNCTIONS[network.activation]
    h = question.h_0.tolist()
    for t, word in enumerate(question.words.ids[:, 0].tolist()):
        W_hh, W_xh, b_h = (
            chain["W_hh"].copy(),
            chain["W_xh"].copy(),
            chain.get("b_h", np.zeros(hidden)).copy(),
        )
        if t == step:
            if row < hidden:
                W_hh[row, column] += amount
            elif row == hidden:
                b_h[column] += amount
            else:
                W_xh[row - hidden - 1, column] += amount
        inside = {"inside": True, "none": True, "outside": False, "mixed": t > 0}[network.bias]
        h_next = []
        for j in range(hidden):
            a = W_xh[word, j] + sum(h[i] * W_hh[i, j] for i in range(hidden))
            h_next.append(f(a + b_h[j]) if inside else f(a) + b_h[j])
        h = h_next
    z = sum(h[i] * readout["W_hy"][i, 0] for i in range(hidden))
    b_y = float(readout.get("b_y", np.zeros(1))[0])
    y_hat = (
        FUNCTIONS["sigmoid"](z + b_y) if network.bias in ("inside", "none") else FUNCTIONS["sigmoid"](z) + b_y
    )
    y = question.target
    if network.loss == "mse":
        return (y - y_hat) ** 2
    if network.loss == "difference":
        return y - y_hat
    return -math.log(y_hat if y else 1 - y_hat) if 0 < y_hat < 1 else math.nan
