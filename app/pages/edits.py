"""A weight typed into the inspector, turned into an edit of the experiment."""

from collections.abc import Sequence

from app.experiments import places
from app.experiments.errors import ExperimentError, fault
from app.experiments.experiment import Experiment
from app.stage.weights import Weight, weights_of

FIELDS = ("edit_place", "edit_value")


def refuse_locked(pairs: Sequence[tuple[str, str]], lock: bool) -> None:
    """Raises ExperimentError when a weight is typed over in a locked exercise."""
    typed = [text for name, text in pairs if name == "edit_value"]
    if lock and typed:
        raise ExperimentError([fault("edit_value", "left out of a locked exercise (lock=1)", typed[-1])])


def edited_part(pairs: Sequence[tuple[str, str]], experiment: Experiment) -> str:
    """The part that an edit in these pairs types over, "" for none: W_hh-1.2 is row 1, column 2."""
    typed = [text for name, text in pairs if name == "edit_place"]
    if not typed:
        return ""
    whole, place = places.read(typed[-1])
    index = places.numbered(experiment, whole, place) or ()
    weight = weight_of(experiment, whole, index)
    if weight is None:
        return ""
    last = index[-1] if weight.gate is None else index[-1] % experiment.hidden_size
    return f"{weight.key}-{index[0] if len(index) == 2 else 0}.{last}"


def weight_of(experiment: Experiment, whole: str, index: places.Index) -> Weight | None:
    """The weight that shows an entry: of a parameter that holds the gates side by side, a gate's own."""
    weights = weights_of(experiment.cell, tuple(experiment.network.chains), True, ("W_hy", "b_y"))
    for weight in weights.values() if index else ():
        gates = (None, index[-1] // experiment.hidden_size)
        if f"{weight.group}.{weight.name}" == whole and weight.gate in gates:
            return weight
    return None


def with_edit(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The two fields of the inspector's form as one `edit`, in place of an earlier edit of the same entry.

    An empty value takes the edit back.
    """
    typed = {name: text for name, text in pairs if name in FIELDS}
    rest = [(name, text) for name, text in pairs if name not in FIELDS]
    if len(typed) < len(FIELDS):
        return rest
    place = typed["edit_place"]
    kept = [
        (name, text)
        for name, text in rest
        if not (name in ("edit", "edits") and text.rpartition("|")[0] == place)
    ]
    value = typed["edit_value"].strip().replace("\u2212", "-")
    return [*kept, ("edit", f"{place}|{value}")] if value else kept
