"""How large a request may be, and how much is computed at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.serving.problems import FieldProblem, Problem

P = ParamSpec("P")
R = TypeVar("R")


class RequestLimits:
    """Middleware: an address too long is answered 414, a body too large 413, declared or chunked."""

    def __init__(self, app: ASGIApp, max_body_bytes: int, max_query_bytes: int) -> None:
        self.app, self.max_body_bytes, self.max_query_bytes = app, max_body_bytes, max_query_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        self.check_query(len(scope.get("query_string", b"")))
        declared = declared_length(scope)
        if declared > self.max_body_bytes:
            raise await self.too_large(receive, read=0, declared=declared)
        read = 0

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.max_body_bytes:
                raise await self.too_large(receive, read, declared=0)
            return message

        await self.app(scope, limited, send)

    def check_query(self, length: int) -> None:
        if length <= self.max_query_bytes:
            return
        rule = f"query must be at most {self.max_query_bytes} bytes, got {length}"
        raise Problem(414, f"{rule}; send the experiment as the body of a POST instead",
                      [FieldProblem("query", rule, length)])  # fmt: skip

    async def too_large(self, receive: Receive, read: int, declared: int) -> Problem:
        """The 413. A little of what still comes is read and dropped, so that most clients get to see it:
        closing on unread bytes resets the connection, and the answer with it."""
        limit = self.max_body_bytes
        finished = declared <= 2 * limit and await drain(receive, 2 * limit - read)
        got = str(declared) if declared else f"{read} and more"
        rule = f"body must be at most {limit} bytes, got {got}"
        headers = {} if finished else {"Connection": "close"}
        return Problem(413, rule, [FieldProblem("body", rule, declared or read)], headers)


async def drain(receive: Receive, most: int) -> bool:
    """Read and drop up to `most` bytes; whether the body ended."""
    dropped = 0
    while dropped <= most:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            return True
        dropped += len(message.get("body", b""))
    return False


def declared_length(scope: Scope) -> int:
    """Content-Length, 0 where it is missing or no number."""
    text: bytes = dict(scope["headers"]).get(b"content-length", b"")
    return int(text) if text.isdigit() and len(text) < 20 else 0


class Workbench:
    """Runs CPU work in a bounded number of threads with a bounded queue before them.

    A full queue is answered 503 at once: a student who is told to wait two seconds is better served
    than one whose page hangs for thirty.
    """

    def __init__(self, places: int = 1, queue: int = 32, retry_after_seconds: int = 2) -> None:
        self.places, self.queue, self.retry_after_seconds = places, queue, retry_after_seconds
        self.limiter: CapacityLimiter | None = None
        self.present = 0

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What `work(*args)` returns, once a place is free.

        Raises Problem 503 with Retry-After when every place and the queue are taken.
        """
        if self.present >= self.places + self.queue:
            raise self.busy()
        if self.limiter is None:
            self.limiter = CapacityLimiter(self.places)
        self.present += 1
        try:
            return await anyio.to_thread.run_sync(lambda: work(*args, **kwargs), limiter=self.limiter)
        finally:
            self.present -= 1

    def busy(self) -> Problem:
        wait = self.retry_after_seconds
        return Problem(503, f"{self.present} computations are waiting already; try again in {wait} seconds",
                       headers={"Retry-After": str(wait)})  # fmt: skip
