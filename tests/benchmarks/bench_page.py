"""What the parts of a page cost in this process, beside the floor of a server's cheapest answer.

    .venv/bin/python tests/benchmarks/bench_page.py

Every run has another seed, so no answer comes from a cache. The floor is a bare Starlette text route called
as an ASGI application, without the server around it; `bench_serving.py` measures the whole request.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import zstandard
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.experiments.experiment import Experiment
from app.experiments.run import run
from app.main import create_app
from app.stage.stage import Stage

ROUNDS = 300
SENTENCE = "the movie was not good but the end of it was great"
SIZES = ((12, 8), (50, 8), (256, 3), (12, 256), (256, 256))
clock = time.thread_time


class Parts:
    """Seconds of CPU by part, one for each round."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}

    def take(self, name: str, work: Callable[[], Any]) -> Any:
        before = clock()
        result = work()
        self.spent.setdefault(name, []).append(clock() - before)
        return result


async def asked(app: Any, path: str, query: str) -> int:
    """The bytes of an ASGI application's answer."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"bench"), (b"accept-encoding", b"zstd, br, gzip")],
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
        "server": ("bench", 80),
        "client": ("bench", 1),
        "asgi": {"version": "3.0"},
    }
    sent = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal sent
        sent += len(message.get("body", b""))

    await app(scope, receive, send)
    return sent


async def hello(request: Any) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def whole_answers(parts: Parts) -> int:
    floor, app = Starlette(routes=[Route("/", hello)]), create_app()
    query = f"sentence={SENTENCE.replace(' ', '+')}&hidden_size=8&seed="
    sent = 0
    for k in range(ROUNDS):
        before = clock()
        for _ in range(10):
            await asked(floor, "/", "")
        middle = clock()
        sent = await asked(app, "/", f"{query}{k}")
        parts.spent.setdefault("floor", []).append((middle - before) / 10)
        parts.spent.setdefault("page", []).append(clock() - middle)
    return sent


def by_part(parts: Parts) -> None:
    for k in range(ROUNDS):
        found = parts.take("run", lambda k=k: run(Experiment(sentence=SENTENCE, hidden_size=8, seed=k)))
        parts.take("update", lambda found=found: found.update)
        stage = Stage(found)
        parts.take("reading", lambda stage=stage: stage.reading)
        drawn = parts.take("drawing and story", lambda stage=stage: stage.parts)
        body = parts.take("joining", lambda drawn=drawn: b"".join(drawn.values()))
        parts.take("zstd", lambda body=body: zstandard.ZstdCompressor(level=1).compress(body))


def sizes() -> None:
    for steps, units in SIZES:
        words = " ".join(f"word{k}" for k in range(steps))
        for seed in range(2):  # the first one draws the blank, the second one fills it
            found = run(Experiment(sentence=words, hidden_size=units, seed=seed))
            found.update  # noqa: B018
            before = clock()
            body = b"".join(Stage(found).parts.values())
            spent = (clock() - before) * 1e3
            packed = len(zstandard.ZstdCompressor(level=1).compress(body))
            print(
                f"{steps} words, {units} units, {('new', 'known')[seed]} shape: {spent:.1f} ms, {len(body)} "
                f"bytes, {packed} packed"
            )


def main() -> None:
    parts = Parts()
    sent = asyncio.run(whole_answers(parts))
    by_part(parts)
    floor = statistics.median(parts.spent["floor"])
    for name, spent in parts.spent.items():
        print(
            f"{name:>18}: {statistics.median(spent) * 1e6:6.0f} us, {statistics.median(spent) / floor:6.1f} "
            "x the floor in process"
        )
    print(f"{sent} bytes sent")
    sizes()


if __name__ == "__main__":
    main()
