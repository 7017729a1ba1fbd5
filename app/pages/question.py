"""From a page's address to its experiment."""

from collections.abc import Collection

from starlette.requests import Request

from app.experiments import query
from app.experiments.experiment import Experiment
from app.pages import view


def pairs_of(request: Request) -> list[tuple[str, str]]:
    """The decoded pairs of the address, in order, blank ones kept."""
    return query.pairs_of(request.scope["query_string"].decode("latin-1"))


def own(pairs: list[tuple[str, str]], names: Collection[str]) -> dict[str, str]:
    """The page's own parameters, such as which part is inspected; the last one of a name counts."""
    return {name: text for name, text in pairs if name in names}


def experiment_of(pairs: list[tuple[str, str]], aside: Collection[str] = ()) -> Experiment:
    """The experiment of an address, whatever view of it is asked for. Raises ExperimentError."""
    return Experiment(**query.parse(pairs, (*aside, *view.NAMES)))
