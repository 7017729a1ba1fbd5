"""One-hot codes: a single 1 in each row."""

from app.text.encoding import one_hot


def test_rows_are_timesteps_and_columns_features() -> None:
    assert one_hot((0, 2), 3) == [[1, 0, 0], [0, 0, 1]]


def test_rows_do_not_share_memory() -> None:
    table = one_hot((0, 0), 2)
    table[0][1] = 9
    assert table[1] == [1, 0]
