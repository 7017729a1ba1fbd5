"""A way on from an address whose weights do not fit its network, such as a form sends without scripts.

The address itself is refused as it stands: whoever asked decides whether to go on without what does not fit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.experiments import places, query
from app.experiments.consistency import implied_hidden_size
from app.experiments.errors import ExperimentError, presentable_text
from app.experiments.experiment import Experiment
from app.pages import view
from app.pages.refitting import by_word


@dataclass(frozen=True)
class Offer:
    """What of a refused address can be run.

    kept, left : names of the weights that stay as given, and that do not
    drawn : words of the sentence whose rows of W_xh were not given
    """

    experiment: Experiment
    kept: tuple[str, ...]
    left: tuple[str, ...]
    drawn: tuple[str, ...]


def offered(pairs: Sequence[tuple[str, str]], aside: Collection[str] = ()) -> Offer | None:
    """An address without those of its weights that do not fit; None where something else is wrong with it."""
    try:
        said = query.parse(pairs, (*aside, *view.NAMES))
        size = implied_hidden_size(said)
        given, edits = said.pop("parameters", None), said.pop("edits", [])
        asked = Experiment(**({"hidden_size": size} if size else {}) | said)
    except ExperimentError:
        return None
    found, kept, left = asked, list[str](), list[str]()
    drawn: tuple[str, ...] = ()
    for group, name, value in _weights(given):
        more = _with(found, group, name, value)
        if more is None and name == "W_xh":
            more = _with(found, group, name, _longer(asked, group, value))
            drawn = asked.entries[len(value) :] if more else drawn
        (kept if more else left).append(presentable_text(f"{group}.{name}"))
        found = more or found
    standing = [edit for edit in edits if places.would_stand(asked, edit)]
    for edit in edits:
        place = presentable_text(places.written(edit["name"], edit["index"]))
        (kept if edit in standing else left).append(place)
    whole = _changed(found, edits=standing)
    return Offer(whole, tuple(kept), tuple(left), drawn) if whole and (left or drawn) else None


def _weights(given: Any) -> Iterator[tuple[str, str, Any]]:
    """Group, name and value of each weight, whatever was written as such."""
    for group, names in given.items() if isinstance(given, Mapping) else ():
        for name, value in names.items() if isinstance(names, Mapping) else ():
            yield group, name, value


def _with(found: Experiment, group: str, name: str, value: Any) -> Experiment | None:
    """The experiment with one weight more; None where it does not fit."""
    given = found.parameters.given() if found.parameters else {}
    return _changed(found, parameters={**given, group: {**given.get(group, {}), name: value}})


def _longer(asked: Experiment, group: str, rows: Any) -> Any:
    """W_xh with a row for every word of the sentence that is new.

    No page stands before this one to tell which words the rows belong to: they are known where there are as
    many as the corpus has words.
    """
    words = tuple(dict.fromkeys(asked.corpus_tokens()))
    whole = isinstance(rows, list) and len(rows) == len(words) and all(isinstance(row, list) for row in rows)
    fits = whole and asked.vocabulary is None and group in asked.network.chains
    return by_word(words, asked, group, rows) if fits else rows


def _changed(found: Experiment, **changes: Any) -> Experiment | None:
    try:
        return found.changed(**changes)
    except ExperimentError:
        return None
