"""Does anything notice a wrong sign or a wrong index on the way back?

    .venv/bin/python tests/mutation/mutate_engine.py [part of a mutant's name]

Each mutant is a copy of the engine with one sign flipped or one index moved in the code that differentiates.
The tests run against it until one fails. Survivors are counted and named; the exit status is 1 when there are
any.
"""

import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGETS = {
    "cells/elman.py": {"vjp", "linearise"},
    "cells/lstm.py": {"pull", "vjp", "linearise"},
    "cells/gru.py": {"pull", "vjp", "vjp_in_rooms", "tiled", "linearise"},
    "cells/lstm_abreast.py": {"linearise", "pull", "pull_last", "pulls"},
    "cells/gru_abreast.py": {"linearise", "pulls"},
    "abreast.py": {"matrix_back", "side_by_side", "cotangents_abreast", "adding_up_abreast"},
    "judge.py": {
        "tape_from_losses", "differentiate_one", "differentiate_few", "differentiate_readout",
        "differentiate_outside", "differentiate_words",
    },
    "cotangents.py": {"pull_back"},
    "jacobians.py": {"of_one_gate", "pulled_units", "pull_rows"},
    "local.py": {"hold"},
    "losses.py": {"bce_pull", "bce_pull_one"},
    "softmax.py": {"pull", "step_weights"},
    "activations.py": {"tanh_slope", "tanh_flatness", "relu_slope"},
    "credit.py": {"carried_back"},
    "walk.py": {"steps_inside"},
    "way_back.py": {"steps_back", "cut_behind", "way_back", "steps_with_a_past"},
    "blank.py": {
        "tape_back", "linearising", "adding_up", "others_of",
        "add_up_outside", "readout_gradients",
    },
}
"""The functions that differentiate; sigmoid_slope and gate_slopes are even and squared, and have no sign."""
ARITHMETIC = {"add", "subtract", "multiply", "divide", "reciprocal", "square"}
WRONG = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult}
GATES = {"I": "F", "F": "G", "G": "O", "O": "I", "R": "Z", "Z": "N", "N": "R"}
QUICK = [
    "test_golden.py",
    "test_golden_cells.py",
    "test_batches.py",
    "test_update.py",
    "test_losses.py",
    "test_few_units.py",
]
SLOW = [
    "test_activations.py",
    "test_gradient_check.py",
    "test_contributions.py",
    "test_sequences.py",
    "test_extremes.py",
    "test_finite.py",
    "test_norms.py",
    "test_riding.py",
]


class Sites(ast.NodeVisitor):
    """Every place in a function where a sign or an index can be wrong, with what to do there."""

    def __init__(self) -> None:
        self.found: list[tuple[ast.AST, str]] = []

    def visit_Call(self, node: ast.Call) -> None:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in ARITHMETIC:
            for index, argument in enumerate(node.args[:-1] or node.args):
                if not isinstance(argument, ast.Starred):
                    self.found.append((node, f"negate {index}"))
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
            self.found.append((node, "operator"))
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """A sum; what is joined to a tape is none."""
        if ast.unparse(node.target) != "tape":
            self.found.append((node, "operator"))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.USub):
            self.found.append((node, "minus"))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, int | float) and float(node.value).is_integer():
            self.found.append((node, "constant"))

    def visit_Compare(self, node: ast.Compare) -> None:
        """Left alone: what is compared says which way a number is found, not what it is."""

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in GATES and isinstance(node.ctx, ast.Load):
            self.found.append((node, "gate"))


def change(node: ast.AST, how: str) -> None:
    """Make the one mistake, in place."""
    if how.startswith("negate") and isinstance(node, ast.Call):
        index = int(how.split()[1])
        node.args[index] = ast.UnaryOp(ast.USub(), node.args[index])
    elif isinstance(node, ast.BinOp | ast.AugAssign):
        node.op = WRONG[type(node.op)]()
    elif isinstance(node, ast.UnaryOp):
        node.op = ast.UAdd()
    elif isinstance(node, ast.Constant):
        node.value = 1 - node.value if node.value in (0, 1) else node.value - 1
    elif isinstance(node, ast.Name):
        node.id = GATES[node.id]


def sites_of(tree: ast.Module, functions: set[str]) -> list[tuple[ast.AST, str]]:
    """The sites of some functions, in the order of the source."""
    sites = Sites()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            for statement in node.body:
                sites.visit(statement)
    return sites.found


def mutants(engine: Path) -> Iterator[tuple[str, str, str]]:
    """Name, path and source of every mutant."""
    for path, functions in TARGETS.items():
        tree = ast.parse((engine / path).read_text())
        for index in range(len(sites_of(tree, functions))):
            wrong = copy.deepcopy(tree)
            node, how = sites_of(wrong, functions)[index]
            before, line = ast.unparse(node), getattr(node, "lineno", 0)
            change(node, how)
            ast.fix_missing_locations(wrong)
            yield f"{path}:{line} {before} -> {ast.unparse(node)}", path, ast.unparse(wrong)


def survives(house: Path) -> bool:
    """Whether the tests pass in a copy of the house."""
    for tests in (QUICK, SLOW):
        paths = [f"tests/engine/{name}" for name in tests]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *paths]
        try:
            # no bytecode: within a second two mutants of one size would share it
            environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
            run = subprocess.run(command, cwd=house, env=environment, capture_output=True, timeout=300)
            if run.returncode:
                return False
        except subprocess.TimeoutExpired:
            return False
    return True


def main() -> None:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    survivors, count = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        house = Path(scratch)
        for room in ("app/engine", "tests/engine", "tests/golden"):
            shutil.copytree(ROOT / room, house / room, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "app/__init__.py"):
            shutil.copy(ROOT / name, house / name)
        assert survives(house), "the tests must pass before anything is wrong"
        for name, path, source in list(mutants(house / "app/engine")):
            if wanted not in name:
                continue
            count += 1
            place = house / "app/engine" / path
            right = place.read_text()
            place.write_text(source)
            if survives(house):
                survivors.append(name)
                print("survived", name, flush=True)
            place.write_text(right)
    print(f"{count} mutants, {len(survivors)} survived")
    sys.exit(bool(survivors))


if __name__ == "__main__":
    main()
