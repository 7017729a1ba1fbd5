"""The engine against PyTorch's autograd, and JAX's where it is installed: float64, one thread, one process.

    .venv/bin/python tests/benchmarks/bench_engine.py [seconds a row] [rows that match, as "lstm 20"]

Total: a forward pass, the loss, backpropagation through time and the total gradient of every parameter,
against the fastest of PyTorch's ways (a loop with autograd whose input products are made at once, and the
modules). Copies: the same with the norm of every step's own contribution, against PyTorch with one leaf copy
of the weights per step, which is how autograd can tell contributions apart; of W_xh it copies only the row
that the word picks. The engine finds totals and norms in one pass, so it is one time against two.

Then the norms of dh_T/dh_t for all t (PyTorch: one batched backward pass for all units and one batched norm),
training on three sentences, full batch, and a batch of 32 sentences; and the memory that a long pass takes.

Everybody is given parameters and inputs ready made and does all of the arithmetic anew on every call, the
engine in arrays that it fills again. The jobs take turns; medians of the processor's time and their ratios
are printed. A shared machine's ratios mean more than its microseconds.
"""

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

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

from app.engine import Network, OneHot, backward, draw_parameters, forward
from app.engine.blank import blank_backward
from app.engine.bptt import refill
from app.engine.plan import Example, Plan
from app.engine.training import train
from tests.benchmarks import jax_ways, torch_ways

SIZES = [(3, 3, 5), (20, 16, 50), (50, 64, 200), (200, 128, 1000), (1000, 256, 1000)]
CELLS = ("elman", "lstm", "gru")
COPIES_AT_MOST = 1e8
"""Numbers in all leaf copies together."""


def interleaved(jobs: dict[str, Callable[[], Any]], seconds: float) -> dict[str, float]:
    """Median microseconds of each job, in turns of about a millisecond each."""
    for job in jobs.values():
        job()
    calls = {name: max(1, round(1e3 / once(job, 1))) for name, job in jobs.items()}
    times: dict[str, list[float]] = {name: [] for name in jobs}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times[next(iter(jobs))]) < 3:
        for name, job in jobs.items():
            times[name].append(once(job, calls[name]))
    return {name: statistics.median(values) for name, values in times.items()}


def once(job: Callable[[], Any], calls: int) -> float:
    """Microseconds a call takes, over so many calls."""
    start = time.process_time()
    for _ in range(calls):
        job()
    return (time.process_time() - start) / calls * 1e6


def row(cell: str, size: tuple[int, int, int], seconds: float) -> str:
    """One line of the table."""
    steps, hidden, vocabulary = size
    network = Network(cell=cell, hidden_size=hidden)
    parameters = draw_parameters(network, vocabulary, 0)
    ids = np.random.default_rng(0).integers(0, vocabulary, steps).tolist()
    back = blank_backward(forward(network, parameters, OneHot.of(ids, vocabulary)), 1.0)
    refill(back)
    gradients = back.gradients["left_to_right"]
    jobs = {"engine": lambda: (refill(back), [gradient.norms for gradient in gradients.values()])}
    jobs |= torch_ways.totals(cell, parameters, ids, vocabulary, gradients)
    if steps * parameters["left_to_right"]["W_hh"].size <= COPIES_AT_MOST:
        jobs["copies"] = torch_ways.copies(cell, parameters, ids, gradients)
    jobs |= jax_ways.totals(cell, parameters, ids, gradients)
    with np.errstate(all="ignore"):  # as a training loop does, once around it
        medians = interleaved(jobs, seconds)
    engine = medians.pop("engine")
    others = {name: f"{time / engine:.1f}" for name, time in medians.items()}
    best = min(time for name, time in medians.items() if name.startswith("torch")) / engine
    parts = [f"{cell:5}", f"{size!s:16}", f"{engine:9.1f} us", f"total x {best:5.1f}"]
    parts += [f"{name} x {ratio:>6}" for name, ratio in others.items()]
    return "  ".join(parts)


