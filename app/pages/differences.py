"""What two experiments differ in: in what was asked, in their weights, and in what came out, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import numpy as np

from app.engine.norms import norm
from app.experiments.experiment import Experiment
from app.experiments.run import Run
from app.figures.chart import sub
from app.figures.writing import number
from app.pages.form import OPTIONS
from app.wording.catalogue import N_, _

LABELS = {
    "sentence": N_("Sentence"), "target": N_("Label"), "corpus": N_("Corpus"), "reviews": N_("Reviews"),
    "vocabulary": N_("Vocabulary"), "lowercase": N_("Capitals"), "task": N_("Task"), "cell": N_("Cell"),
    "activation": N_("Activation f"), "bias": N_("Bias"), "loss": N_("Loss"),
    "hidden_size": N_("Hidden units"), "bidirectional": N_("Direction"),
    "initial_state": N_("First state"), "seed": N_("Seed"),
    "recurrent_radius": N_("Radius of W_hh"), "forget_bias": N_("Bias of the forget gate"),
    "parameters": N_("Weights by hand"), "learning_rate": N_("Learning rate η"), "clip_norm": N_("Clip"),
    "epochs": N_("Epochs before this run"), "steps": N_("Steps of training after them"),
    "weights": N_("Weights"), "edits": N_("Weights typed over"),
}  # fmt: skip
CELL_NAMES = {"elman": "RNN", "lstm": "LSTM", "gru": "GRU"}
CHAINS = {"left_to_right": N_("left to right"), "right_to_left": N_("right to left")}
NONE = N_("none")
UNTOLD = ("sentence", "cell", "reviews", "vocabulary", "parameters", "edits", "steps")  # too long for a name
LISTED = 6  # edits and words of a vocabulary that are written out
DIGITS = 5
NAMED = 28  # characters of a sentence that names a side


class Piece(NamedTuple):
    """Some text, and whether the other side has something else there."""

    text: str
    differs: bool = True


@dataclass(frozen=True)
class Asked:
    """A field in which two experiments differ."""

    label: str
    a: tuple[Piece, ...]
    b: tuple[Piece, ...]


@dataclass(frozen=True)
class Figure:
    """A number of both, or a shape. name : HTML. said : how they compare. differs : whether they do."""

    name: str
    a: str
    b: str
    said: str
    differs: bool


@dataclass(frozen=True)
class Step:
    """‖∂L/∂h_t‖ of both at a step; empty where a sentence is over. more : the side of the larger one."""

    t: int
    word_a: str
    a: str
    word_b: str
    b: str
    said: str
    more: str


@dataclass(frozen=True)
class Lane:
    """The steps of one direction."""

    direction: str
    steps: tuple[Step, ...]

    @property
    def two_texts(self) -> bool:
        """Whether the words of the two are not the same."""
        return any(step.word_a != step.word_b for step in self.steps)


@dataclass(frozen=True)
class Differences:
    """Everything that two runs differ in. names : what to call them."""

    names: tuple[str, str]
    asked: tuple[Asked, ...]
    weights: tuple[Figure, ...]
    results: tuple[Figure, ...]
    lanes: tuple[Lane, ...]


def differences(a: Run, b: Run) -> Differences:
    """How two runs differ."""
    return Differences(
        names=names(a.experiment, b.experiment),
        asked=tuple(asked(a.experiment, b.experiment)),
        weights=tuple(weights(a, b)),
        results=tuple(results(a, b)),
        lanes=tuple(_lane(chain, a, b) for chain in CHAINS if chain in a.parameters or chain in b.parameters),
    )


def names(a: Experiment, b: Experiment) -> tuple[str, str]:
    """Each by its cell and the first field that tells it from the other, or by its sentence alone."""
    told = [name for name in LABELS if name not in UNTOLD and _differs(a, b, name)]
    if a.cell == b.cell and not told and a.sentence != b.sentence:
        return _quoted(a), _quoted(b)
    if a.cell != b.cell or not told:
        return CELL_NAMES[a.cell], CELL_NAMES[b.cell]
    field = told[0]
    one, other = (
        f"{CELL_NAMES[each.cell]}, {_(LABELS[field]).lower()} {said(each, field)}" for each in (a, b)
    )
    return one, other


def _quoted(experiment: Experiment) -> str:
    text = experiment.sentence
    return f"“{text if len(text) <= NAMED else text[: NAMED - 1] + '…'}”"


def asked(a: Experiment, b: Experiment) -> Iterator[Asked]:
    """The fields in which they differ, in their order."""
    for name, label in LABELS.items():
        if not _differs(a, b, name):
            continue
        if name == "sentence":
            yield Asked(_(label), *_words([word.typed for word in a.words], [word.typed for word in b.words]))
        else:
            yield Asked(_(label), (Piece(said(a, name)),), (Piece(said(b, name)),))


def _differs(a: Experiment, b: Experiment, name: str) -> bool:
    return bool(getattr(a, name) != getattr(b, name))


def _words(a: Sequence[str], b: Sequence[str]) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """The words of both, those marked that the other does not have there."""
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    mine = {block.a + k for block in blocks for k in range(block.size)}
    other = {block.b + k for block in blocks for k in range(block.size)}
    one = tuple(Piece(word, k not in mine) for k, word in enumerate(a))
    return one, tuple(Piece(word, k not in other) for k, word in enumerate(b))


def said(experiment: Experiment, name: str) -> str:
    """The value of a field in words."""
    value = getattr(experiment, name)
    if name in _SAID:
        return _SAID[name](value)
    if value is None or value == ():
        return NONE
    text = str(value).lower() if isinstance(value, bool) else str(value)
    found = dict(OPTIONS.get(name, ())).get(text)
    return text if found is None else _(found)


_SAID: dict[str, Callable[[Any], str]] = {
    "cell": lambda cell: CELL_NAMES[cell],
    "steps": lambda steps: str(len(steps)) if steps else NONE,
    "lowercase": lambda folded: "folded" if folded else "kept",
    "reviews": lambda reviews: _("{count} of your own", count=len(reviews)) if reviews else NONE,
    "vocabulary": lambda words: _listed(words) if words else _("from the corpus"),
    "parameters": lambda values: _groups(values.given()) if values is not None else NONE,
    "edits": lambda edits: _listed(
        [f"{e.name.rpartition('.')[2]}[{', '.join(map(str, e.index))}] = {e.value:g}" for e in edits]
    ),
    "initial_state": lambda state: state if isinstance(state, str) else _listed([f"{v:g}" for v in state]),
}


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - LISTED
    return (
        ", ".join(texts[:LISTED]) + (" " + _("and {more} more", more=more) if more > 0 else "")
        if texts
        else NONE
    )


def _groups(given: dict[str, dict[str, Any]]) -> str:
    return _listed([name for values in given.values() for name in values])


def weights(a: Run, b: Run) -> Iterator[Figure]:
    """Every parameter of either: its shapes, and how far the values of one are from the other's."""
    for group, values in (b.parameters | a.parameters).items():
        for name in values:
            one, other = (run.parameters.get(group, {}).get(name) for run in (a, b))
            where = (
                f" {_(CHAINS[group])}" if len(a.parameters) != len(b.parameters) and group in CHAINS else ""
            )
            yield Figure(sub(name) + where, _shape(one), _shape(other), *_apart(one, other))


