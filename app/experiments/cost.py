"""What a run costs, told before it is run."""

from __future__ import annotations

from collections.abc import Collection

from app.experiments.experiment import Experiment


def multiply_adds(experiment: Experiment, parts: Collection[str], check_work: int) -> int:
    """Multiply-adds of a run, to within a factor of a few.

    parts : names of the dear parts that will be asked of it: jacobians, contributions, check
    check_work : the most a gradient check may spend
    """
    steps, size, entries = len(experiment.words), experiment.hidden_size, len(experiment.entries)
    parameters = size * (size + entries + 2)
    forward = steps * size * (size + 2)
    # Forwards, backwards, the total gradients, the update and forwards again; then ‖∂h_T/∂h_t‖.
    total = 5 * forward + 10 * parameters
    if "backward" in parts:
        total += 20 * steps * size * size * size
    if "contributions" in parts:
        total += steps * parameters
    if "check" in parts:
        total += min(check_work, 2 * parameters * forward)
    return total + 20 * steps * entries
