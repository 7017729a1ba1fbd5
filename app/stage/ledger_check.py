"""The two checks of a ledger: its rows sum to the gradient, and the gradient is the finite difference."""

from dataclasses import dataclass

import numpy as np

from app.engine.onehot import OneHot
from app.experiments.run import Run
from app.numerals import long
from app.stage.ledger_notes import size
from app.stage.weights import Weight
from app.wording.catalogue import _, n_


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
        return _(", and no difference resolves a gradient as small as this")
    return _(", {error} of the largest entry", error=long(error))


def badge(run: Run, weight: Weight) -> Badge:
    """Central differences of the loss against all entries of the gradient, or a sample. Costs passes.

    The gates of a parameter are checked together.
    """
    outer = run.gradients[weight.group][weight.name]
    check, every = run.check.per_parameter[weight.group][weight.name], outer.total.size
    gradient = f"∂L/∂{weight.symbol}"
    if weight.gate is not None:
        gradient = _("∂L/∂{weight}, all gates together,", weight=_parameter(weight))
    which = (
        _("All {every} entries", every=every)
        if check.entries == every
        else _("{entries} of {every} entries, picked by the seed,", entries=check.entries, every=every)
    )
    if check.entries == 0:
        return Badge(
            False,
            _(
                "No entry of {gradient} could be checked: every one stands at a kink or an edge of the loss.",
                gradient=gradient,
            ),
        )
    which = which if every > 1 else _("Its one entry")
    good = check.max_abs_error <= 1e-6 * max(1.0, size(outer.total))
    verdict = (
        n_("agrees", "agree", check.entries) if good else n_("does not agree", "do not agree", check.entries)
    )
    return Badge(
        good,
        _(
            "{which} of {gradient} {verdict} with finite differences; the largest gap is "
            "{max_abs_error}{max_rel_error}.",
            which=which,
            gradient=gradient,
            verdict=verdict,
            max_abs_error=long(check.max_abs_error),
            max_rel_error=_relative(check.max_rel_error, good),
        ),
    )


def _parameter(weight: Weight) -> str:
    """The symbol of the parameter that has this weight as one of its blocks."""
    return f"{weight.letter}<sub>{weight.name.partition('_')[2]}</sub>"
