"""A run as JSON: the contract's names and shapes, and what of it an answer carries."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any

import numpy as np
import orjson

from app.api.asked import ASKED
from app.engine import Network
from app.experiments.cost import chain_width, parameter_total
from app.experiments.errors import ExperimentError, FieldError, fault
from app.experiments.experiment import Experiment
from app.experiments.passes import BackwardChain, Forward, ForwardChain
from app.experiments.query import permalink
from app.experiments.run import Run
from app.settings import Settings

PARTS = ("forward", "backward", "jacobians", "gradients", "contributions", "update", "check")
# The two parts that outgrow the rest: T·H·H and T times the parameters.
LARGE = ("jacobians", "contributions")
# A part that lives inside another brings it along.
_INSIDE = {"jacobians": "backward", "contributions": "gradients"}

Plain = dict[str, Any]


def choose_parts(
    asked: str | None, experiment: Experiment, limits: Settings
) -> tuple[frozenset[str], list[str]]:
    """The parts an answer carries, and those it omits because of their size.

    asked : a comma list, or None or blank for everything that is not too large
    Raises ExperimentError for an unknown part, for schedules of more than one prediction, and for an answer
    beyond the limit.
    """
    sizes = part_sizes(experiment)
    if asked is None or not asked.strip():
        omitted = [part for part in LARGE if sizes[part] > limits.full_answer_numbers]
        chosen = frozenset(PARTS) - frozenset(omitted)
    else:
        omitted, chosen = [], named(asked)
    if "schedules" in chosen and experiment.network.per_step:
        raise ExperimentError([fault("include", "without schedules for task next_word", "schedules")])
    _refuse_too_large(chosen, sizes, limits.max_answer_numbers)
    return chosen, omitted


@lru_cache(maxsize=64)
def named(asked: str) -> frozenset[str]:
    """The parts of a comma list, and those they live in. Raises ExperimentError for an unknown one."""
    names = [name.strip() for name in asked.split(",")]
    unknown = [name for name in names if name not in (*PARTS, *ASKED)]
    if unknown:
        raise ExperimentError([fault("include", f"one or more of {', '.join((*PARTS, *ASKED))}", unknown[0])])
    return frozenset(names) | {_INSIDE[name] for name in names if name in _INSIDE}


def part_sizes(experiment: Experiment) -> dict[str, int]:
    """Numbers in each part of the answer, roughly."""
    return sizes_of(experiment.network, len(experiment.words), len(experiment.entries))


@lru_cache(maxsize=64)
def sizes_of(network: Network, steps: int, entries: int) -> dict[str, int]:
    """The same of any experiment with so many words and entries."""
    chains, states, width = len(network.chains), network.hidden_size, chain_width(network)
    parameters, credit = parameter_total(network, entries), steps * steps * network.per_step
    return {
        "forward": chains * steps * (entries + 3 * states + 2 * width) + steps * (network.outputs + 1),
        "backward": chains * (steps * (entries + 3 * states + width) + credit) + steps * network.outputs,
        "jacobians": chains * steps * states * states,
        "gradients": parameters,
        "contributions": steps * parameters,
        "update": parameters,
        "check": 0,
        **dict.fromkeys(ASKED, 0),
    }


def _refuse_too_large(chosen: Collection[str], sizes: dict[str, int], most: int) -> None:
    total = sum([sizes[part] for part in chosen])
    if total > most:
        largest = max(chosen, key=sizes.__getitem__)
        message = f"include must ask for at most {most} numbers, got {total}, most of them in {largest}"
        raise ExperimentError([FieldError("include", message, total)])


def answer(run: Run, parts: Collection[str], omitted: list[str], root_path: str = "") -> bytes:
    """The answer as JSON bytes; equal runs give equal bytes."""
    experiment = run.experiment
    body: Plain = {
        "experiment": experiment.canonical(),
        "permalink": permalink(experiment, root_path),
        "tokens": run.tokens,
        "words": run.words,
        "vocabulary": run.vocabulary,
        "parameters": run.parameters,
        "parameter_count": run.parameter_count,
        "weights_from": run.weights_from,
        "loss": run.loss,
    }
    if run.network.per_step:
        body |= {"losses": run.losses, "next_words": run.next_words}
    for name, build in _BUILD.items():
        if name in parts:
            body[name] = orjson.Fragment(_numbers(name, build(run, parts)))
    body |= {name: build(run) for name, build in ASKED.items() if name in parts}
    body["omitted"] = omitted
    return _dump(body)


def _forward(run: Run, parts: Collection[str]) -> Plain:
    chains = {name: _chain(chain) for name, chain in run.forward.chains.items()}
    return {**chains, "readout": _readout(run.forward)}


def _chain(chain: ForwardChain) -> Plain:
    """Gates and cell states are told of the cells that have them."""
    answer: Plain = {"x": chain.x, "h_prev": chain.h_prev, "preactivation": chain.preactivation}
    if chain.gates:
        answer["gates"] = chain.gates
    if chain.c is not None:
        answer["c"] = chain.c
    answer["h"] = chain.h
    return answer


def _readout(forward: Forward) -> Plain:
    return {"input": forward.readout_input, "logit": forward.logit, "y_hat": forward.y_hat}


def _backward(run: Run, parts: Collection[str]) -> Plain:
    back = run.backward
    answer: Plain = {
        "readout": {"dL_dy_hat": back.d_y_hat, "dL_dlogit": back.d_logit, "dL_dinput": back.d_input}
    }
    for name, chain in back.chains.items():
        answer[name] = _chain_back(chain, run.forward.chains[name], parts)
    if run.network.per_step:
        answer |= {_CREDIT[name]: matrix for name, matrix in run.credit.items()}
    return answer


_CREDIT = {"left_to_right": "credit", "right_to_left": "credit_right_to_left"}


def _chain_back(back: BackwardChain, forward: ForwardChain, parts: Collection[str]) -> Plain:
    answer: Plain = {"dL_dh": back.d_h, "dL_dh_norm": back.d_h_norm}
    if back.d_c is not None:
        answer["dL_dc"] = back.d_c
    answer |= {
        "dL_dpreactivation": back.d_preactivation,
        "dL_dx": back.d_x,
        "dhT_dh_norm": back.dhT_dh_norm,
    }
    if forward.highway is not None:
        answer["highway"] = forward.highway
    if "jacobians" in parts:
        answer["dh_dh_prev"] = back.dh_dh_prev
    return answer


def _gradients(run: Run, parts: Collection[str]) -> Plain:
    """Sums over time; a many-to-one readout has one step, so its total says all."""
    answer: Plain = {}
    for group, names in run.gradients.items():
        answer[group] = {}
        for name, gradient in names.items():
            entry = answer[group][name] = {"total": gradient.total}
            if group == "readout" and not run.network.per_step:
                continue
            entry |= {"norms": gradient.norms, "shares": gradient.shares}
            if "contributions" in parts:
                entry["contributions"] = gradient.terms
    return answer


def _check(run: Run, parts: Collection[str]) -> Plain:
    check = run.check
    return {
        "method": check.method,
        "max_abs_error": check.max_abs_error,
        "max_rel_error": check.max_rel_error,
        "entries_checked": check.entries_checked,
    }


def _update(run: Run, parts: Collection[str]) -> Plain:
    """One step; y_hat and loss are null, and problem says why, where the step left the loss's domain."""
    update = run.update
    return {
        "learning_rate": update.learning_rate,
        "gradient_norm": update.gradient_norm,
        "clip_scale": update.clip_scale,
        "parameters": update.parameters,
        "y_hat": update.y_hat,
        "loss": update.loss,
        "predicted_loss": update.predicted_loss,
        "problem": update.problem,
    }


