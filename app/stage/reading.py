"""From a run to the strings of its sheet. Numbers of one kind are written and coloured in one pass."""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.stage.bars import Stacks, bar_lines, bar_numbers, bar_places, stacks_of
from app.stage.cards import card_lines
from app.stage.ends import output_slope
from app.stage.formulas import WHOLE
from app.stage.marks import bands, tiles
from app.stage.matrix import all_numbered, matrix_of, shows_products
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE, Kind, written
from app.stage.paths import dot_lines, dot_places, pulse_places, tenths_encoded
from app.stage.phrases import phrase_lines, pulse_numbers
from app.stage.plot import plot_lines
from app.stage.rack import norm_numbers
from app.stage.readout import readout_lines
from app.stage.shape import Shape
from app.stage.sheet import Index, Place
from app.stage.template import encoded
from app.stage.words import word_lines

Named = dict[str, NDArray[np.float64]]
CORNER = np.array([0, 1, 2, -1])  # what a formula shows of more rows or columns than WHOLE
VECTORS = frozenset(("a", "f", "h", "xw", "hw", "h0", "fp", "b", "a2", "h2", "dh", "da"))  # one number a unit
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
    """What a run's sheet is made of. places: coordinates. lines: everything that is neither."""

    arrays: tuple[Arrays, ...]
    places: Named
    lines: dict[str, list[str]]

    def strings(self) -> list[bytes]:
        """All strings of the sheet in UTF-8: texts of the numbers, their colours, coordinates, lines."""
        kinds = [Kind(_flat(kept.shown), kept.scale, kept.trim) for kept in self.arrays]
        lines = encoded([text for lines in self.lines.values() for text in lines])
        return written(kinds) + tenths_encoded(_flat(self.places)) + lines

    def index(self) -> Index:
        """Where each of them stands."""
        count = sum(array.size for kept in self.arrays for array in kept.shown.values())
        cells, first = {}, 0
        for kept in self.arrays:
            for name, array in kept.shown.items():
                (rows, columns), (tall, wide) = kept.whole[name].shape, array.shape
                cells[name] = Place(first, count + first, tall, wide, cut=wide < columns, low=tall < rows)
                first += array.size
        sizes = {name: array.size for name, array in self.places.items()}
        sizes |= {name: len(texts) for name, texts in self.lines.items()}
        starts = accumulate(sizes.values(), initial=2 * count)
        lines = {name: slice(start, start + sizes[name]) for name, start in zip(sizes, starts, strict=False)}
        return Index(cells, lines)


def _flat(arrays: Named) -> NDArray[np.float64]:
    return np.concatenate([array.ravel() for array in arrays.values()])


def read(run: Run, shape: Shape) -> Reading:
    """What the sheet of a run is made of."""
    stacks = stacks_of(run, shape)
    totals = _totals(run, shape)
    sizes = _sizes(run, shape, stacks)
    forward = sizes | _states(run, shape)
    backward = _blame(run, shape) | _called("tot-", totals) | _called("step-", _steps(run, totals))
    kinds = (
        (forward | _called("new-", _by_key(run.update.parameters, shape)), FORWARD_SCALE, False),
        (_by_key(run.parameters, shape), FORWARD_SCALE, True),
        (backward, GRADIENT_SCALE, False),
    )
    places, lines = _places(run, shape, stacks), _lines(run, shape, stacks, sizes)
    if all_numbered(shape):
        return Reading(
            tuple(Arrays(whole, whole, scale, trim) for whole, scale, trim in kinds), places, lines
        )
    for whole, scale, _ in kinds:
        lines |= _colour_alone(whole, scale, shape)
    arrays = tuple(Arrays(whole, _cut_all(whole, shape), scale, trim) for whole, scale, trim in kinds)
    return Reading(arrays, places, lines)


def _called(prefix: str, arrays: Named) -> Named:
    return {prefix + name: array for name, array in arrays.items()}


def _totals(run: Run, shape: Shape) -> Named:
    """The gradient of each parameter."""
    sums = {group: {name: of.total for name, of in names.items()} for group, names in run.gradients.items()}
    return _by_key(sums, shape)


def _by_key(parameters: dict[str, dict[str, NDArray[np.float64]]], shape: Shape) -> Named:
    """Every weight as a matrix."""
    return {key: weight.of(parameters, shape.units) for key, weight in shape.weights.items()}


