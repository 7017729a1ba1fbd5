"""A worker process: jobs come in by its standard input, answers leave by its standard output.

A frame is a byte that says what it is, the length as 8 bytes, and so many bytes. A request is a pickled
function with its arguments; the function may send messages before it returns its result, all of them bytes.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
from collections.abc import Callable
from typing import IO, Any

HEAD = struct.Struct(">cQ")
REQUEST, MESSAGE, RESULT, ERROR = b"q", b"m", b"r", b"e"

Send = Callable[[bytes], None]
Work = Callable[..., bytes]
"""A function of the module it stands in: (send, ...) -> result."""


def write_frame(sink: IO[bytes], kind: bytes, payload: bytes) -> None:
    """One frame, on its way at once."""
    sink.write(HEAD.pack(kind, len(payload)))
    sink.write(payload)
    sink.flush()


def read_frame(source: IO[bytes]) -> tuple[bytes, bytes]:
    """The next frame. Raises EOFError where the other side has gone."""
    kind, length = HEAD.unpack(_exactly(source, HEAD.size))
    return kind, _exactly(source, length)


def _exactly(source: IO[bytes], length: int) -> bytes:
    found = source.read(length)
    if len(found) < length:
        raise EOFError("the other side has gone")
    return found


def request(work: Work, *args: Any) -> bytes:
    """A job as it travels."""
    return pickle.dumps((work, args), pickle.HIGHEST_PROTOCOL)


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """One job after the other, until nobody asks any more."""
    while True:
        try:
            _, asked = read_frame(source)
        except EOFError:
            return
        write_frame(sink, *_done(asked, lambda message: write_frame(sink, MESSAGE, message)))


def _done(asked: bytes, send: Send) -> tuple[bytes, bytes]:
    try:
        work, args = pickle.loads(asked)
        return RESULT, work(send, *args)
    except BrokenPipeError:
        raise SystemExit(0) from None  # nobody waits for the answer
    except Exception as error:
        return ERROR, _pickled(error)


def _pickled(error: Exception) -> bytes:
    """The error, or its words where it cannot travel itself."""
    try:
        written = pickle.dumps(error)
        pickle.loads(written)
        return written
    except Exception:
        return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))


def main() -> None:
    """Work for the process that started this one. That decides when to end, not a key in its terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a job may print is no answer
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
