"""MathML, written as strings: the current equation with its numbers in it.

MathML Core is native in every current browser, needs no script and no font of ours, and a term can carry a
class. Blue terms run forward, rose terms backward. A vector longer than five shows its first three numbers
and its last: the column beside it has them all.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from numpy.typing import NDArray

from app.numerals import long
from app.stage.numbers import shorts
from app.stage.sheet import DOTS, DOTS_DOWN

Values = Sequence[float] | NDArray[Any] | list[str]
"""Numbers, or their texts when the page has written them already."""
THIN = '<mspace width=".17em"/>'
"""Between two factors, or a function and what it is applied to, where no sign parts them."""
WHOLE = 5  # dots in the place of a single number would save nothing
symbols = lru_cache(maxsize=4096)  # the same few names stand in every formula of every run


def row(*terms: str, cls: str = "") -> str:
    """Terms in a line, with a class of their own if given."""
    inside = "".join(terms)
    return f'<mrow class="{cls}">{inside}</mrow>' if cls else f"<mrow>{inside}</mrow>"


@symbols
def op(sign: str) -> str:
    return f"<mo>{sign}</mo>"


@symbols
def var(name: str, sub: str | int = "", sup: str = "") -> str:
    """A name with a subscript and a superscript: W_hh, h_3, W_hh^T."""
    base = f"<mi>{name}</mi>"
    below = "" if sub == "" else _index(str(sub))
    if below and sup:
        return f"<msubsup>{base}{below}<mo>{sup}</mo></msubsup>"
    if below:
        return f"<msub>{base}{below}</msub>"
    return f"<msup>{base}<mo>{sup}</mo></msup>" if sup else base


@symbols
def _index(text: str) -> str:
    if text.isdigit():
        return f"<mn>{text}</mn>"
    # A name of one letter leans by itself, a longer one stands upright.
    return f'<mi mathvariant="normal">{text}</mi>' if len(text) == 1 else f"<mi>{text}</mi>"


def num(value: float, cls: str = "") -> str:
    """One number to six significant digits."""
    return mn(long(value), cls)


def mn(text: str, cls: str = "") -> str:
    """A number that is written already."""
    return f'<mn class="{cls}">{text}</mn>' if cls else f"<mn>{text}</mn>"


def plus(value: float, cls: str = "") -> tuple[str, str]:
    """A number added: a negative one is taken away."""
    return (op("+"), num(value, cls)) if value >= 0.0 else (op("\u2212"), num(-value, cls))


def times(value: float, cls: str = "") -> str:
    """A number that is multiplied: a negative one stands in brackets."""
    return num(value, cls) if value >= 0.0 else row(op("("), num(value, cls), op(")"))


@symbols
def frac(above: str, below: str) -> str:
    return f"<mfrac><mrow>{above}</mrow><mrow>{below}</mrow></mfrac>"


@symbols
def d(of: str, by: str) -> str:
    """A partial derivative."""
    return frac(f"<mo>\u2202</mo>{of}", f"<mo>\u2202</mo>{by}")


def hat_y() -> str:
    return '<mover accent="true"><mi>y</mi><mo>^</mo></mover>'


def _cells(texts: list[str], dots: str = DOTS) -> list[str]:
    kept = texts if len(texts) <= WHOLE else [*texts[:3], dots, texts[-1]]
    return [f"<mtd><mn>{text}</mn></mtd>" for text in kept]


def _texts(values: Values) -> list[str]:
    return values if isinstance(values, list) and values and isinstance(values[0], str) else shorts(values)  # type: ignore[arg-type]


def vector(values: Values, cls: str = "") -> str:
    """A row vector in brackets."""
    cells = "".join(_cells(_texts(values)))
    return row(op("["), f"<mtable><mtr>{cells}</mtr></mtable>", op("]"), cls=cls)


def upright(values: Values, cls: str = "") -> str:
    """A column vector in brackets."""
    texts = [DOTS_DOWN if text == DOTS else text for text in _texts(values)]
    cells = "".join(f"<mtr>{cell}</mtr>" for cell in _cells(texts, DOTS_DOWN))
    return row(op("["), f"<mtable>{cells}</mtable>", op("]"), cls=cls)


def units(values: Values, cls: str = "") -> str:
    """One number a unit, upright as in the columns, for what happens unit by unit."""
    return vector(values, cls) if len(values) <= 2 else upright(values, cls)


def matrix(lines: list[list[str]], cls: str = "") -> str:
    """A matrix of texts in brackets, cut to its first three rows and columns and its last ones."""
    kept = lines if len(lines) <= WHOLE else [*lines[:3], [DOTS_DOWN] * len(lines[0]), lines[-1]]
    body = "".join(f"<mtr>{''.join(_cells(line))}</mtr>" for line in kept)
    return row(op("["), f"<mtable>{body}</mtable>", op("]"), cls=cls)


BREAKS = frozenset(op(sign) for sign in "=≈+−·⊙←→")


def stretches(*terms: str) -> list[str]:
    """A formula as pieces that may stand in lines of their own where room is narrow.

    It may break before a sign, and between two matrices; MathML itself breaks nowhere.
    """
    shown = [term for term in terms if term]
    pieces = [shown[:1]]
    for term in shown[1:]:
        if term in BREAKS or ("<mtable" in term and any("<mtable" in other for other in pieces[-1])):
            pieces.append([])
        # At the start of a piece a plus would be taken for a sign, and stand close.
        pieces[-1].append(term.replace("<mo>", '<mo form="infix">') if term in BREAKS else term)
    return [f"<math>{''.join(piece)}</math>" for piece in pieces]


def display(*terms: str) -> str:
    """One formula, standing in a line of its own, or in more where it has to."""
    return equation("".join(stretches(*terms)))


def equation(pieces: str) -> str:
    """A formula whose stretches are joined already."""
    return f'<span class="eq">{pieces}</span>'
