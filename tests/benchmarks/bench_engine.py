"""The engine against PyTorch's autograd, and JAX's where it is installed: float64, one thread, one process.

    .venv/bin/python tests/benchmarks/bench_engine.py [seconds a row] > tests/benchmarks/README.md

Everybody is given parameters and inputs ready made and does all of the arithmetic anew on every call, the
engine in arrays that it fills again (`refill`). The jobs take turns; medians of the processor's time and
their ratios are printed. A shared machine's ratios mean more than its microseconds.
"""

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    # the others' libraries choose their kernels for the processor themselves, and so shall NumPy's
    os.environ.pop(variable, None)

import platform
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch

from app.engine import Network, OneHot, backward, draw_parameters, forward, refill
from app.engine.plan import Example, Plan
from app.engine.training import train
from tests.benchmarks import jax_ways, torch_plain, torch_ways

Jobs = dict[str, Callable[[], Any]]
Size = tuple[int, int, int]
CELLS = ("elman", "lstm", "gru")
WANTED: dict[Size, tuple[tuple[float, float | None], ...]] = {
    (3, 3, 5): ((25, 20), (20, 18), (22, 20)),
    (20, 16, 50): ((12, 18), (12, 18), (16, 24)),
    (50, 64, 200): ((7, 15), (7, 12), (10, 18)),
    (200, 128, 1000): ((5, 18), (5, 15), (6, 18)),
    (1000, 256, 1000): ((3.5, 15), (3, None), (4, None)),
}
"""Times the speed wanted of every cell: the total gradient, and with every contribution's norm."""
COPY = 3 * 8
"""Bytes that a number of a leaf copy needs: its own, its gradient's, and as many for what stands between."""
TURN = 3e3
"""Microseconds, about, that a job works before the next takes its turn."""

WAYS = """\
**plain**: PyTorch as everybody writes it: a loop over the words, `x_t @ W_xh + h @ W_hh + b_h`,
`loss.backward()`. **module**: `nn.RNN`, `nn.LSTM`, `nn.GRU` on one-hot rows. **lean**: a loop with all input
products made at once by `embedding`, one `addmm` a step, and `autograd.grad`: as little as we could ask of
PyTorch. **jax**: `jit(grad(scan))`, compiling not timed; it computes on a thread of its own, which takes a
quarter to two fifths less time where the process is held to one processor.

With norms: the norm of every step's own contribution too, which autograd can only tell apart through one leaf
copy of the weights per step: **plain** copies all of them, **lean** of W_xh only the row that the word picks.

A bold number reaches what is wanted. `best` is the strictest reading, the quickest of PyTorch's ways.
"""

HEADS = (
    "| cell | T, H, V | total, µs | wanted | best | plain | module | lean | jax | with norms, µs | wanted "
    "| plain copies | lean copies |",
    f"|{' --- |' * 13}",
)


