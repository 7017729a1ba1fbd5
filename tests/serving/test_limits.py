from __future__ import annotations

import threading
from collections.abc import AsyncIterator

import anyio
import httpx
import pytest

from app.serving.limits import Workbench
from app.serving.problems import Problem


@pytest.fixture(scope="module")
def narrow(make_client):
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse

    from app.main import create_app
    from app.settings import Settings

    app = create_app(Settings(max_body_bytes=4096, max_query_bytes=1000))

    async def echo(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    app.add_route("/echo", echo, methods=["GET", "POST"])
    return make_client(app=app)


async def chunks(sizes: list[int], taken: list[int]) -> AsyncIterator[bytes]:
    for size in sizes:
        taken.append(size)
        yield b"x" * size


def test_a_body_at_the_limit_is_read(narrow) -> None:
    assert narrow.post("/echo", content=b"x" * 4096).text == "4096"


def test_a_declared_body_over_the_limit_is_refused_with_rule_and_size(narrow) -> None:
    answer = narrow.post("/echo", content=b"x" * 5000)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [
        {"field": "body", "message": "body must be at most 4096 bytes, got 5000", "value": 5000}
    ]


def test_a_chunked_body_over_the_limit_is_refused_before_it_is_all_read(narrow) -> None:
    taken: list[int] = []
    answer = narrow.post("/echo", content=chunks([2000] * 500, taken))
    assert answer.status_code == 413
    assert answer.json()["detail"] == "body must be at most 4096 bytes, got 6000 and more"
    assert answer.headers["connection"] == "close"
    assert len(taken) < 10


def test_a_huge_declared_body_is_refused_unread(narrow) -> None:
    taken: list[int] = []
    headers = {"Content-Length": str(10**9)}
    answer = narrow.post("/echo", content=chunks([2000] * 500, taken), headers=headers)
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert taken == []


@pytest.mark.parametrize("size", [2_100_000, 3_000_000])
def test_a_client_on_a_socket_gets_to_read_the_413(live_server, size: int) -> None:
    answer = httpx.post(live_server.url + "/healthz", content=b"x" * size)
    assert answer.status_code == 413


def test_a_declared_body_is_read_to_its_end_up_to_twice_the_limit(narrow) -> None:
    """A client that reads only when it has sent all would find its connection reset, and no 413."""
    taken: list[int] = []
    answer = narrow.post("/echo", content=chunks([2000] * 4, taken), headers={"Content-Length": "8000"})
    assert (answer.status_code, answer.headers.get("connection")) == (413, None)
    assert sum(taken) == 8000


@pytest.mark.parametrize("length", ["abc", "-1", "9" * 40, ""])
def test_an_absurd_declared_length_harms_nothing(narrow, length: str) -> None:
    assert narrow.get("/echo", headers={"Content-Length": length}).status_code == 200


def test_a_query_at_the_limit_is_read_and_a_longer_one_refused_with_a_way_out(narrow) -> None:
    assert narrow.get("/echo?" + "x" * 1000).status_code == 200
    answer = narrow.get("/echo?" + "x" * 1001)
    assert answer.status_code == 414
    expected = "query must be at most 1000 bytes, got 1001; send the experiment as the body of a POST instead"
    assert answer.json()["detail"] == expected


def test_work_returns_what_it_computes_and_passes_its_errors_on() -> None:
    async def main() -> None:
        bench = Workbench()
        assert await bench.run(divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await bench.run(divmod, 7, 0)
        assert bench.present == 0

    anyio.run(main)


def test_no_more_work_runs_at_once_than_there_are_places() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.01)
        with lock:
            running -= 1

    async def main() -> None:
        bench = Workbench(places=2, queue=20)
        async with anyio.create_task_group() as tasks:
            for _ in range(12):
                tasks.start_soon(bench.run, work)

    anyio.run(main)
    assert most == 2


def test_a_full_queue_is_told_to_come_back() -> None:
    release = threading.Event()

    async def main() -> None:
        bench = Workbench(places=1, queue=2, retry_after_seconds=7)
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(bench.run, release.wait)
            await anyio.sleep(0.05)
            with pytest.raises(
                Problem, match="3 computations are waiting already; try again in 7"
            ) as refused:
                await bench.run(release.wait)
            release.set()
        assert (refused.value.status_code, refused.value.headers) == (503, {"Retry-After": "7"})
        assert await bench.run(int) == 0

    anyio.run(main)
