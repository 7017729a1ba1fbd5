"""From a run to the strings of its sheet. Numbers of one kind are written and coloured in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.stage.cards import card_lines, label_lines
from app.stage.column import left
from app.stage.formulas import WHOLE
from app.stage.heads import HEADS
from app.stage.layout import MIDDLE
from app.stage.marks import bands, tiles
from app.stage.matrix import all_numbered, matrix_of, shows_products
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE, Kind, written
from app.stage.overview import overview_lines
from app.stage.paths import CURVE, pulse_places, tenths_encoded
from app.stage.phrases import phrase_lines
from app.stage.portraits import PORTRAITS
from app.stage.rack import norm_numbers, paid_norms
from app.stage.shape import Shape
from app.stage.sheet import Index, Numbers, Place
from app.stage.template import encoded
from app.stage.words import word_lines

Named = dict[str, NDArray[np.float64]]
Norms = dict[str, Named]
CORNER = np.array([0, 1, 2, -1])  # what a formula shows of more rows or columns than WHOLE
LARGEST = float(np.finfo(float).max)


@dataclass(frozen=True)
class Arrays:
    """Numbers that are written and coloured alike, by name. shown: as far as they appear as text."""

    whole: Named
    shown: Named
    scale: float
    trim: bool


@dataclass(frozen=True)
class Reading:
    """What a run's sheet is made of. places: coordinates. lines: everything that is neither.

    entries, labels : the arrays and lines with a row for each word of the vocabulary. They stand last: in a
    larger vocabulary nothing else moves.
    written : the texts and colours of `arrays`, and of `entries`
    """

    arrays: tuple[Arrays, ...]
    places: Named
    lines: dict[str, list[str]]
    entries: tuple[Arrays, ...]
    labels: dict[str, list[str]]
    written: list[list[bytes]]

    def strings(self) -> list[bytes]:
        """All strings of the sheet in UTF-8: texts of the numbers, their colours, coordinates, lines."""
        numbers, entries = self.written
        lines, labels = (encoded(list(chain(*of.values()))) for of in (self.lines, self.labels))
        return [*numbers, *tenths_encoded(_flat(self.places)), *lines, *entries, *labels]

    @property
    def count(self) -> int:
        """How many strings there are."""
        places = sum(array.size for array in self.places.values())
        lines = sum(len(texts) for of in (self.lines, self.labels) for texts in of.values())
        return 2 * (_count(self.arrays) + _count(self.entries)) + places + lines

    def index(self) -> Index:
        """Where each of them stands."""
        sizes = {name: array.size for name, array in self.places.items()}
        sizes |= {name: len(texts) for name, texts in self.lines.items()}
        lines = _slices(2 * _count(self.arrays), sizes)
        first = 2 * _count(self.arrays) + sum(sizes.values())
        cells = _placed(0, self.arrays) | _placed(first, self.entries)
        labels = {name: len(texts) for name, texts in self.labels.items()}
        return Index(cells, lines | _slices(first + 2 * _count(self.entries), labels))


def kinds(arrays: tuple[Arrays, ...]) -> list[Kind]:
    """Their numbers as they are written."""
    return [Kind(list(kept.shown.values()), kept.scale, kept.trim) for kept in arrays]


def _count(arrays: tuple[Arrays, ...]) -> int:
    return sum(array.size for kept in arrays for array in kept.shown.values())


def _placed(first: int, arrays: tuple[Arrays, ...]) -> dict[str, Place]:
    """Where arrays stand whose texts begin at `first`, with their colours behind all texts."""
    cells, count = {}, _count(arrays)
    for kept in arrays:
        for name, array in kept.shown.items():
            (rows, columns), (tall, wide) = kept.whole[name].shape, array.shape
            cells[name] = Place(first, count + first, tall, wide, cut=wide < columns, low=tall < rows)
            first += array.size
    return cells


def _slices(first: int, sizes: dict[str, int]) -> dict[str, slice]:
    """Where so many strings of each name stand, one after the other."""
    starts = accumulate(sizes.values(), initial=first)
    return {name: slice(start, start + sizes[name]) for name, start in zip(sizes, starts, strict=False)}


def _flat(arrays: Named) -> NDArray[np.float64]:
    return np.concatenate([array.ravel() for array in arrays.values()])


def read(run: Run, shape: Shape) -> Reading:
    """What the sheet of a run is made of."""
    totals, paid = _totals(run, shape), paid_norms(run, shape)
    norms = {lane.chain: PORTRAITS[shape.cell].norms(run, lane) for lane in shape.lanes}
    sizes = _sizes(run, shape, norms, norm_numbers(shape, totals, paid))
    weights, news = _by_key(run.parameters, shape), _by_key(run.update.parameters, shape)
    steps, inputs, others = _steps(run, totals), shape.inputs, shape.others
    sums = _called("sum ", totals, inputs if len(shape.gates) == 1 else ())
    forward = sizes | _states(run, shape) | _called("new-", news, others)
    backward = _blame(run, shape) | _called("tot-", totals, others) | _called("step-", steps, others)
    slopes = _called("tot-", totals, inputs) | _called("step-", steps, inputs)
    arrays = (
        _arrays(forward, FORWARD_SCALE, False, shape),
        _arrays(_called("", weights, others), FORWARD_SCALE, True, shape),
        _arrays(backward, GRADIENT_SCALE, False, shape, sums),
    )
    entries = (
        _arrays(_called("new-", news, inputs), FORWARD_SCALE, False, shape),
        _arrays(_called("", weights, inputs), FORWARD_SCALE, True, shape),
        _arrays(slopes, GRADIENT_SCALE, False, shape),
    )
    texts = written(kinds(arrays), kinds(entries))
    lines = _lines(run, shape, paid, Numbers(arrays[0].shown, texts[0]))
    if not all_numbered(shape):
        for kept in (*arrays, *entries):
            lines |= _colour_alone(kept.whole, kept.scale, shape)
    places = _places(run, shape, norms, sizes)
    return Reading(arrays, places, lines, entries, label_lines(run, shape), texts)


def _called(prefix: str, arrays: Named, keys: Sequence[str]) -> Named:
    """Those of some weights, by the name of what shows them."""
    return {prefix + key: arrays[key] for key in keys}


def _arrays(whole: Named, scale: float, trim: bool, shape: Shape, cut: Named | None = None) -> Arrays:
    """Arrays as far as they appear. cut : more of them, of which a formula shows the corner."""
    shown = whole if all_numbered(shape) else {name: _cut(name, of, shape) for name, of in whole.items()}
    if cut:
        shown = shown | {name: _corner(of, len(of) > WHOLE) for name, of in cut.items()}
    return Arrays(whole | cut if cut else whole, shown, scale, trim)


def _totals(run: Run, shape: Shape) -> Named:
    """The gradient of each parameter."""
    sums = {group: {name: of.total for name, of in names.items()} for group, names in run.gradients.items()}
    return _by_key(sums, shape)


def _by_key(parameters: dict[str, dict[str, NDArray[np.float64]]], shape: Shape) -> Named:
    """Every weight as a matrix."""
    return {key: weight.of(parameters, shape.units) for key, weight in shape.weights.items()}


def _states(run: Run, shape: Shape) -> Named:
    """What runs forward: (T, H) over time, (1, H) at one time, (1, 1) at the output; and the slopes."""
    portrait, head, change = PORTRAITS[shape.cell], HEADS[shape.task], run.update
    found = head.forward(run, shape)
    for lane in shape.lanes:
        start = {"h0": run.forward.chains[lane.chain].chain.h_0}
        found |= lane.named(portrait.forward(run, lane) | start)
    if shape.again and change.forward is not None:
        found |= head.again(run, shape)
        for lane in shape.lanes:
            found |= lane.named(portrait.again(change.forward.chains[lane.chain]))
    return found


def _sizes(run: Run, shape: Shape, norms: Norms, of_weights: Named) -> Named:
    """Numbers that stand by themselves and carry no colour, as rows."""
    found = of_weights
    for lane in shape.lanes:
        found |= lane.named(norms[lane.chain])
    found |= HEADS[shape.task].sizes(run, shape)
    return {name: array[None] for name, array in found.items()}


def _blame(run: Run, shape: Shape) -> Named:
    """What runs backward, and the products inside the coins of the recurrent weights, (T H, H)."""
    portrait = PORTRAITS[shape.cell]
    found = HEADS[shape.task].backward(run, shape)
    for lane in shape.lanes:
        found |= lane.named(portrait.backward(run, lane))
    if shows_products(shape):
        found |= _products(run, shape)
    return found


def _products(run: Run, shape: Shape) -> Named:
    """What stands inside the coins of the weights that states enter."""
    found = {}
    for key in shape.shared:
        weight = shape.weights[key]
        outer = weight.gradient(run)
        if (weight.role == "state" or key == "W_hy") and matrix_of(shape, key).numbered:
            left, right = np.asarray(outer.left)[:, 0], outer.right[:, 0]
            found[f"in-{key}"] = (left[:, :, None] * right[:, None, :]).reshape(-1, right.shape[1])
    return found


def _steps(run: Run, totals: Named) -> Named:
    """The step that the update takes with each parameter, held within float64."""
    rate = -run.experiment.learning_rate * run.update.clip_scale
    if abs(rate) <= 1.0:
        return {name: rate * total for name, total in totals.items()}
    with np.errstate(over="ignore"):
        return {name: np.clip(rate * total, -LARGEST, LARGEST) for name, total in totals.items()}


def _places(run: Run, shape: Shape, norms: Norms, sizes: Named) -> Named:
    geo, head = shape.geometry, HEADS[shape.task]
    pulses = {lane.suffix: np.concatenate(list(norms[lane.chain].values())) for lane in shape.lanes}
    found = pulse_places(pulses | head.pulses(run), geo) | head.places(run, shape, sizes)
    if geo.numbered:
        for lane in shape.lanes:
            found |= lane.named(PORTRAITS[shape.cell].places(run, lane, geo, left(lane, MIDDLE, CURVE)))
    return found


def _lines(run: Run, shape: Shape, paid: Named, numbers: Numbers) -> dict[str, list[str]]:
    portrait = PORTRAITS[shape.cell]
    told = {
        f"{name}{lane.suffix}": texts
        for lane in shape.lanes
        for name, texts in portrait.lines(run, lane, numbers).items()
    }
    return {
        **word_lines(run, shape),
        **phrase_lines(run, shape, paid, numbers),
        **told,
        **HEADS[shape.task].lines(run, shape, numbers),
        **card_lines(run, shape),
        **overview_lines(run, shape),
    }


def _parameter(name: str, shape: Shape) -> str:
    """The parameter whose matrix an array is or belongs to, "" for an array over time."""
    found = name.rpartition("-")[2]
    return found if found in shape.weights else ""


@lru_cache(maxsize=4096)
def _numbered(name: str, shape: Shape) -> bool:
    """Whether the drawing shows this array's numbers, not its colours alone."""
    parameter = _parameter(name, shape)
    if parameter:
        return matrix_of(shape, parameter).numbered
    vectors = PORTRAITS[shape.cell].vectors | HEADS[shape.task].vectors
    return shape.geometry.numbered or not _among(name, vectors)


