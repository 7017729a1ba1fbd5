"""The house keeps its rules: who imports whom, how long a file may be, what must stand nowhere."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "app"
STANDARD = frozenset(sys.stdlib_module_names)

# A room's own modules and the standard library are open to it; `app/settings.py` is a room of one file.
MAY_IMPORT = {
    "engine": {"numpy"},
    "text": {"regex"},
    "settings": {"pydantic", "pydantic_settings"},
    "experiments": {
        "app.engine", "app.text", "app.settings", "app.wording", "numpy", "pydantic", "pydantic_core",
    },
    "numerals": {"numpy"},
    "wording": set(),
    "stage": {"app.engine", "app.experiments", "app.numerals", "app.wording", "numpy", "regex"},
    "figures": {"app.engine", "app.experiments", "app.numerals", "app.wording", "numpy"},
    "exports": {"app.engine", "app.experiments", "app.text", "app.wording", "numpy"},
    "labs": {
        "app.experiments", "app.engine", "app.text", "app.figures", "app.numerals", "app.stage",
        "app.wording", "numpy",
    },
    "lessons": {
        "app.experiments", "app.engine", "app.text", "app.figures", "app.numerals", "app.stage", "numpy",
    },
    "serving": {
        "app.settings", "app.wording", "anyio", "brotli", "fastapi", "isal", "orjson", "pydantic",
        "rcssmin", "starlette", "uvicorn", "zstandard",
    },
    "api": {
        "app.experiments", "app.engine", "app.text", "app.labs", "app.lessons", "app.serving", "app.settings",
        "anyio", "fastapi", "numpy", "orjson", "pydantic", "starlette",
    },
    "pages": {
        "app.experiments", "app.engine", "app.text", "app.labs", "app.lessons", "app.serving", "app.settings",
        "app.stage", "app.figures", "app.exports", "app.numerals", "app.wording", "anyio", "fastapi",
        "jinja2", "markupsafe", "numpy", "orjson", "starlette",
    },
    "main": {
        "app.api", "app.pages", "app.experiments", "app.serving", "app.settings", "fastapi", "starlette",
    },
    "__main__": {"app.serving", "app.settings"},
    "__init__": set(),
}  # fmt: skip
# The command starts the application, so this one file of `serving` looks up to `main`.
ALSO = {"serving/command.py": {"app.main"}}
CAPS = {"app/**/*.py": 300, "static/js/**/*.js": 160, "static/**/*.css": 500, "templates/**/*": 250}


def sources() -> list[Path]:
    return sorted(APP.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The names a module imports: app.<room> for our own, the top package for others."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "app." * bool(node.level) + (node.module or "")
            names.update(f"app.{alias.name}" for alias in node.names) if base == "app" else names.add(base)
    return {".".join(name.split(".")[: 2 if name.startswith("app.") else 1]) for name in names}


def room(path: Path) -> str:
    return path.relative_to(APP).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(APP).as_posix())
def test_a_room_imports_only_what_it_may(path: Path) -> None:
    allowed = MAY_IMPORT[room(path)] | ALSO.get(path.relative_to(APP).as_posix(), set())
    foreign = imported(path) - allowed - STANDARD - {f"app.{room(path)}"}
    assert not foreign, f"{room(path)} may not import {sorted(foreign)}"


def test_api_and_pages_never_import_each_other_nor_stage_and_figures() -> None:
    for one, other in (("api", "pages"), ("pages", "api"), ("stage", "figures"), ("figures", "stage")):
        assert f"app.{other}" not in MAY_IMPORT[one]


def test_web_frameworks_stay_in_the_rooms_that_face_the_web() -> None:
    facing = {"api", "pages", "serving", "main"}
    for name, allowed in MAY_IMPORT.items():
        assert name in facing or not allowed & {"fastapi", "starlette", "jinja2"}, name


def test_a_cell_is_looked_up_and_never_asked_for_by_name() -> None:
    """Variation is a record in a dict. A comparison with a cell's name is a case that the next one breaks."""
    cells = {"elman", "lstm", "gru"}
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((APP / "engine").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant) and side.value in cells
    ]
    assert not found


@pytest.mark.parametrize(("pattern", "most"), CAPS.items())
def test_no_file_outgrows_its_room(pattern: str, most: int) -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for path in ROOT.glob(pattern)
        if path.is_file() and "vendor" not in path.parts
    }
    assert not {name: length for name, length in lengths.items() if length > most}


def test_no_function_passes_fifty_lines() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= 50
        and not holds_functions(node)
    }
    assert not long


def holds_functions(node: ast.AST) -> bool:
    """Whether it only gathers others, as a router of routes does; those are measured one by one."""
    return any(
        isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) for inner in ast.iter_child_nodes(node)
    )


