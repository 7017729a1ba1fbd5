"""The chains of a run as charts tell them apart."""

from __future__ import annotations

from app.experiments.run import Run
from app.figures.chart import Option, Switch
from app.wording.catalogue import _

ARROWS = {"left_to_right": "→", "right_to_left": "←"}
PRIMES = {"left_to_right": "", "right_to_left": "′"}


def names(run: Run) -> tuple[str, ...]:
    """The chains of a run, that from left to right first."""
    return tuple(run.forward.chains)


def mark(run: Run, chain: str) -> str:
    """The arrow of a chain; "" where there is no other."""
    return ARROWS[chain] if len(names(run)) > 1 else ""


def switch(run: Run) -> tuple[Switch, ...]:
    """The choice of a chain; none where there is but one."""
    chains = names(run)
    if len(chains) == 1:
        return ()
    options = tuple(Option(chain, f"{ARROWS[chain]} {chain.replace('_', ' ')}") for chain in chains)
    return (Switch("chain", _("Chain"), options),)


def key(run: Run, chain: str, *rest: str) -> str:
    """The name of a view: the chain where there is a choice, then the rest."""
    return ".".join((*((chain,) if len(names(run)) > 1 else ()), *rest))


def last(run: Run, chain: str) -> int:
    """The index of the step that a chain reads last."""
    return 0 if chain == "right_to_left" else len(run.words) - 1


def walked(run: Run, chain: str) -> list[int]:
    """The indices of the steps in the order in which a chain reads them."""
    order = list(range(len(run.words)))
    return order[::-1] if chain == "right_to_left" else order
