"""The vocabulary keeps the order of first appearance."""

import pytest

from app.text.vocabulary import UnknownWordError, by_first_appearance, encode
from app.text.words import split


def test_order_is_first_appearance_never_alphabet_or_frequency() -> None:
    assert by_first_appearance(split("mat cat mat"), split("apple cat")) == ("mat", "cat", "apple")


def test_ids_are_rows_of_the_vocabulary() -> None:
    assert encode(split("Rat rat mat"), ("cat", "mat", "rat")) == (2, 2, 1)


def test_unknown_word_is_named_with_its_position() -> None:
    with pytest.raises(UnknownWordError, match=r'^word 3, "Dog", is not in the vocabulary$') as caught:
        encode(split("cat mat Dog dog"), ("cat", "mat"))
    assert (caught.value.position, caught.value.word.token) == (3, "dog")
