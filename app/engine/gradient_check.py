"""The engine's gradients against central differences of its own loss."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.engine.cells import CELLS
from app.engine.lanes import READOUT, Entry, lane_losses
from app.engine.onehot import PADDING
from app.engine.sweep import Backward
from app.engine.trace import Trace
from app.engine.weights import chain_views, readout_views

Array = NDArray[np.float64]

EPSILONS = (6e-6, 1e-7, 1e-9)
"""Steps tried in turn: the cube root of the rounding unit, then smaller where y_hat leaves the domain."""
WORK = 3e7
"""Products a check may cost, save for the least number of entries."""
LEAST_ENTRIES = 4
"""Of each parameter, however long the sentence and however wide the network."""
VALUES_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class EntryCheck:
    """How one parameter fared. max_rel_error: to the largest number of the two compared, 0 for 0 and 0."""

    max_abs_error: float
    max_rel_error: float
    entries: int


@dataclass(frozen=True)
class Check:
    """How the gradients fared.

    entries_checked : how many entries; where f has a kink or the loss an edge inside the step, an entry is
        left out
    """

    method: str
    max_abs_error: float
    max_rel_error: float
    entries_checked: int
    per_parameter: dict[str, dict[str, EntryCheck]]


@dataclass(frozen=True)
class Candidates:
    """Entries of one parameter to be checked, and the gradient the engine found for them."""

    group: str
    name: str
    entries: list[Entry]
    gradient: Array


def check_gradients(trace: Trace, back: Backward, seed: int = 0) -> Check:
    """Compare one sentence's total gradients with central differences, for all entries or a seeded sample."""
    candidates = list(choose(trace, back, np.random.default_rng(seed)))
    entries = [entry for candidate in candidates for entry in candidate.entries]
    gradient = np.concatenate([candidate.gradient for candidate in candidates])
    numeric = central_differences(trace, back, entries)
    per_parameter: dict[str, dict[str, EntryCheck]] = {}
    start = 0
    for candidate in candidates:
        stop = start + len(candidate.entries)
        found = compare(numeric[start:stop], gradient[start:stop])
        per_parameter.setdefault(candidate.group, {})[candidate.name] = found
        start = stop
    everything = sum(len(total) for total in totals(back))
    every = [check for group in per_parameter.values() for check in group.values()]
    checked = sum(check.entries for check in every)
    return Check(
        describe(checked, everything),
        max(check.max_abs_error for check in every),
        max(check.max_rel_error for check in every),
        checked,
        per_parameter,
    )


def compare(numeric: Array, gradient: Array) -> EntryCheck:
    """The differences of one parameter against its gradient, where they are known."""
    known = np.isfinite(numeric)
    gap = float(np.abs(numeric[known] - gradient[known]).max(initial=0.0))
    size = float(np.abs([numeric[known], gradient[known]]).max(initial=0.0))
    return EntryCheck(gap, gap / size if size > 0.0 else 0.0, int(known.sum()))


def totals(back: Backward) -> Iterator[Array]:
    """Every total gradient, flat."""
    for group in back.gradients.values():
        for gradient in group.values():
            yield gradient.total.ravel()


def describe(checked: int, everything: int) -> str:
    """The method in words."""
    which = "all entries" if checked == everything else f"{checked} of {everything} entries"
    return f"central differences, {which}"


def choose(trace: Trace, back: Backward, generator: np.random.Generator) -> Iterator[Candidates]:
    """All entries of every parameter while that is cheap, else a sample (of W_xh, of the words read)."""
    everything = sum(len(total) for total in totals(back))
    share = min(1.0, affordable_entries(trace) / everything)
    blocks = {name: chain.weights for name, chain in trace.chains.items()}
    for group, gradients in back.gradients.items():
        block = blocks.get(group, trace.weights.readout)
        places = np.arange(block.size).reshape(block.shape)
        network = trace.network
        views = readout_views(places, network) if group == READOUT else chain_views(places, network)
        for name, gradient in gradients.items():
            place, total = np.atleast_2d(views[name]), np.atleast_2d(gradient.total)
            if share < 1.0 and name == "W_xh":
                rows = np.unique(trace.x.ids[trace.x.ids != PADDING])
                place, total = place[rows], total[rows]
            which = sample(place.size, math.ceil(share * gradient.total.size), generator)
            found = np.unravel_index(place.ravel()[which], block.shape)
            entries = [Entry(group, int(row), int(column)) for row, column in zip(*found, strict=True)]
            yield Candidates(group, name, entries, total.ravel()[which])


def affordable_entries(trace: Trace) -> int:
    """How many entries cost no more than WORK."""
    steps, _, width = trace.chains["left_to_right"].shape
    hidden, outputs = trace.network.hidden_size, trace.network.outputs if trace.network.per_step else 0
    return int(WORK / (2 * steps * len(trace.chains) * (width * (hidden + 30) + outputs * (hidden + 30))))


def sample(size: int, wanted: int, generator: np.random.Generator) -> NDArray[np.intp]:
    """Places to look at, in order."""
    wanted = max(wanted, LEAST_ENTRIES)
    if wanted >= size:
        return np.arange(size)
    return np.sort(generator.choice(size, wanted, replace=False))


def central_differences(trace: Trace, back: Backward, entries: list[Entry]) -> Array:
    """dL/dw of each entry, not a number where the loss has an edge or a kink within eps."""
    steps, _, width = trace.chains["left_to_right"].shape
    outputs = trace.network.outputs if trace.network.per_step else 1
    chunk = max(1, VALUES_AT_ONCE // (2 * steps * (len(trace.chains) * 3 * width + 2 * outputs)))
    parts = [differences(trace, back, entries[at : at + chunk]) for at in range(0, len(entries), chunk)]
    return np.concatenate(parts)


def differences(trace: Trace, back: Backward, entries: list[Entry]) -> Array:
    """The central differences of a few entries, with a smaller step for those whose loss was not defined."""
    found = np.full(len(entries), np.nan)
    for eps in EPSILONS:
        missing = np.flatnonzero(np.isnan(found))
        if len(missing) == 0:
            break
        found[missing] = differences_at(eps, trace, back, [entries[k] for k in missing])
    return found


def differences_at(eps: float, trace: Trace, back: Backward, entries: list[Entry]) -> Array:
    """(L(w + eps) - L(w - eps)) / (2 eps), both sides in one pass."""
    steps, count = trace.chains["left_to_right"].shape[0], len(entries)
    signed = np.broadcast_to(np.repeat([eps, -eps], count), (steps, 2 * count))
    target = back.target[:, 0] if trace.network.per_step else back.target[0]
    losses, lanes = lane_losses(trace, target, [*entries, *entries], signed)
    with np.errstate(invalid="ignore"):
        slopes: Array = (losses[:count] - losses[count:]) / (2.0 * eps)
    if CELLS[trace.network.cell].free and ACTIVATIONS[trace.network.activation].has_kink:
        for chain in lanes.chains.values():
            active = chain.preactivation > 0.0
            slopes[(active[:, :count] != active[:, count:]).any(axis=(0, 2))] = np.nan
    return slopes
