"""One thing in three tongues: the notes’ symbols, ours, and the names PyTorch and Keras have for it."""

import re

from app.experiments.run import Run
from app.stage.chains import Chain, chains_of
from app.stage.gates import letter, marked
from app.stage.inspection.contents import Names, code
from app.stage.weights import Weight
from app.wording.catalogue import N_

NO_BIAS = "no such bias: it stands inside {} there"
MODULES = {"elman": "RNN", "lstm": "LSTM", "gru": "GRU"}
LAYERS = {"elman": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}
KERAS_BLOCKS = {"gru": (1, 0, 2)}
"""Where Keras has the gates that PyTorch and we have as 0, 1, 2, ...: its GRU begins with z."""
UNNAMED = N_("not in the notes")


def module(run: Run) -> str:
    """PyTorch's module of this cell, as a variable."""
    return MODULES[run.experiment.cell].lower()


def not_kept(run: Run) -> str:
    return f"not kept by nn.{MODULES[run.experiment.cell]}"


def module_differs(run: Run) -> str:
    """What nn.RNN does otherwise than this network; "" where it computes the same."""
    experiment = run.experiment
    if experiment.bias in ("outside", "mixed"):
        return "adds its bias inside f at every step"
    if experiment.cell == "elman" and experiment.activation in ("sigmoid", "identity"):
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


def ours(chain: Chain, name: str, t: int, unit: int, gate: str = "") -> str:
    """An entry of an array over time, as we call it."""
    return f"{marked(chain, name, t, gate)}[{unit + 1}]"


def _column(chain: Chain, unit: int) -> int:
    """Where PyTorch’s output has a unit: the chains side by side."""
    first: int = chain.reads_out.start
    return first + unit


def state_names(chain: Chain, kind: str, t: int, unit: int) -> Names:
    """a_t, f(a_t) or h_t of a unit. The notes have no name for a_t."""
    run, before = chain.run, chain.lane.before(t)
    if kind == "a":
        inside = f"x<sub>1{t}</sub> w<sub>i</sub> + O<sub>{before}</sub> w<sub>h</sub>"
        return Names(f"no name: {inside}", ours(chain, "a", t, unit), not_kept(run))
    said = f"f({chain.lane.said('a', t)})[{unit + 1}]" if kind == "f" else ours(chain, "h", t, unit)
    index = f"{t - 1}, {_column(chain, unit)}"
    keras = code(f"output[0, {index}]")
    return Names(_state_of_the_notes(chain, t), said, by_role(run, code(f"output[{index}]")), keras)


def _state_of_the_notes(chain: Chain, t: int) -> str:
    """O_t; with two directions their O_f and O_n, which bear no index of time."""
    if chain.alone:
        return UNNAMED if chain.gated else f"O<sub>{t}</sub>"
    return f"O<sub>{'n' if chain.lane.reverse else 'f'}</sub>, without an index of time (E18)"


def gate_names(chain: Chain, kind: str, name: str, t: int, unit: int, gate: str = "") -> Names:
    """Anything inside a cell with gates: PyTorch and Keras hand out h_T and c_T alone."""
    own = ours(chain, name, t, unit, gate)
    if kind == "c" and t == chain.lane.last:
        layer = int(chain.lane.reverse)
        return Names(UNNAMED, own, code(f"c_n[{layer}, {unit}]"), code(f"states[{1 + 2 * layer}][0, {unit}]"))
    return Names(UNNAMED, own, not_kept(chain.run))


def blame_names(chain: Chain, kind: str, t: int, unit: int, gate: str = "") -> Names:
    """Gradients on their way back."""
    run = chain.run
    if kind in ("dh", "dc"):
        name = kind[1:]
        own = code(f"{name}[{t - 1}].grad[{unit}]") + ", after " + code("retain_grad()")
        cell = MODULES[run.experiment.cell]
        notes = f"∂L/∂{_state_of_the_notes(chain, t)}" if chain.alone and not chain.gated else UNNAMED
        said = f"∂L/∂{ours(chain, name, t, unit)}"
        return Names(notes, said, f"nn.{cell} keeps none; in a loop over nn.{cell}Cell: {own}")
    if kind in ("fp", "s"):
        slope = f"f′({marked(chain, 'a', t, gate)})[{unit + 1}]"
        return Names("no name: F′", slope, not_kept(run))
    delta = ours(chain, "δ", t, unit, gate)
    summed = ours(chain, "u", t, unit) if kind == "du" else ours(chain, "a", t, unit, gate)
    return Names("no name", f"{delta} = ∂L/∂{summed}", not_kept(run))


