"""Finished answers by their question: the least recently used leave first, equal questions share a run."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable


class AnswerCache:
    """Bytes by key, at most `capacity` of them in all. One event loop uses it; it needs no lock."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.size = 0
        self.entries: OrderedDict[str, bytes] = OrderedDict()
        self.under_way: dict[str, asyncio.Future[bytes]] = {}

    def get(self, key: str) -> bytes | None:
        """The answer, or None; asking makes it the most recently used."""
        answer = self.entries.get(key)
        if answer is not None:
            self.entries.move_to_end(key)
        return answer

    def put(self, key: str, answer: bytes) -> None:
        """Keep the answer unless it alone would fill a quarter of the cache."""
        if len(answer) * 4 > self.capacity:
            return
        self.size += len(answer) - len(self.entries.pop(key, b""))
        self.entries[key] = answer
        while self.size > self.capacity:
            self.size -= len(self.entries.popitem(last=False)[1])

    async def get_or_compute(self, key: str, compute: Callable[[], Awaitable[bytes]]) -> bytes:
        """The kept answer, or the one `compute` gives. Simultaneous callers of one key share one computation.

        Each waits for the shared task behind a shield: a client that leaves cancels only its own wait.
        """
        answer = self.get(key)
        if answer is not None:
            return answer
        task = self.under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(compute())
            self.under_way[key] = task
            task.add_done_callback(lambda done: self._finish(key, done))
        return await asyncio.shield(task)

    def _finish(self, key: str, done: asyncio.Future[bytes]) -> None:
        del self.under_way[key]
        if not done.cancelled() and done.exception() is None:
            self.put(key, done.result())
