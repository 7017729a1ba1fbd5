"""What many ask for together is computed once, and a bounded number of things at a time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

import app.api.computing
import app.pages.answers
import app.pages.ledger
from app.main import create_app
from app.serving.flights import Flights
from app.settings import Settings

MANY = 40


def answers(urls: list[str], settings: Settings | None = None) -> list[httpx.Response]:
    """What an application says to all of them at the same time."""

    async def main() -> list[httpx.Response]:
        application = create_app(settings or Settings(inline_work=0))
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://t") as http:
            return await asyncio.gather(*(http.get(url) for url in urls))

    return asyncio.run(main())


def counted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[Any]:
    """The calls of a function, each of which now takes a while."""
    calls: list[Any] = []
    real: Callable[..., Any] = getattr(module, name)

    def slow(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        threading.Event().wait(0.05)
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, slow)
    return calls


def test_many_who_ask_for_one_run_together_cost_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = counted(monkeypatch, app.api.computing, "run")
    found = answers(["/api/v1/run?sentence=together+we+ask"] * MANY)
    assert {answer.status_code for answer in found} == {200}
    assert len({answer.content for answer in found}) == 1 and len(calls) == 1


def test_different_questions_are_not_mixed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = counted(monkeypatch, app.api.computing, "run")
    found = answers([f"/api/v1/run?sentence=question+{k % 4}&include=forward" for k in range(12)])
    assert [answer.json()["tokens"][1] for answer in found] == [str(k % 4) for k in range(12)]
    assert len(calls) == 4


@pytest.mark.parametrize("part", ["", "ledger", "inspect", "panels", "charts"])
def test_many_who_open_one_page_together_cost_one_run(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    calls = counted(monkeypatch, app.pages.answers, "run")
    found = answers([f"/{part}?sentence=we+open+{part or 'the page'}"] * MANY)
    assert {answer.status_code for answer in found} == {200}
    assert len({answer.content for answer in found}) == 1 and len(calls) == 1


def test_parts_of_pages_wait_in_a_bounded_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    counted(monkeypatch, app.pages.ledger, "ledger")
    urls = [f"/ledger?sentence=part+{k}" for k in range(6)]
    found = answers(urls, Settings(queued_parts=2, retry_after_seconds=4))
    refused = [answer for answer in found if answer.status_code == 503]
    assert len(refused) == 3 and {answer.headers["retry-after"] for answer in refused} == {"4"}


def test_a_fault_reaches_all_who_wait_and_is_not_kept() -> None:
    tries = 0

    async def fail() -> int:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0.01)
        raise ValueError(tries)

    async def main() -> None:
        flights = Flights()
        found = await asyncio.gather(*(flights.share("k", fail) for _ in range(3)), return_exceptions=True)
        assert [str(error) for error in found] == ["1", "1", "1"]
        with pytest.raises(ValueError, match="2"):
            await flights.share("k", fail)
        assert not flights.under_way

    asyncio.run(main())


def test_the_first_to_ask_may_leave_and_the_others_are_answered() -> None:
    async def work() -> str:
        await asyncio.sleep(0.03)
        return "done"

    async def main() -> None:
        flights = Flights()
        first, second = (asyncio.ensure_future(share(flights, work)) for _ in range(2))
        await asyncio.sleep(0.01)
        first.cancel()
        assert await second == "done" and first.cancelled()

    asyncio.run(main())


async def share(flights: Flights, work: Callable[[], Awaitable[str]]) -> str:
    return await flights.share("k", work)
