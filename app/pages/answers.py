"""The answers of recent experiments, kept so that the parts of one page share one run."""

from functools import lru_cache

from app.experiments.experiment import Experiment
from app.experiments.query import to_query
from app.experiments.run import Run, run

KEPT = 32


def run_of(experiment: Experiment, query: str | None = None) -> Run:
    """The run of an experiment; the page, its ledger, inspector and charts ask for the same one.

    query : the experiment's canonical query, for who has it already. Raises ExperimentError.
    """
    return _cached(_Asked(query or to_query(experiment), experiment))


class _Asked:
    """An experiment that compares by its canonical query, which is all the cache needs to know."""

    __slots__ = ("experiment", "query")

    def __init__(self, query: str, experiment: Experiment) -> None:
        self.query, self.experiment = query, experiment

    def __hash__(self) -> int:
        return hash(self.query)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and other.query == self.query


@lru_cache(maxsize=KEPT)
def _cached(asked: _Asked) -> Run:
    return run(asked.experiment)
