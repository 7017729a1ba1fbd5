"""The one set of weights: a card for each parameter, with a rack for the coins that the steps pay in.

A card shows five layers in the same place, so that the eye never has to travel: the weight, the coin of a
step (what entered on the left, what it is blamed for on top, their products inside), the total, the step -eta
g, and the new weight. The storyboard says which layer is lit.
"""

from collections.abc import Callable
from html import escape

from app.experiments.run import Run
from app.numerals import tint
from app.stage.marks import row, rows
from app.stage.matrix import BASE, TOP, Matrix, matrix_of, shows_products
from app.stage.rack import RACK, rack, rack_depth, whole
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.stage.weights import Weight
from app.stage.words import abridged

FOOT = 16  # room for names below a matrix
LABEL_ROOM, LABEL_PITCH = 7, 13  # characters beside a row of W_xh; the least height that a label needs
LAYERS = {"": "w", "tot-": "total", "step-": "step", "new-": "new"}


def cards(shape: Shape, sheet: Sheet, gate: str) -> str:
    """The shared parameters of one gate, each an SVG of its own for the page to wrap."""
    return "".join(_weight_card(shape, sheet, name) for name in shape.of_gate(gate))


def _weight_card(shape: Shape, sheet: Sheet, name: str) -> str:
    place, weight = matrix_of(shape, name), shape.weights[name]
    x = place.left + place.width + 12
    ground = place.depth + (FOOT if weight.role == "readout" else 0)
    height = TOP + max(ground, rack_depth(shape.steps) + 2) + 14
    flat = weight.role == "bias" or name == "b_y"
    size = str(place.columns) if flat else f"{place.rows} \u00d7 {place.columns}"
    return "".join(
        (
            f'<svg id="{name}" class="weights" data-name="{name}" width="{x + RACK:g}" height="{height:g}" '
            f'viewBox="0 0 {x + RACK:g} {height:g}" role="group" aria-label="{name}, {size}">',
            _title(weight, size, place.left),
            _word_labels(sheet, place, weight) if weight.role == "words" else "",
            _answer_labels(sheet, place) if weight.role == "readout" else "",
            _layers(sheet, name, place),
            _coins(shape, sheet, name, place),
            rack(shape, sheet, name, x),
            "</svg>",
        )
    )


def _title(weight: Weight, size: str, x: float) -> str:
    return (
        f'<text class="wname" x="{x:g}" y="16">{weight.letter}'
        f'<tspan class="sub" dy="3.5">{weight.index}</tspan>'
        f'<tspan class="shape" dx="7" dy="-3.5">{size}</tspan></text>'
    )


def card_lines(run: Run, shape: Shape) -> dict[str, list[str]]:
    """Where the row of each step's word stands, and the names of the rows that words pick."""
    inputs = [key for key, weight in shape.weights.items() if weight.role == "words"]
    place = matrix_of(shape, inputs[0])
    lines = {"row top": [f"{row * place.down:g}" for row in run.ids]}
    labels = {
        i: escape(abridged(run.vocabulary[i], LABEL_ROOM)[0])
        for i in (range(place.rows) if place.numbered else sorted(set(run.ids)))
    }
    if place.numbered:
        return lines | {"vocabulary": list(labels.values())}
    fit = len(labels) * LABEL_PITCH <= place.depth
    for key in inputs:
        drawn = (_word_label(shape.weights[key], place, i, text) for i, text in labels.items())
        lines[f"word labels {key}"] = ["".join(drawn) if fit else ""]
    return lines


def _word_labels(sheet: Sheet, place: Matrix, weight: Weight) -> str:
    """Row names: the words of the vocabulary, or only those of the sentence when there are many."""
    if not place.numbered:
        return sheet.line(f"word labels {weight.key}")
    return "".join(_word_label(weight, place, i, text) for i, text in enumerate(sheet.lines["vocabulary"]))


def _word_label(weight: Weight, place: Matrix, i: int, text: str) -> str:
    y = TOP + i * place.down + min(place.down, 22) / 2 + 4
    at = f'x="{place.left - 8:g}" y="{y:.1f}" text-anchor="end"'
    return f'<text id="{weight.labels}-{i}" class="wlabel" {at}>{text}</text>'


def _answer_labels(sheet: Sheet, place: Matrix) -> str:
    """Column names of a readout with an output for each word."""
    if not place.numbered:
        return ""
    y, middle = TOP + place.depth + 13, place.across / 2 - 1
    return "".join(
        f'<text class="wlabel" x="{place.left + j * place.across + middle:g}" y="{y:g}" text-anchor="middle">'
        f"{text}</text>"
        for j, text in enumerate(sheet.lines["answers"])
    )


def _layers(sheet: Sheet, name: str, place: Matrix) -> str:
    """The weight, its gradient, the step and the new weight, one over the other."""
    return "".join(_layer(sheet, prefix + name, f"layer {kind}", place) for prefix, kind in LAYERS.items())


def _layer(sheet: Sheet, name: str, kind: str, place: Matrix) -> str:
    head = f'<g id="{name}-all" class="{kind}"'
    if not place.numbered:
        frame = f'<rect class="band" x="0" y="0" width="{place.width:g}" height="{place.depth:g}"/>'
        return f"{head} {place.corner}>{sheet.line(f'block {name}')}{frame}</g>"
    cells = sheet.cells[name]
    lines = [cells.row(i) for i in range(place.rows)]
    return f"{head} {place.at}>{rows(name, lines, place.across, place.down)}</g>"