def _shape(values: Any) -> str:
    return NONE if values is None else " × ".join(map(str, values.shape))


def _apart(one: Any, other: Any) -> tuple[str, bool]:
    if one is None or other is None:
        return _("only {side} has it", side="A" if other is None else "B"), True
    if one.shape != other.shape:
        return _("another shape"), True
    furthest = float(np.abs(one - other).max())
    return (
        (_("the same"), False)
        if furthest == 0.0
        else (_("differ by up to {size}", size=number(furthest, 3)), True)
    )


def results(a: Run, b: Run) -> Iterator[Figure]:
    """What came out of both; a quantity that one of them does not have is left out."""
    for name, value in RESULTS.items():
        one, other = value(a), value(b)
        if one is not None and other is not None:
            told = compared(one, other)
            yield Figure(_(name), number(one, DIGITS), number(other, DIGITS), told, one != other)
    theirs = b.gradients
    for group, name in ((g, n) for g, sums in a.gradients.items() for n in sums if n in theirs.get(g, {})):
        one, other = (norm(run.gradients[group][name].total) for run in (a, b))
        label = f"‖∂L/∂{sub(name)}‖{' ' + _(CHAINS[group]) if group == 'right_to_left' else ''}"
        yield Figure(label, number(one, DIGITS), number(other, DIGITS), compared(one, other), one != other)


RESULTS: dict[str, Callable[[Run], float | None]] = {
    N_("Prediction ŷ"): lambda run: float(run.forward.y_hat[0]) if run.forward.y_hat.shape == (1,) else None,
    N_("Loss L"): lambda run: run.loss,
    N_("Loss after one step of the update"): lambda run: run.update.loss,
    N_("Norm of the whole gradient"): lambda run: run.update.gradient_norm,
    N_("Parameters"): lambda run: float(
        sum(v.size for group in run.parameters.values() for v in group.values())
    ),
}


def compared(a: float, b: float) -> str:
    """How b compares to a, in words."""
    if a == b:
        return _("the same")
    if a == 0.0 or b == 0.0:
        return _("only {side} is not 0", side="A" if b == 0.0 else "B")
    if (a < 0.0) != (b < 0.0):
        return _("of opposite sign")
    ratio = abs(b / a) if np.isfinite(b / a) else 0.0
    if ratio == 0.0:
        return _("{side} is larger", side="B" if abs(b) > abs(a) else "A")
    return _("B is {size} times A", size=number(ratio, 3))


def _lane(chain: str, a: Run, b: Run) -> Lane:
    both = [(run.words, _norms(run, chain)) for run in (a, b)]
    longest = max(len(norms) for _, norms in both)
    steps = (_step(t, *(_at(t, *each) for each in both)) for t in range(1, longest + 1))
    return Lane(_(CHAINS[chain]), tuple(steps))


def _norms(run: Run, chain: str) -> list[float]:
    found = run.backward.chains.get(chain)
    return [] if found is None else [float(value) for value in found.d_h_norm]


def _at(t: int, words: tuple[str, ...], norms: list[float]) -> tuple[str, float | None]:
    return (words[t - 1], norms[t - 1]) if t <= len(norms) else ("", None)


def _step(t: int, a: tuple[str, float | None], b: tuple[str, float | None]) -> Step:
    (word_a, one), (word_b, other) = a, b
    texts = ["" if value is None else number(value, DIGITS) for value in (one, other)]
    if one is None or other is None:
        return Step(
            t,
            word_a,
            texts[0],
            word_b,
            texts[1],
            _("only {side} has it", side="B" if one is None else "A"),
            "",
        )
    more = "" if one == other else "a" if one > other else "b"
    return Step(t, word_a, texts[0], word_b, texts[1], compared(one, other), more)