def written(*patterns: str) -> list[Path]:
    """Tracked and new files that match; what others wrote is left out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    names = listed.stdout.splitlines()
    if listed.returncode != 0:  # An archive of the project has no history.
        names = walked(ROOT, *patterns)
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def walked(root: Path, *patterns: str) -> list[str]:
    """The same without git: every file but hidden ones and those of tools, whose folders start with a dot."""
    files = (path.relative_to(root) for path in sorted(root.rglob("*")) if path.is_file())
    kept = [path for path in files if not any(part.startswith(".") for part in path.parts[:-1])]
    return [path.as_posix() for path in kept if any(matches(path, pattern) for pattern in patterns)]


def matches(path: Path, pattern: str) -> bool:
    """As git reads a pattern: a folder means all that is in it, and a star any folder too."""
    return fnmatch(path.as_posix(), pattern.removeprefix("./") or "*") or pattern in (".", "*") or (
        Path(pattern) in path.parents
    )


def test_an_archive_without_history_is_looked_through_as_well(tmp_path: Path) -> None:
    for name in ("a.py", "app/b.py", ".venv/c.py", "app/d.txt", ".ci/run"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert walked(tmp_path, "*.py") == ["a.py", "app/b.py"]
    assert walked(tmp_path, "app") == ["app/b.py", "app/d.txt"]
    assert walked(tmp_path, ".") == ["a.py", "app/b.py", "app/d.txt"]


def offences(files: list[Path], pattern: str) -> list[str]:
    found = []
    for path in files:
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        lines = (text.count("\n", 0, match.start()) + 1 for match in re.finditer(pattern, text))
        found += [f"{path.relative_to(ROOT)}:{line}" for line in lines]
    return found


def own(files: list[Path]) -> list[Path]:
    return [path for path in files if "vendor" not in path.parts]


def test_nothing_that_the_policy_blocks_is_written_into_markup() -> None:
    files = own(written("templates/**", "app/**", "static/js/**", "static/docs/**"))
    assert not offences(files, r"""\sstyle=["'{]|\son[a-z]{3,}=["'{]|\bhx-on\b|javascript:|<style\b""")
    assert not offences(
        own(written("templates/**", "app/**")),
        r"""<script(?![^>]*\s(?:src=|type="(?:application/json|text/plain)"))[^>]*>""",
    )


def test_templates_do_no_arithmetic() -> None:
    """They place and loop over what a context gives; a sum in a template is a number nobody tests."""
    sums = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
    environment, found = Environment(extensions=["jinja2.ext.i18n"]), []
    environment.newstyle_gettext = True  # type: ignore[attr-defined]  # blanks are named, not divided out
    for path in written("templates/**"):
        tree = environment.parse(path.read_text())
        found += [f"{path.relative_to(ROOT)}:{node.lineno}" for node in tree.find_all(sums)]
        filters = (node for node in tree.find_all(nodes.Filter) if node.name in {"sum", "abs", "round"})
        found += [f"{path.relative_to(ROOT)}:{node.lineno} {node.name}" for node in filters]
    assert not found


def test_scripts_leave_the_network_to_htmx() -> None:
    files = own(written("static/js/**"))
    assert not offences(
        files, r"\bfetch\s*\(|XMLHttpRequest|\beval\s*\(|new Function|innerHTML\s*=|document\.write"
    )


def test_no_literal_of_a_script_runs_over_lines() -> None:
    # Lines that look like comments are left out when a script is served.
    for path in own(written("static/js/**")):
        assert all(line.count("`") % 2 == 0 for line in path.read_text(encoding="utf-8").splitlines()), path


def test_nothing_large_is_styled_by_what_it_has() -> None:
    # The browser looks through it again at every change inside: milliseconds in each frame of an animation.
    assert not offences(own(written("static/css/**")), r"(?<!\.addends\.told)(?<!\.gatecard):has\(")


def test_no_address_of_a_package_index_and_no_path_of_a_machine_is_committed() -> None:
    index = r"(?:py" r"pi|python" r"hosted|npm" r"js|deb\.deb" r"ian)\.(?:org|com)"
    machine = r"(?<![A-Za-z0-9_.])/(?:wo" r"rk|fa" r"rm|home|Users)/"
    files = written(".")
    assert files
    assert not offences(files, index)
    assert not offences(own(files), machine)


def test_no_lock_with_addresses_is_tracked() -> None:
    names = {path.name for path in written(".")}
    assert not names & {
        "uv.lock",
        "pylock.toml",
        "package-lock.json",
        "yarn.lock",
        "poetry.lock",
        "Pipfile.lock",
    }
