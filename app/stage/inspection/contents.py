"""What the inspector says of a part: plain records that its template places."""

from dataclasses import dataclass
from html import escape

from app.experiments.run import Run
from app.numerals import long, tint
from app.stage.formulas import stretches
from app.stage.ledger_cells import word
from app.wording.catalogue import _

SHOWN = 8  # numbers that are told apart: of a sum, of a row, of a column


@dataclass(frozen=True)
class Line:
    """A term and its number, both HTML. part: where its number is explained, or empty. strong: a result."""

    term: str
    value: str
    part: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Block:
    """Lines under a heading, and perhaps a grid of numbers. kind: fw, bw or wt, its direction."""

    heading: str
    kind: str
    lines: tuple[Line, ...] = ()
    grid: str = ""


@dataclass(frozen=True)
class Term:
    """One step's contribution to an entry of a gradient."""

    t: int
    tint: int
    value: str
    part: str


@dataclass(frozen=True)
class When:
    """A step and its stop on the scale of time."""

    t: int
    tint: int


@dataclass(frozen=True)
class Proof:
    """A number of backpropagation beside the central difference of the same thing. good: they agree."""

    of: str
    analytic: str
    numeric: str
    gap: str
    good: bool
    how: str


@dataclass(frozen=True)
class Names:
    """One thing in three tongues; HTML."""

    notes: str
    ours: str
    torch: str
    keras: str = ""


@dataclass(frozen=True)
class Edit:
    """A weight that can be typed over.

    place : as an edit writes it, by its word where it has one. weight : the same in numbers, as the labs do.
    undo : the query without this edit, or empty.
    """

    place: str
    weight: str
    value: str
    label: str
    undo: str = ""


@dataclass(frozen=True)
class Inspection:
    """Everything the inspector shows of one part. Strings are HTML, MathML or SVG, typed text escaped."""

    part: str
    title: str
    what: str
    when: When | None = None
    formulas: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    curve: str = ""
    terms: tuple[Term, ...] = ()
    terms_heading: str = ""
    terms_note: str = ""
    proof: Proof | None = None
    names: Names | None = None
    notes: tuple[str, ...] = ()
    edit: Edit | None = None


def at(run: Run, t: int) -> When | None:
    """The step of an inspection."""
    return When(t, tint(t, len(run.words))) if t else None


def sub(name: str, index: str | int) -> str:
    return f"{name}<sub>{index}</sub>"


def of(name: str) -> str:
    return sub(*name.split("_"))


def quoted(run: Run, t: int) -> str:
    """The word of step t, isolated and escaped, in quotation marks."""
    return f"“{word(run.words[t - 1], 18)}”"


def named(text: str) -> str:
    """A word of the vocabulary in quotation marks."""
    return f"“{word(text, 18)}”"


def code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def line(term: str, value: float, part: str = "", strong: bool = False) -> Line:
    return Line(term, long(value), part, strong)


def display(*terms: str) -> str:
    """A formula in stretches: the inspector is narrow."""
    return "".join(stretches(*terms))


def summands(terms: list[tuple[str, float, str]], most: int = SHOWN) -> tuple[Line, ...]:
    """The parts of a sum, one a line; beyond `most` the rest is added up and said to be."""
    shown = terms if len(terms) <= most else terms[: most - 1]
    lines = [line(term, value, part) for term, value, part in shown]
    if len(shown) < len(terms):
        rest = terms[len(shown) :]
        said = _("+ {count} more terms, together", count=len(rest))
        lines.append(line(said, sum(value for _term, value, _part in rest)))
    return tuple(lines)
