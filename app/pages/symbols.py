"""One thing, four names: the notes', ours, PyTorch's and Keras's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.experiments.run import Run
from app.stage.chains import Chain, chains_of
from app.stage.gates import GATES
from app.stage.inspection.tongues import (
    UNNAMED,
    block_names,
    hidden_bias,
    module_differs,
    notes_name,
    output_bias,
)
from app.stage.weights import weights_in
from app.wording.catalogue import N_, _


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
    sizes = {"V": len(run.vocabulary), "H": run.experiment.hidden_size, "O": run.forward.logit.shape[-1]}
    if run.experiment.cell != "elman" or run.experiment.bidirectional or run.network.per_step:
        return tuple(_of_any_network(run, sizes))
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
        for what, notes, ours, axes, pytorch, keras in TABLE
        if ours not in absent
    )


def _of_any_network(run: Run, sizes: dict[str, int]) -> Iterator[Symbol]:
    """States, gates and weights, chain by chain and gate by gate."""
    words, units, outputs = (sizes[axis] for axis in "VHO")
    yield Symbol(
        _("word of step t"), "x<sub>11</sub>, …", "x<sub>t</sub>", _shape(words), "input[t]", "inputs[:, t]"
    )
    for chain in chains_of(run):
        yield from _states(chain, _shape(units))
    for weight in weights_in(run).values():
        shape = weight.of(run.parameters, units).shape
        torch, keras = block_names(run, weight)
        shown = _shape(*(shape[1:] if weight.letter.startswith("b") else shape))
        yield Symbol(
            WHAT.get(weight.key, WHAT[weight.role]),
            "—" if (named := notes_name(run, weight)) == UNNAMED else named,
            weight.symbol,
            shown,
            torch,
            keras,
        )
    if run.network.per_step:
        yield Symbol(_("prediction of step t"), "—", "ŷ<sub>t</sub>", _shape(outputs), "softmax(Linear(h))",
                     f"Dense({outputs}, softmax)")  # fmt: skip
    else:
        yield Symbol("prediction", "ŷ", "ŷ", _shape(outputs), "sigmoid(Linear(h))", "Dense(1, sigmoid)")


def _states(chain: Chain, shape: str) -> Iterator[Symbol]:
    """What one chain carries from step to step, and its gates."""
    lane, hidden = chain.lane, chain.hidden
    way = f", {lane.chain.replace('_', ' ')}" if lane.mark else ""
    first = chain.reads_out.start
    output = f"output[t, {first}:{first + hidden}]" if lane.mark else "output[t]"
    notes = (
        ("O<sub>n</sub>" if lane.reverse else "O<sub>f</sub>")
        if lane.mark
        else "O<sub>1</sub>, O<sub>2</sub>, …"
    )
    named = notes if not chain.gated else "—"
    yield Symbol(
        _("state after step t{way}", way=way),
        named,
        lane.said("h", "t"),
        shape,
        output,
        "with return_sequences",
    )
    if chain.cell.remembers:
        kept = f"c_n[{int(lane.reverse)}], after the last step"
        yield Symbol(
            _("cell state{way}", way=way), "—", lane.said("c", "t"), shape, kept, "with return_state"
        )
    if chain.gated:
        for name in chain.cell.gate_names:
            says = GATES[chain.cell.name][name].says
            yield Symbol(f"{says}{way}", "—", lane.said(name, "t"), shape, _("not kept"), _("not kept"))


WHAT = {
    "words": N_("word to state"),
    "state": N_("state to state"),
    "bias": N_("bias of the units"),
    "readout": N_("state to output"),
    "b_y": N_("bias of the output"),
}


# what, in the notes, here, axes, in PyTorch, in Keras
TABLE = (
    (N_("word of step t"), "x<sub>11</sub>, x<sub>12</sub>, …", "x<sub>t</sub>", "V", "input[t]",
     "inputs[:, t]"),
    (N_("state after step t"), "O<sub>1</sub>, O<sub>2</sub>, …", "h<sub>t</sub>", "H", "output[t]",
     "with return_sequences"),
    (N_("first state"), "O<sub>0</sub>", "h<sub>0</sub>", "H", "h_0", "initial_state"),
    (N_("word to state"), "w, w<sub>i</sub>, w<sub>i</sub>⁰, w<sub>i</sub>¹, w<sub>i</sub>², w<sub>ij</sub>",
     "W<sub>xh</sub>", "VH", "weight_ih_l0, {HV}", "kernel"),
    (N_("state to state"), "w<sub>h</sub>, w<sub>1</sub>", "W<sub>hh</sub>", "HH", "weight_hh_l0, transposed",
     "recurrent_kernel"),
    (N_("bias of the units"), "b<sub>1</sub>, b<sub>2</sub>, b<sub>3</sub>", "b<sub>h</sub>", "H",
     "bias_ih_l0 + bias_hh_l0", "bias"),
    (N_("state to output"), "w<sub>k</sub>", "W<sub>hy</sub>", "HO", "Linear.weight, {OH}", "Dense kernel"),
    (N_("bias of the output"), "b<sub>4</sub>", "b<sub>y</sub>", "O", "Linear.bias", "Dense bias"),
    ("prediction", "ŷ", "ŷ", "O", "sigmoid(Linear(h))", "Dense(1, sigmoid)"),
    (N_("what f is applied to"), "—", "a<sub>t</sub>", "H", N_("not kept"), N_("not kept")),
)  # fmt: skip


def module_note(run: Run) -> str:
    """A sentence where PyTorch has no module for this network; HTML, or empty."""
    differs = module_differs(run)
    if not differs:
        return ""
    return _(
        "PyTorch’s <code>nn.RNN</code> {differs}: the names in its column are those of the "
        "same role, and this network takes a loop of your own.",
        differs=differs,
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
