"""What the page can draw. The engine and the API answer more: until a network is drawn, the page says so."""

from app.experiments.errors import ExperimentError, fault
from app.experiments.experiment import Experiment

# To let the page draw another kind of network, add it here; to let it draw them all, take the field out.
DRAWN: dict[str, tuple[object, ...]] = {
    "task": ("sentiment",),
    "cell": ("elman", "lstm", "gru"),
}


class UndrawnError(ExperimentError):
    """An experiment that runs, and is not drawn yet."""

    def __init__(self, experiment: Experiment, fields: list[str]) -> None:
        self.experiment = experiment
        super().__init__(
            fault(name, f"{_listed(DRAWN[name])} on the page in this release", getattr(experiment, name))
            for name in fields
        )


def require_drawn(experiment: Experiment) -> Experiment:
    """The experiment. Raises UndrawnError when the page has no picture of it."""
    undrawn = [name for name, values in DRAWN.items() if getattr(experiment, name) not in values]
    if undrawn:
        raise UndrawnError(experiment, undrawn)
    return experiment


def _listed(values: tuple[object, ...]) -> str:
    return " or ".join(str(value).lower() for value in values)
