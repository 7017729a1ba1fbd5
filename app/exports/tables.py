"""Every array of a run under its name in the JSON API, computed when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from app.engine import OuterSum
from app.engine.cells import CELLS
from app.engine.network import Array
from app.experiments.errors import ExperimentError, FieldError
from app.experiments.run import Run

# Axes: T steps, V words of the vocabulary, H units, K gates times units, D what the readout reads, O outputs.
AXES = {"W_xh": "VK", "W_hh": "HK", "b_h": "K", "b_hn": "H", "W_hy": "DO", "b_y": "O"}


@dataclass(frozen=True)
class Table:
    """One array. name: "forward.left_to_right.h". axes: a letter for each axis of `shape`."""

    name: str
    axes: str
    shape: tuple[int, ...]
    values: Callable[[], Array]

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)

    def numbers(self) -> Array:
        """Its values. Raises ExperimentError where one of them outgrew the floating-point range."""
        values = self.values()
        if not np.isfinite(values).all():
            message = f"parameters must keep {self.name} finite, got an overflow"
            raise ExperimentError([FieldError("parameters", message, "Infinity")])
        return values


def tables(run: Run) -> list[Table]:
    """All of them, in the order of the JSON API."""
    return [*_parameters(run), *_forward(run), *_backward(run), *_gradients(run), *_update(run)]


def fitting(found: Iterable[Table], most: int) -> tuple[list[Table], list[Table]]:
    """Those that hold at most `most` numbers together, and those left out for it: the largest ones."""
    every = list(found)
    kept, total = list(every), sum(table.size for table in every)
    for table in sorted(every, key=lambda table: -table.size):
        if total <= most:
            break
        kept.remove(table)
        total -= table.size
    return kept, [table for table in every if table not in kept]


def of_axes(run: Run, axes: str) -> tuple[int, ...]:
    """The lengths of axes in this run."""
    network, steps, entries = run.network, len(run.words), len(run.vocabulary)
    hidden = network.hidden_size
    lengths = {
        "T": steps,
        "V": entries,
        "H": hidden,
        "K": hidden * CELLS[network.cell].gates,
        "D": hidden * len(network.chains),
        "O": network.outputs,
    }
    return tuple(lengths[axis] for axis in axes)


def _parameters(run: Run) -> Iterator[Table]:
    for group, names in run.parameters.items():
        for name, values in names.items():
            yield _held(f"parameters.{group}.{name}", AXES[name], values)


def _forward(run: Run) -> Iterator[Table]:
    forward, over = run.forward, "T" * run.network.per_step
    for name, chain in forward.chains.items():
        place = f"forward.{name}"
        yield _later(run, f"{place}.x", "TV", lambda chain=chain: chain.x)  # type: ignore[misc]
        yield _held(f"{place}.h_prev", "TH", chain.h_prev)
        yield _held(f"{place}.preactivation", "TK", chain.preactivation)
        for gate, values in chain.gates.items():
            yield _held(f"{place}.gates.{gate}", "TH", values)
        if chain.c is not None:
            yield _held(f"{place}.c", "TH", chain.c)
        yield _held(f"{place}.h", "TH", chain.h)
    yield _held("forward.readout.input", f"{over}D", forward.readout_input)
    yield _held("forward.readout.logit", f"{over}O", forward.logit)
    yield _held("forward.readout.y_hat", f"{over}O", forward.y_hat)
    yield _number("loss", run.loss)
    if run.losses is not None:
        yield _held("losses", "T", run.losses)


CREDIT = {"left_to_right": "credit", "right_to_left": "credit_right_to_left"}


def _backward(run: Run) -> Iterator[Table]:
    back, over = run.backward, "T" * run.network.per_step
    yield _held("backward.readout.dL_dy_hat", f"{over}O", back.d_y_hat)
    yield _held("backward.readout.dL_dlogit", f"{over}O", back.d_logit)
    yield _held("backward.readout.dL_dinput", f"{over}D", back.d_input)
    for name, chain in back.chains.items():
        place, road = f"backward.{name}", run.forward.chains[name].highway
        yield _held(f"{place}.dL_dh", "TH", chain.d_h)
        if chain.d_c is not None:
            yield _held(f"{place}.dL_dc", "TH", chain.d_c)
        yield _held(f"{place}.dL_dpreactivation", "TK", chain.d_preactivation)
        yield _later(run, f"{place}.dL_dx", "TV", lambda chain=chain: chain.d_x)  # type: ignore[misc]
        yield _later(run, f"{place}.dhT_dh_norm", "T", lambda chain=chain: chain.dhT_dh_norm)  # type: ignore[misc]
        if road is not None:
            yield _held(f"{place}.highway", "TH", road)
        yield _later(run, f"{place}.dh_dh_prev", "THH", lambda chain=chain: chain.dh_dh_prev)  # type: ignore[misc]
        if over:
            credit = CREDIT[name]
            yield _later(run, f"backward.{credit}", "TT", lambda name=name: run.credit[name])  # type: ignore[misc]


def _gradients(run: Run) -> Iterator[Table]:
    for group, names in run.gradients.items():
        for name, gradient in names.items():
            place = f"gradients.{group}.{name}"
            yield _held(f"{place}.total", AXES[name], gradient.total)
            # A readout that is used once has one contribution, the total.
            if group != "readout" or run.network.per_step:
                yield from _over_time(run, place, AXES[name], gradient)


def _over_time(run: Run, place: str, axes: str, gradient: OuterSum) -> Iterator[Table]:
    yield _later(run, f"{place}.contributions", f"T{axes}", lambda: gradient.terms)
    yield _later(run, f"{place}.norms", "T", lambda: gradient.norms)
    yield _later(run, f"{place}.shares", "T", lambda: gradient.shares)


def _update(run: Run) -> Iterator[Table]:
    update = run.update
    yield _number("update.learning_rate", update.learning_rate)
    yield _number("update.gradient_norm", update.gradient_norm)
    yield _number("update.clip_scale", update.clip_scale)
    for group, names in update.parameters.items():
        for name, values in names.items():
            yield _held(f"update.parameters.{group}.{name}", AXES[name], values)
    if update.y_hat is not None:
        yield _held("update.y_hat", "T" * run.network.per_step + "O", update.y_hat)
    if update.loss is not None:
        yield _number("update.loss", update.loss)
    yield _number("update.predicted_loss", update.predicted_loss)


def _later(run: Run, name: str, axes: str, values: Callable[[], Array]) -> Table:
    return Table(name, axes, of_axes(run, axes), values)


def _held(name: str, axes: str, values: Array) -> Table:
    return Table(name, axes, values.shape, lambda: values)


def _number(name: str, value: float) -> Table:
    return _held(name, "", np.array(value))
