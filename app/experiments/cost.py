"""What a run costs, told before it is run."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from math import prod

from app.engine import Network, parameter_shapes
from app.engine.cells import CELLS
from app.experiments.experiment import Experiment


def multiply_adds(experiment: Experiment, parts: Collection[str], check_work: int) -> int:
    """Multiply-adds of a run, to within a factor of a few.

    parts : names of the dear parts that will be asked of it: jacobians, contributions, check
    check_work : the most a gradient check may spend
    """
    network, steps, entries = experiment.network, len(experiment.words), len(experiment.entries)
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
    return total + 20 * steps * entries


def forward_work(network: Network, steps: int) -> int:
    """Multiply-adds of one pass forward."""
    size, readout = network.hidden_size, network.outputs * (steps if network.per_step else 1)
    return len(network.chains) * (steps * chain_width(network) * (size + 2) + size * readout)


def jacobian_work(network: Network, steps: int) -> int:
    """Multiply-adds of ‖∂h_T/∂h_t‖ for all t, through a cell state too, and of a credit matrix."""
    size, cell = network.hidden_size, CELLS[network.cell]
    state = size * (2 if cell.remembers else 1)
    each = 20 * state * state * state + (steps * size * chain_width(network) if network.per_step else 0)
    return len(network.chains) * steps * each


def chain_width(network: Network) -> int:
    """G·H, the columns of a chain's matrices."""
    return CELLS[network.cell].gates * network.hidden_size


@lru_cache(maxsize=64)
def parameter_total(network: Network, entries: int) -> int:
    """How many numbers the network has to learn."""
    groups = parameter_shapes(network, entries).values()
    return sum(prod(shape) for names in groups for shape in names.values())
