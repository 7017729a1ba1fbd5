"""Work for worker processes, as tests need it."""

import os
import signal
import time
from pathlib import Path

from app.experiments.errors import ExperimentError, fault
from app.serving.worker import Send


def pid(send: Send) -> bytes:
    return str(os.getpid()).encode()


def count(send: Send, most: int, seconds: float) -> bytes:
    """Tells every number below `most`, with a pause after each."""
    for number in range(most):
        send(str(number).encode())
        time.sleep(seconds)
    print("what is printed is no answer")
    return b"done"


def die_once(send: Send, mark: str) -> bytes:
    """Kills its own process the first time."""
    send(b"begun")
    send(b"half")
    if not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return b"done"


def die(send: Send) -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def refuse(send: Send) -> bytes:
    raise ExperimentError([fault("seed", "another", 7)])


class UnspeakableError(Exception):
    """One that cannot travel."""

    def __init__(self, one: int, other: int) -> None:
        super().__init__(f"{one} and {other}")


def fail(send: Send) -> bytes:
    raise UnspeakableError(1, 2)


def threads(send: Send) -> bytes:
    return os.environ["OPENBLAS_NUM_THREADS"].encode()
