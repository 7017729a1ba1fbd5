"""Static files from memory: content-hashed names, immutable, compressed once at the first request.

A module or a style sheet that names another file by a relative path gets the hashed name written in,
and its own hash is taken after that: a change anywhere below renames everything above it. A style sheet that
another imports is written into it: one file to ask for, and packed with its likes it is a fifth smaller. Its
comments and blanks are left out. Of modules only comments and indentation are: a small minifier does not know
nested templates.
"""

from __future__ import annotations

import hashlib
import mimetypes
import posixpath
import re
import zlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import anyio.to_thread
import brotli
import rcssmin
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.serving.negotiation import choose_encoding
from app.settings import settings

ROOT = Path(__file__).resolve().parents[2] / "static"
PREFIX = "/static"
IMMUTABLE = "public, max-age=31536000, immutable"
LARGE = 256 * 1024

TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
}
PACKED = {".png", ".woff2", ".ico"}
# What names another file, by relative path, in text that this project wrote.
REFERENCES = {
    ".js": re.compile(r"""((?:\bfrom|\bimport)\s*\(?\s*["'])(\.{1,2}/[^"'?#]+)(?=["'])"""),
    ".css": re.compile(r"""(\burl\(\s*["']?)((?![a-z]+:|/|#)[^"')?#\s]+)(?=["')?#\s])"""),
}
# No literal of ours runs over lines, or these could stand in it. Behind code what has a quote in it is kept.
ASIDE = re.compile(
    r"""^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)\n|^[ \t]+|(?<=[;{,)])[ ]//[ ][^\n"'`]*$""",
    re.MULTILINE | re.DOTALL,
)
IMPORTED = re.compile(r"""@import\s+["']([^"':/]+)["'];\n?""")


@dataclass
class Asset:
    """One file as it is served: `name` as written in templates, `hashed` as it is asked for."""

    name: str
    hashed: str
    body: bytes
    media_type: str
    etag: str
    encoded: dict[str, bytes] = field(default_factory=dict)

    def encodings(self) -> tuple[str, ...]:
        return () if Path(self.name).suffix in PACKED or len(self.body) < 256 else ("br", "gzip")

    def encode(self, encoding: str) -> bytes:
        """The body in this encoding, kept from the first time on.

        Brotli's last level takes seconds on a megabyte and saves 8 %: large files get level 9.
        """
        if encoding not in self.encoded:
            self.encoded[encoding] = _pack(self.body, encoding)
        return self.encoded[encoding]


def _pack(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        quality = 9 if len(body) > LARGE else 11
        return bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=quality))
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits=31)
    return packer.compress(body) + packer.flush()


def load(root: Path) -> dict[str, Asset]:
    """Every file below `root` by its name. Raises ValueError on a reference to nothing, or in a circle."""
    files = {
        path.relative_to(root).as_posix(): path
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix in TYPES
    }
    loaded: dict[str, Asset] = {}
    for name in files:
        _load(name, files, loaded, ())
    return loaded


def _load(name: str, files: dict[str, Path], loaded: dict[str, Asset], above: tuple[str, ...]) -> Asset:
    """The asset of this name, after those it refers to; `above` are the files that led here."""
    if name in loaded:
        return loaded[name]
    if name in above:
        raise ValueError(f"static files must not refer in a circle: {' -> '.join([*above, name])}")
    if name not in files:
        raise ValueError(f"static/{above[-1]} refers to static/{name}, which does not exist")

    def written_in(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[2]))
        hashed = _load(target, files, loaded, (*above, name)).hashed
        relative = posixpath.relpath(hashed, posixpath.dirname(name) or ".")
        return match[1] + (relative if relative.startswith(".") else "./" + relative)

    def beside(match: re.Match[str]) -> str:
        target = posixpath.join(posixpath.dirname(name), match[1])
        return _load(target, files, loaded, (*above, name)).body.decode("utf-8")

    body = files[name].read_bytes()
    references = REFERENCES.get(files[name].suffix)
    if references is not None and not name.startswith("vendor/"):
        text = references.sub(written_in, body.decode("utf-8"))
        style = name.endswith(".css")
        body = (rcssmin.cssmin(IMPORTED.sub(beside, text)) if style else ASIDE.sub("", text)).encode()
    loaded[name] = _asset(name, body)
    return loaded[name]


def _asset(name: str, body: bytes) -> Asset:
    digest = hashlib.sha256(body).hexdigest()[:16]
    stem, suffix = posixpath.splitext(name)
    media_type = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(name, f"{stem}.{digest}{suffix}", body, media_type, f'"{digest}"')


@cache
def library(root: Path = ROOT) -> dict[str, Asset]:
    """The files of `root`, read once in a process."""
    return load(root)


def asset_url(name: str, root_path: str | None = None) -> str:
    """The address of static/`name`: immutable, and below the path the product is served under."""
    try:
        hashed = library()[name].hashed
    except KeyError:
        raise ValueError(f"static/{name} does not exist") from None
    prefix = settings().root_path if root_path is None else root_path
    return f"{prefix.rstrip('/')}{PREFIX}/{hashed}"


class StaticAssets:
    """ASGI application that serves a library of assets, under hashed names for ever, under plain ones
    until asked again."""

    def __init__(self, root: Path = ROOT) -> None:
        assets = library(root)
        self.hashed = {asset.hashed: asset for asset in assets.values()}
        self.plain = assets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"static files are served over HTTP, not {scope['type']}")
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        path = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        asset = self.hashed.get(path) or self.plain.get(path)
        if asset is None:
            raise HTTPException(404)
        response = await respond(asset, Headers(scope=scope), forever=path in self.hashed)
        if scope["method"] == "HEAD":
            response.body = b""  # Content-Length stays: it says what GET would carry.
        await response(scope, receive, send)


async def respond(asset: Asset, asked: Headers, forever: bool) -> Response:
    """The asset in the best encoding the client accepts, or 304 when it has it."""
    encoding = choose_encoding(asked.get("accept-encoding", ""), asset.encodings())
    etag = asset.etag if encoding is None else f'{asset.etag[:-1]}-{encoding}"'
    headers = {"Cache-Control": IMMUTABLE if forever else "no-cache", "ETag": etag, "Vary": "Accept-Encoding"}
    if etag in {tag.strip().removeprefix("W/") for tag in asked.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers=headers)
    body = asset.body
    if encoding is not None:
        headers["Content-Encoding"] = encoding
        body = await encoded(asset, encoding)
    return Response(body, headers=headers, media_type=asset.media_type)


async def encoded(asset: Asset, encoding: str) -> bytes:
    """The kept encoding; a large file is packed beside the event loop the first time."""
    if encoding in asset.encoded or len(asset.body) < LARGE:
        return asset.encode(encoding)
    return await anyio.to_thread.run_sync(asset.encode, encoding)
