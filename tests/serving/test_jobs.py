"""Worker processes: answers, killed workers, jobs nobody waits for, and how many there may be."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.experiments.errors import ExperimentError
from app.serving.jobs import ATTEMPTS, Jobs, Worker
from app.serving.problems import Problem
from tests.serving import chores


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    found = Jobs(places=1, queue=1, retry_after_seconds=3, seconds=20)
    yield found
    found.close()


def gone(worker: Worker, seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if worker.process.poll() is not None:
            return True
        time.sleep(0.01)
    return False


async def told(jobs: Jobs, most: int, seconds: float = 0.0) -> list[bytes | None]:
    job = jobs.enter(chores.count, most, seconds)
    try:
        return [answer async for answer in job.answers()]
    finally:
        job.leave()


def test_messages_come_in_order_and_the_result_last(jobs: Jobs) -> None:
    assert asyncio.run(told(jobs, 3)) == [b"0", b"1", b"2", b"done"]
    assert not jobs.present


def test_no_process_is_started_before_there_is_work(jobs: Jobs) -> None:
    assert not jobs.workers and jobs._threads is None


def test_a_worker_is_another_process_and_is_kept(jobs: Jobs) -> None:
    first, second = asyncio.run(jobs.run(chores.pid)), asyncio.run(jobs.run(chores.pid))
    assert first == second != str(os.getpid()).encode()
    assert asyncio.run(jobs.run(chores.threads)) == b"1"


def test_the_job_of_a_killed_worker_is_done_again_and_tells_nothing_twice(
    jobs: Jobs, tmp_path: Path
) -> None:
    async def scenario() -> list[bytes | None]:
        job = jobs.enter(chores.die_once, str(tmp_path / "mark"))
        try:
            return [answer async for answer in job.answers()]
        finally:
            job.leave()

    assert asyncio.run(scenario()) == [b"begun", b"half", b"done"]
    assert len(jobs.workers) == 1


def test_an_idle_worker_that_was_killed_is_replaced(jobs: Jobs) -> None:
    first = asyncio.run(jobs.run(chores.pid))
    os.kill(int(first), signal.SIGKILL)
    assert asyncio.run(jobs.run(chores.pid)) != first
    assert len(jobs.workers) == 1


def test_a_job_that_kills_every_worker_is_given_up(jobs: Jobs) -> None:
    with pytest.raises(Problem, match=f"begun {ATTEMPTS} times") as caught:
        asyncio.run(jobs.run(chores.die))
    assert caught.value.status_code == 503 and not jobs.workers
    assert asyncio.run(jobs.run(chores.pid))


def test_errors_travel(jobs: Jobs) -> None:
    with pytest.raises(ExperimentError, match="seed must be another, got 7") as caught:
        asyncio.run(jobs.run(chores.refuse))
    assert caught.value.errors[0].value == 7
    with pytest.raises(RuntimeError, match="UnspeakableError: 1 and 2"):
        asyncio.run(jobs.run(chores.fail))


def test_a_job_is_stopped_when_nobody_waits_any_more(jobs: Jobs) -> None:
    async def scenario() -> Worker:
        waiting = asyncio.ensure_future(told(jobs, 10_000, 0.01))
        while not jobs.workers:
            await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        (worker,) = jobs.workers or {None}
        assert worker is not None
        return worker

    worker = asyncio.run(scenario())
    assert gone(worker) and not jobs.present
    assert asyncio.run(told(jobs, 1)) == [b"0", b"done"]


def test_a_job_may_not_take_for_ever() -> None:
    jobs = Jobs(places=1, seconds=0.8)
    try:
        with pytest.raises(Problem, match=r"took longer than 0\.8 seconds"):
            asyncio.run(told(jobs, 10_000, 0.01))
        assert not jobs.workers
    finally:
        jobs.close()


def test_a_full_queue_is_told_when_to_come_back(jobs: Jobs) -> None:
    kept = [jobs.enter(chores.pid) for _ in range(2)]
    with pytest.raises(Problem, match="2 computations are waiting already") as caught:
        jobs.enter(chores.pid)
    assert caught.value.status_code == 503 and caught.value.headers == {"Retry-After": "3"}
    kept[0].leave()
    jobs.enter(chores.pid).leave()


def test_the_loop_goes_on_while_workers_work(jobs: Jobs) -> None:
    async def scenario() -> int:
        waiting = asyncio.ensure_future(told(jobs, 20, 0.01))
        turns = 0
        while not waiting.done():
            turns += 1
            await asyncio.sleep(0.001)
        return turns

    assert asyncio.run(scenario()) > 50


def test_closing_ends_every_process() -> None:
    jobs = Jobs(places=2)

    async def scenario() -> None:
        await asyncio.gather(*(told(jobs, 2, 0.05) for _ in range(2)))

    asyncio.run(scenario())
    workers = list(jobs.workers)
    assert len(workers) == 2
    jobs.close()
    assert all(worker.process.poll() is not None for worker in workers)
