"""What a step pays in on the way back: a coin for every weight of its chain."""

from typing import NamedTuple

from app.stage.lanes import Lane
from app.stage.matrix import pays_numbers
from app.stage.shape import Shape
from app.stage.weights import Weight

LANDINGS = {"words": "in", "state": "top", "bias": "in"}
"""The part of a coin that dL/d(the output) becomes, by what the weight multiplies."""


class Payment(NamedTuple):
    """The coins of a step. fly: first the factors fly to the cards, then the coins to their racks."""

    coins: tuple[str, ...]
    slots: tuple[str, ...]
    bars: tuple[str, ...]
    fly: tuple[tuple[str, ...], ...]


def move(what: str, to: str) -> str:
    """A flight of a part from where it stands to another part."""
    return f"{what},{what},{to}"


def payment(shape: Shape, lane: Lane, t: int, gate: str = "") -> Payment:
    """What step t of a chain pays to each of its weights, or to those of one gate."""
    weights = [shape.weights[key] for key in shape.shared_by(lane)]
    weights = [weight for weight in weights if gate in ("", weight.gate_name)]
    coins, slots, bars = (
        tuple(f"{kind}-{weight.key}-{t}" for weight in weights) for kind in ("coin", "slot", "bars")
    )
    factors = tuple(factor for weight in weights for factor in _factors(shape, lane, t, weight))
    landed = tuple(f"{slot},{coin},{slot}" for slot, coin in zip(slots, coins, strict=True))
    return Payment(coins, slots, bars, (factors, landed))


def _factors(shape: Shape, lane: Lane, t: int, weight: Weight) -> list[str]:
    """The flights of a coin's factors to its card."""
    late = weight.role == "bias" and shape.late(lane, t)
    blame = lane.name("dh", t) if late else f"{weight.blame}-{t}"
    if not pays_numbers(shape, weight.key):
        return [move(blame, f"coin-{weight.key}-{t}")]
    flights = [move(blame, f"{LANDINGS[weight.role]}-{weight.key}-{t}")]
    if weight.role == "state":
        flights.append(move(lane.name("h", lane.before(t)), f"left-{weight.key}-{t}"))
    return flights