def weight_place(run: Run, weight: Weight, row: int, column: int) -> tuple[str, str]:
    """An entry of a weight in PyTorch, which stores matrices transposed and two biases, and in Keras."""
    if weight.role == "readout":
        return _outer(run, weight, row, column)
    chain = next(chain for chain in chains_of(run) if chain.lane.chain == weight.group)
    block = weight.gate if weight.gate is not None else (chain.cell.apart or 0)
    line = block * chain.hidden + column
    keras_line = (
        KERAS_BLOCKS.get(chain.cell.name, tuple(range(chain.cell.gates)))[block] * chain.hidden + column
    )
    rnn, end = module(run), "_reverse" if chain.lane.reverse else ""
    layer = "" if chain.alone else ("backward_layer." if chain.lane.reverse else "forward_layer.")
    if weight.role == "bias":
        return _bias(chain, weight, (rnn, end, line), f"{layer}bias", keras_line)
    kernel = "kernel" if weight.role == "words" else "recurrent_kernel"
    side = "ih" if weight.role == "words" else "hh"
    torch = by_role(run, code(f"{rnn}.weight_{side}_l0{end}[{line}][{row}]"))
    return torch, code(f"{layer}{kernel}[{row}, {keras_line}]")


def _bias(chain: Chain, weight: Weight, torch: tuple[str, str, int], keras: str, k: int) -> tuple[str, str]:
    """Of a gate kept apart PyTorch and Keras have the two biases that we have; of the others two for one."""
    rnn, end, line = torch
    ih, hh = (f"{rnn}.bias_{side}_l0{end}[{line}]" for side in ("ih", "hh"))
    if chain.cell.apart is None:
        both = by_role(chain.run, code(f"{ih} + {hh}") + " (two biases)")
        return hidden_bias(chain.run, both), hidden_bias(chain.run, code(f"{keras}[{k}]"))
    if weight.gate is None:
        return code(hh), code(f"{keras}[1, {k}]")
    if weight.gate == chain.cell.apart:
        return code(ih), code(f"{keras}[0, {k}]")
    return code(f"{ih} + {hh}") + " (two biases)", code(f"{keras}[0, {k}] + {keras}[1, {k}]")


def _outer(run: Run, weight: Weight, row: int, column: int) -> tuple[str, str]:
    if weight.key == "W_hy":
        return code(f"fc.weight[{column}][{row}]"), code(f"dense.kernel[{row}, {column}]")
    names = f"fc.bias[{column}]", f"dense.bias[{column}]"
    return output_bias(run, code(names[0])), output_bias(run, code(names[1]))


NOTES = {
    "W_xh": "w<sub>i</sub> (w<sub>i</sub><sup>0</sup>, w<sub>i</sub><sup>1</sup> … are its copies)",
    "W_hh": "w<sub>h</sub> (w<sub>1</sub> on the four-step page)",
    "b_h": "b<sub>1</sub>, b<sub>2</sub>, b<sub>3</sub>",
    "W_hy": "w<sub>k</sub>",
    "b_y": "b<sub>4</sub>",
}


def weight_names(run: Run, weight: Weight, row: int, column: int) -> Names:
    """An entry of a parameter."""
    torch, keras = weight_place(run, weight, row, column)
    return Names(notes_name(run, weight), our_entry(weight, row, column), torch, keras)


def our_entry(weight: Weight, row: int, column: int) -> str:
    """W_hh[1, 2], counted from 1."""
    index = f"{column + 1}" if weight.letter.startswith("b") else f"{row + 1}, {column + 1}"
    return f"{weight.symbol}[{index}]"


