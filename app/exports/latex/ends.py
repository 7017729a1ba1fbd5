"""The two ends of a derivation: from the states to the loss, and from the loss back to the states."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.experiments.run import Run
from app.exports.latex.writing import aligned, column, equation, number, row, shown_steps, word

LOSSES = {
    "bce": r"-y \log \hat y - (1 - y) \log(1 - \hat y)",
    "mse": r"(y - \hat y)^2",
    "difference": r"y - \hat y",
}
SLOPES = {
    "bce": r"\frac{1 - y}{1 - \hat y} - \frac{y}{\hat y}",
    "mse": r"2(\hat y - y)",
    "difference": "-1",
}


def _one_output(run: Run) -> Iterator[str]:
    forward, network, readout = run.forward, run.network, run.parameters["readout"]
    count, inside = len(run.words), network.output_bias_inside
    read = f"[h_{{{count}}};\\, h_{{1}}^{{\\leftarrow}}]" if network.bidirectional else f"h_{{{count}}}"
    bias = " + b_y" if "b_y" in readout else ""
    shown = f" + {number(float(readout['b_y'][0]))}" if bias else ""
    z, y_hat = number(float(forward.logit[0])), number(float(forward.y_hat[0]))
    product = f"{row(forward.readout_input)} \\, {column(readout['W_hy'][:, 0])}"
    yield aligned(
        [
            equation(
                "z", f"{read} W_{{hy}}{bias if inside else ''}", product + (shown if inside else ""), z
            ),
            equation(
                r"\hat y", rf"\sigma(z){'' if inside else bias}",
                rf"\sigma({z}){'' if inside else shown}", y_hat,
            ),
            equation(
                "L", LOSSES[network.loss],
                rf"{number(run.loss)} \quad \text{{for }} y = {run.experiment.target}",
            ),
        ]
    )  # fmt: skip


def _every_output(run: Run) -> Iterator[str]:
    readout, forward = run.parameters["readout"], run.forward
    assert run.losses is not None
    bias = " + b_y" if "b_y" in readout else ""
    state = r"[h_t;\, h_t^{\leftarrow}]" if run.network.bidirectional else "h_t"
    softmax = rf"z_t = {state} W_{{hy}}{bias}, \qquad \hat y_t = \operatorname{{softmax}}(z_t), \qquad "
    yield rf"\[ {softmax} L_t = -\log \hat y_t[\text{{next word}}] \]"
    equations = []
    for t in (t for t in shown_steps(len(run.words)) if t + 1 < len(run.words)):
        chance = float(forward.y_hat[t, run.ids[t + 1]])
        asked = word(run.words[t + 1], t + 2)
        equations.append(equation(f"z_{{{t + 1}}}", row(forward.logit[t])))
        equations.append(
            equation(
                f"L_{{{t + 1}}}", rf"-\log \hat y_{{{t + 1}}}[\text{{{asked}}}] = -\log {number(chance)}",
                number(float(run.losses[t])),
            )
        )  # fmt: skip
    judged = len(run.words) - 1
    equations.append(equation("L", rf"\frac{{1}}{{{judged}}} \sum_t L_t", number(run.loss)))
    yield aligned(equations)


OUTPUTS: dict[bool, Callable[[Run], Iterator[str]]] = {False: _one_output, True: _every_output}


def _back_once(run: Run) -> Iterator[str]:
    back, network = run.backward, run.network
    direct = network.loss == "bce" and network.output_bias_inside
    d_y_hat, d_z = number(float(back.d_y_hat[0])), number(float(back.d_logit[0]))
    chain = r"\hat y - y" if direct else r"\frac{\partial L}{\partial \hat y}\, \sigma(z)(1 - \sigma(z))"
    yield aligned(
        [
            equation(r"\frac{\partial L}{\partial \hat y}", SLOPES[network.loss], d_y_hat),
            equation(r"\frac{\partial L}{\partial z}", chain, d_z),
        ]
    )


def _back_often(run: Run) -> Iterator[str]:
    judged = len(run.words) - 1
    slope = rf"\frac{{\partial L}}{{\partial z_t}} = \frac{{1}}{{{judged}}}"
    gap = r"\left(\hat y_t - \text{one-hot}(\text{next word})\right), \qquad 0 \text{ at the last}"
    yield rf"\[ {slope}{gap} \]"


BACKS: dict[bool, Callable[[Run], Iterator[str]]] = {False: _back_once, True: _back_often}
