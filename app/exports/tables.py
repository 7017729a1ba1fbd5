"""Every array of a run under its name in the JSON API, computed when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from app.engine import OuterSum
from app.engine.cells import CELLS
from app.engine.network import Array
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
    trace = run.forward.trace
    for name, chain in trace.chains.items():
        place = f"forward.{name}"
        yield Table(f"{place}.x", "TV", of_axes(run, "TV"), lambda chain=chain: chain.x.dense()[:, 0])  # type: ignore[misc]
        yield _held(f"{place}.h_prev", "TH", chain.h_prev[:, 0])
        yield _held(f"{place}.preactivation", "TK", chain.preactivation[:, 0])
        for gate, values in chain.gates.items():
            yield _held(f"{place}.gates.{gate}", "TH", values[:, 0])
        if chain.c is not None:
            yield _held(f"{place}.c", "TH", chain.leaving(chain.c)[:, 0])
        yield _held(f"{place}.h", "TH", chain.h[:, 0])
    over = "T" if run.network.per_step else ""
    yield _held("forward.readout.input", f"{over}D", trace.readout_input[..., 0, :])
    yield _held("forward.readout.logit", f"{over}O", trace.logit[..., 0, :])
    yield _held("forward.readout.y_hat", f"{over}O", trace.y_hat[..., 0, :])
    yield _number("loss", run.loss)
    losses = run.backward.back.losses
    if losses is not None:
        yield _held("losses", "T", losses[:, 0])


def _backward(run: Run) -> Iterator[Table]:
    back = run.backward.back
    over = "T" if run.network.per_step else ""
    yield _held("backward.readout.dL_dy_hat", f"{over}O", back.d_y_hat[..., 0, :])
    yield _held("backward.readout.dL_dlogit", f"{over}O", back.d_logit[..., 0, :])
    yield _held("backward.readout.dL_dinput", f"{over}D", back.d_input[..., 0, :])
    for name, chain in back.chains.items():
        place = f"backward.{name}"
        yield _held(f"{place}.dL_dh", "TH", chain.d_h[:, 0])
        if chain.d_c is not None:
            yield _held(f"{place}.dL_dc", "TH", chain.d_c[:, 0])
        yield _held(f"{place}.dL_dpreactivation", "TK", chain.d_preactivation[:, 0])
        later: dict[str, tuple[str, Callable[[], Array]]] = {
            "dL_dx": ("TV", lambda chain=chain: chain.d_x[:, 0]),  # type: ignore[misc]
            "dh_dh_prev": ("THH", lambda chain=chain: chain.dh_dh_prev[:, 0]),  # type: ignore[misc]
            "dhT_dh_norm": ("T", lambda chain=chain: chain.dhT_dh_norm[:, 0]),  # type: ignore[misc]
        }
        for what, (axes, values) in later.items():
            yield Table(f"{place}.{what}", axes, of_axes(run, axes), values)


def _gradients(run: Run) -> Iterator[Table]:
    for group, names in run.gradients.items():
        for name, gradient in names.items():
            place = f"gradients.{group}.{name}"
            yield _held(f"{place}.total", AXES[name], gradient.total)
            # A readout that is used once has one contribution, the total.
            if group != "readout" or run.network.per_step:
                yield from _over_time(run, place, AXES[name], gradient)


def _over_time(run: Run, place: str, axes: str, gradient: OuterSum) -> Iterator[Table]:
    shape = of_axes(run, f"T{axes}")
    yield Table(f"{place}.contributions", f"T{axes}", shape, lambda: gradient.terms)
    yield Table(f"{place}.norms", "T", shape[:1], lambda: gradient.norms)
    yield Table(f"{place}.shares", "T", shape[:1], lambda: gradient.shares)


def _update(run: Run) -> Iterator[Table]:
    update = run.update
    yield _number("update.learning_rate", update.learning_rate)
    yield _number("update.gradient_norm", update.gradient_norm)
    yield _number("update.clip_scale", update.clip_scale)
    for group, names in update.parameters.items():
        for name, values in names.items():
            yield _held(f"update.parameters.{group}.{name}", AXES[name], values)
    if update.forward is not None:
        over = "T" if run.network.per_step else ""
        yield _held("update.y_hat", f"{over}O", update.forward.trace.y_hat[..., 0, :])
    if update.loss is not None:
        yield _number("update.loss", update.loss)
    yield _number("update.predicted_loss", update.predicted_loss)


def _held(name: str, axes: str, values: Array) -> Table:
    return Table(name, axes, values.shape, lambda: values)


def _number(name: str, value: float) -> Table:
    return _held(name, "", np.array(value))