_BUILD: dict[str, Callable[[Run, Collection[str]], Plain]] = {
    "forward": _forward,
    "backward": _backward,
    "gradients": _gradients,
    "update": _update,
    "check": _check,
}


def _numbers(part: str, content: Plain) -> bytes:
    """The part as JSON. Raises ExperimentError where a number is none: orjson would write null."""
    written = _dump(content)
    nulls = count_nulls(written)
    if nulls and nulls > sum(value is None for value in content.values()):
        where = ".".join([part, *_first_not_finite(content)])
        message = f"parameters must keep {where} finite, got an overflow"
        raise ExperimentError([FieldError("parameters", message, "Infinity")])
    return written


def count_nulls(written: bytes) -> int:
    """How many nulls stand in JSON of numbers. The letter u is rare there, and one letter is found far faster
    than a word."""
    found, place = 0, written.find(b"u")
    while place >= 0:
        found += written[place - 1 : place + 3] == b"null"
        place = written.find(b"u", place + 1)
    return found


def _first_not_finite(content: Plain) -> list[str]:
    for name, value in content.items():
        if isinstance(value, dict):
            inner = _first_not_finite(value)
            if inner:
                return [name, *inner]
        elif isinstance(value, np.ndarray | float) and not np.isfinite(value).all():
            return [name]
    return []


def _dump(content: Any) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY, default=_contiguous)


def _contiguous(value: Any) -> Any:
    """orjson takes arrays in C order only, and hands back the others."""
    if isinstance(value, np.ndarray):
        return np.ascontiguousarray(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
