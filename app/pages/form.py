"""The question as a form: one control for each field, with what was typed and what is wrong with it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from app.engine.cells import CELLS, Cell
from app.engine.network import TASKS, WITHIN_GATES
from app.experiments.errors import FieldError
from app.experiments.experiment import Experiment
from app.text.corpora import CORPORA, CUSTOM
from app.wording.catalogue import N_, _, kept_by_language

OPTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "task": (("sentiment", N_("sentiment")), ("next_word", N_("next word"))),
    "cell": (("elman", "Elman"), ("lstm", "LSTM"), ("gru", "GRU")),
    "corpus": (*((name, name) for name in CORPORA), (CUSTOM, N_("your own"))),
    "weights": (("drawn", N_("drawn")), ("lecture", N_("the lecture’s"))),
    "bidirectional": (("false", N_("one way")), ("true", N_("both ways"))),
    "activation": (("tanh", "tanh"), ("sigmoid", "sigmoid"), ("relu", "ReLU"), ("identity", N_("identity"))),
    "bias": (
        ("inside", N_("inside f")),
        ("outside", N_("outside f")),
        ("mixed", N_("mixed")),
        ("none", N_("none")),
    ),
    "loss": (("bce", N_("cross-entropy")), ("mse", N_("squared")), ("difference", "y \u2212 \u0177")),
}
# name, label, what the control is for
CONTROLS = (
    ("task", N_("Task"), N_("What is predicted: a label after the last word, or after every word the next")),
    ("corpus", N_("Corpus"), N_("Where the vocabulary comes from")),
    (
        "weights",
        N_("Weights"),
        N_("Drawn from the seed, or the numbers of the lecture’s example where it has them"),
    ),
    ("cell", N_("Cell"), N_("What reads a word: a plain recurrent unit, or one with gates")),
    (
        "bidirectional",
        N_("Direction"),
        N_("One chain from left to right, or a second one from right to left"),
    ),
    ("hidden_size", N_("Hidden"), N_("Hidden units H")),
    ("activation", "f", N_("Activation of the hidden units")),
    ("bias", N_("Bias"), N_("Where the bias stands")),
    (
        "forget_bias",
        N_("Forget"),
        N_("Added to the bias of the forget gate as it is drawn: a new network remembers"),
    ),
    ("loss", N_("Loss"), N_("How the answer is judged")),
    ("learning_rate", "\u03b7", N_("Learning rate of the update")),
    ("clip_norm", N_("Clip"), N_("Largest gradient norm; empty for no clipping")),
    ("seed", N_("Seed"), N_("Seed of every draw")),
    ("initial_state", "h\u2080", N_("First state: zeros, random, or H numbers with commas between")),
)
SAID = {name: (label, hint) for name, label, hint in CONTROLS}
# The controls that not every cell or task has.
OFFERED: dict[str, Callable[[Cell, str], bool]] = {
    "activation": lambda cell, task: cell.free,
    "forget_bias": lambda cell, task: cell.forget_gate is not None,
    "loss": lambda cell, task: not TASKS.get(task),  # a softmax at every step has but one
}
NUMBERS = {"forget_bias": "any", "hidden_size": "1", "learning_rate": "any", "clip_norm": "any", "seed": "1"}
SUGGESTED = {"clip_norm": N_("off")}
CARRIED = ("vocabulary", "lowercase", "parameters", "edit", "recurrent_radius", "epochs", "steps")


@dataclass(frozen=True, eq=False)
class Control:
    """One control: a select when it has options, else a field. step: it takes a number.

    Equal is what is the same object: controls are kept, and pages are kept by their controls.
    """

    name: str
    label: str
    hint: str
    value: str
    options: tuple[tuple[str, str], ...]
    step: str
    placeholder: str
    error: str


@dataclass(frozen=True)
class Form:
    """The whole form. carried: fields without a control. reviews: the custom corpus, one a line.

    labelled : the sentence has a label to be asked for, which predicting every next word does without.
    """

    sentence: str
    target: str
    labelled: bool
    sentence_error: str
    controls: tuple[Control, ...]
    carried: tuple[tuple[str, str], ...]
    custom: bool
    reviews: str
    other_errors: tuple[str, ...]


@cache
def defaults() -> dict[str, str]:
    """What each control shows when nothing was asked."""
    found = {}
    for name in SAID:
        value = Experiment.model_fields[name].default
        found[name] = "" if value is None else str(value).lower()
    return {**found, "target": "1", "sentence": ""}


def form(
    pairs: Sequence[tuple[str, str]],
    errors: Sequence[FieldError] = (),
    shown: Mapping[str, str] | None = None,
    hidden: Collection[str] = (),
    beside: Sequence[tuple[str, str]] = (),
) -> Form:
    """The form of an address, keeping every value as it was typed.

    shown : values read off the run. hidden : fields without a control: their values are carried.
    beside : what else is carried, such as the view of the page.
    """
    typed = {
        **defaults(),
        **{name: text for name, text in pairs if text or name == "sentence"},
        **(shown or {}),
    }
    wrong = {error.field.split(".")[0]: error.message for error in reversed(errors)}
    cell, task = CELLS.get(typed["cell"]), typed["task"]
    controls = tuple(
        _control(name, typed[name], wrong.get(name, ""), cell is None or cell.free)
        for name in SAID
        if name not in hidden and (name in wrong or cell is None or OFFERED.get(name, _always)(cell, task))
    )
    known = {"sentence", *SAID} - set(hidden)
    custom = typed["corpus"] == CUSTOM and "corpus" not in hidden
    kept = {*CARRIED, *OFFERED} - {control.name for control in controls}
    kept |= set() if custom else {"review", "reviews"}
    return Form(
        sentence=typed["sentence"],
        target=typed["target"],
        labelled=not TASKS.get(task),
        sentence_error=wrong.get("sentence", ""),
        controls=controls,
        carried=(
            *((name, text) for name, text in pairs if text and (name in kept or name in hidden)),
            *beside,
        ),
        custom=custom,
        reviews="\n".join(
            " | ".join(text.rsplit("|", 1)) for name, text in pairs if name in ("review", "reviews")
        ),
        other_errors=tuple(message for name, message in wrong.items() if name not in known),
    )


def emptied(asked: Form, mark: str, first: int) -> tuple[Form, list[str]]:
    """The form with a mark for each text that was typed, and these texts. first : the number of the first.

    The sentence is the page's own, and what is chosen from a list stays.
    """
    controls, typed = [], []
    for control in asked.controls:
        if not control.options:
            typed.append(control.value)
            control = _control(control.name, mark % first, "", True)
            first += 1
        controls.append(control)
    carried = tuple((name, mark % place) for place, (name, _text) in enumerate(asked.carried, first))
    typed += [text for _name, text in asked.carried]
    reviews = mark % (first + len(carried))
    blank = Form("", asked.target, asked.labelled, "", tuple(controls), carried, asked.custom, reviews, ())
    return blank, [*typed, asked.reviews]


def _always(cell: Cell, task: str) -> bool:
    return True


@kept_by_language(512)
def _control(name: str, value: str, error: str, free: bool) -> Control:
    """A control in the language that is spoken; what was typed stays as it is."""
    options = tuple((key, _(text)) for key, text in OPTIONS.get(name, ()))
    if name == "bias" and not free:
        options = tuple(option for option in options if option[0] in WITHIN_GATES)
    if options and value not in dict(options):
        options = (*options, (value, value))  # what was asked stays visible beside its error
    placeholder = _(SUGGESTED[name]) if name in SUGGESTED else ""
    label, hint = SAID[name]
    return Control(name, _(label), _(hint), value, options, NUMBERS.get(name, ""), placeholder, error)


def with_typed_reviews(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """`reviews_text`, the lines of the form's text area, as the `review` fields they stand for."""
    lines = [text for name, text in pairs if name == "reviews_text"]
    if not lines:
        return list(pairs)
    kept = [(name, text) for name, text in pairs if name not in ("reviews_text", "review", "reviews")]
    return kept + [("review", _review(line)) for line in lines[-1].splitlines() if line.strip()]


def _review(line: str) -> str:
    text, bar, label = line.rpartition("|")
    return f"{text.strip()}|{label.strip()}" if bar else line.strip()
