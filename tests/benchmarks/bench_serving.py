"""CPU a request costs the server, as a multiple of a bare Starlette text route, all in one run.

    make bench                                   or   .venv/bin/python tests/benchmarks/bench_serving.py

Each server is a process of its own; what it spends is read from the clock of its processor time (of all its
threads, in nanoseconds), so neither the client nor the other servers count. The routes take turns in many
short rounds, and a ratio is taken within each round: a machine that slows down slows both. Every request to
the product asks for another seed, so no answer comes from a cache. The client accepts zstd, as browsers do.
"""

from __future__ import annotations

import ctypes
import http.client
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.conftest import announced, serve

ROUNDS, REQUESTS, BARE_REQUESTS = 60, 40, 200
SENTENCE = quote_plus("the movie was not good but the end of it was great")
PARTS = "forward,backward,jacobians,gradients,contributions,update"
EXPERIMENT = f"sentence={SENTENCE}&hidden_size=8"
ROUTES = {
    "GET /api/v1/run": (f"/api/v1/run?{EXPERIMENT}&include={PARTS}&seed=", 20),
    "GET /": (f"/?{EXPERIMENT}&seed=", 50),
    "htmx, bytes of the page's assets": ("/static/vendor/htmx/htmx.min.js?", 5),
}
FLOOR = """
import socket, uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
bound = socket.create_server(("127.0.0.1", 0))
print(f"Unrolled is at http://127.0.0.1:{bound.getsockname()[1]}/", flush=True)
async def hello(request):
    return PlainTextResponse("hello")
app = Starlette(routes=[Route("/", hello)])
config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_keep_alive=90)
uvicorn.Server(config).run([bound])
"""


@contextmanager
def floor() -> Iterator[tuple[str, int]]:
    """A bare Starlette application behind the same server: its address and process id."""
    process = subprocess.Popen([sys.executable, "-c", FLOOR], stdout=subprocess.PIPE, text=True)
    try:
        yield announced(process), process.pid
    finally:
        process.terminate()
        process.wait()


def cpu_clock(pid: int) -> int:
    """The clock of what all threads of a process spend, dead ones included."""
    clock = ctypes.c_int()
    if error := ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise SystemExit(f"process {pid} has no clock: error {error}")
    return clock.value


class Route:
    """One address of one server, asked over one kept connection."""

    def __init__(self, url: str, pid: int, path: str) -> None:
        self.clock, self.path, self.seeds = cpu_clock(pid), path, count(1)
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc)
        self.bytes = 0

    def ask(self, times: int) -> float:
        """CPU seconds a request, the mean of so many."""
        before = time.clock_gettime(self.clock)
        for _ in range(times):
            path = f"{self.path}{next(self.seeds)}" if self.path[-1] in "=?" else self.path
            self.connection.request("GET", path, headers={"Accept-Encoding": "zstd, br, gzip"})
            answer = self.connection.getresponse()
            self.bytes = len(answer.read())
            if answer.status != 200:
                raise SystemExit(f"{path} answered {answer.status}")
        return (time.clock_gettime(self.clock) - before) / times


def main() -> None:
    with ExitStack() as stack:
        url, pid = stack.enter_context(floor())
        bare = Route(url, pid, "/")
        server = stack.enter_context(serve("--log-level", "warning"))
        routes = {name: Route(server.url, server.process.pid, path) for name, (path, _) in ROUTES.items()}
        for route in (bare, *routes.values()):
            route.ask(3 * REQUESTS)
        costs: dict[str, list[float]] = {name: [] for name in ("bare", *routes)}
        for _ in range(ROUNDS):
            costs["bare"].append(bare.ask(BARE_REQUESTS))
            for name, route in routes.items():
                costs[name].append(route.ask(REQUESTS))
    print(f"bare Starlette text route: {statistics.median(costs['bare']) * 1e6:.0f} us of CPU a request")
    for name, route in routes.items():
        ratio = statistics.median(cost / base for cost, base in zip(costs[name], costs["bare"], strict=True))
        spent = statistics.median(costs[name]) * 1e6
        most = ROUTES[name][1]
        verdict = "within" if ratio <= most else "OVER"
        print(f"{name}: {ratio:.1f} x ({spent:.0f} us, {route.bytes} bytes), {verdict} {most} x")


if __name__ == "__main__":
    main()
