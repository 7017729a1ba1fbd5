"""The inspector: any part of the picture, explained with its formula, its numbers and its names."""

from collections.abc import Callable

from app.experiments.run import Run
from app.stage.inspection import (
    addends,
    blame,
    coins,
    fold,
    gated,
    jacobians,
    links,
    losses,
    matrices,
    outback,
    output,
    owed,
    predictions,
    products,
    states,
    step_losses,
    totals,
    units,
    weights,
)
from app.stage.inspection.contents import Inspection
from app.stage.inspection.part import Part, read

__all__ = ["Inspection", "inspect"]

Explain = Callable[[Run, Part], Inspection]

# By family first, then by kind where a family has several.
_STEPS: dict[str, Explain] = {
    "x": addends.word_part,
    "xw": addends.addend,
    "hw": addends.addend,
    "bb": addends.addend,
    "a": units.unit,
    "f": units.unit,
    "h": units.unit,
    "dh": blame.blame,
    "da": blame.blame,
    "fp": blame.blame,
    "a2": units.second_pass,
    "h2": units.second_pass,
    "h1": units.second_pass,
    "c1": units.second_pass,
    "c2": units.second_pass,
    "gate2": units.second_pass,
    "bias": addends.addend,
    "inner": products.inner_bias,
    "dg": gated.on_gate,
    "s": gated.gate,
    "gate": gated.gate,
    "local": gated.gate,
    "c": units.unit,
    "th": states.state,
    "dc": states.state,
    "u": states.apart,
    "du": states.apart,
    "own": owed.own,
    "beyond": owed.beyond,
    "y2_t": predictions.second,
    "z_t": predictions.prediction,
    "y_t": predictions.prediction,
    "dz_t": predictions.prediction,
    "dy_t": predictions.prediction,
    "loss_t": step_losses.step_loss,
    "yh": outback.by_state,
    "edge": links.edge,
    "pulse": links.pulse,
    "norm": links.pulse,
    "cross": links.cross,
    "col": addends.word_part,
    "z": output.forward,
    "y": output.forward,
    "sigma": output.forward,
    "loss": losses.loss,
    "L": losses.loss,
    "dz": outback.backward,
    "dy": outback.backward,
    "sp": outback.backward,
    "z2": output.second,
    "y2": output.second,
    "loss2": output.second,
    "fold": fold.fold,
    "edge-y": links.edge_out,
    "road": links.edge_out,
    "road_r": links.edge_out,
    "pulse-y": links.pulse,
}
_STEPS |= dict.fromkeys(products.KINDS, products.product)
_FAMILIES: dict[str, Explain] = {
    "jacobian": jacobians.jacobian,
    "entry": weights.entry,
    "matrix": matrices.matrix,
    "term": coins.term,
    "factor": coins.factor,
    "coin": coins.coin,
    "total": totals.total,
}


_GATES = {"a": gated.gate, "da": gated.gate}
_EVERY_END = {kind: step_losses.mean_loss for kind in ("loss", "L", "loss2")}


def inspect(run: Run, name: str) -> Inspection:
    """What there is to say about a part. Raises ExperimentError naming "part" when the run has none such."""
    part = read(run, name)
    explain = _FAMILIES.get(part.family) or _special(run, part.kind) or _STEPS[part.kind]
    return explain(run, part)


def _special(run: Run, kind: str) -> Explain | None:
    """What explains a kind in a cell with gates, or where every step predicts, and not elsewhere."""
    gates = _GATES if run.experiment.cell != "elman" else {}
    return gates.get(kind) or (_EVERY_END.get(kind) if run.network.per_step else None)
