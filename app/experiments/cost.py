"""What a run costs, told before it is run."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING

from app.engine import Network, parameter_shapes
from app.engine.cells import CELLS
from app.engine.jacobians import AT_ONCE
from app.text import words

if TYPE_CHECKING:
    from app.experiments.experiment import Experiment

# What the interpreter spends on a step of a chain, and on an update of the weights, in multiply-adds.
_A_STEP, _AN_UPDATE = 15_000, 30_000


def multiply_adds(experiment: Experiment, parts: Collection[str], check_work: int) -> int:
    """Multiply-adds of a run, to within a factor of a few.

    parts : names of the dear parts that will be asked of it: jacobians, contributions, check, schedules,
        batch
    check_work : the most a gradient check may spend
    """
    size = experiment.network, len(experiment.words), len(experiment.entries)
    block = block_work(experiment) if "batch" in parts else 0
    return run_work(*size, frozenset(parts), check_work) + training_work(experiment) + block


@lru_cache(maxsize=64)
def run_work(network: Network, steps: int, entries: int, parts: frozenset[str], check_work: int) -> int:
    """The same of any experiment with so many words and entries, without what it learns before."""
    parameters = parameter_total(network, entries)
    forward = forward_work(network, steps)
    # Forwards, backwards, the total gradients, the update and forwards again; then ‖∂h_T/∂h_t‖.
    total = 5 * forward + 10 * parameters
    if "backward" in parts:
        total += jacobian_work(network, steps)
    if "contributions" in parts:
        total += steps * parameters
    if "check" in parts:
        total += min(check_work, 2 * parameters * forward)
    if "schedules" in parts:  # three, a step at a time, with products of their own
        total += 12 * forward + 3 * len(network.chains) * steps * _A_STEP
    return total + 20 * steps * entries


def training_work(experiment: Experiment) -> int:
    """Multiply-adds of the epochs and steps before the run."""
    count = experiment.epochs + len(experiment.steps)
    if not count:
        return 0
    lengths = [len(words.split(review.text)) for review in experiment.labelled.reviews]
    if experiment.steps:
        lengths.append(len(experiment.words))
    each = descent_work(experiment.network, len(experiment.entries), len(lengths), max(lengths), None)
    return count * each


def block_work(experiment: Experiment) -> int:
    """Multiply-adds of the corpus as one block: each review alone, and all of them in four ways."""
    lengths = [len(words.split(review.text)) for review in experiment.labelled.reviews]
    longest = max([len(experiment.words), *lengths])
    each = descent_work(experiment.network, len(experiment.entries), len(lengths) or 1, longest, None)
    return 5 * each


def forward_work(network: Network, steps: int) -> int:
    """Multiply-adds of one pass forward."""
    size, readout = network.hidden_size, network.outputs * (steps if network.per_step else 1)
    return len(network.chains) * (steps * chain_width(network) * (size + 2) + size * readout)


def jacobian_work(network: Network, steps: int) -> int:
    """Multiply-adds of ‖∂h_T/∂h_t‖ for all t, through a cell state too, and of a credit matrix."""
    size, cell = network.hidden_size, CELLS[network.cell]
    state = size * (2 if cell.remembers else 1)
    # A few products are all kept and measured by their singular values; many shed their weak directions.
    times = 20 if steps * state * state <= AT_ONCE else 1
    each = times * state * state * state + (steps * size * chain_width(network) if network.per_step else 0)
    return len(network.chains) * steps * each


def descent_work(network: Network, entries: int, sentences: int, longest: int, batch: int | None) -> int:
    """Multiply-adds of one epoch: the sentences forward and back, and an update of the weights each batch.

    longest : words of the longest sentence, to which the others are padded
    batch : sentences a step, all of them when None
    """
    updates = -(-sentences // (batch or sentences))
    overhead = _A_STEP * len(network.chains) * longest + _AN_UPDATE
    update = 40 * parameter_total(network, entries) + overhead
    return 3 * sentences * forward_work(network, longest) + updates * update


def chain_width(network: Network) -> int:
    """G·H, the columns of a chain's matrices."""
    return CELLS[network.cell].gates * network.hidden_size


@lru_cache(maxsize=64)
def parameter_total(network: Network, entries: int) -> int:
    """How many numbers the network has to learn."""
    groups = parameter_shapes(network, entries).values()
    return sum(prod(shape) for names in groups for shape in names.values())


@lru_cache(maxsize=64)
def parameter_counts(network: Network, entries: int) -> dict[str, dict[str, int] | int]:
    """The same by group and name, and "total"."""
    groups = parameter_shapes(network, entries)
    counts = {group: {name: prod(shape) for name, shape in names.items()} for group, names in groups.items()}
    return {**counts, "total": parameter_total(network, entries)}
