"""The headers that every answer carries, errors included."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}
FRAMING = ("Content-Security-Policy", "X-Frame-Options")
# X-Frame-Options can say no more than this: where others are named, it is left out.
OLD_WORDS = {"'none'": "DENY", "'self'": "SAMEORIGIN"}
UNUSED_FEATURES = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope",
    "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "usb",
    "xr-spatial-tracking",
)  # fmt: skip


def framing(frame_ancestors: str) -> dict[str, str]:
    """The headers of a page that is made to be framed: by our own pages, and by whom the setting names."""
    named = "" if frame_ancestors in ("'none'", "'self'") else f" {frame_ancestors}"
    everything = security_headers(f"'self'{named}")
    return {name: everything[name] for name in FRAMING if name in everything}


def showing_frames(frame_ancestors: str) -> dict[str, str]:
    """The headers of a page that shows others of our own in frames."""
    everything = security_headers(frame_ancestors, {"frame-src": "'self'"})
    return {name: everything[name] for name in FRAMING if name in everything}


def security_headers(
    frame_ancestors: str = "'none'", more: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """The headers by name. `frame_ancestors` is a CSP source list: who may frame the pages."""
    policy = {**POLICY, **more, "frame-ancestors": frame_ancestors}
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        # The address holds the sentence somebody typed: no other site gets to see it.
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if frame_ancestors in OLD_WORDS:
        headers["X-Frame-Options"] = OLD_WORDS[frame_ancestors]
    return headers


class SecurityHeaders:
    """Middleware that adds the headers to each answer that does not set them itself.

    Names of headers are lower case, as ASGI wants them and Starlette writes them.
    """

    def __init__(self, app: ASGIApp, frame_ancestors: str = "'none'") -> None:
        self.app = app
        self.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in security_headers(frame_ancestors).items()
        ]
        self.names = frozenset(name for name, _ in self.headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = dict(message["headers"])
                added = self.headers
                if not self.names.isdisjoint(given):
                    added = [header for header in added if header[0] not in given]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self.app(scope, receive, secured)
