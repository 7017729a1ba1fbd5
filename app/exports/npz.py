"""A run as NumPy's archive: one array for each table, and the texts as JSON. `np.load` reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
from numpy.lib.format import write_array

from app.experiments.query import permalink
from app.experiments.run import Run
from app.exports.tables import Table, fitting, tables

ABOUT = "about"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first moment a zip archive can name


def npz(run: Run, most: int) -> bytes:
    """The archive; the same run gives the same bytes, and nothing in it is pickled.

    Its arrays are named as in the JSON API ("forward.left_to_right.h"). "about" is JSON in an array of shape
    (): experiment, permalink, words, tokens, vocabulary, and `omitted`, the arrays left out for their size.
    most : numbers in all the arrays together
    """
    kept, left_out = fitting(tables(run), most)
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        _add(archive, ABOUT, np.array(_about(run, left_out)))
        for table in kept:
            _add(archive, table.name, np.asarray(table.numbers(), np.float64, "C"))
    return file.getvalue()


def _about(run: Run, left_out: Iterable[Table]) -> str:
    return json.dumps(
        {
            "experiment": run.experiment.canonical(),
            "permalink": permalink(run.experiment),
            "words": run.words,
            "tokens": run.tokens,
            "vocabulary": run.vocabulary,
            "omitted": [table.name for table in left_out],
        }
    )


def _add(archive: ZipFile, name: str, values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> None:
    buffer = BytesIO()
    write_array(buffer, values, allow_pickle=False)
    entry = ZipInfo(f"{name}.npy", EARLIEST)
    entry.compress_type = ZIP_DEFLATED
    archive.writestr(entry, buffer.getvalue(), compresslevel=1)
