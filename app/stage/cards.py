"""The one set of weights: a card for each parameter, with a rack for the coins that the steps pay in.

A card shows five layers in the same place, so that the eye never has to travel: the weight, the coin of a
step (what entered on the left, what it is blamed for on top, their products inside), the total, the step -eta
g, and the new weight. The storyboard says which layer is lit.
"""

from functools import lru_cache

from app.experiments.run import Run
from app.stage.marks import rows
from app.stage.matrix import BASE, TOP, Matrix, matrix_of
from app.stage.moulds import mould
from app.stage.rack import RACK, rack, rack_depth, whole
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.stage.weights import Weight
from app.stage.words import fitted
from app.wording.catalogue import _

FOOT = 16  # room for names below a matrix
LABEL_ROOM, LABEL_PITCH = 7, 13  # characters beside a row of W_xh; the least height that a label needs
LAYERS = {"": "w", "tot-": "total", "step-": "step", "new-": "new"}
SAID = {
    "total": "\u2202L/\u2202{0}",
    "step": "\u2212\u03b7 \u2202L/\u2202{0}",
    "new": "{0} \u2212 \u03b7 \u2202L/\u2202{0}",
}
"""What a layer shows, by kind: the title above it names the weight, whose numbers are not there now."""


def card(shape: Shape, sheet: Sheet, name: str) -> str:
    """A shared parameter, an SVG of its own for the page to wrap."""
    place, weight = matrix_of(shape, name), shape.weights[name]
    x = place.left + place.width + 12
    ground = place.depth + (FOOT if weight.role == "readout" else 0)
    height = TOP + max(ground, rack_depth(shape.steps) + 2) + 14
    size = str(place.columns) if weight.flat else f"{place.rows} \u00d7 {place.columns}"
    return "".join(
        (
            f'<svg id="{name}" class="weights" data-name="{name}" width="{x + RACK:g}" height="{height:g}" '
            f'viewBox="0 0 {x + RACK:g} {height:g}" role="group" aria-label="{name}, {size}">',
            _title(weight, size, place.left),
            _word_labels(sheet, place, weight) if weight.role == "words" else "",
            _answer_labels(sheet, place) if weight.role == "readout" else "",
            _layers(sheet, name, place, weight.letter),
            mould(shape, sheet, name, place),
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
    """Where the rows of the steps' words stand."""
    down = matrix_of(shape, shape.inputs[0]).down
    return {"row tops": [" ".join([_top(row, down) for row in run.ids])]}


@lru_cache(maxsize=4096)
def _top(row: int, down: float) -> str:
    return f"{row * down:g}"


def label_lines(run: Run, shape: Shape) -> dict[str, list[str]]:
    """The names of the rows that words pick."""
    place = matrix_of(shape, shape.inputs[0])
    if place.numbered:
        return {"vocabulary": [fitted(word, LABEL_ROOM) for word in run.vocabulary]}
    labels = {i: fitted(run.vocabulary[i], LABEL_ROOM) for i in sorted(set(run.ids))}
    lines = {}
    fit = len(labels) * LABEL_PITCH <= place.depth
    for key in shape.inputs:
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


def _layers(sheet: Sheet, name: str, place: Matrix, letter: str = "") -> str:
    """The weight, its gradient, the step and the new weight, one over the other.

    letter : of the weight, where there is room to say which of them it is
    """
    return "".join(
        _layer(sheet, prefix + name, kind, place, SAID.get(kind, "").format(letter) if letter else "")
        for prefix, kind in LAYERS.items()
    )


def _layer(sheet: Sheet, name: str, kind: str, place: Matrix, said: str) -> str:
    head = f'<g id="{name}-all" class="layer {kind}"'
    if not place.numbered:
        frame = f'<rect class="band" x="0" y="0" width="{place.width:g}" height="{place.depth:g}"/>'
        return f"{head} {place.corner}>{sheet.line(f'block {name}')}{frame}{_said(said, -10)}</g>"
    cells = sheet.cells[name]
    lines = [cells.row(i) for i in range(place.rows)]
    return f"{head} {place.at}>{rows(name, lines, place.across, place.down)}{_said(said, -10 - BASE)}</g>"


def _said(said: str, y: float) -> str:
    return f'<text class="said" y="{y:g}">{said}</text>' if said else ""


def readout_card(shape: Shape, sheet: Sheet) -> str:
    """W_hy and b_y: no time passes through them, so their gradient arrives whole. Else nothing."""
    if not shape.whole:
        return ""
    place = matrix_of(shape, "W_hy")
    width, height, size = 152, TOP + max(place.depth, 70) + 14, f"{place.rows} \u00d7 1"
    parts = [
        f'<svg id="W_hy" class="weights" data-name="W_hy" width="{width}" height="{height:g}" viewBox="0 0 '
        f'{width} {height:g}" '
        f'role="group" aria-label="' + _("W_hy, {size}, and b_y", size=size) + '">',
        _title(shape.weights["W_hy"], size, 4),
        _layers(sheet, "W_hy", place, "W"),
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
