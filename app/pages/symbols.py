"""One thing, four names: the notes', ours, PyTorch's and Keras's."""

from __future__ import annotations

from dataclasses import dataclass

from app.experiments.run import Run
from app.stage.inspection.tongues import hidden_bias, module_differs, output_bias


@dataclass(frozen=True)
class Symbol:
    """A thing and its names, as HTML; shapes as text, of this run."""

    what: str
    notes: str
    ours: str
    shape: str
    pytorch: str
    keras: str


def symbols(run: Run) -> tuple[Symbol, ...]:
    """The symbol map with the shapes of a run."""
    sizes = {"V": len(run.vocabulary), "H": run.experiment.hidden_size, "O": len(run.forward.y_hat)}
    absent = ("b<sub>h</sub>", "b<sub>y</sub>") if run.experiment.bias == "none" else ()
    return tuple(
        Symbol(
            what,
            notes,
            ours,
            _shape(*(sizes[axis] for axis in axes)),
            _biases(run, ours, _filled(pytorch, sizes)),
            _biases(run, ours, keras),
        )
        for what, notes, ours, axes, pytorch, keras in TABLE if ours not in absent
    )


# what, in the notes, here, axes, in PyTorch, in Keras
TABLE = (
    ("word of step t", "x<sub>11</sub>, x<sub>12</sub>, …", "x<sub>t</sub>", "V", "input[t]", "inputs[:, t]"),
    ("state after step t", "O<sub>1</sub>, O<sub>2</sub>, …", "h<sub>t</sub>", "H", "output[t]",
     "with return_sequences"),
    ("first state", "O<sub>0</sub>", "h<sub>0</sub>", "H", "h_0", "initial_state"),
    ("word to state", "w, w<sub>i</sub>, w<sub>i</sub>⁰, w<sub>i</sub>¹, w<sub>i</sub>², w<sub>ij</sub>",
     "W<sub>xh</sub>", "VH", "weight_ih_l0, {HV}", "kernel"),
    ("state to state", "w<sub>h</sub>, w<sub>1</sub>", "W<sub>hh</sub>", "HH", "weight_hh_l0, transposed",
     "recurrent_kernel"),
    ("bias of the units", "b<sub>1</sub>, b<sub>2</sub>, b<sub>3</sub>", "b<sub>h</sub>", "H",
     "bias_ih_l0 + bias_hh_l0", "bias"),
    ("state to output", "w<sub>k</sub>", "W<sub>hy</sub>", "HO", "Linear.weight, {OH}", "Dense kernel"),
    ("bias of the output", "b<sub>4</sub>", "b<sub>y</sub>", "O", "Linear.bias", "Dense bias"),
    ("prediction", "ŷ", "ŷ", "O", "sigmoid(Linear(h))", "Dense(1, sigmoid)"),
    ("what f is applied to", "—", "a<sub>t</sub>", "H", "not kept", "not kept"),
)  # fmt: skip


def module_note(run: Run) -> str:
    """A sentence where PyTorch has no module for this network; HTML, or empty."""
    differs = module_differs(run)
    if not differs:
        return ""
    return (
        f"PyTorch’s <code>nn.RNN</code> {differs}: the names in its column are those of the same role, and "
        "this network takes a loop of your own."
    )


BIASES = {"b<sub>h</sub>": hidden_bias, "b<sub>y</sub>": output_bias}


def _biases(run: Run, ours: str, name: str) -> str:
    """A library's name for a bias that it has inside f, or σ, alone; any other name as it is."""
    return BIASES[ours](run, name) if ours in BIASES else name


def _filled(name: str, sizes: dict[str, int]) -> str:
    """PyTorch's name with the shape that it has there, which is the transpose."""
    for axes in ("HV", "OH"):
        name = name.replace(f"{{{axes}}}", _shape(*(sizes[axis] for axis in axes)))
    return name


def _shape(*lengths: int) -> str:
    return "(" + ", ".join(map(str, lengths)) + ("," if len(lengths) == 1 else "") + ")"
