from __future__ import annotations

import gzip

import brotli
import pytest
import zstandard
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from app.serving.compression import Compression, packed

TEXT = "the rat sat on the mat " * 200
NUMBERS = " ".join(f"{k * k % 997 / 997:.4f}" for k in range(5000))
UNPACK = {
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    None: bytes,
}


async def pieces():
    for _ in range(3):
        yield TEXT.encode()


ROUTES = {
    "/text": lambda request: PlainTextResponse(TEXT, headers={"ETag": '"tag"'}),
    "/small": lambda request: PlainTextResponse("small"),
    "/picture": lambda request: Response(TEXT.encode(), media_type="image/png"),
    "/packed": lambda request: Response(
        b"x" * 2000, headers={"Content-Encoding": "br"}, media_type="text/plain"
    ),
    "/stream": lambda request: StreamingResponse(pieces(), media_type="text/event-stream"),
    "/varied": lambda request: PlainTextResponse(TEXT, headers={"Vary": "Accept", "Link": "</a>"}),
    "/tight": lambda request: packed(
        PlainTextResponse(NUMBERS), request.headers.get("accept-encoding", ""), 1024
    ),
    "/numbers": lambda request: PlainTextResponse(NUMBERS),
    "/empty": lambda request: Response(status_code=204),
}


@pytest.fixture(scope="module")
def packing(make_client):
    """A client on a few answers behind the middleware; raw(path, accepted) gives headers and bytes."""
    app = Starlette(routes=[Route(path, answer) for path, answer in ROUTES.items()])
    client = make_client(app=Compression(app))

    def raw(path: str, accepted: str | None):
        headers = {} if accepted is None else {"Accept-Encoding": accepted}
        request = client.http.build_request("GET", path, headers=headers)
        if accepted is None:
            del request.headers["accept-encoding"]

        async def send():
            answer = await client.http.send(request, stream=True)
            return answer.headers, [part async for part in answer.aiter_raw()]

        return client.portal.call(send)

    return raw


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br, zstd", "zstd"), ("gzip, br", "gzip"), ("gzip", "gzip"), ("identity", None),
     (None, None), ("zstd;q=0.1, br;q=0.2", "br"), ("zstd;q=0, *;q=0.5", "gzip"), ("*;q=0", None),
     ("br;q=x, gzip", "gzip"), ("GZIP", "gzip"), ("deflate", None),
     ("br ; q=1.0, gzip;q=0.9", "br"), (",,;", None)],
)  # fmt: skip
def test_the_encoding_follows_the_weights_that_the_client_gives(packing, accepted, encoding) -> None:
    headers, parts = packing("/text", accepted)
    body = b"".join(parts)
    assert headers.get("content-encoding") == encoding
    assert UNPACK[encoding](body).decode() == TEXT
    assert int(headers["content-length"]) == len(body)
    assert headers["vary"] == "Accept-Encoding"


def test_an_encoded_answer_keeps_its_other_headers_and_what_it_varies_by(packing) -> None:
    headers, parts = packing("/varied", "zstd")
    assert (headers["vary"], headers["link"]) == ("Accept, Accept-Encoding", "</a>")
    assert headers.get_list("content-length") == [str(len(b"".join(parts)))]


def test_an_encoded_answer_weakens_its_tag(packing) -> None:
    assert packing("/text", "br")[0]["etag"] == 'W/"tag"'
    assert packing("/text", None)[0]["etag"] == '"tag"'


@pytest.mark.parametrize("path", ["/small", "/picture", "/empty"])
def test_what_is_small_or_packed_by_nature_passes_as_it_is(packing, path: str) -> None:
    headers, _ = packing(path, "br, zstd, gzip")
    assert "content-encoding" not in headers


def test_what_is_encoded_already_is_not_encoded_twice(packing) -> None:
    headers, parts = packing("/packed", "zstd")
    assert headers["content-encoding"] == "br" and b"".join(parts) == b"x" * 2000


def test_a_stream_arrives_whole_and_unpacked(packing) -> None:
    headers, parts = packing("/stream", "br")
    assert "content-encoding" not in headers and b"".join(parts).decode() == TEXT * 3


def test_each_piece_of_a_stream_is_sent_before_the_next_is_made(portal) -> None:
    """A middleware that gathers a stream would send the first piece after the last."""
    order: list[str] = []

    async def app(scope, receive, send):
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number in range(3):
            order.append(f"made {number}")
            await send({"type": "http.response.body", "body": TEXT.encode(), "more_body": number < 2})

    async def sent(message):
        if message["type"] == "http.response.body":
            order.append("sent")

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"accept-encoding", b"br")]}
    portal.call(Compression(app), scope, None, sent)
    assert order == ["made 0", "sent", "made 1", "sent", "made 2", "sent"]


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip", None])
def test_an_answer_packed_beforehand_is_tighter_and_passes_as_it_is(packing, encoding: str | None) -> None:
    headers, pieces = packing("/tight", encoding or "identity")
    _, quick = packing("/numbers", encoding or "identity")
    assert headers.get("content-encoding") == encoding and "Accept-Encoding" in headers["vary"]
    assert UNPACK[encoding](b"".join(pieces)) == NUMBERS.encode()
    assert int(headers["content-length"]) == len(b"".join(pieces))
    packed_tightly, packed_quickly = len(b"".join(pieces)), len(b"".join(quick))
    assert packed_tightly < packed_quickly or encoding in (None, "gzip")


@pytest.mark.parametrize("path", ["/numbers", "/tight"])
@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip"])
def test_the_same_answer_is_the_same_bytes(packing, path: str, encoding: str, monkeypatch) -> None:
    first = packing(path, encoding)[1]
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert packing(path, encoding)[1] == first
