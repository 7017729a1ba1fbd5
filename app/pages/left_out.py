"""What of the weights that were given for one network another leaves out, and why, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from app.experiments import places
from app.experiments.experiment import Experiment
from app.experiments.fields import Edit
from app.experiments.query import to_pairs
from app.figures.chart import said, sub
from app.pages.differences import CELL_NAMES
from app.pages.edits import weight_of
from app.pages.refitting import Before, Pairs
from app.stage.weights import PRIMES
from app.wording.catalogue import N_, _

MOST = 4  # reasons that are told
ANOTHER_CELL = N_("{names}, made for the {what}")
NOT_THERE = N_("{names}, which this network does not have")
NO_WORD = N_("{names} of {what}, not in the vocabulary")
ANOTHER_SIZE = N_("{names}, now of size {what}")
Reason = tuple[str, str]  # one of these sentences, and what it is about


def left_out(sent: Pairs, before: Before, asked: Experiment) -> Markup:
    """The sentence as HTML; nothing where all is kept.

    sent : the question as it was sent from the page before; weights that it did not send were taken back.
    """
    shown, reasons = before.weighed(sent), dict[Reason, dict[str, None]]()
    if shown is None:
        return Markup()
    for symbol, reason in (*_parameters(sent, shown, asked), *_edits(sent, shown, asked)):
        reasons.setdefault(reason, {})[symbol] = None
    told = [_(why, names=", ".join(names), what=what) for (why, what), names in reasons.items()]
    if len(told) > MOST:
        told[MOST:] = [_("and {more} more", more=len(told) - MOST)]
    whole = _("Given weights that no longer fit were left out: {what}.", what="; ".join(told))
    return Markup(whole if told else "")


def _parameters(sent: Pairs, shown: Experiment, asked: Experiment) -> Iterator[tuple[str, Reason]]:
    """Symbol and reason of each parameter whose values were sent along and are left out."""
    if shown.parameters is None or _written(shown, "parameters")[0] not in sent:
        return
    kept = asked.parameters.given() if asked.parameters else {}
    for group, names in shown.parameters.given().items():
        for name in names:
            if name not in kept.get(group, {}):
                symbol = sub(f"{name[0]}{PRIMES.get(group, '')}{name[1:]}")
                yield symbol, _why(shown, asked, f"{group}.{name}")


def _edits(sent: Pairs, shown: Experiment, asked: Experiment) -> Iterator[tuple[str, Reason]]:
    """The same of each entry that was typed over."""
    kept, pairs = {(edit.name, edit.index) for edit in asked.edits}, set(sent)
    for edit, pair in zip(shown.edits, _written(shown, "edit"), strict=True):
        there = places.carried(shown, asked, edit)
        if pair in pairs and not (there and (there.name, there.index) in kept):
            weight = weight_of(shown, edit.name, places.numbered(shown, edit.name, edit.index) or ())
            if weight:
                yield weight.symbol, _why(shown, asked, edit.name, edit, weight.gate is not None)


def _written(shown: Experiment, name: str) -> list[tuple[str, str]]:
    return [pair for pair in to_pairs(shown) if pair[0] == name]


def _why(
    shown: Experiment, asked: Experiment, name: str, edit: Edit | None = None, gate: bool = False
) -> Reason:
    """The reason. gate : whether what is told is one gate's block of a parameter."""
    group, _dot, key = name.partition(".")
    shape = places.shapes(asked).get(group, {}).get(key)
    if asked.cell != shown.cell:
        return ANOTHER_CELL, CELL_NAMES[shown.cell]
    if shape is None:
        return NOT_THERE, ""
    if edit and places.unknown_word(asked, edit):
        return NO_WORD, ", ".join(said(part) for part in edit.index if isinstance(part, str))
    return ANOTHER_SIZE, " × ".join(map(str, (*shape[:-1], asked.hidden_size) if gate else shape))
