"""The folded network and what it has to learn, counted."""

from app.experiments.run import Run
from app.numerals import long
from app.stage.chains import chains_of
from app.stage.formulas import op, row, var
from app.stage.inspection.contents import Block, Inspection, Line, Names, code, display
from app.stage.inspection.part import Part
from app.stage.inspection.tongues import LAYERS, MODULES, UNNAMED, by_role
from app.stage.weights import weights_in
from app.wording.catalogue import _, n_


def fold(run: Run, part: Part) -> Inspection:
    """The folded network and its parameters."""
    counts, hidden = run.parameter_count, run.experiment.hidden_size
    lines = []
    for key, weight in weights_in(run).items():
        value = weight.of(run.parameters, hidden)
        shape = value.shape[1:] if weight.letter.startswith("b") else value.shape
        said = f"{weight.symbol}, {' × '.join(str(n) for n in shape)}"
        lines.append(Line(said, str(value.size), f"{key}-all"))
    lines.append(Line(_("parameters in all"), str(counts["total"]), strong=True))
    steps, cell = len(run.words), run.experiment.cell
    both = (
        _("Two cells, one for each direction, that hand their state to itself.")
        if len(chains_of(run)) > 1
        else _("One cell that hands its state to itself.")
    )
    arguments = "V, H, bidirectional=True" if run.experiment.bidirectional else "V, H"
    out, width = run.forward.logit.shape[-1], len(run.parameters["readout"]["W_hy"])
    layer = f"Bidirectional({LAYERS[cell]}(H))" if run.experiment.bidirectional else f"{LAYERS[cell]}(H)"
    linear = "nn.Linear(H, 1)" if (width, out) == (hidden, 1) else f"nn.Linear({width}, {out})"
    return Inspection(
        part.text,
        _("The network, folded"),
        both
        + " "
        + n_(
            "Unrolled, it is {count} copy of the same cell with the same numbers.",
            "Unrolled, it is {count} copies of the same cell with the same numbers.",
            steps,
        ),
        formulas=_rule(run),
        blocks=(Block(_("What it has to learn"), "wt", tuple(lines)),),
        names=Names(
            "RNN with F, w<sub>i</sub>, w<sub>h</sub>, w<sub>k</sub>" if cell == "elman" else UNNAMED,
            {"elman": _("Elman cell"), "lstm": "LSTM", "gru": "GRU"}[cell],
            by_role(run, code(f"nn.{MODULES[cell]}({arguments})") + " and " + code(linear)),
            code(layer) + " and " + code(f"Dense({out})"),
        ),
        notes=_counted(run),
    )


def _rule(run: Run) -> tuple[str, ...]:
    """h_t = f(x_t W_xh + h_{t-1} W_hh + b_h), of a cell without gates."""
    if run.experiment.cell != "elman":
        return ()
    sums = row(var("x", "t"), var("W", "xh"), op("+"), var("h", "t−1"), var("W", "hh"))
    bias = run.experiment.bias
    inside = row(sums, op("+"), var("b", "h")) if bias == "inside" else sums
    tail = (op("+"), var("b", "h")) if bias in ("outside", "mixed") else ()
    return (display(var("h", "t"), op("="), var("f"), op("("), inside, op(")"), *tail),)


def _counted(run: Run) -> tuple[str, ...]:
    """E1, and how PyTorch counts."""
    total, more = run.parameter_count["total"], pytorch_more(run)
    if run.experiment.cell == "elman" and not run.experiment.bidirectional and not run.network.per_step:
        return (
            _(
                "E1: the notes add 15 + 9 + 3 + 4 and write 32; it is 31. This network has {total}, "
                "for any sentence of these words. PyTorch’s cell has two biases, {more} more numbers.",
                total=total,
                more=long(float(more)),
            ),
        )
    return (
        _(
            "This network has {total}, for any sentence of these words; PyTorch’s has {more} "
            "more, for it keeps two biases where one would do.",
            total=total,
            more=more,
        ),
    )


def pytorch_more(run: Run) -> int:
    """How many numbers PyTorch's module has beyond ours: a second bias under every gate that shares one."""
    hidden, found = run.experiment.hidden_size, 0
    for chain in chains_of(run):
        shared = chain.cell.gates - (chain.cell.apart is not None)
        found += shared * hidden
    return found
