"""What is refused before there is a request is refused in the one form that errors have."""

from __future__ import annotations

import socket
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import pytest

from app.serving.protocol import LONGEST_TARGET, MOST_HEAD_BYTES
from app.serving.security import security_headers

INSTEAD = "send the experiment as the body of a POST instead"


def said(live_server, request: bytes) -> httpx.Response:
    """The answer to these bytes; the server ends the connection."""
    where = urlsplit(live_server.url)
    with closing(socket.create_connection((where.hostname, where.port), timeout=10)) as wire:
        wire.sendall(request)
        answer = b""
        while read := wire.recv(65536):
            answer += read
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = [tuple(line.split(": ", 1)) for line in lines]
    return httpx.Response(int(status.split()[1]), headers=headers, content=body)


def line(target_bytes: int) -> bytes:
    target = b"/?sentence=" + b"x" * (target_bytes - 11)
    return b"GET " + target + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("request_", "status", "detail"),
    [
        (line(LONGEST_TARGET + 1), 414, f"address must be at most 65535 bytes, got 65536; {INSTEAD}"),
        (line(500_000), 414, f"address must be at most 65535 bytes, got 500000; {INSTEAD}"),
        (b"nonsense\r\n\r\n", 400, "This is no HTTP request that can be read"),
        (b"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n", 400, "This is no HTTP request that can be read"),
        (b"POST /api/v1/run HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", 400, None),
    ],
    ids=["just too long", "much too long", "no request", "no header", "no length"],
)  # fmt: skip
def test_what_the_parser_refuses_is_a_problem_with_every_header(
    live_server, request_: bytes, status: int, detail: str | None
) -> None:
    answer = said(live_server, request_)
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail is None or answer.json()["detail"] == detail
    assert answer.headers["connection"] == "close"
    assert all(answer.headers[name] == value for name, value in security_headers().items())


def test_the_longest_address_that_is_read_is_answered_by_the_application(live_server) -> None:
    answer = said(live_server, line(LONGEST_TARGET))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (414, "query")


@pytest.mark.parametrize(
    ("start", "status", "field"),
    [(b"GET /", 414, "address"), (b"GET / HTTP/1.1\r\nX-Long: ", 431, "headers")],
)
def test_a_head_without_an_end_is_not_waited_for(live_server, start: bytes, status: int, field: str) -> None:
    answer = said(live_server, start + b"x" * (MOST_HEAD_BYTES + 1 - len(start)))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
    assert answer.json()["detail"].partition(";")[0].endswith(" and more")


def test_a_head_of_nearly_all_that_is_allowed_is_answered(live_server) -> None:
    start = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Long: "
    assert said(live_server, start + b"x" * 900_000 + b"\r\n\r\n").json() == {"status": "ok"}
