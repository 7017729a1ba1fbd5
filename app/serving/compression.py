"""Dynamic answers compressed as the client accepts it: zstd, brotli or gzip."""

from __future__ import annotations

import threading
from collections.abc import Callable

import brotli
import zstandard
from isal import igzip
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.serving.negotiation import choose_encoding

TEXTS = (
    b"text/", b"application/json", b"application/problem+json", b"application/javascript", b"image/svg+xml"
)  # fmt: skip


Encoders = dict[str, Callable[[bytes], bytes]]
# Level 1 packs rows of numbers smaller than level 3, in half the time; small tables save a fifth of the rest.
ZSTD = zstandard.ZstdCompressionParameters.from_level(1, window_log=17, hash_log=13)
ZSTD_TIGHT = zstandard.ZstdCompressionParameters.from_level(6)


class Packers(threading.local):
    """A compressor for each thread: it is not for sharing, and to make one costs a tenth of its work."""

    def __init__(self) -> None:
        self.quick = zstandard.ZstdCompressor(compression_params=ZSTD)
        self.tight = zstandard.ZstdCompressor(compression_params=ZSTD_TIGHT)


PACKERS = Packers()


def _brotli(quality: int) -> Callable[[bytes], bytes]:
    return lambda body: bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=quality))


# For what is packed between two other answers the quickest: half the time for a fifth more bytes. Brotli
# takes four times as long as igzip to save a tenth, zlib six times as long to save nothing; and without TLS
# browsers accept nothing but gzip from another machine, such as the teacher's.
QUICK: Encoders = {
    "zstd": lambda body: PACKERS.quick.compress(body),
    "gzip": lambda body: igzip.compress(body, 2, mtime=0),
    "br": _brotli(1),
}
# For what is made beside the event loop, once for all who ask together; where the client leaves the choice
# the tightest first. Gzip stays quick: it goes to classrooms that share a server and a local network, where
# zlib would take a tenth of all the work for a page to save a sixth of these bytes.
TIGHT: Encoders = {
    "br": _brotli(5),
    "zstd": lambda body: PACKERS.tight.compress(body),
    "gzip": QUICK["gzip"],
}


class Compression:
    """Middleware that compresses whole text answers of a size worth it.

    An answer that comes in pieces is a stream and passes as it is; so does one already encoded.
    Names of headers are lower case, as ASGI wants them and Starlette writes them.
    """

    def __init__(self, app: ASGIApp, minimum_bytes: int = 1024) -> None:
        self.app, self.minimum_bytes = app, minimum_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        held: Message | None = None

        async def compressed(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and compressible(message):
                held = message
                return
            if held is not None:
                start, held = held, None
                if not message.get("more_body", False):
                    accepted = dict(scope["headers"]).get(b"accept-encoding", b"").decode("latin-1")
                    start, message = encode(start, message, accepted, self.minimum_bytes)
                await send(start)
            await send(message)

        await self.app(scope, receive, compressed)


def compressible(start: Message) -> bool:
    headers = dict(start["headers"])
    return headers.get(b"content-type", b"").startswith(TEXTS) and b"content-encoding" not in headers


def packed(answer: Response, accepted: str, minimum_bytes: int) -> Response:
    """A whole text answer, encoded as accepted and tightly."""
    given: Message = {"headers": answer.raw_headers}
    if compressible(given):
        start, body = encode(given, {"body": answer.body}, accepted, minimum_bytes, TIGHT)
        answer.raw_headers, answer.body = start["headers"], body["body"]
    return answer


def encode(
    start: Message, body: Message, accepted: str, minimum_bytes: int, encoders: Encoders = QUICK
) -> tuple[Message, Message]:
    """The two messages of an answer, encoded as accepted, or as they were when that is not worth it."""
    content = body.get("body", b"")
    if len(content) < minimum_bytes:
        return start, body
    given = dict(start["headers"])
    changed = {b"vary": b", ".join([*filter(None, [given.get(b"vary")]), b"Accept-Encoding"])}
    encoding = choose_encoding(accepted, tuple(encoders))
    if encoding is not None:
        content = encoders[encoding](content)
        changed |= {b"content-encoding": encoding.encode(), b"content-length": b"%d" % len(content)}
        if given.get(b"etag", b"W/").startswith(b'"'):
            # Two encodings of one answer are equivalent, not the same bytes.
            changed[b"etag"] = b"W/" + given[b"etag"]
    kept = [header for header in start["headers"] if header[0] not in changed]
    return {**start, "headers": [*kept, *changed.items()]}, {**body, "body": content}