def notes_name(run: Run, weight: Weight) -> str:
    """What the notes call a parameter."""
    if run.experiment.cell != "elman" and weight.role != "readout":
        return UNNAMED
    return (
        BOTH[weight.name] if run.experiment.bidirectional and weight.role != "readout" else NOTES[weight.key]
    )


BOTH = {"W_xh": "W", "W_hh": "U", "b_h": "b"}
"""Their letters on the page about two directions, the same for both layers (E18)."""
GRADIENTS = {"W_xh": "w<sub>i</sub>", "W_hh": "w<sub>h</sub>", "b_h": "b", "W_hy": "w<sub>k</sub>",
             "b_y": "b<sub>4</sub>"}  # fmt: skip


def gradient_names(run: Run, weight: Weight, row: int, column: int) -> Names:
    """An entry of dL/dW."""
    named = run.experiment.cell == "elman" or weight.role == "readout"
    notes = f"∂L/∂{GRADIENTS[weight.name]}" if named else UNNAMED
    torch, _ = weight_place(run, weight, row, column)
    if "code" not in torch:  # it has no such parameter
        return Names(notes, f"∂L/∂{our_entry(weight, row, column)}", torch)
    if " + " in torch:
        first, _, rest = torch.partition(" + ")
        other = rest.partition("[")[0].partition(".")[2]
        after = rest.partition(" (two biases)")[2]
        torch = f"{_grad(first + '</code>')}, and the same again in {code(f'{other}.grad')}{after}"
    else:
        torch = _grad(torch)
    return Names(notes, f"∂L/∂{our_entry(weight, row, column)}", torch)


def _grad(torch: str) -> str:
    """The gradient of a parameter: .grad stands before the index."""
    name, bracket, rest = torch.partition("[")
    return f"{name}.grad{bracket}{rest}"


def term_names(chain: Chain | None, run: Run, weight: Weight, t: int, row: int, column: int) -> Names:
    """A step's contribution to an entry of dL/dW."""
    entry = our_entry(weight, row, column)
    torch = "autograd keeps the sum alone; a copy of the weight for each step would have it in " + code(
        f"copies[{t - 1}].grad"
    )
    ours_ = f"step {t}’s term of ∂L/∂{entry}"
    if chain is None or chain.gated or chain.per_step or not chain.alone:
        return Names(UNNAMED, ours_, torch)
    steps = chain.lane.steps
    between = (
        "".join(f" · ∂O<sub>{k}</sub>/∂O<sub>{k - 1}</sub>" for k in range(steps, t, -1))
        if steps - t <= 3
        else " · …"
    )
    symbol = GRADIENTS[weight.name]
    return Names(f"∂L/∂ŷ · ∂ŷ/∂O<sub>{steps}</sub>{between} · ∂O<sub>{t}</sub>/∂{symbol}", ours_, torch)


def block_names(run: Run, weight: Weight) -> tuple[str, str]:
    """A whole weight in PyTorch and in Keras: rows of the one, columns of the other."""
    first, last = (
        weight_place(run, weight, 0, k) for k in (0, weight.of(run.parameters, hidden_of(run)).shape[1] - 1)
    )
    return _span(first[0], last[0]), _span(first[1], last[1])


def hidden_of(run: Run) -> int:
    return run.experiment.hidden_size


def _span(first: str, last: str) -> str:
    """From the names of the first and the last entry that of all: numbers that differ become a range."""
    plain = [re.sub(r"</?code>", "", text) for text in (first, last)]
    numbers = [re.findall(r"\[([^]]*)\]", text) for text in plain]
    ranges = iter(
        ", ".join(
            a if a == b else f"{a}:{int(b) + 1}" for a, b in zip(x.split(", "), y.split(", "), strict=True)
        )
        for x, y in zip(*numbers, strict=True)
    )
    spanned = re.sub(r"\[[^]]*\]", lambda _: f"[{next(ranges)}]", plain[0])
    return spanned.replace("][0]", "]").replace("kernel[0, ", "kernel[:, ")


def gate_rows(chain: Chain, gate: int) -> str:
    """Where PyTorch has the rows of a gate."""
    first = gate * chain.hidden
    return (
        f"rows {first} to {first + chain.hidden - 1}, gate {letter(chain, gate)}"
        if chain.gated
        else "all rows"
    )
