"""Work that many ask for at the same time, done once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar, cast

R = TypeVar("R")


class Flights:
    """Who asks for what is under way already waits for it instead of starting it again.

    A class that opens one link together costs one run. Nothing is kept once it is done.
    """

    def __init__(self) -> None:
        self.under_way: dict[Hashable, asyncio.Future[Any]] = {}

    async def share(self, key: Hashable, start: Callable[[], Awaitable[R]]) -> R:
        """What `start()` comes to, or raises. It goes on when one of those who wait gives up."""
        flight = self.under_way.get(key)
        if flight is None:
            flight = self.under_way[key] = asyncio.ensure_future(start())
            flight.add_done_callback(lambda done: self._landed(key, done))
        return cast(R, await asyncio.shield(flight))

    def _landed(self, key: Hashable, flight: asyncio.Future[Any]) -> None:
        del self.under_way[key]
        if not flight.cancelled():
            flight.exception()  # seen, should nobody be left to see it
