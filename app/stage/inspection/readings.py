"""The numbers of the readout, line by line, and their names."""

from app.experiments.run import Run
from app.stage.chains import chains_of
from app.stage.ends import end_of
from app.stage.inspection.contents import (
    Line,
    Names,
    code,
    line,
    of,
    summands,
)
from app.wording.catalogue import N_, _

TORCH = {
    "bce": "nn.BCEWithLogitsLoss()(logit, y)",
    "mse": "nn.MSELoss()(y_hat, y)",
    "difference": "(y - y_hat).sum()",
}
KERAS = {"bce": "binary_crossentropy", "mse": "mean_squared_error", "difference": N_("no such loss")}


def output_bias(run: Run) -> tuple[float, str]:
    """b_y and where it stands: inside, outside or none."""
    found = run.parameters["readout"].get("b_y")
    return (
        (0.0, "none")
        if found is None
        else (float(found[0]), "inside" if run.forward.output_bias_inside else "outside")
    )


def forward_lines(run: Run) -> tuple[Line, ...]:
    state, weights = run.forward.readout_input, run.parameters["readout"]["W_hy"][:, 0]
    terms: list[tuple[str, float, str]] = []
    for chain in chains_of(run):
        for k in range(chain.hidden):
            i = chain.reads_out.start + k
            state_k = chain.lane.said("h", f"{chain.lane.last},{k + 1}")
            said = f"{state_k} · W<sub>hy</sub>[{i + 1}]"
            terms.append((f"{'+ ' if terms else ''}{said}", float(state[i] * weights[i]), f"W_hy-{i}.0"))
    value, place = output_bias(run)
    lines = list(summands(terms))
    if place == "inside":
        lines.append(line(f"+ {of('b_y')}", value, "b_y-0.0"))
    lines.append(line(_("z, the logit"), float(run.forward.logit[0]), "z.0", strong=True))
    if place == "outside":
        lines.append(line("σ(z)", float(run.forward.y_hat[0]) - value))
        lines.append(line(f"+ {of('b_y')}, " + _("outside σ"), value, "b_y-0.0"))
    lines.append(
        Line(
            "ŷ = σ(z)" + (f" + {of('b_y')}" if place == "outside" else ""),
            end_of(run).prediction,
            "y.0",
            strong=True,
        )
    )
    return tuple(lines)


def backward_lines(run: Run) -> tuple[Line, ...]:
    end = end_of(run)
    return (
        Line("∂L/∂ŷ", end.d_prediction.long, "dy.0"),
        Line("× σ′(z) = σ(z)(1 − σ(z))", end.sigma_slope.long, "sp.0"),
        Line("= ∂L/∂z", end.d_logit.long, "dz.0", strong=True),
    )


def output_names(run: Run, kind: str) -> Names:
    steps = len(run.words)
    return {
        "z": Names(
            f"O<sub>{steps}</sub> w<sub>k</sub> (+ b<sub>4</sub>)", "z", code(f"logit = fc({_read(run)})")
        ),
        "y": Names("ŷ", "ŷ", code("torch.sigmoid(logit)"), code("Dense(1, activation='sigmoid')")),
        "sigma": Names(_("F at the output"), "σ", code("torch.sigmoid"), code("'sigmoid'")),
        "loss": Names("L", "L", code(TORCH[run.experiment.loss]), code(KERAS[run.experiment.loss])),
        "dy": Names("∂L/∂ŷ", "∂L/∂ŷ", code("y_hat.grad") + _(", after") + " " + code("retain_grad()")),
        "dz": Names(_("no name"), "∂L/∂z", code("logit.grad") + _(", after") + " " + code("retain_grad()")),
        "sp": Names(_("F′ at the output"), "σ′(z)", _("not kept")),
    }[kind]


def _read(run: Run) -> str:
    """What PyTorch's readout is given."""
    return "torch.cat([h_n[0], h_n[1]])" if run.experiment.bidirectional else "output[-1]"
