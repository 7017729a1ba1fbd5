"""One thing, four names: the notes', ours, PyTorch's and Keras's."""

from __future__ import annotations

from dataclasses import dataclass

from app.experiments.run import Run


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
    units = run.experiment.hidden_size
    features, outputs = len(run.vocabulary), len(run.forward.y_hat)
    found = [
        Symbol(
            "word of step t",
            "x<sub>11</sub>, x<sub>12</sub>, …",
            "x<sub>t</sub>",
            _shape(features),
            "input[t]",
            "inputs[:, t]",
        ),
        Symbol(
            "state after step t",
            "O<sub>1</sub>, O<sub>2</sub>, …",
            "h<sub>t</sub>",
            _shape(units),
            "output[t]",
            "with return_sequences",
        ),
        Symbol("first state", "O<sub>0</sub>", "h<sub>0</sub>", _shape(units), "h_0", "initial_state"),
        Symbol(
            "word to state",
            "w, w<sub>i</sub>, w<sub>i</sub>⁰, w<sub>i</sub>¹, w<sub>i</sub>², w<sub>ij</sub>",
            "W<sub>xh</sub>",
            _shape(features, units),
            f"weight_ih_l0, {_shape(units, features)}",
            "kernel",
        ),
        Symbol(
            "state to state",
            "w<sub>h</sub>, w<sub>1</sub>",
            "W<sub>hh</sub>",
            _shape(units, units),
            "weight_hh_l0, transposed",
            "recurrent_kernel",
        ),
        Symbol(
            "bias of the units",
            "b<sub>1</sub>, b<sub>2</sub>, b<sub>3</sub>",
            "b<sub>h</sub>",
            _shape(units),
            "bias_ih_l0 + bias_hh_l0",
            "bias",
        ),
        Symbol(
            "state to output",
            "w<sub>k</sub>",
            "W<sub>hy</sub>",
            _shape(units, outputs),
            f"Linear.weight, {_shape(outputs, units)}",
            "Dense kernel",
        ),
        Symbol(
            "bias of the output",
            "b<sub>4</sub>",
            "b<sub>y</sub>",
            _shape(outputs),
            "Linear.bias",
            "Dense bias",
        ),
        Symbol("prediction", "ŷ", "ŷ", _shape(outputs), "sigmoid(Linear(h))", "Dense(1, sigmoid)"),
        Symbol("what f is applied to", "—", "a<sub>t</sub>", _shape(units), "not kept", "not kept"),
    ]
    absent = ("b<sub>h</sub>", "b<sub>y</sub>") if run.experiment.bias == "none" else ()
    return tuple(symbol for symbol in found if symbol.ours not in absent)


def _shape(*lengths: int) -> str:
    return "(" + ", ".join(map(str, lengths)) + ("," if len(lengths) == 1 else "") + ")"
