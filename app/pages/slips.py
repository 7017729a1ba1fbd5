"""Slips of the notes that a run shows, each with the numbers of this very run or of a neighbour of it."""

from __future__ import annotations

from app.experiments.run import Run
from app.pages import slips_of_bias, slips_of_gradient
from app.pages.slip import Row, Slip

ALL = (
    slips_of_bias.bias_place,
    slips_of_bias.shortcuts,
    slips_of_bias.leaves_the_domain,
    slips_of_bias.difference,
    slips_of_gradient.boxed,
    slips_of_gradient.which_step,
    slips_of_gradient.order_matters,
    slips_of_gradient.scalar_and_vector,
    slips_of_gradient.last_term_only,
    slips_of_gradient.what_explodes,
    slips_of_gradient.a_minimum,
)


def slips(found: Run, root: str) -> tuple[Slip, ...]:
    """The slips that apply to a many-to-one run of an Elman cell."""
    return tuple(slip for make in ALL for slip in make(found, root))


__all__ = ["ALL", "Row", "Slip", "slips"]
