"""What a newcomer's two commands rest on: locks, versions, licences, the image's recipe."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from app.settings import VERSION, Settings, settings

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-test.lock": PROJECT["dependency-groups"]["test"],
}


def pins(lock: str) -> dict[str, set[str]]:
    """Each locked package with its versions: NumPy has one for each range of Pythons."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / lock).read_text(), re.M):
        found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_package_by_hash_and_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = [entry for entry in re.split(r"\n(?=\S)", text.strip()) if not entry.startswith("#")]
    assert all(
        re.match(r"[a-z0-9.-]+==\S+( ;[^\\]+)? \\\n    --hash=sha256:[0-9a-f]{64}", e) for e in entries
    )
    assert "://" not in text and "find-links" not in text and "index" not in text


@pytest.mark.parametrize(("lock", "declared"), LOCKS.items())
def test_a_lock_holds_what_the_project_declares(lock: str, declared: list[str]) -> None:
    names = {re.split(r"[><=;\s\[]", requirement)[0].lower() for requirement in declared}
    assert names <= pins(lock).keys(), "run `make lock`"


def test_the_two_locks_agree_where_they_overlap() -> None:
    runtime, test = pins("requirements.lock"), pins("requirements-test.lock")
    assert {
        name: (runtime[name], test[name])
        for name in runtime.keys() & test.keys()
        if runtime[name] != test[name]
    } == {}


def test_torch_stays_optional() -> None:
    assert "torch" not in pins("requirements.lock").keys() | pins("requirements-test.lock").keys()


def test_one_version_is_told_everywhere(client) -> None:
    assert PROJECT["project"]["version"] == VERSION == client.get("/openapi.json").json()["info"]["version"]
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()


VENDORED = sorted(path for path in (ROOT / "static/vendor").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", VENDORED, ids=lambda path: path.name)
def test_code_of_others_comes_with_its_version_and_licence(folder: Path) -> None:
    assert re.fullmatch(r"\S+ \d+\.\d+\.\d+\n", (folder / "VERSION").read_text())
    assert (folder / "LICENSE").stat().st_size > 100
    assert folder.name in (ROOT / "static/vendor/README.md").read_text()


def test_every_make_command_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"\bmake ([a-z-]+)", (ROOT / "README.md").read_text()))
    assert {"run", "test"} <= named <= targets


def test_continuous_integration_runs_what_everybody_runs() -> None:
    script = ROOT / ".ci/run"
    assert re.search(r"^make test$", script.read_text(), re.M)
    assert script.stat().st_mode & 0o111


def test_the_image_runs_unprivileged_without_a_shell_and_tells_its_health() -> None:
    stages = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.M)[1:]
    assert len(stages) == 2 and all(stage.startswith("python:3.13-slim") for stage in stages)
    final = stages[-1]
    assert re.search(r"^USER (?!root)\w+$", final, re.M)
    assert re.search(r"^HEALTHCHECK ", final, re.M) and re.search(r"^EXPOSE 8000$", final, re.M)
    assert re.search(r'^CMD \["python", "-m", "app"\]$', final, re.M)
    assert not re.search(r"gcc|build-essential|apt-get", final)


def test_what_the_product_reads_at_run_time_is_let_into_the_image() -> None:
    let_in = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.M))
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))}
    assert folders - {"tests", "docs"} <= let_in
    assert {"requirements.lock", "LICENSE"} <= let_in


def test_every_limit_is_set_by_the_environment_and_says_its_unit(monkeypatch) -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, f"{name} has no docstring"
    monkeypatch.setenv("UNROLLED_MAX_WORDS", "17")
    assert Settings().max_words == 17


def test_settings_are_read_once_and_cannot_be_changed() -> None:
    assert settings() is settings()
    with pytest.raises(ValueError, match="frozen"):
        settings().max_words = 1  # type: ignore[misc]


def test_makefile_recipes_parse() -> None:
    for target in ("run", "test", "install", "bench", "lint", "bench-deps"):
        subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)
