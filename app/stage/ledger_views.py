"""The ledger as a record, and the links between its views: parameters, pages, units."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.experiments.run import Run
from app.numerals import short
from app.stage.ledger_cells import WINDOW, Window, window
from app.stage.ledger_notes import Note, size
from app.stage.ledger_rows import (
    Cell,
    Row,
    of,
    sub,
)

PAGE = 24  # rows on one page
DEFAULT = "W_hh"


@dataclass(frozen=True)
class Link:
    """A link to another view: what it says, and its own pairs, to be put after the experiment."""

    html: str
    pairs: str
    current: bool = False


@dataclass(frozen=True)
class Ledger:
    """Everything the template places. Strings are HTML, SVG or MathML with every typed text escaped."""

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
    tabs: tuple[Link, ...]
    pages: tuple[Link, ...]
    windows: tuple[tuple[str, tuple[Link, ...]], ...]
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


def names(run: Run) -> dict[str, str]:
    """The parameters that have a ledger, with their groups."""
    return {name: group for group in ("left_to_right", "readout") for name in run.parameters[group]}


def page_count(run: Run) -> int:
    return -(-len(run.words) // PAGE)


def span(steps: int, page: int) -> str:
    last = steps - (page - 1) * PAGE
    first = max(1, last - PAGE + 1)
    return f"steps {last}–{first}" if first < last else f"step {last}"


def norm_of(run: Run, group: str, name: str) -> str:
    return f'<b class="n plain" data-part="total-{name}">{short(size(run.gradients[group][name].total))}</b>'


def whole_of(run: Run, group: str, name: str) -> str:
    """What the shares add up to; nothing has a share in a gradient that is exactly zero."""
    return "100 %" if size(run.gradients[group][name].total) else "0 %"


def pairs_for(name: str, page: int, view: Window) -> str:
    units = f"&into={view.into}&out={view.out}" if view.into or view.out else ""
    return f"parameter={name}" + (f"&page={page}" if page > 1 else "") + units


def tabs(run: Run, current: str, view: Window) -> tuple[Link, ...]:
    return tuple(Link(of(name), pairs_for(name, 1, view), name == current) for name in names(run))


def windows(name: str, page: int, view: Window) -> Iterator[tuple[str, tuple[Link, ...]]]:
    """Links to the other units, for the two sides of the matrices."""
    if view.whole:
        return
    yield (
        "units of h<sub>t−1</sub>",
        _steps_of(view.units, view.into, lambda k: pairs_for(name, page, Window(view.units, k, view.out))),
    )
    yield (
        "units of h<sub>t</sub>",
        _steps_of(view.units, view.out, lambda k: pairs_for(name, page, Window(view.units, view.into, k))),
    )


def _steps_of(units: int, now: int, pairs: Callable[[int], str]) -> tuple[Link, ...]:
    """First, previous, this, next and last window."""
    at = window(units, now).into
    last = window(units, units).into
    starts = sorted({0, max(0, at - WINDOW), at, min(last, at + WINDOW), last})
    return tuple(Link(f"{k + 1}–{min(k + WINDOW, units)}", pairs(k), k == at) for k in starts)


def left_out(run: Run, name: str, shown: list[int], words: list[int], view: Window) -> Iterator[str]:
    """What this view does not show, said in so many words."""
    if not view.whole:
        yield (
            f"Matrices show units {view.rows.start + 1} to {view.rows.stop} of {sub('h', 't−1')} against "
            "units "
            f"{view.columns.start + 1} to {view.columns.stop} of {sub('h', 't')}, out of {view.units}. "
            "Norms, shares and the "
            "check count them all."
        )
    if len(shown) < len(run.words):
        yield f"Rows of {len(shown)} of {len(run.words)} steps; the total, its norm and the check count all."
    hidden = len(run.vocabulary) - len(words)
    if name == "W_xh" and hidden:
        elsewhere = len(set(run.ids)) - len(words)
        said = [
            _rows_of(elsewhere, "words of other pages"),
            _rows_of(hidden - elsewhere, "words not in the sentence", " (exactly 0)"),
        ]
        yield (
            f"The total shows {len(words)} of its {len(run.vocabulary)} rows; "
            + ", ".join(filter(None, said))
            + " left out."
        )


def _rows_of(count: int, what: str, more: str = "") -> str:
    return f"{count} row{'s' if count > 1 else ''} of {what}{more}" if count else ""
