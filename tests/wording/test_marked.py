"""Nothing that people read goes past the catalogue: bare text in a template, or a sentence in the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Names and notation: the same in every language.
NAMES = {"Unrolled", "Enter", "Esc", "Home", "End", "Tab", "JSON", "PyTorch", "Keras"}
SPOKEN = ("stage", "pages", "figures", "exports/worksheet")  # rooms whose sentences are on a page
MARKED = {"_", "N_", "n_"}
# What these are given is for programs, developers or an error's one wording, which is English.
UNSPOKEN = {"fault", "FieldError", "Problem", "AssertionError", "ValueError", "KeyError", "RuntimeError"}
SENTENCE = re.compile(r"^[A-Z“][^<>=]*\b[a-z]+ [a-z]+ [a-z]+\b[^<>=]*[.?:]\s?$")


def bare(template: str) -> Iterator[str]:
    """Words in a template that stand outside of every mark: between tags, and in what is read aloud."""
    text = re.sub(r"{#.*?#}|{% trans.*?{% endtrans %}", "", template, flags=re.S)
    text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.S)
    text = re.sub(r"<script\b.*?</script>|<code>.*?</code>|<kbd>.*?</kbd>", "", text, flags=re.S)
    read = re.findall(r'\b(?:aria-label|title|placeholder)="([^"]*)"', text)
    for piece in (*read, *re.split(r"<[^>]*>", text)):
        words = re.findall(r"(?<![&\w.])[A-Za-z]{3,}(?![;\w]|\.\d)", piece)
        yield from (word for word in words if word not in NAMES)


@pytest.mark.parametrize("path", sorted((ROOT / "templates").glob("*.html")), ids=lambda path: path.name)
def test_a_template_marks_all_that_it_says(path: Path) -> None:
    assert not list(bare(path.read_text()))


def sentences(path: Path) -> Iterator[str]:
    """Whole sentences of a module that nothing marks."""
    tree = ast.parse(path.read_text())
    aside: set[ast.AST] = set()
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        name = called.id if isinstance(called, ast.Name) else ""
        if name in MARKED | UNSPOKEN or isinstance(node, ast.Raise):
            aside.update(ast.walk(node))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            aside.add(node.value)  # a docstring
    for node in ast.walk(tree):
        if node not in aside and isinstance(node, ast.Constant) and isinstance(node.value, str):
            if SENTENCE.match(node.value):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.value[:60]}"


def test_no_sentence_of_the_source_goes_unmarked() -> None:
    paths = (path for room in SPOKEN for path in sorted((ROOT / "app" / room).rglob("*.py")))
    assert not [found for path in paths for found in sentences(path)]


TERM = re.compile(r"(?<![\w<&/])(?!softmax|tanh|su[bpm])[a-z]{2,}(?![\w<>])")


def terms(source: str) -> Iterator[str]:
    """Words in what the lines of the inspector are called, which nothing marks."""
    for node in ast.walk(ast.parse(source)):
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id
        if named in ("line", "Line"):
            told = node.args[0]
            pieces = told.values if isinstance(told, ast.JoinedStr) else [told]
            texts = [piece.value for piece in pieces if isinstance(piece, ast.Constant)]
            yield from (word for text in texts for word in TERM.findall(str(text)))


def test_no_term_of_the_inspector_goes_unmarked() -> None:
    rooms = sorted((ROOT / "app" / "stage" / "inspection").glob("*.py"))
    assert not [(path.name, word) for path in rooms for word in terms(path.read_text())]
    found = terms('line(f"{name}, unit {k}", 1.0); Line("= this entry", ""); line("W<sub>hy</sub>", 2.0)')
    assert list(found) == ["unit", "this", "entry"]


def test_these_tests_would_find_one() -> None:
    assert list(bare('<p title="Say it">{{ _("Say") }} more</p>')) == ["Say", "more"]
    assert SENTENCE.match("The state is weighed once for each word.")
