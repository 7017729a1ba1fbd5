"""Fixtures for the whole suite.

client        a synchronous HTTP client on the application itself, no socket: client.get("/healthz")
make_client   the same for other settings: make_client(max_body_bytes=4096)
live_server   the application on a real socket: live_server.url, one for each test process
"""

from __future__ import annotations

import os

# As the command does, before anything imports NumPy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from app.settings import Settings

ROOT = Path(__file__).resolve().parents[1]


class Client:
    """httpx's asynchronous client over ASGI, driven from synchronous tests through one event loop."""

    def __init__(self, portal: BlockingPortal, app: Any, base_url: str) -> None:
        self.portal, self.app = portal, app
        # An exception that gets through is a test's business; the server would answer 500.
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        self.http = httpx.AsyncClient(transport=transport, base_url=base_url, timeout=60)

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            return await self.http.request(method, url, **options)

        return self.portal.call(send)

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)

    def head(self, url: str, **options: Any) -> httpx.Response:
        return self.request("HEAD", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        return self.request("POST", url, **options)


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def make_client(portal: BlockingPortal) -> Iterator[Callable[..., Client]]:
    """A function from settings, given by name, to a client on an application that has them."""
    with ExitStack() as stack:

        def make(app: Any = None, base_url: str = "http://testserver", **settings: Any) -> Client:
            from app.main import create_app

            if app is None:
                app = create_app(Settings(**settings))
                stack.callback(app.state.jobs.close)
            client = Client(portal, app, base_url)
            stack.callback(lambda: portal.call(client.http.aclose))
            return client

        yield make


@pytest.fixture(scope="session")
def client(make_client: Callable[..., Client]) -> Client:
    return make_client()


@dataclass(frozen=True)
class LiveServer:
    """A server of our own: `url` without a slash at the end, its process, and what it printed so far."""

    url: str
    process: subprocess.Popen[str]

    def stop(self, asked: signal.Signals = signal.SIGTERM) -> str:
        """Ask it to end as a supervisor would; what it printed since it told its address."""
        if self.process.poll() is not None:
            return ""
        self.process.send_signal(asked)
        try:
            return self.process.communicate(timeout=15)[0]
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.communicate()[0]


@contextmanager
def serve(*options: str, **environment: str) -> Iterator[LiveServer]:
    """`python -m app` with these options on a free port of this machine, ended when the block is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "--host", "127.0.0.1", "--port", "0", *options],
        cwd=ROOT, env={**os.environ, **environment}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    server = LiveServer(announced(process).rstrip("/"), process)
    try:
        yield server
    finally:
        server.stop()


def announced(process: subprocess.Popen[str], seconds: float = 60) -> str:
    """The address that the server prints once it answers. Raises RuntimeError with its last words."""
    assert process.stdout is not None
    # Reading blocks, and select() does not see lines that are buffered already: a timer ends a mute server.
    patience = threading.Timer(seconds, process.kill)
    patience.start()
    printed = ""
    try:
        for line in process.stdout:
            if found := re.match(r"Unrolled is at (\S+)", line):
                return found[1]
            printed += line
    finally:
        patience.cancel()
    process.communicate()
    raise RuntimeError(f"the server did not say where it is:\n{printed}")


@pytest.fixture(scope="session")
def live_server() -> Iterator[LiveServer]:
    with serve("--log-level", "warning") as server:
        yield server
