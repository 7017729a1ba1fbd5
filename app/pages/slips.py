"""Slips of the notes that a run shows, each with the numbers of this very run or of a neighbour of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.engine.cells import CELLS
from app.experiments.run import Run
from app.pages import slips_of_bias, slips_of_directions, slips_of_gates, slips_of_gradient
from app.pages.slip import Row, Slip

Make = Callable[[Run, str], Iterator[Slip]]


def answers_once(found: Run) -> bool:
    """One prediction, after the last word."""
    return not found.network.per_step


def has_f(found: Run) -> bool:
    """A cell with one function, and a bias that may stand outside it."""
    return CELLS[found.experiment.cell].free


def reads_both_ways(found: Run) -> bool:
    return found.experiment.bidirectional


def remembers(found: Run) -> bool:
    """A cell state on a road of its own."""
    return CELLS[found.experiment.cell].remembers


def is_of_the_notes(found: Run) -> bool:
    """The network that the notes derive."""
    return answers_once(found) and has_f(found) and not reads_both_ways(found)


def any_network(found: Run) -> bool:
    return True


ALL: tuple[tuple[Make, Callable[[Run], bool]], ...] = (
    (slips_of_directions.indices, reads_both_ways),
    (slips_of_directions.schedules, lambda found: reads_both_ways(found) and answers_once(found)),
    (slips_of_directions.names, reads_both_ways),
    (slips_of_directions.coupled, reads_both_ways),
    (slips_of_directions.read_at_its_end, lambda found: reads_both_ways(found) and answers_once(found)),
    (slips_of_bias.bias_place, lambda found: has_f(found) and answers_once(found)),
    (slips_of_bias.shortcuts, is_of_the_notes),
    (slips_of_bias.leaves_the_domain, lambda found: has_f(found) and answers_once(found)),
    (slips_of_bias.difference, answers_once),
    (slips_of_gradient.boxed, answers_once),
    (slips_of_gradient.which_step, lambda found: answers_once(found) and not reads_both_ways(found)),
    (slips_of_gradient.order_matters, lambda found: not remembers(found)),
    (slips_of_gradient.scalar_and_vector, answers_once),
    (slips_of_gradient.last_term_only, any_network),
    (slips_of_gradient.what_explodes, has_f),
    (slips_of_gates.mitigates, remembers),
    (slips_of_gradient.a_minimum, any_network),
)
"""Every slip, and the networks it can be shown on."""


def slips(found: Run, root: str) -> tuple[Slip, ...]:
    """The slips that this run can show."""
    return tuple(slip for make, applies in ALL if applies(found) for slip in make(found, root))


__all__ = ["ALL", "Row", "Slip", "slips"]
