"""Numbers that are none are found in what was written."""

import orjson
import pytest

from app.api.answer import count_nulls


@pytest.mark.parametrize("count", [0, 1, 3])
def test_nulls_are_counted_beside_names_with_their_letters(count: int) -> None:
    written = orjson.dumps({"input": 1.5, "readout": [0.5, *[None] * count], "uull": -1e-9, "u": [[2.0]]})
    assert count_nulls(written) == count


def test_a_null_at_either_end_is_counted() -> None:
    assert count_nulls(b"null") == 1 and count_nulls(b"[1,null]") == 1 and count_nulls(b"") == 0