def _coins(shape: Shape, sheet: Sheet, name: str, place: Matrix) -> str:
    """What each step pays in, as a product: left factor beside the rows, right factor above the columns."""
    edge = f'x="-3" y="-3" width="{place.width + 6:g}" height="{place.depth + 6:g}" rx="5"'
    frame = f'<rect class="coinframe" {edge}/>'
    at, coin = (place.at, COINS[shape.weights[name].role]) if place.numbered else (place.corner, None)
    return "".join(
        f'<g id="coin-{name}-{t}" class="layer coin t-{tint(t, shape.steps)}" {at}>'
        f"{coin(shape, sheet, shape.weights[name], t, place) if coin else frame}</g>"
        for t in range(1, shape.steps + 1)
    )


def _line(prefix: str, place: Matrix, cells: list[tuple[str, str]], y: str, kind: str = "") -> str:
    """One row of cells at a height of the matrix; `prefix` is the group's id."""
    return f'<g id="{prefix}" class="vec {kind}" transform="translate(0 {y})">{row(cells, place.across)}</g>'


def _coin_of_words(shape: Shape, sheet: Sheet, weight: Weight, t: int, place: Matrix) -> str:
    return _veil(place) + _line(
        f"in-{weight.key}-{t}", place, sheet.cells[weight.blame].row(t - 1), sheet.line("row top", t - 1)
    )


def _coin_of_state(shape: Shape, sheet: Sheet, weight: Weight, t: int, place: Matrix) -> str:
    lane = shape.lane(weight.key)
    return _product(shape, sheet, weight, t, place, lane.row(sheet, "h", lane.before(t)))


def _product(
    shape: Shape, sheet: Sheet, weight: Weight, t: int, place: Matrix, states: list[tuple[str, str]]
) -> str:
    """A coin with its margins: the states that were seen on the left, what they are blamed for on top."""
    key = weight.key
    seen = "".join(
        f'<g class="c {tone}"><rect x="-52" y="{i * place.down - BASE:g}"/>'
        f'<text x="-29" y="{i * place.down:g}">{text}</text></g>'
        for i, (tone, text) in enumerate(states)
    )
    above = _line(f"top-{key}-{t}", place, sheet.cells[weight.blame].row(t - 1), "-24", "blame")
    inside = ""
    if shows_products(shape):
        first = (t - 1) * place.rows
        lines = [sheet.cells[f"in-{key}"].row(first + i) for i in range(place.rows)]
        inside = rows(f"in-{key}-{t}", lines, place.across, place.down)
    return f'{above}<g id="left-{key}-{t}" class="vec seen">{seen}</g>{_veil(place)}{inside}'


def _coin_of_bias(shape: Shape, sheet: Sheet, weight: Weight, t: int, place: Matrix) -> str:
    blame = weight.blame if shape.inside[t - 1] else f"dh{weight.suffix}"
    return _line(f"in-{weight.key}-{t}", place, sheet.cells[blame].row(t - 1), "0")


def _coin_of_answer(shape: Shape, sheet: Sheet, weight: Weight, t: int, place: Matrix) -> str:
    """Of a readout at every step: the states it read, and what its logits are blamed for."""
    blame = sheet.cells[weight.blame].row(t - 1)
    if weight.key == "b_y":
        return _line(f"in-{weight.key}-{t}", place, blame, "0")
    states = [cell for lane in shape.lanes for cell in lane.row(sheet, "h", t)]
    return _product(shape, sheet, weight, t, place, states)


COINS: dict[str, Callable[[Shape, Sheet, Weight, int, Matrix], str]] = {
    "words": _coin_of_words,
    "state": _coin_of_state,
    "bias": _coin_of_bias,
    "readout": _coin_of_answer,
}


def _veil(place: Matrix) -> str:
    size = f'width="{place.width + 2:g}" height="{place.depth + 2:g}"'
    return f'<rect class="veil" x="-2" y="{-BASE - 2}" {size} rx="5"/>'


def readout_card(shape: Shape, sheet: Sheet) -> str:
    """W_hy and b_y: no time passes through them, so their gradient arrives whole. Else nothing."""
    if not shape.whole:
        return ""
    place = matrix_of(shape, "W_hy")
    width, height, size = 152, TOP + max(place.depth, 70) + 14, f"{place.rows} \u00d7 1"
    parts = [
        f'<svg id="W_hy" class="weights" data-name="W_hy" width="{width}" height="{height:g}" viewBox="0 0 '
        f'{width} {height:g}" '
        f'role="group" aria-label="W_hy, {size}, and b_y">',
        _title(shape.weights["W_hy"], size, 4),
        _layers(sheet, "W_hy", place),
        whole(sheet, "W_hy", 58, TOP),
    ]
    if "b_y" in shape.outer:
        parts += [
            f'<g transform="translate(0 30)"><text class="wname" x="58" y="{TOP + 15}">'
            'b<tspan class="sub" dy="3.5">y</tspan></text>',
            _layers(sheet, "b_y", matrix_of(shape, "b_y")),
            whole(sheet, "b_y", 58, TOP + 24),
            "</g>",
        ]
    return "".join(parts) + "</svg>"