def interleaved(jobs: Jobs, seconds: float) -> dict[str, float]:
    """Median microseconds of each job, in turns. A turn begins with calls that are not timed: the others have
    filled the processor's caches with their own, and may have slowed its clock with their wider instructions.
    """
    calls = {}
    for name, job in jobs.items():
        first = once(job, 1)
        calls[name] = 1 if first > 10 * TURN else max(1, round(TURN / max(once(job, 5), 1.0)))
    times: dict[str, list[float]] = {name: [] for name in jobs}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[next(iter(jobs))]) < 3:
        for name, job in jobs.items():
            once(job, 1 + calls[name] // 2)
            times[name].append(once(job, calls[name]))
    return {name: statistics.median(values) for name, values in times.items()}


def once(job: Callable[[], Any], calls: int) -> float:
    """Microseconds a call takes, over so many calls."""
    start = time.process_time()
    for _ in range(calls):
        job()
    return (time.process_time() - start) / calls * 1e6


def times(own: float, other: float | None, wanted: float | None = None) -> str:
    """How many times as long the other takes, in bold where that is what is wanted."""
    if other is None:
        return "–"
    ratio = other / own
    text = f"{ratio:.1f}"
    return f"**{text}**" if wanted is not None and ratio >= wanted else text


def row(cell: str, size: Size, seconds: float) -> str:
    """One line of the table."""
    steps, hidden, vocabulary = size
    network = Network(cell=cell, hidden_size=hidden)
    parameters = draw_parameters(network, vocabulary, 0)
    ids = np.random.default_rng(0).integers(0, vocabulary, steps).tolist()
    trace = forward(network, parameters, OneHot.of(ids, vocabulary))
    back, alone = backward(trace, 1.0), backward(trace, 1.0, norms=False)
    found = back.gradients["left_to_right"]
    jobs: Jobs = {
        "engine": lambda: refill(alone),
        "norms": lambda: (refill(back), [gradient.norms for gradient in found.values()]),
        "plain": torch_plain.totals(cell, parameters, ids, vocabulary),
        **torch_ways.totals(cell, parameters, ids, vocabulary, found),
        **jax_ways.totals(cell, parameters, ids, found),
    }
    group, room = parameters["left_to_right"], os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if COPY * steps * (group["W_hh"].size + group["W_xh"].size) <= room:
        jobs["plain copies"] = torch_plain.copies(cell, parameters, ids, vocabulary, found)
    if COPY * steps * group["W_hh"].size <= room:
        jobs["lean copies"] = torch_ways.copies(cell, parameters, ids, found)
    with np.errstate(all="ignore"):  # as a training loop does, once around it
        medians = interleaved(jobs, seconds)
    return table_row(cell, size, medians)


def table_row(cell: str, size: Size, medians: dict[str, float]) -> str:
    """The cells of a line."""
    of_total, of_norms = WANTED[size][CELLS.index(cell)]
    own, with_norms = medians["engine"], medians["norms"]
    ways = [medians[name] for name in ("plain", "module", "lean")]
    cells = [cell, ", ".join(map(str, size)), f"{own:.1f}", f"{of_total:g}"]
    cells += [times(own, time, of_total) for time in (min(ways), *ways)]
    cells += [times(own, medians.get("jax")), f"{with_norms:.1f}"]
    cells.append("–" if of_norms is None else f"{of_norms:g}")
    cells += [times(with_norms, medians.get(name), of_norms) for name in ("plain copies", "lean copies")]
    return f"| {' | '.join(cells)} |"


def chain_row(cell: str, size: Size, wanted: float, seconds: float) -> str:
    """The norms of dh_T/dh_t for all t."""
    steps, hidden, vocabulary = size
    network = Network(cell=cell, hidden_size=hidden)
    parameters = draw_parameters(network, vocabulary, 0)
    ids = np.random.default_rng(0).integers(0, vocabulary, steps).tolist()
    chain = backward(forward(network, parameters, OneHot.of(ids, vocabulary)), 1.0).chains["left_to_right"]
    ways = torch_ways.chain_norms(cell, parameters, ids, chain.dhT_dh_norm[:, 0])
    return ratios(f"‖∂h_T/∂h_t‖ for all t, {cell}, {size}", lambda: chain.dhT_dh_norm, ways, wanted, seconds)


def training_row(cell: str, seconds: float) -> str:
    """An epoch on three sentences, full batch, H = 3; measured a hundred at a time."""
    network = Network(cell=cell)
    parameters = draw_parameters(network, 5, 0)
    sentences, labels = [[0, 1, 2], [0, 1, 3], [0, 1, 4, 2]], [1.0, 0.0, 0.0]
    examples = [Example(ids, label) for ids, label in zip(sentences, labels, strict=True)]
    plan = Plan(epochs=100, record_every=100)
    ways = {
        "plain": torch_plain.training(cell, parameters, sentences, labels, plan.epochs),
        **torch_ways.training(cell, parameters, sentences, labels, plan.epochs),
    }
    work: Callable[[], Any] = lambda: train(network, parameters, 5, examples, plan)  # noqa: E731
    return ratios(f"100 epochs of three sentences, full batch, {cell}", work, ways, 25, seconds)


def batch_row(cell: str, seconds: float) -> str:
    """Total gradients of T = 20, H = 64, V = 200, B = 32."""
    network = Network(cell=cell, hidden_size=64)
    parameters = draw_parameters(network, 200, 0)
    ids = np.random.default_rng(0).integers(0, 200, (20, 32))
    back = backward(forward(network, parameters, OneHot(ids, 200)), 1.0)
    plain = torch_plain.totals(cell, parameters, ids, 200)
    ways = {"plain": plain, **torch_ways.batch(cell, parameters, ids)}
    return ratios(f"batch of 32, T 20, H 64, V 200, {cell}", lambda: refill(back), ways, 1.5, seconds)


def fresh_row(cell: str, seconds: float) -> str:
    """What refilled arrays save at (3, 3, 5)."""
    network, words = Network(cell=cell), OneHot.of([0, 1, 2], 5)
    parameters = draw_parameters(network, 5, 0)
    back = backward(forward(network, parameters, words), 1.0)
    fresh = {"anew": lambda: backward(forward(network, parameters, words), 1.0)}
    return ratios(f"`backward(forward(…))` in new arrays, {cell}", lambda: refill(back), fresh, None, seconds)


def ratios(what: str, engine: Callable[[], Any], ways: Jobs, wanted: float | None, seconds: float) -> str:
    """One line: what it is, the engine's time, and the others' as multiples of it."""
    with np.errstate(all="ignore"):
        medians = interleaved({"engine": engine, **ways}, seconds)
    own = medians.pop("engine")
    others = ", ".join(f"{name} {times(own, time, wanted)}" for name, time in medians.items())
    return f"| {what} | {own:.1f} | {'–' if wanted is None else f'{wanted:g}'} | {others} |"


def memory_row(cell: str) -> str:
    """Peak of a run with all norms at T = 1000, H = 256, V = 1000, and the parameters' part of it."""
    network = Network(cell=cell, hidden_size=256)
    parameters = draw_parameters(network, 1000, 0)
    words = OneHot.of(np.random.default_rng(0).integers(0, 1000, 1000).tolist(), 1000)
    tracemalloc.start()
    back = backward(forward(network, parameters, words), 1.0)
    for gradient in back.gradients["left_to_right"].values():
        assert gradient.norms.size == gradient.shares.size == 1000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    beyond = (peak - back.trace.weights.flat.nbytes) / 1e6
    text = f"**{beyond:.1f}**" if beyond < 64 else f"{beyond:.1f}"
    return f"| {cell} | {text} | 64 |"


def show(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)


def main() -> None:
    torch.set_num_threads(1)
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    show("# How fast the engine is", "")
    show("Written by `bench_engine.py`, in one process, on one thread, in float64:")
    show(f"{machine()}; Python {platform.python_version()}, NumPy {np.__version__},")
    show(f"PyTorch {torch.__version__}, JAX {jax_ways.VERSION or 'not installed'}.", "", WAYS)
    show("## Times the speed of PyTorch", "", *HEADS)
    for size in WANTED:
        for cell in CELLS:
            show(row(cell, size, seconds))
    show("", "## The rest", "")
    show("| what | engine, µs | wanted | times the speed of |", "| --- | --- | --- | --- |")
    show(*(chain_row(cell, (3, 3, 5), 10, seconds) for cell in CELLS))
    show(chain_row("elman", (1000, 256, 1000), 4, seconds))
    for measure in (training_row, batch_row, fresh_row):
        show(*(measure(cell, seconds) for cell in CELLS))
    show("", "## Memory at T = 1000, H = 256, V = 1000 with all norms", "")
    show("| cell | peak beyond the parameters, MB | wanted below |", "| --- | --- | --- |")
    show(*(memory_row(cell) for cell in CELLS))


def machine() -> str:
    """The processor by name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} processors, {names[0] if names else platform.machine()}"


if __name__ == "__main__":
    main()