def _among(name: str, names: frozenset[str]) -> bool:
    """Whether an array is one of these, of whichever chain."""
    return name in names or name.removesuffix("_r") in names


def _colour_alone(arrays: Named, scale: float, shape: Shape) -> dict[str, list[str]]:
    """What is drawn of the arrays whose numbers are not shown."""
    drawn = {}
    for name, array in arrays.items():
        if _numbered(name, shape):
            continue
        parameter = _parameter(name, shape)
        if parameter:
            drawn[f"block {name}"] = [tiles(array, matrix_of(shape, parameter), scale)]
        elif not _among(name, PORTRAITS[shape.cell].colourless):
            drawn[f"band {name}"] = bands(shape.geometry, array, scale)
    return drawn


def _cut(name: str, array: NDArray[np.float64], shape: Shape) -> NDArray[np.float64]:
    """The array as far as its numbers appear: in the drawing all of them, in a formula the corner."""
    if _numbered(name, shape):
        return array
    return _corner(array, bool(_parameter(name, shape)) and len(array) > WHOLE)


def _corner(array: NDArray[np.float64], low: bool) -> NDArray[np.float64]:
    """The first three columns and the last one of many; and the rows, where it is low."""
    columns = array[:, CORNER] if array.shape[1] > WHOLE else array
    return columns[CORNER] if low else columns
