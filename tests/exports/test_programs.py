"""A program to take along gives the run's numbers when it is run, with nothing but its library."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.run import Run, run
from app.exports.programs.keras_program import keras_program
from app.exports.programs.numpy_program import numpy_program
from app.exports.programs.pytorch_program import pytorch_program
from tests.exports.cases import ELMAN, OTHERS, elman, label, of_network

MOST = 10**6
PROGRAMS: dict[str, Callable[[Run, int], bytes]] = {
    "numpy": numpy_program,
    "torch": pytorch_program,
    "keras": keras_program,
}
# Keras multiplies in 32 bits but with TensorFlow.
TOLERANCES = {"numpy": 1e-12, "torch": 1e-12, "keras": 5e-6}
each_library = pytest.mark.parametrize("library", PROGRAMS)


def executed(library: str, found: Run) -> dict[str, Any]:
    pytest.importorskip(library)
    names: dict[str, Any] = {}
    exec(compile(PROGRAMS[library](found, MOST), library, "exec"), names)
    return names


def plain(value: Any) -> Any:
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)


def same_numbers(library: str, found: Run) -> dict[str, Any]:
    names, near = executed(library, found), {"rtol": TOLERANCES[library], "atol": TOLERANCES[library]}
    np.testing.assert_allclose(plain(names["y_hat"]), found.forward.y_hat, **near)
    np.testing.assert_allclose(plain(names["loss"]), found.loss, **near)
    for group, gradients in found.gradients.items():
        assert names["gradients"][group].keys() == gradients.keys()
        for name, gradient in gradients.items():
            wanted = [gradient.total, found.update.parameters[group][name]]
            got = [plain(names[kind][group][name]) for kind in ("gradients", "updated")]
            if len(got[0]) < len(wanted[0]):  # the rows of W_xh that are read
                assert name == "W_xh"
                wanted = [values[sorted(set(found.ids))] for values in wanted]
            for one, other in zip(got, wanted, strict=True):
                np.testing.assert_allclose(one, other, **near, err_msg=f"{group}.{name}")
    return names


@each_library
@pytest.mark.parametrize("name", ELMAN)
def test_a_program_reproduces_the_run(library: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    names = same_numbers(library, elman(name))
    assert names["words"] == list(elman(name).words)
    printed = capsys.readouterr().out
    assert "y_hat = " in printed and "loss = " in printed and "dL/dW_hh of left_to_right" in printed


@each_library
@pytest.mark.parametrize("fields", OTHERS, ids=label)
def test_a_program_reproduces_the_run_of_every_network(library: str, fields: dict[str, Any]) -> None:
    same_numbers(library, of_network(fields))


@pytest.mark.parametrize(
    "fields", [fields for fields in OTHERS if fields["bias"] in ("inside", "none")], ids=label
)
def test_pytorchs_own_layer_gives_the_same_states(fields: dict[str, Any]) -> None:
    assert executed("torch", of_network(fields))["difference"] < 1e-12


@pytest.mark.parametrize("activation", ["sigmoid", "identity"])
def test_a_layer_that_pytorch_does_not_have_is_not_shown(activation: str) -> None:
    source = pytorch_program(run(Experiment(sentence="good", activation=activation)), MOST).decode()
    assert "torch.nn.RNN" not in source and "torch.nn.RNN" in pytorch_program(elman("relu"), MOST).decode()


@each_library
@pytest.mark.parametrize("name", ["the lecture", "hostile", "mixed"])
def test_a_program_imports_its_library_and_what_that_stands_on_alone(library: str, name: str) -> None:
    tree = ast.parse(PROGRAMS[library](elman(name), MOST))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported == {library} | ({"numpy"} if library == "keras" else set())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def test_the_numpy_program_stands_alone(tmp_path: Path) -> None:
    file = tmp_path / "run.py"
    file.write_bytes(numpy_program(elman("the lecture"), MOST))
    said = subprocess.run(
        [sys.executable, "-I", str(file)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "loss = 1.284684086253162" in said.stdout and not said.stderr


@each_library
def test_a_word_cannot_break_out_of_its_literal(library: str) -> None:
    """Words are letters and marks with what binds them, yet nothing of them may be read as code."""
    sentence = "don't \u2028 x\u200dy 'a' \"b\" \\n \r\n 3.5 $f ${bias}"
    found = run(Experiment(sentence=sentence))
    tree = ast.parse(PROGRAMS[library](found, MOST))
    words = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "words"
    )
    assert words == list(found.words)


@each_library
def test_a_large_vocabulary_is_cut_to_the_words_read_and_says_so(library: str) -> None:
    source = PROGRAMS[library](elman("a large vocabulary"), MOST).decode()
    assert "W_xh has 1502 rows; here are the 2 of the words that are read" in source


@each_library
def test_a_network_too_large_for_a_program_is_refused_with_the_rule(library: str) -> None:
    found = elman("the lecture")
    with pytest.raises(ExperimentError, match="at most 30 numbers to be written into a program, got 31"):
        PROGRAMS[library](found, 30)
    assert PROGRAMS[library](found, 31)
