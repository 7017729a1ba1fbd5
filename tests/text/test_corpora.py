"""The corpora of the notes, with what was assumed and mended said."""

import pytest

from app.text import words
from app.text.corpora import CORPORA, Review, custom, vocabulary
from app.text.encoding import one_hot
from app.text.vocabulary import encode

# Coverage rows are those of the lecture notes' coverage table.
CAT_MAT_RAT = CORPORA["catmatrat"]


def table(text: str, entries: tuple[str, ...]) -> list[list[int]]:
    return one_hot(encode(words.split(text), entries), len(entries))


def test_row_3_capital_r_is_kept_in_the_reviews() -> None:
    assert [review.text for review in CAT_MAT_RAT.reviews] == ["cat mat rat", "Rat rat mat", "mat mat cat"]


def test_labels_of_cat_mat_rat_are_marked_as_assumed() -> None:
    assert [review.label for review in CAT_MAT_RAT.reviews] == [1, 1, 0]
    assert CAT_MAT_RAT.labels_assumed and CAT_MAT_RAT.note is not None
    assert not CORPORA["movie"].labels_assumed


def test_row_4_rat_and_Rat_share_a_code_unless_case_is_kept() -> None:
    assert table("Rat rat mat", vocabulary("catmatrat")) == [[0, 0, 1], [0, 0, 1], [0, 1, 0]]
    assert len(vocabulary("catmatrat", lowercase=False)) == 4


def test_row_5_vocabulary_in_first_appearance_order() -> None:
    assert vocabulary("catmatrat") == ("cat", "mat", "rat")


def test_row_6_one_hot_tables() -> None:
    entries = vocabulary("catmatrat")
    assert table("cat mat rat", entries) == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert table("mat mat cat", entries) == [[0, 1, 0], [0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize(("index", "count"), [(0, 20), (1, 20), (2, 4), (3, 4)])
def test_row_25_cue_stands_first_with_the_stated_gap(index: int, count: int) -> None:
    review = CORPORA["maharashtra"].reviews[index]
    split = words.split(review.text)
    assert len(split) == count
    assert review.cue_index == 0 and split[0].typed == review.cue
    assert len(split) - 1 - review.cue_index == {20: 19, 4: 3}[count]


def test_row_25_twins_differ_in_the_cue_alone() -> None:
    reviews = CORPORA["maharashtra"].reviews
    for one, other in ((reviews[0], reviews[1]), (reviews[2], reviews[3])):
        assert words.split(one.text)[1:] == words.split(other.text)[1:]
        assert one.label != other.label


def test_mended_words_of_the_transcription_are_named() -> None:
    corpus = CORPORA["maharashtra"]
    assert corpus.note is not None and "Marathi" in corpus.note
    assert not any("malat" in review.text.casefold() for review in corpus.reviews)


def test_row_45_movie_reviews_and_labels() -> None:
    assert [(review.text, review.label) for review in CORPORA["movie"].reviews] == [
        ("movie was good", 1), ("movie was bad", 0), ("movie was not good", 0),
    ]  # fmt: skip


def test_rows_46_and_48_movie_codes_in_dictionary_order() -> None:
    entries = vocabulary("movie")
    assert entries == ("movie", "was", "good", "bad", "not")
    assert table("movie not", entries) == [[1, 0, 0, 0, 0], [0, 0, 0, 0, 1]]


def test_row_49_rows_are_timesteps_columns_features() -> None:
    assert table("movie was bad", vocabulary("movie")) == [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 1, 0]]


def test_custom_reviews_have_no_cue() -> None:
    corpus = custom([Review("hi my name", 1)])
    assert corpus.name == "custom" and corpus.reviews[0].cue_index is None
