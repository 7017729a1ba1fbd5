"""The vocabulary: the distinct tokens, each with a row number, in the order they first appear."""

from collections.abc import Iterable, Sequence

from app.text.words import Word


class UnknownWordError(ValueError):
    """A word of the sentence that an explicit vocabulary does not hold."""

    def __init__(self, word: Word, position: int) -> None:
        """word : the word as typed and encoded; position : its place in the sentence, from 1."""
        super().__init__(f'word {position}, "{word.typed}", is not in the vocabulary')
        self.word = word
        self.position = position


def by_first_appearance(*texts: Iterable[Word]) -> tuple[str, ...]:
    """The distinct tokens of the texts, in the order in which they first appear."""
    return tuple(dict.fromkeys(word.token for text in texts for word in text))


def encode(sentence: Sequence[Word], vocabulary: Sequence[str]) -> tuple[int, ...]:
    """The vocabulary row of each word of the sentence.

    Raises UnknownWordError naming the first word without a row.
    """
    row = {entry: index for index, entry in enumerate(vocabulary)}
    try:
        return tuple([row[word.token] for word in sentence])
    except KeyError:
        position, word = next(entry for entry in enumerate(sentence, 1) if entry[1].token not in row)
        raise UnknownWordError(word, position) from None
