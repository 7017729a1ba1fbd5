"""Starting the server from a command line: options, socket, address."""

from __future__ import annotations

import argparse
import ctypes
import errno
import gc
import socket
import sys
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import uvicorn
from pydantic import ValidationError

from app.settings import Settings

GRACE_SECONDS = 10
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # mallopt(3)
KEPT_FREE, LARGEST_BLOCK = 64 << 20, 16 << 20  # bytes


def parser(defaults: Settings) -> argparse.ArgumentParser:
    """The options, each with the environment's value as its default."""
    options = argparse.ArgumentParser(
        prog="python -m app",
        description="Serve Unrolled. Every option is also an environment variable: UNROLLED_PORT=9000.",
    )
    options.add_argument("--host", default=defaults.host, help="address to listen on (%(default)s)")
    options.add_argument(
        "--port", type=int, default=defaults.port, help="TCP port, 0 for a free one (%(default)s)"
    )
    options.add_argument(
        "--open-browser", action=argparse.BooleanOptionalAction, default=defaults.open_browser,
        help="show the page once the server answers",
    )  # fmt: skip
    options.add_argument(
        "--root-path", default=defaults.root_path,
        help="path a proxy shows the product under, e.g. /unrolled; it may strip the prefix or leave it",
    )  # fmt: skip
    options.add_argument("--log-level", default=defaults.log_level, help="uvicorn's level (%(default)s)")
    return options


def read_settings(arguments: Sequence[str] | None) -> Settings:
    """The settings of this start: the environment's, overridden by the options. Exits 2 on a wrong one."""
    try:
        options = parser(Settings()).parse_args(arguments)
        return Settings(**vars(options))
    except ValidationError as error:
        wrong = "; ".join(f"{at['loc'][0]}: {at['msg']}, got {at['input']!r}" for at in error.errors())
        print(f"Unrolled cannot start: {wrong}", file=sys.stderr)
        raise SystemExit(2) from None


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Exits 1 with a sentence when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = f"is taken; try --port {port + 1}" if taken else f"cannot be used: {error}"
        print(f"Unrolled cannot start: port {port} on {host} {reason}", file=sys.stderr)
        raise SystemExit(1) from None


def address(bound: socket.socket, root_path: str) -> str:
    """The page's address as a person types it; a server on every interface is reached at this machine."""
    host, port = bound.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{root_path.rstrip('/')}/"


class AnnouncingServer(uvicorn.Server):
    """uvicorn's server, which says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, url: str, open_browser: bool) -> None:
        super().__init__(config)
        self.url, self.open_browser = url, open_browser

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"Unrolled is at {self.url}", flush=True)
        if self.open_browser:
            webbrowser.open(self.url)


def parsing(frame_ancestors: str) -> Any:
    """The connections of the server; uvicorn's own where the quick parser is not installed."""
    try:
        from app.serving.protocol import protocol
    except ImportError:
        return "auto"
    return protocol(frame_ancestors)


def settle_memory() -> None:
    """Keep the collector from walking what lives as long as the server, and from running in every request.

    A page makes thousands of strings and hardly a cycle: collecting at Python's default of 700 new objects
    costs a fifth of the time of drawing it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    keep_freed_memory()


def keep_freed_memory() -> None:
    """Let the allocator keep what a request frees, for the next one.

    A page is built in blocks of up to a megabyte. Given back to the system and asked for again, they cost
    up to 250 page faults a page, a quarter of its time. C libraries without glibc's switches do as they like.
    """
    with suppress(AttributeError, OSError, TypeError):
        allocator = ctypes.CDLL(None)
        allocator.mallopt(M_TRIM_THRESHOLD, KEPT_FREE)
        allocator.mallopt(M_MMAP_THRESHOLD, LARGEST_BLOCK)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal says stop; requests under way get ten seconds to finish."""
    config = read_settings(arguments)
    bound = listen(config.host, config.port)
    from app.main import create_app  # After the cheap checks: this imports NumPy.

    serving = uvicorn.Config(
        create_app(config),
        log_level=config.log_level,
        # The access log would write down what students type, which their addresses carry.
        access_log=config.log_level in ("debug", "trace"),
        server_header=False,
        timeout_keep_alive=config.keep_alive_seconds,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ws="none",
        http=parsing(config.frame_ancestors),
    )
    settle_memory()
    # After its graceful end uvicorn raises the signal that asked for it once more.
    with suppress(KeyboardInterrupt):
        AnnouncingServer(serving, address(bound, config.root_path), config.open_browser).run([bound])
    return 0
