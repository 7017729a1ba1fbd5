"""The ledger as a record, and the links between its views: parameters, pages, units."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.engine.cells import CELLS
from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run
from app.numerals import short
from app.stage.chains import chain_of, chains_of
from app.stage.lanes import SAID, Lane
from app.stage.ledger_cells import WINDOW, Window, window
from app.stage.ledger_factors import Cell
from app.stage.ledger_notes import Note, gap_text, size
from app.stage.ledger_rows import Row
from app.stage.weights import SUFFIXES, Weight, weights_in
from app.wording.catalogue import _, n_

PAGE = 24  # rows on one page


@dataclass(frozen=True)
class Link:
    """A link to another view: what it says, and its own pairs, to be put after the experiment."""

    html: str
    pairs: str
    current: bool = False


Choice = tuple[str, tuple[Link, ...]]
"""What is chosen, and the links to choose from."""


@dataclass(frozen=True)
class Ledger:
    """Everything the template places. Strings are HTML, SVG or MathML with every typed text escaped.

    choices : the chain and the gate, where there are several. tabs : the weights of that chain and gate
    """

    parameter: str
    group: str
    name: str
    steps: int
    general: str
    lead: str
    headings: tuple[Cell, ...]
    rows: tuple[Row, ...]
    total: tuple[tuple[str, str], ...]
    norm: str
    whole: str
    sums: str
    choices: tuple[Choice, ...]
    tabs: tuple[Link, ...]
    pages: tuple[Link, ...]
    windows: tuple[Choice, ...]
    left_out: tuple[str, ...]
    notes: tuple[Note, ...]
    pairs: str

    @property
    def across(self) -> int:
        """Columns beside the step's own: the factors, the norm, the share."""
        return len(self.headings) + 2

    @property
    def before_total(self) -> int:
        """Columns that the sum's sentence takes, up to the one that holds the total."""
        return len(self.headings) - 1


def default(run: Run) -> str:
    """The key of the weight that is shown first: a recurrent one, that of the gate which keeps the state."""
    cell = CELLS[run.experiment.cell]
    states = [weight for weight in weights_in(run).values() if weight.role == "state"]
    return states[cell.road or 0].key


def sums_told(run: Run, weight: Weight, gap: float) -> str:
    """What the rows add up to."""
    steps = len(run.words)
    return n_(
        "The {count} contribution of all steps, added entry by entry, give ∂L/∂{symbol}: the largest gap is "
        "{gap}.",
        "The {count} contributions of all steps, added entry by entry, give ∂L/∂{symbol}: the largest gap is "
        "{gap}.",
        steps,
        symbol=weight.symbol,
        gap=gap_text(gap),
    )


