"""The language of an answer: the address alone decides, so a link shows everybody the same page."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from app.wording.catalogue import ENGLISH, LANGUAGES, speaking

FOR_SCRIPTS = "/api/"  # what programs read is English
_NAMED = re.compile(rb"(?:^|&)lang=([a-z]*)(?=&|$)")


class Language:
    """Middleware that speaks the language of `lang=` while a page is made. A name it does not know is left
    for the page to refuse."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or b"lang=" not in scope["query_string"] or FOR_SCRIPTS in scope["path"]:
            await self.app(scope, receive, send)
            return
        with speaking(asked(scope["query_string"])):
            await self.app(scope, receive, send)


def asked(query: bytes) -> str:
    """The language that a query names; English when it names none that there is."""
    names = [name.decode() for name in _NAMED.findall(query)]
    return names[-1] if names and names[-1] in LANGUAGES else ENGLISH
