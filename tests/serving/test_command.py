from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from app.serving.command import address, listen, read_settings
from tests.conftest import ROOT, serve


def test_options_win_over_the_environment_and_the_environment_over_defaults(monkeypatch) -> None:
    monkeypatch.setenv("UNROLLED_PORT", "9001")
    monkeypatch.setenv("UNROLLED_ROOT_PATH", "/a")
    config = read_settings(["--root-path", "/b", "--open-browser"])
    assert (config.host, config.port, config.root_path, config.open_browser) == (
        "127.0.0.1",
        9001,
        "/b",
        True,
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--port", "70000"], "port: Input should be less than or equal to 65535, got 70000"),
     (["--log-level", "loud"], "log_level: String should match pattern")],
)  # fmt: skip
def test_a_wrong_option_is_named_with_its_rule(capsys, options: list[str], message: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        read_settings(options)
    assert message in capsys.readouterr().err


def test_a_wrong_environment_is_named_with_its_rule(monkeypatch, capsys) -> None:
    monkeypatch.setenv("UNROLLED_MAX_WORDS", "none")
    with pytest.raises(SystemExit, match="2"):
        read_settings([])
    assert "Unrolled cannot start: max_words: Input should be a valid integer" in capsys.readouterr().err


def test_a_taken_port_is_said_in_a_sentence_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "app", "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert (
        ended.stderr == f"Unrolled cannot start: port {port} on 127.0.0.1 is taken; try --port {port + 1}\n"
    )


def test_an_address_that_is_not_ours_is_said_in_a_sentence(capsys) -> None:
    with pytest.raises(SystemExit, match="1"):
        listen("not a host", 0)
    assert "port 0 on not a host cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_address_told_is_one_that_a_person_can_open(host: str) -> None:
    with listen(host, 0) as bound:
        assert address(bound, "/sub/") == f"http://127.0.0.1:{bound.getsockname()[1]}/sub/"


@pytest.mark.parametrize(("asked", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 0)])
def test_the_server_is_where_it_says_and_ends_gracefully(asked: signal.Signals, code: int) -> None:
    with serve("--root-path", "/sub") as server:
        assert server.url.endswith("/sub")
        assert httpx.get(server.url + "/healthz").json() == {"status": "ok"}
        assert httpx.get(server.url + "/healthz?sentence=private").headers.get("server") is None
        printed = server.stop(asked)
    assert server.process.returncode == code
    assert "Traceback" not in printed
    assert "Finished server process" in printed and "private" not in printed


def test_numpy_is_held_to_one_thread_by_the_command() -> None:
    program = "import runpy, sys, os; sys.argv = ['app', '--help']\n"
    program += "try: runpy.run_module('app', run_name='__main__')\nexcept SystemExit: pass\n"
    program += "print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines()[-1] == "1 False"


BLOCKS = """
import resource, sys
from app.serving.command import keep_freed_memory
if "keep" in sys.argv:
    keep_freed_memory()
def page():
    return [b"x" * (1 << 20) for _ in range(4)]
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
page()
before = faults()
for _ in range(20):
    page()
print(faults() - before)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="this C library has no mallopt")
def test_memory_that_a_request_frees_serves_the_next() -> None:
    def faults(*argument: str) -> int:
        asked = [sys.executable, "-c", BLOCKS, *argument]
        return int(subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    assert faults("keep") < 1000 < faults()  # pages of 4 KiB; each round takes a thousand
