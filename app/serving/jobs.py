"""Work in processes of its own: supervised, bounded, and stopped when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.serving.problems import Problem
from app.serving.worker import ERROR, MESSAGE, REQUEST, RESULT, Work, read_frame, request, write_frame

ROOT = Path(__file__).resolve().parents[2]
ATTEMPTS = 3
BEAT_SECONDS = 10.0

Answer = tuple[bytes, bytes]
Deliver = Callable[["Answer | Exception"], None]


class WorkerLostError(Exception):
    """A worker process ended in the middle of its job."""


class Worker:
    """A process that does one job at a time. It ends by itself when this process does."""

    def __init__(self) -> None:
        # Small products stall on OpenBLAS's second thread, and there is a process for each core as it is.
        environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.serving.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=environment,
        )  # fmt: skip
        self.ready = True

    def ask(self, asked: bytes) -> Iterator[Answer]:
        """Every message of a job as it comes, and last its result or its error. Raises WorkerLostError."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.ready = False
        try:
            write_frame(self.process.stdin, REQUEST, asked)
            kind = MESSAGE
            while kind == MESSAGE:
                kind, payload = read_frame(self.process.stdout)
                self.ready = kind != MESSAGE
                yield kind, payload
        except (OSError, EOFError, ValueError) as error:
            raise WorkerLostError from error

    @property
    def alive(self) -> bool:
        """Whether it can take a job."""
        return self.ready and self.process.poll() is None

    def kill(self) -> None:
        """Stop it, whatever it is doing: a job that nobody waits for has nothing to tidy up."""
        self.process.kill()

    def bury(self) -> None:
        """Kill it and let go of its pipes; for the one thread that reads from it."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(OSError):  # what was still to be written has no reader
                pipe.close()


def error_of(payload: bytes) -> Exception:
    """What the work raised. A worker is trusted: it runs the code of this very program."""
    error: Exception = pickle.loads(payload)
    return error


class Job:
    """One piece of work on its way through the workers. It counts as present until `leave`."""

    def __init__(self, jobs: Jobs, asked: bytes) -> None:
        self.jobs, self.asked = jobs, asked
        self.lock = threading.Lock()
        self.worker: Worker | None = None
        self.stopped = self.late = False

    async def answers(self) -> AsyncIterator[bytes | None]:
        """The messages, and last the result; None after each while of silence.

        Raises what the work raised, and Problem 503 for work that takes too long or kills its workers.
        """
        loop, queue = asyncio.get_running_loop(), asyncio.Queue[Answer | Exception]()

        def deliver(answer: Answer | Exception) -> None:
            with suppress(RuntimeError):  # the loop that waited has ended
                loop.call_soon_threadsafe(queue.put_nowait, answer)

        self.jobs.threads().submit(self.conduct, deliver)
        try:
            while True:
                try:
                    answer = await asyncio.wait_for(queue.get(), BEAT_SECONDS)
                except TimeoutError:
                    yield None
                    continue
                if isinstance(answer, Exception):
                    raise answer
                yield answer[1]
                if answer[0] == RESULT:
                    return
        finally:
            self.stop()

    async def result(self) -> bytes:
        """What the work returns; it sends no messages."""
        found = [answer async for answer in self.answers() if answer is not None]
        return found[-1]

    def conduct(self, deliver: Deliver) -> None:
        """Have the work done, by another worker where one is killed: the same question gives the same answer,
        so what was told already is passed over. Runs in a thread, of which there are as many as workers."""
        try:
            answer = self.last_answer(deliver)
            if answer is not None:
                deliver(answer)
        except Exception as error:  # no process could be started, for one
            deliver(error)

    def last_answer(self, deliver: Deliver) -> Answer | Exception | None:
        """The result, or what went wrong, once the worker is free again; None when nobody waits for it."""
        told = 0
        for _ in range(ATTEMPTS):
            worker = self.take()
            if worker is None:
                return None
            clock = threading.Timer(self.jobs.seconds, self.expire)
            clock.start()
            try:
                for place, (kind, payload) in enumerate(worker.ask(self.asked)):
                    if kind == MESSAGE and place >= told:
                        told += 1
                        deliver((kind, payload))
                return error_of(payload) if kind == ERROR else (kind, payload)
            except WorkerLostError:
                if self.late:
                    return Problem(503, f"This took longer than {self.jobs.seconds:g} seconds")
            finally:
                clock.cancel()
                self.give_back(worker)
        return Problem(503, f"This was begun {ATTEMPTS} times, and each time the process was ended")

    def take(self) -> Worker | None:
        """A worker for this job; None when nobody waits for it any more."""
        with self.lock:
            if not self.stopped:
                self.worker = self.jobs.take()
            return self.worker

    def give_back(self, worker: Worker) -> None:
        """From here on the worker is another job's."""
        with self.lock:
            self.worker = None
        self.jobs.give_back(worker)

    def expire(self) -> None:
        self.late = True
        self.kill()

    def stop(self) -> None:
        """Nobody waits for it any more."""
        self.stopped = True
        self.kill()

    def kill(self) -> None:
        with self.lock:
            if self.worker is not None:
                self.worker.kill()

    def leave(self) -> None:
        """Make room for another."""
        self.stop()
        self.jobs.present.discard(self)


class Jobs:
    """A few worker processes, started when they are first needed, and a bounded number of jobs for them."""

    def __init__(
        self, places: int = 2, queue: int = 32, retry_after_seconds: int = 2, seconds: float = 120
    ) -> None:
        """seconds : that one job may take"""
        self.places, self.queue = places, queue
        self.retry_after_seconds, self.seconds = retry_after_seconds, seconds
        self.present: set[Job] = set()
        self.workers: set[Worker] = set()
        self.idle: list[Worker] = []
        self.lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None

    def enter(self, work: Work, *args: Any) -> Job:
        """A job that may go on; its owner calls `leave` when it is over.

        Raises Problem 503 with Retry-After when every place and the queue are taken.
        """
        if len(self.present) >= self.places + self.queue:
            wait = self.retry_after_seconds
            detail = f"{len(self.present)} computations are waiting already; try again in {wait} seconds"
            raise Problem(503, detail, headers={"Retry-After": str(wait)})
        job = Job(self, request(work, *args))
        self.present.add(job)
        return job

    async def run(self, work: Work, *args: Any) -> bytes:
        """What `work` returns. Raises what it raises, and Problem 503."""
        job = self.enter(work, *args)
        try:
            return await job.result()
        finally:
            job.leave()

    def threads(self) -> ThreadPoolExecutor:
        """The threads that watch the workers, one for each."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.places, thread_name_prefix="jobs")
        return self._threads

    def take(self) -> Worker:
        """An idle worker, or a new one."""
        while True:
            with self.lock:
                if not self.idle:
                    worker = Worker()
                    self.workers.add(worker)
                    return worker
                worker = self.idle.pop()
            if worker.alive:
                return worker
            self.give_back(worker)

    def give_back(self, worker: Worker) -> None:
        """A worker that has done its job, or was killed in the middle of it."""
        with self.lock:
            if worker.alive:
                self.idle.append(worker)
                return
            self.workers.discard(worker)
        worker.bury()

    def close(self) -> None:
        """End every job and every worker."""
        for job in list(self.present):
            job.stop()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
            self._threads = None
        for worker in list(self.workers):
            worker.bury()
        self.workers.clear()
        self.idle.clear()
