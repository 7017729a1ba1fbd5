"""The moulds of coins: what the page needs to make the coin of any step, which is not drawn here.

A coin repeats numbers that stand in the columns, so `coins.js` makes it when a frame shows it.
"""

from collections.abc import Callable

from app.stage.marks import TRANSPOSE
from app.stage.matrix import BASE, Matrix, pays_numbers, shows_products
from app.stage.portraits import PORTRAITS
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.stage.weights import Weight

Sources = dict[str, str]
PITCH = 24  # the factor on top stands so far above the first row
BLAMED = {"da": "\u03b4", "du": "r\u2299\u03b4", "dz": "\u2202L/\u2202z"}
"""What stands on top of a coin, by the array it is a step of."""


def mould(shape: Shape, sheet: Sheet, name: str, place: Matrix) -> str:
    """What the coins of a weight lie on, and where their numbers stand; see SOURCES."""
    head = '<g class="layer coin mould"'
    if not pays_numbers(shape, name):
        edge = f'x="-3" y="-3" width="{place.width + 6:g}" height="{place.depth + 6:g}" rx="5"'
        return f'{head} {place.corner}><rect class="coinframe" {edge}/></g>'
    weight = shape.weights[name]
    sources = SOURCES[weight.role](shape, sheet, weight)
    data = "".join(f' data-{key}="{value}"' for key, value in sources.items())
    size = f'width="{place.width + 2:g}" height="{place.depth + 2:g}"'
    veil = "" if weight.flat else f'<rect class="veil" x="-2" y="{-BASE - 2}" {size} rx="5"/>'
    factors = _factors(weight, sources["before"], place) if "before" in sources else ""
    return f"{head} {place.at}{data}>{veil}{factors}</g>"


def _factors(weight: Weight, before: str, place: Matrix) -> str:
    """What the two factors of a coin are; the page writes the step. before : of what entered"""
    blamed, y = BLAMED[weight.blame.split("_")[0]], -PITCH
    return (
        f'<text class="said fw" x="-29" y="{y}" text-anchor="middle">h{_step(before)}'
        f'<tspan class="sub" dy="-9.5">{TRANSPOSE}</tspan></text>'
        f'<text class="said" x="{place.width + 3:g}" y="{y}">{blamed}{_step("0")}</text>'
    )


def _step(away: str) -> str:
    return f'<tspan class="sub" dy="3.5" data-away="{away}"></tspan>'


def _of_words(shape: Shape, sheet: Sheet, weight: Weight) -> Sources:
    return {"blame": weight.blame, "rows": sheet.line("row tops")}


def _of_state(shape: Shape, sheet: Sheet, weight: Weight) -> Sources:
    lane = shape.lane(weight.key)
    found = {"blame": weight.blame, "seen": f"h{lane.suffix}", "before": str(lane.before(0))}
    return found | _products(shape, sheet, weight)


def _of_bias(shape: Shape, sheet: Sheet, weight: Weight) -> Sources:
    lane = shape.lane(weight.key)
    steps = range(1, lane.steps + 1)
    arrays = [f"dh{lane.suffix}" if shape.late(lane, t) else weight.blame for t in steps]
    return {"blame": " ".join(arrays if len(set(arrays)) > 1 else arrays[:1])}


def _of_answer(shape: Shape, sheet: Sheet, weight: Weight) -> Sources:
    if weight.flat:
        return {"blame": weight.blame}
    seen = " ".join(f"h{lane.suffix}" for lane in shape.lanes)
    return {"blame": weight.blame, "seen": seen, "before": "0"} | _products(shape, sheet, weight)


SOURCES: dict[str, Callable[[Shape, Sheet, Weight], Sources]] = {
    "words": _of_words,
    "state": _of_state,
    "bias": _of_bias,
    "readout": _of_answer,
}
"""What a mould says, by the role of its weight.

blame : the array over time that is dL/d(its output); one for each step where they differ
rows : where the row that a step pays to has its top, one for each step
seen, before : the arrays that entered, and how many steps away. products : of both, step by step
"""


def _products(shape: Shape, sheet: Sheet, weight: Weight) -> Sources:
    return {"products": _listed(sheet, f"in-{weight.key}")} if shows_products(shape) else {}


def _listed(sheet: Sheet, name: str) -> str:
    """All numbers of an array, each as its colour and its text."""
    cells = sheet.cells[name]
    return " ".join(f"{tone} {text}" for tone, text in zip(cells.tones, cells.texts, strict=True))


def untold(shape: Shape, sheet: Sheet, gate: str) -> str:
    """What a gate is blamed for, where the cells stay closed and nothing else on the page has it."""
    portrait = PORTRAITS[shape.cell]
    if not portrait.gates or portrait.opens(shape.steps):
        return ""
    paid = [shape.weights[name] for name in shape.of_gate(gate) if pays_numbers(shape, name)]
    arrays = dict.fromkeys(weight.blame for weight in paid if weight.role != "readout")
    return "".join(
        f'<data id="all-{name}" hidden="" value="{_listed(sheet, name)}"></data>' for name in arrays
    )
