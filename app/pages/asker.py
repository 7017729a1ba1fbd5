"""Who asks for a page: read off the headers once for each request."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.requests import Request


class Asker(NamedTuple):
    """What of its asker an answer depends on.

    fragment : whether htmx asks for a part, to stand in a page.
    shown : the address of that page, "" for who asks for a page of its own. root : the path the product is
    served under, without a slash at its end.
    """

    fragment: bool
    shown: str
    root: str


def asker(request: Request) -> Asker:
    """Who asks."""
    fragment = wants_fragment(request)
    return Asker(fragment, _shown(request) if fragment else "", root_of(request))


def wants_fragment(request: Request) -> bool:
    """Whether htmx asked for a part; on Back it asks for the whole page again."""
    given = dict(request.scope["headers"])
    if given.get(b"hx-request") != b"true":
        return False
    return given.get(b"hx-history-restore-request") != b"true" and given.get(b"hx-request-type") != b"full"


def root_of(request: Request) -> str:
    """The path the product is served under, without a slash at its end."""
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/")


def _shown(request: Request) -> str:
    shown = request.headers.get("hx-current-url", "")
    try:
        urlsplit(shown)
    except ValueError:  # an unfinished IPv6 address
        return ""
    return shown
