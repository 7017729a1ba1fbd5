"""The cells folded: what goes round, and what opens and shuts on its way, drawn about the middle of a box.

Every cell is drawn as it reads from left to right. Words come in and the state goes out at the height `WIRE`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.stage.marks import junction, symbol
from app.wording.catalogue import N_, _, n_

BOX = 128.0  # height of the box
WIRE = 30.0
ROAD = -40.0  # the height of the road in the box of a cell that has one
SHOWN = 8  # units that are told apart
VALVE = 22.0  # height of a valve

Place = tuple[float, float]
Count = Callable[[int], str]


@dataclass(frozen=True)
class Loops:
    """A kind of cell before it is unrolled.

    half : half the width of its box. weights : the index of the weights of a product, such as W_hh's
    drawing : H -> what is in the box and what goes round it. names : what is written there, by its place
    notes : what is written in the loops, by its height, for H units. inside : what the box holds
    title, told : what is said of one chain. titles, own : the same of two: what each of them keeps
    unrolled : what is added when it is unrolled
    """

    half: float
    weights: tuple[str, str]
    drawing: Count
    names: tuple[tuple[Place, str, str], ...]
    notes: tuple[tuple[float, Count], ...]
    inside: str
    title: str
    told: str
    titles: str
    own: str
    unrolled: str = ""


def _loop(classes: str, half: float, y: float, top: float, bulge: float) -> str:
    """From the right edge of the box over its top to the left edge, at the height y on both sides."""
    reach, flat = half + bulge, half * 0.62
    return (
        f'<path class="loop {classes}" d="M{half:g} {y:g}C{reach:g} {y:g} {reach:g} {top:g} {flat:g} {top:g}'
        f'H{-flat:g}C{-reach:g} {top:g} {-reach:g} {y:g} {-half - 6:g} {y:g}"/>'
        f'<path class="looptip" d="M{-half - 1:g} {y:g}l-11-5v10z"/>'
    )


def _valve(x: float, y: float, width: float) -> str:
    return (
        f'<rect class="valve" x="{x - width / 2:g}" y="{y - VALVE / 2:g}" width="{width:g}" '
        f'height="{VALVE:g}" rx="5"/>'
    )


def _road(half: float) -> str:
    bed = f'<rect class="roadbed" x="{-half:g}" y="{ROAD - 9:g}" width="{2 * half:g}" height="18"/>'
    return f'{bed}<path class="roadline" d="M{-half:g} {ROAD:g}H{half:g}"/>'


def units(count: int) -> str:
    """The hidden units, as many as are told apart."""
    shown = min(count, SHOWN)
    radius = min(15.0, BOX / (2.6 * shown + 1))
    centres = (BOX * (k + 1) / (shown + 1) - BOX / 2 for k in range(shown))
    return "".join(f'<circle class="unit" cx="0" cy="{y:.1f}" r="{radius:.1f}"/>' for y in centres)


def _elman(count: int) -> str:
    return _loop("", 52, -16, -122, 150) + units(count)


def _lstm(count: int) -> str:
    """The road with its valve and its on-ramp; the state that comes down from it; the gates' common line."""
    half = 120.0
    return "".join(
        (
            _loop("byroad", half, ROAD, -96, 62),
            _loop("", half, 6, -142, 106),
            _road(half),
            f'<path class="inner" d="M{-half:g} 6H-104Q-96 6 -96 14V{WIRE:g}M{-half:g} {WIRE:g}H74V3'
            f'M-72 {WIRE:g}V-29M-16 {WIRE:g}V13M-16 -9V-32"/>',
            f'<path class="inner state" d="M98 {ROAD:g}V6H{half:g}M98 6V{WIRE:g}H{half:g}"/>',
            _valve(-72, ROAD, 44),
            _valve(-16, 2, 54),
            _valve(84, -8, 44),
            junction(-16, ROAD),
        )
    )


def _gru(count: int) -> str:
    """The road with its mixer; the old state on its way to the gates, and past the reset to the candidate."""
    half = 120.0
    return "".join(
        (
            _loop("byroad", half, ROAD, -112, 92),
            _road(half),
            f'<path class="inner" d="M-106 {ROAD:g}V{WIRE + 14:g}M{-half:g} {WIRE:g}H-114Q-106 {WIRE:g} -106 '
            f'{WIRE + 8:g}M-106 {WIRE + 14:g}H20V11M-70 {WIRE + 14:g}V11M-39 {WIRE + 14:g}V-29M-106 0H-92'
            f'M-48 0H-28M20 -11V-32"/>',
            f'<path class="inner state" d="M98 {ROAD:g}V{WIRE:g}H{half:g}"/>',
            _valve(-39, ROAD, 40),
            _valve(-70, 0, 44),
            _valve(22, 0, 92),
            junction(20, ROAD),
        )
    )


def _many(count: int, gates: int = 1) -> str:
    told = f"{count} \u00d7 {count} = " + n_("{count} arrow", "{count} arrows", gates * count * count)
    return told if gates == 1 else f"{gates} \u00d7 {told}"


W_H = 'W<tspan class="sub" dy="3.5">h</tspan>'

ELMAN = Loops(
    52,
    ("xh", "hh"),
    _elman,
    (((0, -132), "W", "hh"),),
    ((-98, _many), (-79, lambda count: _("every unit to every unit"))),
    "",
    N_("One cell with a loop."),
    N_(
        "The network keeps a state h and reads one word at a time. The loop hands h back in with the next "
        "word."
    ),
    N_("Two cells, each with a loop."),
    N_("a state"),
)
LSTM = Loops(
    120,
    ("x", "h"),
    _lstm,
    (((-72, ROAD + 5), "\u00d7 f", ""), ((-16, 7), "i \u2299 g", ""), ((84, -3), "\u00d7 o", "")),
    (
        (-117, lambda count: _("h through") + f' {W_H}<tspan dy="-3.5">: {_many(count, 4)}</tspan>'),
        (-72, lambda count: _("c past all weights: × f, + i ⊙ g")),
    ),
    N_("4 gates"),
    N_("One cell with two loops."),
    N_(
        "The network keeps a state h and a road c, and reads one word at a time. One loop hands h back "
        "through the weights with the next word. The other carries c past them: f keeps some of it, i ⊙ g "
        "adds to it, and o shows h."
    ),
    N_("Two cells, each with two loops."),
    N_("a state h and a road c"),
    N_("c is the road above the cells; h goes from cell to cell."),
)
GRU = Loops(
    120,
    ("x", "h"),
    _gru,
    (((-39, ROAD + 5), "\u00d7 z", ""), ((-70, 5), "\u00d7 r", ""), ((22, 5), "(1\u2212z) \u2299 n", "")),
    (
        (-91, lambda count: _("h past the weights, as far as z keeps it,")),
        (-73, lambda count: _("and through") + f' {W_H}<tspan dy="-3.5">: {_many(count, 3)}</tspan>'),
    ),
    N_("2 gates and a candidate"),
    N_("One cell with a loop and valves."),
    N_(
        "The network keeps a state h and reads one word at a time. The loop hands h back in twice: to the "
        "gates through the weights, and straight on, where z keeps some of it and mixes in the new n. r "
        "opens the past to n."
    ),
    N_("Two cells, each with a loop and valves."),
    N_("a state"),
    N_("The road above the cells takes h past the weights."),
)


def names(cell: Loops, turn: float) -> str:
    """What is written in the box and on its loop; turn : -1 for a cell that reads from right to left."""
    return "".join(symbol(turn * x, y, name, index) for (x, y), name, index in cell.names)
