"""The parameters of a run: drawn from the seed, the lecture's, given, or typed over one by one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.engine import (
    Network,
    Parameters,
    draw_parameters,
    draw_state,
    parameter_shapes,
    with_recurrent_radius,
)
from app.engine.network import Array
from app.experiments import places
from app.experiments.experiment import Experiment
from app.experiments.learning import learned

Origins = dict[str, str]

# The worked example of the lecture, by hidden size: rows of W_xh by word, the rest as they are.
LECTURE: dict[int, dict[str, Any]] = {
    int(size): values
    for size, values in json.loads(Path(__file__).with_name("lecture.json").read_text("utf-8")).items()
}


def assemble(experiment: Experiment, network: Network, state: Array | None) -> tuple[Parameters, Origins]:
    """The parameters and where each comes from, by "group.name".

    state : h_0 (H,) of every chain, or None for zeros

    Origins are "drawn", "lecture", "lecture and drawn" (some words of W_xh only) or "given", with
    " and trained" after it where epochs or steps came after, and " and edited" where single entries were
    typed over.
    Raises ExperimentError when they diverge.
    """
    parameters, origins = initial(experiment, network)
    if experiment.epochs or experiment.steps:
        parameters = learned(experiment, network, parameters, state)
        origins = {name: f"{origin} and trained" for name, origin in origins.items()}
    apply_edits(experiment, parameters, origins)
    return parameters, origins


def initial(experiment: Experiment, network: Network) -> tuple[Parameters, Origins]:
    """The parameters before anything is learned or typed over, and where each comes from."""
    size = len(experiment.entries)
    given = experiment.parameters.given() if experiment.parameters else {}
    expected = parameter_shapes(network, size)
    if given and all(name in given.get(group, {}) for group, names in expected.items() for name in names):
        parameters: Parameters = {group: {} for group in expected}
    else:
        parameters = draw_parameters(
            network, size, experiment.seed, experiment.recurrent_radius, experiment.forget_bias
        )
    origins = {f"{group}.{name}": "drawn" for group, names in expected.items() for name in names}
    if experiment.weights == "lecture":
        _apply_lecture(experiment, parameters, origins)
    for group, values in given.items():
        for name in [own for own in expected[group] if own in values]:
            parameters[group][name] = np.array(values[name], dtype=np.float64)
            origins[f"{group}.{name}"] = "given"
    return parameters, origins


def first_state(experiment: Experiment, network: Network) -> Array | None:
    """h_0 (H,), or None for zeros."""
    match experiment.initial_state:
        case "zeros":
            return None
        case "random":
            return draw_state(network, experiment.seed)
        case numbers:
            return np.array(numbers, dtype=np.float64)


def _apply_lecture(experiment: Experiment, parameters: Parameters, origins: Origins) -> None:
    """Put in what fits: the lecture has one chain of Elman cells, from left to right, and one output."""
    lecture, chain = LECTURE.get(experiment.hidden_size), parameters["left_to_right"]
    if lecture is None or not chain or chain["W_hh"].shape != np.shape(lecture["W_hh"]):
        return
    origins["left_to_right.W_xh"] = _lecture_rows(chain["W_xh"], experiment.entries, lecture["W_xh"])
    for group in ("left_to_right", "readout"):
        names = parameters[group]
        for name in names:
            fits = name != "W_xh" and names[name].shape == np.shape(lecture[name])
            if fits:
                names[name] = np.array(lecture[name], dtype=np.float64)
                origins[f"{group}.{name}"] = "lecture"
    radius = experiment.recurrent_radius
    if radius is not None:
        chain["W_hh"] = with_recurrent_radius(chain["W_hh"], radius)


def _lecture_rows(W_xh: Array, entries: tuple[str, ...], rows: dict[str, list[float]]) -> str:
    """Put the lecture's rows into W_xh (V, H) and say where the whole comes from."""
    found = [index for index, entry in enumerate(entries) if entry in rows]
    for index in found:
        W_xh[index] = rows[entries[index]]
    if not found:
        return "drawn"
    return "lecture" if len(found) == len(entries) else "lecture and drawn"


def apply_edits(experiment: Experiment, parameters: Parameters, origins: Origins) -> None:
    """Type single entries over."""
    for edit in experiment.edits:
        group, _, name = edit.name.partition(".")
        array = parameters[group].get(name)
        if array is None:  # a bias, while bias is none
            continue
        array[places.numbered(experiment, edit.name, edit.index)] = edit.value
        origins[edit.name] = origins[edit.name].removesuffix(" and edited") + " and edited"
