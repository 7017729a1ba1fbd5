"""What the HTTP parser refuses by itself, before there is a request: answered like every other error."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.serving.problems import FieldProblem, Problem
from app.serving.security import security_headers

LONGEST_TARGET = 65_535  # bytes the parser can point into
MOST_HEAD_BYTES = 1024 * 1024
"""Bytes of a request line with its headers, read so far, after which nobody waits for their end."""


def refused(target_bytes: int, head_bytes: int = 0) -> Problem:
    """The answer to a request that is not to be read."""
    if target_bytes > LONGEST_TARGET:
        rule = f"address must be at most {LONGEST_TARGET} bytes, got {target_bytes}"
        rule += " and more" if head_bytes > MOST_HEAD_BYTES else ""
        return Problem(
            414, f"{rule}; send the experiment as the body of a POST instead",
            [FieldProblem("address", rule, target_bytes)],
        )  # fmt: skip
    if head_bytes > MOST_HEAD_BYTES:
        rule = f"headers must be at most {MOST_HEAD_BYTES} bytes, got {head_bytes} and more"
        return Problem(431, rule, [FieldProblem("headers", rule, head_bytes)])
    return Problem(400, "This is no HTTP request that can be read")


def written(problem: Problem, headers: dict[str, str]) -> bytes:
    """A problem as it goes over the wire, after which the connection ends."""
    answer = problem.response()
    told = {name: value for name, value in answer.headers.items()} | headers | {"Connection": "close"}
    lines = [f"HTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}"]
    lines += [f"{name}: {value}" for name, value in told.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + bytes(answer.body)


def protocol(frame_ancestors: str = "'none'") -> type[asyncio.Protocol]:
    """uvicorn's protocol with answers of ours, which carry the headers that every answer has."""
    headers = security_headers(frame_ancestors)

    class Answering(HttpToolsProtocol):
        """A connection. head_bytes : read of a request whose headers have not ended yet."""

        head_bytes = 0
        in_head = False

        def on_message_begin(self) -> None:
            self.in_head, self.head_bytes = True, 0
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            self.in_head = False
            super().on_headers_complete()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.in_head:
                self.head_bytes += len(data)
                if self.head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                    self.send_400_response("")

        def send_400_response(self, msg: str) -> None:
            self.transport.write(written(refused(len(self.url or b""), self.head_bytes), headers))
            self.transport.close()

    return Answering
