"""One thing in three tongues: the notes’ symbols, ours, and the names PyTorch and Keras have for it."""

from app.experiments.run import Run
from app.stage.inspection.contents import Names, code, of, sub

NOT_KEPT = "not kept by nn.RNN"
NO_BIAS = "no such bias: it stands inside {} there"
OWN_LOOP = "nn.RNN keeps none; in a loop over nn.RNNCell: "


def module_differs(run: Run) -> str:
    """What nn.RNN does otherwise than this network; "" where it computes the same."""
    experiment = run.experiment
    if experiment.bias in ("outside", "mixed"):
        return "adds its bias inside f at every step"
    if experiment.activation in ("sigmoid", "identity"):
        return "has tanh and ReLU alone for f"
    return ""


def by_role(run: Run, torch: str) -> str:
    """A name of PyTorch's, and that it is one by role alone where no module computes this network."""
    differs = module_differs(run)
    return f"{torch}, by its role: nn.RNN itself {differs}" if differs else torch


def hidden_bias(run: Run, name: str) -> str:
    """A library's name for b_h, which PyTorch and Keras have inside f alone."""
    return NO_BIAS.format("f") if run.experiment.bias in ("outside", "mixed") else name


def output_bias(run: Run, name: str) -> str:
    """A library's name for b_y, which they have inside σ alone."""
    return name if run.forward.output_bias_inside else NO_BIAS.format("σ")


def state_names(run: Run, kind: str, t: int, unit: int) -> Names:
    """a_t, f(a_t) or h_t of a unit. The notes have no name for a_t."""
    if kind == "a":
        inside = f"x<sub>1{t}</sub> w<sub>i</sub> + O<sub>{t - 1}</sub> w<sub>h</sub>"
        return Names(f"no name: {inside}", f"a<sub>{t}</sub>[{unit + 1}]", NOT_KEPT)
    ours = f"f(a<sub>{t}</sub>)[{unit + 1}]" if kind == "f" else f"h<sub>{t}</sub>[{unit + 1}]"
    torch = by_role(run, code(f"output[{t - 1}, {unit}]"))
    return Names(sub("O", t), ours, torch, code(f"output[0, {t - 1}, {unit}]"))


def blame_names(run: Run, kind: str, t: int, unit: int) -> Names:
    """Gradients on their way back."""
    if kind == "dh":
        own = code(f"h[{t - 1}].grad[{unit}]") + ", after " + code("retain_grad()")
        return Names(f"∂L/∂{sub('O', t)}", f"∂L/∂h<sub>{t}</sub>[{unit + 1}]", OWN_LOOP + own)
    if kind == "fp":
        return Names("no name: F′", f"f′(a<sub>{t}</sub>)[{unit + 1}]", NOT_KEPT)
    return Names("no name", f"δ<sub>{t}</sub>[{unit + 1}] = ∂L/∂a<sub>{t}</sub>[{unit + 1}]", NOT_KEPT)


def _biases(unit: int) -> str:
    return f"rnn.bias_ih_l0[{unit}] + rnn.bias_hh_l0[{unit}]"


def weight_names(run: Run, name: str, row: int, column: int) -> Names:
    """An entry of a parameter. PyTorch stores matrices transposed, and two biases where one would do."""
    ours = f"{of(name)}[{row + 1}, {column + 1}]"
    return {
        "W_xh": lambda: Names(
            "w<sub>i</sub> (w<sub>i</sub><sup>0</sup>, w<sub>i</sub><sup>1</sup> … are its copies)",
            ours,
            by_role(run, code(f"rnn.weight_ih_l0[{column}][{row}]")),
            code(f"kernel[{row}, {column}]"),
        ),
        "W_hh": lambda: Names(
            "w<sub>h</sub> (w<sub>1</sub> on the four-step page)",
            ours,
            by_role(run, code(f"rnn.weight_hh_l0[{column}][{row}]")),
            code(f"recurrent_kernel[{row}, {column}]"),
        ),
        "b_h": lambda: Names(
            "b<sub>1</sub>, b<sub>2</sub>, b<sub>3</sub>",
            f"b<sub>h</sub>[{column + 1}]",
            hidden_bias(run, by_role(run, code(_biases(column)) + " (two biases)")),
            hidden_bias(run, code(f"bias[{column}]")),
        ),
        "W_hy": lambda: Names(
            "w<sub>k</sub>", ours, code(f"fc.weight[{column}][{row}]"), code(f"dense.kernel[{row}, {column}]")
        ),
        "b_y": lambda: Names(
            "b<sub>4</sub>",
            "b<sub>y</sub>[1]",
            output_bias(run, code("fc.bias[0]")),
            output_bias(run, code("dense.bias[0]")),
        ),
    }[name]()


def gradient_names(run: Run, name: str, row: int, column: int) -> Names:
    """An entry of dL/dW."""
    weight = weight_names(run, name, row, column)
    notes = {
        "W_xh": "∂L/∂w<sub>i</sub>",
        "W_hh": "∂L/∂w<sub>h</sub>",
        "b_h": "∂L/∂b",
        "W_hy": "∂L/∂w<sub>k</sub>",
        "b_y": "∂L/∂b<sub>4</sub>",
    }[name]
    torch = {
        "W_xh": by_role(run, code(f"rnn.weight_ih_l0.grad[{column}][{row}]")),
        "W_hh": by_role(run, code(f"rnn.weight_hh_l0.grad[{column}][{row}]")),
        "b_h": hidden_bias(
            run,
            by_role(
                run,
                code(f"rnn.bias_ih_l0.grad[{column}]") + ", and the same again in " + code("bias_hh_l0.grad"),
            ),
        ),
        "W_hy": code(f"fc.weight.grad[{column}][{row}]"),
        "b_y": output_bias(run, code("fc.bias.grad[0]")),
    }[name]
    return Names(notes, f"∂L/∂{weight.ours}", torch)


def term_names(run: Run, name: str, t: int, row: int, column: int) -> Names:
    """A step's contribution to an entry of dL/dW."""
    symbol = {"W_xh": "w<sub>i</sub>", "W_hh": "w<sub>h</sub>", "b_h": "b"}[name]
    steps = len(run.words)
    chain = (
        "".join(f" · ∂O<sub>{k}</sub>/∂O<sub>{k - 1}</sub>" for k in range(steps, t, -1))
        if steps - t <= 3
        else " · …"
    )
    ours = weight_names(run, name, row, column).ours
    return Names(
        f"∂L/∂ŷ · ∂ŷ/∂O<sub>{steps}</sub>{chain} · ∂O<sub>{t}</sub>/∂{symbol}",
        f"step {t}’s term of ∂L/∂{ours}",
        "autograd keeps the sum alone; a copy of the weight for each step would have it in "
        + code(f"copies[{t - 1}].grad"),
    )