def chain_row(cell: str, size: tuple[int, int, int], seconds: float) -> str:
    """The norms of dh_T/dh_t for all t."""
    steps, hidden, vocabulary = size
    network = Network(cell=cell, hidden_size=hidden)
    parameters = draw_parameters(network, vocabulary, 0)
    ids = np.random.default_rng(0).integers(0, vocabulary, steps).tolist()
    chain = backward(forward(network, parameters, OneHot.of(ids, vocabulary)), 1.0).chains["left_to_right"]
    ways = torch_ways.chain_norms(cell, parameters, ids, chain.dhT_dh_norm[:, 0])
    return ratios(f"norms of dh_T/dh_t, {cell} {size}", lambda: chain.dhT_dh_norm, ways, seconds)


def training_row(cell: str, seconds: float) -> str:
    """An epoch on three sentences, full batch, H = 3; the engine's, a hundred at a time."""
    network = Network(cell=cell)
    parameters = draw_parameters(network, 5, 0)
    sentences, labels = [[0, 1, 2], [0, 1, 3], [0, 1, 4, 2]], [1.0, 0.0, 0.0]
    examples = [Example(ids, label) for ids, label in zip(sentences, labels, strict=True)]
    plan = Plan(epochs=100, record_every=100)
    ways = torch_ways.training(cell, parameters, sentences, labels, plan.epochs)
    return ratios(
        f"100 epochs of three sentences, {cell}",
        lambda: train(network, parameters, 5, examples, plan),
        ways,
        seconds,
    )


def batch_row(cell: str, seconds: float) -> str:
    """Total gradients of T = 20, H = 64, V = 200, B = 32."""
    network = Network(cell=cell, hidden_size=64)
    parameters = draw_parameters(network, 200, 0)
    ids = np.random.default_rng(0).integers(0, 200, (20, 32))
    back = blank_backward(forward(network, parameters, OneHot(ids, 200)), 1.0)
    ways = torch_ways.batch(cell, parameters, ids)
    return ratios(f"batch of 32, T 20, H 64, V 200, {cell}", lambda: refill(back), ways, seconds)


def ratios(what: str, engine: Callable[[], Any], ways: dict[str, Callable[[], Any]], seconds: float) -> str:
    """One line: what it is, the engine's time, and the others' as multiples of it."""
    with np.errstate(all="ignore"):
        medians = interleaved({"engine": engine, **ways}, seconds)
    own = medians.pop("engine")
    return f"{what:44} {own:9.1f} us  " + "  ".join(f"{n} x {t / own:6.1f}" for n, t in medians.items())


def memory_row(cell: str) -> str:
    """Peak of a run with all norms at T = 1000, H = 256, V = 1000, beyond the parameters."""
    network = Network(cell=cell, hidden_size=256)
    parameters = draw_parameters(network, 1000, 0)
    words = OneHot.of(np.random.default_rng(0).integers(0, 1000, 1000).tolist(), 1000)
    tracemalloc.start()
    back = backward(forward(network, parameters, words), 1.0)
    for gradient in back.gradients["left_to_right"].values():
        assert gradient.norms.size == gradient.shares.size == 1000
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return f"peak memory at (1000, 256, 1000), {cell}: {peak:.0f} MB"


def main() -> None:
    torch.set_num_threads(1)
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, ", end="")
    print(f"NumPy {np.__version__}, PyTorch {torch.__version__}, JAX {jax_ways.VERSION or 'not installed'}")
    for cell in CELLS:
        for size in SIZES:
            if f"{cell} {size[0]}".startswith(wanted):
                print(row(cell, size, seconds), flush=True)
    for cell in () if wanted and wanted != "more" else CELLS:
        print(chain_row(cell, SIZES[0], seconds), flush=True)
        print(training_row(cell, seconds), flush=True)
        print(batch_row(cell, seconds), flush=True)
        print(memory_row(cell), flush=True)
    if wanted in ("", "more"):
        print(chain_row("elman", SIZES[-1], seconds), flush=True)


if __name__ == "__main__":
    main()
