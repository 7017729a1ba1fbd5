"""The two checks of a ledger: its rows sum to the gradient, and the gradient is the finite difference."""

from dataclasses import dataclass

import numpy as np

from app.engine.onehot import OneHot
from app.experiments.run import Run
from app.numerals import long
from app.stage.ledger_notes import size
from app.stage.weights import Weight


def gap_of(run: Run, weight: Weight) -> float:
    """The largest entry of (sum of the rows) - (the gradient), adding step by step as the table does."""
    outer = weight.gradient(run)
    total = np.zeros_like(outer.total)
    for t in range(len(outer.right) - 1, -1, -1):
        right = outer.right[t, 0]
        if outer.left is None:
            total += right
        elif isinstance(outer.left, OneHot):
            total[run.ids[t]] += right
        else:
            total += np.multiply.outer(outer.left[t, 0], right)
    return float(np.abs(total - outer.total).max(initial=0.0))


@dataclass(frozen=True)
class Badge:
    """What finite differences say of one parameter's gradient."""

    good: bool
    html: str


UNRESOLVED = 1e-3  # a gap of so much is no error where the gradient is smaller than a difference can tell


def _relative(error: float, good: bool) -> str:
    """The gap beside the gradient's largest entry."""
    if error == 0.0:
        return ""
    if good and error > UNRESOLVED:
        return ", and no difference resolves a gradient as small as this"
    return f", {long(error)} of the largest entry"


def badge(run: Run, weight: Weight) -> Badge:
    """Central differences of the loss against all entries of the gradient, or a sample. Costs passes.

    The gates of a parameter are checked together.
    """
    outer = run.gradients[weight.group][weight.name]
    check, every = run.check.per_parameter[weight.group][weight.name], outer.total.size
    gradient = f"∂L/∂{weight.symbol}"
    if weight.gate is not None:
        gradient = f"∂L/∂{_parameter(weight)}, all gates together,"
    which = (
        f"All {every} entries"
        if check.entries == every
        else f"{check.entries} of {every} entries, picked by the seed,"
    )
    if check.entries == 0:
        return Badge(
            False,
            f"No entry of {gradient} could be checked: every one stands at a kink or an edge of the loss.",
        )
    verb = "agree" if check.entries > 1 else "agrees"
    which = which if every > 1 else "Its one entry"
    good = check.max_abs_error <= 1e-6 * max(1.0, size(outer.total))
    verdict = verb if good else f"do{'es' if verb == 'agrees' else ''} not agree"
    return Badge(
        good,
        f"{which} of {gradient} {verdict} with finite differences; the largest gap is "
        f"{long(check.max_abs_error)}{_relative(check.max_rel_error, good)}.",
    )


def _parameter(weight: Weight) -> str:
    """The symbol of the parameter that has this weight as one of its blocks."""
    return f"{weight.letter}<sub>{weight.name.partition('_')[2]}</sub>"