def page_count(run: Run) -> int:
    return -(-len(run.words) // PAGE)


def shown_steps(run: Run, page: int, lane: Lane) -> list[int]:
    """The steps of one page, the one that was read last first. Raises ExperimentError naming "page"."""
    count = page_count(run)
    if not 1 <= page <= count:
        raise ExperimentError([fault("page", f"1 to {count}", page)])
    last = len(run.words) - (page - 1) * PAGE
    return [lane.at(tick) for tick in range(last, max(0, last - PAGE), -1)]


def page_links(run: Run, key: str, page: int, view: Window, lane: Lane) -> tuple[Link, ...]:
    """Links to all pages; none where there is but one."""
    count = page_count(run)
    if count == 1:
        return ()
    return tuple(
        Link(_span(shown_steps(run, k, lane)), pairs_for(key, k, view), k == page)
        for k in range(1, count + 1)
    )


def _span(steps: list[int]) -> str:
    return (
        _("steps {steps}–{steps2}", steps=steps[0], steps2=steps[-1])
        if len(steps) > 1
        else _("step {steps}", steps=steps[0])
    )


def norm_of(run: Run, weight: Weight) -> str:
    norm = short(size(weight.gradient(run).total))
    return f'<b class="n plain" data-part="total-{weight.key}">{norm}</b>'


def whole_of(run: Run, weight: Weight) -> str:
    """What the shares add up to; nothing has a share in a gradient that is exactly zero."""
    return "100 %" if size(weight.gradient(run).total) else "0 %"


def pairs_for(key: str, page: int, view: Window) -> str:
    units = f"&into={view.into}&out={view.out}" if view.into or view.out else ""
    return f"parameter={key}" + (f"&page={page}" if page > 1 else "") + units


def tabs(run: Run, current: Weight, view: Window) -> tuple[Link, ...]:
    """The weights of the current chain and gate, and those of the readout."""
    chain = chain_of(run, current.group) if current.role != "readout" else chains_of(run)[0]
    gate = _gate(run, current)
    mine = [weight for (_, k), weight in chain.weights.items() if k == gate]
    outer = [weight for weight in weights_in(run).values() if weight.role == "readout"]
    return tuple(
        Link(weight.symbol, pairs_for(weight.key, 1, view), weight.key == current.key)
        for weight in (*mine, *outer)
    )


def _gate(run: Run, weight: Weight) -> int:
    """The gate of a weight; of a readout's the one whose weights are offered beside it."""
    cell = CELLS[run.experiment.cell]
    if weight.role == "readout":
        return cell.road or 0
    return weight.gate if weight.gate is not None else cell.apart or 0


def choices(run: Run, current: Weight, view: Window) -> tuple[Choice, ...]:
    """Links to the same weight of the other chain, and of the other gates."""
    return tuple(choice for choice in (_chains(run, current, view), _gates(run, current, view)) if choice[1])


def _chains(run: Run, current: Weight, view: Window) -> Choice:
    chains = chains_of(run)
    if len(chains) == 1:
        return _("chain"), ()
    shown = current.role != "readout"
    base = (current.key if shown else default(run)).removesuffix(current.suffix or " ")
    return _("chain"), tuple(
        Link(
            f"{_(SAID[chain.lane.chain])} {chain.lane.mark}",
            pairs_for(base + SUFFIXES[chain.lane.chain], 1, view),
            shown and chain.lane.chain == current.group,
        )
        for chain in chains
    )


def _gates(run: Run, current: Weight, view: Window) -> Choice:
    shown = current.role != "readout"
    chain = chain_of(run, current.group) if shown else chains_of(run)[0]
    if not chain.gated:
        return _("gate"), ()
    role = current.role if shown else "state"
    return _("gate"), tuple(
        Link(
            f"<i>{name}</i>",
            pairs_for(chain.weights[role, k].key, 1, view),
            shown and k == _gate(run, current),
        )
        for k, name in enumerate(chain.cell.gate_names)
    )


def windows(key: str, page: int, view: Window, lane: Lane | None) -> Iterator[Choice]:
    """Links to the other units, for the two sides of the matrices."""
    if view.whole:
        return
    before = lane.said("h", "t+1" if lane.reverse else "t−1") if lane else "h<sub>t</sub>"
    yield (
        _("units of {before}", before=before),
        _steps_of(view.units, view.into, lambda k: pairs_for(key, page, Window(view.units, k, view.out))),
    )
    if lane is None:
        return
    yield (
        _("units of {h}", h=lane.said("h", "t")),
        _steps_of(view.units, view.out, lambda k: pairs_for(key, page, Window(view.units, view.into, k))),
    )


def _steps_of(units: int, now: int, pairs: Callable[[int], str]) -> tuple[Link, ...]:
    """First, previous, this, next and last window."""
    at = window(units, now).into
    last = window(units, units).into
    starts = sorted({0, max(0, at - WINDOW), at, min(last, at + WINDOW), last})
    return tuple(Link(f"{k + 1}–{min(k + WINDOW, units)}", pairs(k), k == at) for k in starts)


def left_out(run: Run, weight: Weight, shown: list[int], words: list[int], view: Window) -> Iterator[str]:
    """What this view does not show, said in so many words."""
    if not view.whole:
        lane = chain_of(run, weight.group).lane
        before = lane.said("h", "t+1" if lane.reverse else "t−1")
        yield (
            _(
                "Matrices show units {start} to {stop} of {before} against units {start2} to {stop2} "
                "of {h}, out of {units}. Norms, shares and the check count them all.",
                start=view.rows.start + 1,
                stop=view.rows.stop,
                before=before,
                start2=view.columns.start + 1,
                stop2=view.columns.stop,
                h=lane.said("h", "t"),
                units=view.units,
            )
        )
    if len(shown) < len(run.words):
        yield _(
            "Rows of {count} of {count2} steps; the total, its norm and the check count all.",
            count=len(shown),
            count2=len(run.words),
        )
    hidden = len(run.vocabulary) - len(words)
    if weight.role == "words" and hidden:
        elsewhere = len(set(run.ids)) - len(words)
        said = [
            _rows_of(elsewhere, _("words of other pages")),
            _rows_of(hidden - elsewhere, _("words not in the sentence"), " " + _("(exactly 0)")),
        ]
        yield _(
            "The total shows {shown} of its {rows} rows; {rest} left out.",
            shown=len(words),
            rows=len(run.vocabulary),
            rest=", ".join(filter(None, said)),
        )


def _rows_of(count: int, what: str, more: str = "") -> str:
    return n_("{count} row of {what}", "{count} rows of {what}", count, what=what) + more if count else ""
