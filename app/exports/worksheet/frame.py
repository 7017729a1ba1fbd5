"""What a worksheet says before and after its tasks."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.cells import CELLS as GATES
from app.experiments.run import Run
from app.exports.worksheet.grids import FEW, MOST, marked
from app.wording.catalogue import N_, _

STEPS = 4  # words up to which every step is asked; of more the first two and the last two
KINDS = {"elman": N_("An Elman network"), "lstm": N_("An LSTM"), "gru": N_("A GRU")}
TWO = 2


def lead(run: Run) -> str:
    """What is asked of which network."""
    network, clip = run.network, run.experiment.clip_norm
    goal = (
        _("predicts each next word")
        if network.per_step
        else _("should answer *y* = {target}", target=run.experiment.target)
    )
    both = " " + _("in both directions") if network.bidirectional else ""
    clipped = _("; the gradient is clipped to norm {clip}", clip=f"{clip:g}") if clip is not None else ""
    return marked(
        _(
            "{network} with {hidden_size} hidden units reads the sentence{both} and {goal}. "
            "Vectors are rows; *η* = {learning_rate}{clipped}. Round to four decimals; the "
            "answers were rounded at the very end, so a last digit may differ.",
            network=_(KINDS[network.cell]),
            hidden_size=network.hidden_size,
            both=both,
            goal=goal,
            learning_rate=f"{run.experiment.learning_rate:g}",
            clipped=clipped,
        )
    )


def left_out(run: Run) -> Iterator[str]:
    """What is not asked."""
    count, hidden = len(run.words), run.network.hidden_size
    if count > STEPS:
        yield _(
            "Steps {first} to {last} are left out; every total includes them.",
            first=TWO + 1,
            last=count - TWO,
        )
    gates = GATES[run.network.cell].gate_names
    if len(gates) > 1:
        yield _("Of the gates, the weights of {gates} alone are changed by hand.", gates=gates[0])
    if max(hidden, run.network.outputs) > MOST:
        yield _(
            "Of more than {most} rows or columns the first {few} are printed; all are computed with.",
            most=MOST,
            few=FEW,
        )
