"""Words: cut from any script, folded to one spelling, the typed form kept."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text.words import split, token


def tokens(text: str, lowercase: bool = True) -> list[str]:
    return [word.token for word in split(text, lowercase)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("don't stop", ["don't", "stop"]),
        ("naïve café", ["naïve", "café"]),
        ("मराठी भाषा", ["मराठी", "भाषा"]),
        ("👩‍🏫 teaches", ["👩‍🏫", "teaches"]),
        ("snake_case __ _", ["snake_case"]),
        ("3.14 and 1,000", ["3.14", "and", "1,000"]),
        ("R2-D2", ["r2", "d2"]),
        ("🇮🇳🇬🇧", ["🇮🇳", "🇬🇧"]),
        ("good👍🏽bye", ["good", "👍🏽", "bye"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("ما هذا؟", ["ما", "هذا"]),
        ("क्‍ष", ["क्‍ष"]),
        ("a\x00b", ["a", "b"]),
        (" \u0301x", ["\u0301", "x"]),
        ("\x00\u0301", ["\u0301"]),
        ("tab\tand\nline", ["tab", "and", "line"]),
        ("<b>bold</b>", ["b", "bold", "b"]),
        ("", []),
        ("  \t\n", []),
        ("?! … — () \u200b \u202e", []),
    ],
)
def test_words_of_a_text(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@given(st.text("ab Z", max_size=20))
def test_letters_and_spaces_are_cut_as_any_text_is(text: str) -> None:
    """The full stop is no word, and asks for Unicode's boundaries."""
    assert split(text) == split(text + ".")


def test_composed_and_decomposed_accents_are_one_word() -> None:
    composed, decomposed = "café", unicodedata.normalize("NFD", "café")
    assert composed != decomposed
    assert tokens(composed) == tokens(decomposed) == [composed]


def test_both_apostrophes_are_one_word() -> None:
    assert tokens("don’t") == tokens("don't") == ["don't"]


def test_typed_form_is_kept_beside_the_folded_one() -> None:
    assert [(word.typed, word.token) for word in split("Rat RAT rat")] == [
        ("Rat", "rat"), ("RAT", "rat"), ("rat", "rat"),
    ]  # fmt: skip


def test_case_stays_when_lowercase_is_off() -> None:
    assert tokens("Rat rat", lowercase=False) == ["Rat", "rat"]


def test_folding_goes_further_than_lower_case() -> None:
    assert tokens("Straße STRASSE") == ["strasse", "strasse"]


def test_direction_marks_and_soft_hyphens_do_not_tell_words_apart() -> None:
    typed = "co\u00adop\u202eerate"
    assert [(word.typed, word.token) for word in split(typed)] == [(typed, "cooperate")]


def test_joiners_tell_words_apart() -> None:
    assert tokens("क्ष") != tokens("क्‍ष")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.booleans())
def test_folding_twice_changes_nothing(text: str, lowercase: bool) -> None:
    once = token(text, lowercase)
    assert token(once, lowercase) == once


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_typed_forms_stand_in_the_text_in_order(text: str) -> None:
    place = 0
    for word in split(text):
        place = text.index(word.typed, place) + len(word.typed)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.booleans())
def test_no_word_is_empty_or_space(text: str, lowercase: bool) -> None:
    for word in split(text, lowercase):
        assert word.token.strip() and word.typed == word.typed.strip()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.booleans())
def test_a_token_is_one_word_that_is_its_own_token(text: str, lowercase: bool) -> None:
    for word in split(text, lowercase):
        assert tokens(word.token, lowercase) == [word.token]


@given(st.text())
def test_any_text_has_words_without_an_error(text: str) -> None:
    assert isinstance(split(text), tuple)
