"""The derivation is a whole document whose numbers are the run's, whatever was typed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from app.experiments.experiment import Experiment
from app.experiments.run import Run, run
from app.exports.latex.derivation import derivation
from app.exports.latex.writing import number, shown_steps, word
from tests.exports.cases import ELMAN, HOSTILE, OTHERS, elman, label, of_network

EVERY = [*ELMAN, *map(label, OTHERS)]
each_run = pytest.mark.parametrize("name", EVERY)


def found(name: str) -> Run:
    return elman(name) if name in ELMAN else of_network(OTHERS[EVERY.index(name) - len(ELMAN)])


def text_of(run: Run) -> str:
    return derivation(run).decode()


def value(tex: str) -> float:
    mantissa, _, exponent = tex.replace(r"\cdot 10^{", "e").removesuffix("}").partition("e")
    return float(mantissa) * 10 ** int(exponent or 0)


def rows(text: str, left: str) -> list[float]:
    """The row of numbers that an equation ends with."""
    body = text[text.index(f"{left} &=") :]
    body = re.split(r"\\\\\[2pt\]|\\end\{align\*\}", body)[0]
    inside = re.findall(r"\\begin\{pmatrix\} (.*?) \\end\{pmatrix\}", body)[-1]
    return [value(entry) for entry in inside.split(" & ") if r"\cdots" not in entry]


@each_run
def test_braces_environments_and_delimiters_are_balanced(name: str) -> None:
    text = text_of(found(name))
    plain = re.sub(r"\\[\\{}$%#&_]", "", text)
    depth = np.cumsum([{"{": 1, "}": -1}.get(letter, 0) for letter in plain])
    assert depth.min() >= 0 and depth[-1] == 0
    opened: list[str] = []
    for which, environment in re.findall(r"\\(begin|end)\{(\w+\*?)\}", text):
        if which == "begin":
            opened.append(environment)
        else:
            assert opened.pop() == environment
    assert not opened
    assert text.count(r"\left(") == text.count(r"\right)") and text.count(r"\[") - text.count(
        r"\\["
    ) == text.count(r"\]")
    assert not re.search(r"\b(nan|inf)\b", text)


@each_run
def test_rows_of_an_alignment_have_one_mark_and_matrices_fit_their_limit(name: str) -> None:
    for body in re.findall(r"\\begin\{align\*\}\n(.*?)\n\\end\{align\*\}", text_of(found(name)), re.S):
        outside = re.sub(r"\\begin\{pmatrix\}.*?\\end\{pmatrix\}", "", body)
        lines = re.split(r"\\\\(?:\[2pt\])?", outside)
        assert all(line.count("&") == 1 for line in lines), lines
        for matrix in re.findall(r"\\begin\{pmatrix\}(.*?)\\end\{pmatrix\}", body):
            counts = {line.count("&") for line in matrix.split(r"\\")}
            assert len(counts) == 1 and counts.pop() < 10


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX here")
@each_run
def test_tex_compiles_it(name: str, tmp_path: Path) -> None:
    (tmp_path / "run.tex").write_bytes(derivation(found(name)))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "run.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("name", ["the lecture", "mixed", "no bias", "sigmoid"])
def test_its_numbers_are_the_runs(name: str) -> None:
    run, near = found(name), {"abs": 6e-5}
    text = text_of(run)
    for t in range(1, len(run.words) + 1):
        assert rows(text, f"a_{{{t}}}") == pytest.approx(run.forward.preactivation[t - 1], **near)
        assert rows(text, f"h_{{{t}}}") == pytest.approx(run.forward.h[t - 1], **near)
        d_h = rf"\frac{{\partial L}}{{\partial h_{{{t}}}}}"
        assert rows(text, d_h) == pytest.approx(run.backward.d_h[t - 1], **near)
        delta = rf"\delta_{{{t}}} = \frac{{\partial L}}{{\partial a_{{{t}}}}}"
        assert rows(text, delta) == pytest.approx(run.backward.d_preactivation[t - 1], **near)
    assert number(run.loss) in text and number(run.update.predicted_loss) in text
    assert number(run.update.gradient_norm) in text


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_gates_of_a_cell_and_their_gradients_are_the_runs(cell: str) -> None:
    run, near = of_network({"cell": cell}), {"abs": 6e-5}
    text, hidden = text_of(run), run.network.hidden_size
    for k, (gate, values) in enumerate(run.forward.gates.items()):
        assert rows(text, f"{gate}_{{2}}") == pytest.approx(values[1], **near)
        block = run.backward.d_preactivation[1, k * hidden : (k + 1) * hidden]
        assert rows(text, rf"\delta^{gate}_{{2}}") == pytest.approx(block, **near)
    assert rows(text, "h_{2}") == pytest.approx(run.forward.h[1], **near)


def test_the_terms_of_a_sum_are_the_steps_contributions_and_add_up() -> None:
    run = elman("the lecture")
    body = text_of(run).split(r"\frac{\partial L}{\partial b_{h}} &=")[1].split(r"\end{align*}")[0]
    shown = [
        [value(entry) for entry in row.split(" & ")]
        for row in re.findall(r"\\begin\{pmatrix\} (.*?) \\end", body)
    ]
    assert np.array(shown[:-1]) == pytest.approx(run.gradients["left_to_right"]["b_h"].terms, abs=6e-5)
    assert np.sum(shown[:-1], axis=0) == pytest.approx(np.array(shown[-1]), abs=3e-4)


def test_a_bias_outside_is_added_after_f_and_its_gradient_is_told_so() -> None:
    outside, inside = text_of(elman("outside")), text_of(elman("the lecture"))
    assert r"\tanh(a_{1}) + b_h" in outside and r"\tanh(a_{1}) + b_h" not in inside
    assert r"\sum_{t=1}^{4} \frac{\partial L}{\partial h_t}" in outside


def test_a_long_sentence_shows_its_ends_and_says_what_it_leaves_out() -> None:
    run = elman("wide")
    text = text_of(run)
    steps = [int(t) - 1 for t in re.findall(r"\\textbf\{Step (\d+), ", text)]
    assert steps == shown_steps(len(run.words)) == [0, 1, 2, 15, 16, 17]
    assert "Steps 4 to 15 are computed like the others and left out" in text


@pytest.mark.parametrize("letter", list('\\{}$&#%_^~<>|"`'))
def test_a_letter_that_tex_would_read_is_written_out(letter: str) -> None:
    written = word(f"a{letter}b", 1)
    assert written.startswith("a\\") and written.endswith("b") and written != f"a{letter}b"


def test_a_word_in_another_script_has_a_way_out_for_pdftex() -> None:
    text = text_of(elman("hostile"))
    assert r"\other{" in text and r"\newcommand{\other}[2]{[word #1]}" in text
    assert word("मराठी", 9) == r"\other{9}{मराठी}" and word("naïve", 1) == "naïve"
    assert word("w" * 300, 1) == "w" * 23 + r"\ldots{}"
    assert HOSTILE not in text


def test_a_step_that_leaves_the_domain_is_told() -> None:
    run_ = run(Experiment(sentence="movie good", learning_rate=1e6, bias="outside"))
    assert run_.update.loss is None and "With these weights there is no loss" in text_of(run_)
