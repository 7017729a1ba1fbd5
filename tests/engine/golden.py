"""The golden runs as engine questions."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.engine import Backward, Network, OneHot, Parameters, Trace, backward, forward

GOLDEN = Path(__file__).parents[1] / "golden"
RUNS: list[dict[str, Any]] = json.loads((GOLDEN / "runs.json").read_text())
ELMAN_RUNS = [run for run in RUNS if run["experiment"]["cell"] == "elman" and "bi-" not in run["id"]]


def by_id(name: str) -> dict[str, Any]:
    return next(run for run in RUNS if run["id"] == name)


def parameters_of(run: dict[str, Any]) -> Parameters:
    return {
        group: {name: np.array(value, np.float64) for name, value in named.items()}
        for group, named in run["experiment"]["parameters"].items()
    }


def words_of(run: dict[str, Any], sentence: str | None = None) -> OneHot:
    vocabulary = run["experiment"]["vocabulary"]
    words = (sentence or run["experiment"]["sentence"]).lower().split()
    return OneHot.of([vocabulary.index(word) for word in words], len(vocabulary))


def network_of(run: dict[str, Any], **changes: Any) -> Network:
    question = run["experiment"]
    names = ("cell", "activation", "bias", "loss", "bidirectional")
    choices = {name: question[name] for name in names if name in question}
    hidden = len(question["parameters"]["left_to_right"]["W_hh"])
    return Network(**{**choices, "hidden_size": hidden, **changes})


def pass_of(run: dict[str, Any], sentence: str | None = None, h_0: Any = None, **changes: Any) -> Trace:
    state = run["experiment"]["initial_state"] if h_0 is None else h_0
    state = None if isinstance(state, str) else np.array(state, np.float64)
    return forward(network_of(run, **changes), parameters_of(run), words_of(run, sentence), state)


def answer(run: dict[str, Any], **changes: Any) -> Backward:
    return backward(pass_of(run, **changes), run["experiment"]["target"])


def close(found: Any, expected: Any, digits: int = 6) -> None:
    """Equal to the digits that the expected number was written with."""
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.51 * 10.0**-digits)
