"""The catalogue: complete in English, up to date, and true to its keys in every other language."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.pages.scripted import scripted, sentences
from app.wording.catalogue import (
    BLANK,
    CATALOGUES,
    ENGLISH,
    LANGUAGES,
    LOCALE,
    N_,
    _,
    kept_by_language,
    n_,
    speaking,
)

ROOT = Path(__file__).resolve().parents[2]
OTHERS = [name for name in LANGUAGES if name != ENGLISH]
KEYWORDS: dict = {"_": None, "N_": None, "say": None, "n_": (1, 2), "gettext": None, "ngettext": (1, 2)}
Key = str | tuple[str, ...]


@cache
def gathered() -> frozenset[Key]:
    """Every sentence that the source and the templates mark."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    options = {mapping["pattern"]: mapping for mapping in mappings}
    found = extract_from_dir(ROOT, methods, options, KEYWORDS, directory_filter=is_ours)
    return frozenset(message for _file, _line, message, _comments, _context in found)


def is_ours(folder: str) -> bool:
    """Folders in which sentences stand."""
    top = Path(folder).resolve().relative_to(ROOT).parts[:1]
    return top in ((), ("app",), ("static",), ("templates",))


def written(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def keys(catalogue: Catalog) -> set[Key]:
    return {message.id if isinstance(message.id, str) else tuple(message.id) for message in catalogue} - {""}


@cache
def translated(name: str) -> Catalog:
    return written(LOCALE / name / "LC_MESSAGES" / "unrolled.po")


def pairs(name: str) -> list[tuple[str, str]]:
    """Each English text that has a translation, with it; of a plural every form."""
    found = []
    for message in translated(name):
        if message.id and isinstance(message.id, str):
            found.append((message.id, message.string))
        elif message.id:
            found += list(zip(message.id, message.string, strict=True))
    return [(english, said) for english, said in found if said]


def test_the_catalogue_holds_every_sentence_of_the_source() -> None:
    assert keys(written(LOCALE / "unrolled.pot")) == gathered(), "run `make catalogue`"


def test_what_scripts_say_is_gathered_and_goes_with_the_page() -> None:
    assert set(sentences()) <= gathered()
    assert scripted() == {}
    with speaking("hi"):
        assert scripted().keys() == set(sentences()) and scripted()["Pause"] != "Pause"


@pytest.mark.parametrize("name", OTHERS)
def test_a_language_knows_every_sentence_translated_or_not(name: str) -> None:
    assert keys(translated(name)) == gathered(), "run `make catalogue`"


@pytest.mark.parametrize("name", OTHERS)
def test_what_the_product_reads_is_what_the_translator_wrote(name: str) -> None:
    for message in translated(name):
        if message.id and isinstance(message.id, str):
            said = CATALOGUES[name].gettext(message.id)
            assert said == (message.string or message.id), "run `make catalogue`"
        elif message.id and all(message.string):
            assert [CATALOGUES[name].ngettext(*message.id, n) for n in (1, 5)] == list(message.string)


def blanks(text: str) -> Counter[str]:
    """The names of the blanks, of either kind."""
    named = re.findall(r"%\((\w+)\)s", text)
    return Counter([*named, *(name for _text, name, _how, _as in string.Formatter().parse(text) if name)])


def marks(text: str) -> Counter[str]:
    """Tags and references to characters."""
    return Counter(re.findall(r"<[^>]+>|&#?\w+;", text))


@pytest.mark.parametrize("name", OTHERS)
def test_a_translation_keeps_blanks_and_markup(name: str) -> None:
    wrong = [
        (english, said)
        for english, said in pairs(name)
        # A translation may say a thing twice, but nothing may be lost or added; it may stand in an attribute.
        if set(blanks(english)) != set(blanks(said))
        or marks(english) != marks(said)
        or english.count('"') != said.count('"')
    ]
    assert not wrong


@pytest.mark.parametrize("name", OTHERS)
def test_a_translation_is_another_text(name: str) -> None:
    """Copied English would pass for a translation that is there."""
    said = [english for english, there in pairs(name) if english == there and re.search(r"[a-z]{4}", english)]
    assert len(said) < 20, said


def test_a_language_without_words_for_it_says_it_in_english() -> None:
    with speaking("hi"):
        assert _("no such sentence of {count}", count=3) == "no such sentence of 3"
        assert n_("one thing", "{count} things", 4) == "4 things"
        assert N_("Play") == "Play"
        assert _("Play") != "Play"
    assert _("Play") == "Play"


def test_what_is_kept_is_kept_for_its_language_alone() -> None:
    @kept_by_language(4)
    def said(times: int) -> str:
        made.append(times)
        return _("Play") * times

    made: list[int] = []
    english = said(2)
    with speaking("hi"):
        assert said(2) == said(2) != english
    assert said(2) == english == "PlayPlay"
    assert made == [2, 2]


def test_blanks_are_filled_and_everything_else_is_text() -> None:
    assert _("{a} is 5 % of {b}", a="{b}", b="%s") == "{b} is 5 % of %s"
    assert _("nothing, 100 %") == "nothing, 100 %"
    assert _("{{x}} of {row}: %{{z:.6~g}}", row="unit") == "{x} of unit: %{z:.6~g}"
    with pytest.raises(KeyError):
        _("{a} and {b}", a=1)


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every place in the source where a sentence is said as it stands, with its file."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "n_"):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_no_sentence_hides_in_another_string() -> None:
    """What gathers sentences does not look into an f-string, before Python 3.12 at least."""
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "app").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("_", "n_")
        if any(isinstance(argument, ast.Constant) for argument in call.args)
    ]
    assert not hidden


def test_every_blank_is_filled_and_nothing_else_is_given() -> None:
    wrong = []
    for place, call in calls():
        constants = (arg.value for arg in call.args if isinstance(arg, ast.Constant))
        texts = [text for text in constants if isinstance(text, str)]
        given = {keyword.arg for keyword in call.keywords} | ({"count"} if call.func.id == "n_" else set())
        blanks = (found[2] for text in texts for found in BLANK.finditer(text))
        asked = {name for name in blanks if name} | given & {"count"}
        if texts and asked != given:
            wrong.append((place, asked ^ given))
    assert not wrong