def _states(run: Run, shape: Shape) -> Named:
    """What runs forward: (T, H) over time, (1, H) at one time, (1, 1) at the output; and the slopes."""
    forward, change = run.forward, run.update
    found = {
        "a": forward.preactivation,
        "f": forward.activated,
        "h": forward.h,
        "xw": forward.input_term,
        "hw": forward.recurrent_term,
        "h0": forward.h_prev[:1],
        "fp": run.backward.slope,
        "z": _single(forward.logit),
        "y": _single(forward.y_hat),
        "sp": np.array([[output_slope(run)]]),
    }
    if shape.has_bias:
        found["b"] = run.parameters["left_to_right"]["b_h"].reshape(1, -1)
    if "b_y" in shape.outer:
        found["by"] = _single(run.parameters["readout"]["b_y"])
    if shape.again and change.forward is not None:
        again = change.forward
        found |= {
            "a2": again.preactivation,
            "h2": again.h,
            "z2": _single(again.logit),
            "y2": _single(again.y_hat),
        }
    return found


def _sizes(run: Run, shape: Shape, stacks: dict[str, Stacks]) -> Named:
    """Numbers that stand by themselves and carry no colour, as rows."""
    found = pulse_numbers(run) | norm_numbers(run, shape) | bar_numbers(stacks)
    return {name: array.reshape(1, -1) for name, array in found.items()} | {"L": np.array([[run.loss]])}


def _single(array: NDArray[np.float64]) -> NDArray[np.float64]:
    return array.reshape(1, 1)


def _blame(run: Run, shape: Shape) -> Named:
    """What runs backward, and the products inside the coins of W_hh, (T H, H)."""
    back = run.backward
    found = {
        "dh": back.d_h,
        "da": back.d_preactivation,
        "dz": _single(back.d_logit),
        "dy": _single(back.d_y_hat),
    }
    if shows_products(shape):
        products = run.forward.h_prev[:, :, None] * back.d_preactivation[:, None, :]
        found["in-W_hh"] = products.reshape(-1, shape.units)
    return found


def _steps(run: Run, totals: Named) -> Named:
    """The step that the update takes with each parameter, held within float64."""
    rate = -run.experiment.learning_rate * run.update.clip_scale
    if abs(rate) <= 1.0:
        return {name: rate * total for name, total in totals.items()}
    with np.errstate(over="ignore"):
        return {name: np.clip(rate * total, -LARGEST, LARGEST) for name, total in totals.items()}


def _places(run: Run, shape: Shape, stacks: dict[str, Stacks]) -> Named:
    geo = shape.geometry
    return pulse_places(run, geo) | bar_places(stacks) | (dot_places(run, geo) if geo.numbered else {})


def _lines(run: Run, shape: Shape, stacks: dict[str, Stacks], sizes: Named) -> dict[str, list[str]]:
    geo = shape.geometry
    return {
        **word_lines(run, shape),
        **phrase_lines(run, shape, sizes),
        **plot_lines(run),
        **readout_lines(run, geo),
        **card_lines(run, shape),
        **bar_lines(run, shape, stacks),
        **(dot_lines(run) if geo.numbered else {}),
    }


def _parameter(name: str, shape: Shape) -> str:
    """The parameter whose matrix an array is or belongs to, "" for an array over time."""
    found = name.rpartition("-")[2]
    return found if found in shape.weights else ""


def _numbered(name: str, shape: Shape) -> bool:
    """Whether the drawing shows this array's numbers, not its colours alone."""
    parameter = _parameter(name, shape)
    if parameter:
        return matrix_of(shape, parameter).numbered
    return shape.geometry.numbered or name not in VECTORS


def _colour_alone(arrays: Named, scale: float, shape: Shape) -> dict[str, list[str]]:
    """What is drawn of the arrays whose numbers are not shown."""
    drawn = {}
    for name, array in arrays.items():
        if _numbered(name, shape):
            continue
        parameter = _parameter(name, shape)
        if parameter:
            drawn[f"block {name}"] = [tiles(array, matrix_of(shape, parameter), scale)]
        elif name not in ("fp", "f"):
            drawn[f"band {name}"] = bands(shape.geometry, array, scale)
    return drawn


def _cut_all(arrays: Named, shape: Shape) -> Named:
    return {name: _cut(name, array, shape) for name, array in arrays.items()}


def _cut(name: str, array: NDArray[np.float64], shape: Shape) -> NDArray[np.float64]:
    """The array as far as its numbers appear: in the drawing all of them, in a formula the corner."""
    if _numbered(name, shape):
        return array
    columns = array[:, CORNER] if array.shape[1] > WHOLE else array
    return columns[CORNER] if _parameter(name, shape) and len(array) > WHOLE else columns
