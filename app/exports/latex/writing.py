"""Numbers, vectors, matrices and typed words as LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.engine.network import Array

WHOLE = 5  # entries of a row or column that are written out; of a longer one the first three and the last
IN_A_LINE = 9  # entries that still fit a line beside each other
LONGEST_WORD = 24
SHOWN = 3  # steps that are written out at the beginning, and as many at the end
SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}",
}  # fmt: skip


@dataclass(frozen=True)
class Equation:
    """A quantity and what it equals: by its formula, with numbers put in, as a number."""

    left: str
    sides: tuple[str, ...]

    @property
    def tex(self) -> str:
        """As lines of an align environment."""
        first, *rest = self.sides
        return " \\\\\n".join([f"{self.left} &= {first}", *(f"&= {side}" for side in rest)])


def equation(left: str, *sides: str) -> Equation:
    """left = side = side …"""
    return Equation(left, sides)


def aligned(equations: Sequence[Equation]) -> str:
    """Equations under each other, which a page may break."""
    inner = " \\\\[2pt]\n".join(each.tex for each in equations)
    return f"\\begin{{align*}}\n{inner}\n\\end{{align*}}"


def number(value: float) -> str:
    """Four decimals; three digits and a power of ten where four decimals would not show them."""
    size = abs(value)
    if size == 0.0:
        return "0"
    if 0.001 <= size < 1e4:
        return f"{value:.4f}"
    mantissa, exponent = f"{value:.2e}".split("e")
    return rf"{mantissa}\cdot 10^{{{int(exponent)}}}"


def row(values: Array) -> str:
    """A row vector."""
    return _matrix([values])


def matrix(values: Array) -> str:
    """A matrix; a vector is a row."""
    return _matrix(list(values) if values.ndim == 2 else [values])


def column(values: Array) -> str:
    """A row vector, transposed."""
    return rf"{row(values)}^{{\top}}"


def _matrix(rows: list[Array]) -> str:
    lines = [" & ".join(_cut([number(value) for value in line.tolist()], r"\cdots")) for line in rows]
    body = _cut(lines, r"\vdots" + r" & \vdots" * lines[0].count("&"))
    return r"\begin{pmatrix} " + r" \\ ".join(body) + r" \end{pmatrix}"


def _cut(entries: list[str], dots: str) -> list[str]:
    return entries if len(entries) <= WHOLE else [*entries[:3], dots, entries[-1]]


def joined(*terms: str, rows: int, width: int, sign: str = "+") -> str:
    """Terms with a sign between; one under the other where they hold too many numbers for a line.

    rows, width : how many row vectors stand in the terms, and how many entries each has
    """
    fits = rows * min(width, WHOLE) <= IN_A_LINE
    return (f" {sign} " if fits else f" \\\\\n&\\quad {sign} ").join(terms)


def word(text: str, place: int, most: int = LONGEST_WORD) -> str:
    """A typed word as text that TeX cannot misread, cut to `most` letters.

    Letters that the usual fonts lack stand in \\other, which pdfTeX shows as the word's place.
    """
    short = text if len(text) <= most else text[: most - 1]
    dots = r"\ldots{}" if short != text else ""
    written = "".join(SPECIAL.get(letter, letter) for letter in short if letter.isprintable())
    plain = all(letter.isascii() or "\u00c0" <= letter <= "\u00ff" for letter in short)
    return written + dots if plain else rf"\other{{{place}}}{{{written}}}{dots}"


def shown_steps(count: int) -> list[int]:
    """The steps that are written out, from 0: all of a few, else the first and the last ones."""
    every = list(range(count))
    return every if count <= 2 * SHOWN else [*every[:SHOWN], *every[-SHOWN:]]
