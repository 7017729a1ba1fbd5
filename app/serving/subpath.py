"""The product under a sub-path of a site, whether the proxy before it strips the prefix or not."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class SubPath:
    """Middleware that gives the application the path ASGI wants: prefix and all, with `root_path` set."""

    def __init__(self, app: ASGIApp, root_path: str = "") -> None:
        self.app, self.root_path = app, root_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.root_path:
            scope = {**scope, "root_path": self.root_path, "path": self.full(scope["path"])}
        await self.app(scope, receive, send)

    def full(self, path: str) -> str:
        """`/run` and `/unrolled/run` are both `/unrolled/run` under `/unrolled`; so is the bare prefix its
        front page."""
        if path == self.root_path:
            return path + "/"
        return path if path.startswith(self.root_path + "/") else self.root_path + path
