"""A chain on the stage: a row of columns that is read from one end to the other."""

from dataclasses import dataclass
from typing import Any

from app.stage.formulas import var
from app.stage.sheet import Sheet
from app.stage.weights import PRIMES, SUFFIXES
from app.wording.catalogue import N_, _

SAID = {"left_to_right": N_("left to right"), "right_to_left": N_("right to left")}
WAYS = {"left_to_right": (False, "\u2192"), "right_to_left": (True, "\u2190")}


@dataclass(frozen=True)
class Lane:
    """One chain. Its parts bear its suffix; steps count from 1 in sentence order, whichever way it reads.

    chain : its name in the API. steps : T. reverse : whether it reads from right to left
    mark : the arrow on its symbols, "" where there is no other chain
    """

    chain: str
    steps: int
    reverse: bool
    mark: str = ""

    @property
    def suffix(self) -> str:
        return SUFFIXES[self.chain]

    @property
    def prime(self) -> str:
        """What its weights bear on their symbols."""
        return PRIMES[self.chain]

    @property
    def way(self) -> str:
        """What a label adds to say which chain it means."""
        return ", " + _(SAID[self.chain]) if self.mark else ""

    @property
    def origin(self) -> int:
        """The step, outside the sentence, at which its first state stands."""
        return self.steps + 1 if self.reverse else 0

    @property
    def last(self) -> int:
        """The step that it reads last."""
        return 1 if self.reverse else self.steps

    @property
    def start(self) -> int:
        """The step that it reads first."""
        return self.steps if self.reverse else 1

    def at(self, tick: int) -> int:
        """The step that it reads at a tick of the clock, both from 1; and the tick of a step."""
        return self.steps + 1 - tick if self.reverse else tick

    def before(self, t: int) -> int:
        """The step that it read before step t; `origin` before the first."""
        return t + 1 if self.reverse else t - 1

    def fresh_word(self, t: int) -> tuple[str, ...]:
        """The word of step t, where this chain is the first to read it. Two chains meet in the middle."""
        first = not self.mark or (t > self.steps / 2 + 0.5 if self.reverse else t <= self.steps / 2 + 0.5)
        return (f"x-{t}",) if first else ()

    def var(self, name: str, t: int | str, after: str = "") -> str:
        """A symbol of step t, such as h_3 with the arrow of this chain."""
        return var(name, t, self.mark + after)

    def weight(self, letter: str, index: str, after: str = "") -> str:
        """A symbol of one of its weights."""
        return var(letter + self.prime, index, after)

    def said(self, name: str, t: int | str) -> str:
        """The same as `var` for a sentence."""
        return f"{name}<sub>{t}</sub>{self.mark}"

    def said_weight(self, index: str) -> str:
        """One of its weights in a sentence."""
        return f"W{self.prime}<sub>{index}</sub>"

    def name(self, kind: str, t: int | str) -> str:
        """The name of a part of this chain on the page."""
        return f"{kind}{self.suffix}-{t}"

    def named(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """Arrays of this chain under the names that the stage has for them."""
        return {f"{name}{self.suffix}": array for name, array in arrays.items()} if self.suffix else arrays

    def step(self, sheet: Sheet, kind: str, t: int) -> list[str]:
        """The texts of step t of one of its arrays; of the state, also those of the first state."""
        if kind == "h" and t == self.origin:
            return sheet.step(f"h0{self.suffix}", 1)
        return sheet.step(f"{kind}{self.suffix}", t)

    def first(self, sheet: Sheet, symbol: str, kind: str, t: int) -> str:
        """What the first unit of one of its arrays is at step t, in a sentence. symbol : as HTML"""
        return _("unit 1 of {symbol} is {number}", symbol=symbol, number=self.step(sheet, kind, t)[0])

    def number(self, sheet: Sheet, kind: str, t: int) -> str:
        """The text of the one number that an array has for step t."""
        return sheet.number(f"{kind}{self.suffix}", t - 1)

    def row(self, sheet: Sheet, kind: str, t: int) -> list[tuple[str, str]]:
        """The same with colours, as cells."""
        if kind == "h" and t == self.origin:
            return sheet.cells[f"h0{self.suffix}"].row(0)
        return sheet.cells[f"{kind}{self.suffix}"].row(t - 1)


def lanes_of(chains: tuple[str, ...], steps: int) -> tuple[Lane, ...]:
    """The lanes of a run, from the top down."""
    if len(chains) == 1:
        return (Lane(chains[0], steps, False),)
    return tuple(Lane(chain, steps, *WAYS[chain]) for chain in chains)
