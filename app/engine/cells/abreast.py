"""How a cell computes few units: in fewer calls, each on blocks of H numbers; see `engine.abreast`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.engine.activations import Array, Values
    from app.engine.cells.cell import Views
    from app.engine.chain import ChainTrace
    from app.engine.cotangents import Cotangents
    from app.engine.tape import Call


@dataclass(frozen=True)
class Blocks:
    """What comes into a step back, and what it gives, in blocks of H numbers.

    copies : of dL/dh among those that come, the first of them
    carried : blocks behind those, for what of dL/dc comes along the road
    product, preactivation : the first of those given that are dL/d(h_{t-1} W_hh), and dL/da_t, the last; the
        latter is of no use where dL/da_t is found at the end
    road : the one given that goes past the weights
    along : the blocks of the step before that it comes into
    """

    copies: int
    carried: int
    product: int
    road: int
    along: slice
    preactivation: int = 0


@dataclass(frozen=True)
class Seen:
    """What of a way forward is to be seen, see `ChainTrace`; (T, B, G*H) each."""

    preactivation: "Values"
    activated: "Values"
    recurrent: "Values | None" = None


@dataclass(frozen=True)
class Woven:
    """A way forward.

    step, views : as `Cell.step`
    product, given : the matrix that z meets, and where that goes at each step
    boarding : what is done before some of the steps, by step
    before, after : what is done before the first step and after the last
    """

    step: Callable[..., object]
    views: "Views"
    product: "Array"
    given: list["Array"]
    boarding: dict[int, list["Call"]] = field(default_factory=dict)
    before: list["Call"] = field(default_factory=list)
    after: list["Call"] = field(default_factory=list)


@dataclass(frozen=True)
class Factors:
    """What blocks that come into a step back are multiplied by.

    by : arrays of shape (T, B, blocks*H)
    through, onto : as of `Local`, views of what they are made of
    tape : the calls that find them
    """

    by: tuple["Array", ...]
    through: "Array"
    onto: "Array | None"
    tape: list["Call"]


@dataclass(frozen=True)
class Abreast:
    """A cell of few units, whose arrays share a floor: see `engine.abreast`.

    product : blocks that a step's product gives
    weave : trace -> the way forward, which puts what its products give into the room "product" of the floor,
        and the gates into the room "gates"
    see : trace -> what is to be seen of it
    linearise : trace -> the factors
    pull : (factors, cotangents, last) -> for each step what multiplies; nothing is carried into the last one
        walked
    """

    blocks: Blocks
    product: int
    weave: Callable[["ChainTrace"], Woven]
    see: Callable[["ChainTrace"], Seen]
    linearise: Callable[["ChainTrace"], Factors]
    pull: Callable[[Factors, "Cotangents", int], list["Call"]]
