"""Runs at the edge of what numbers can say: every part of their page answers, in numbers or in words."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest

HTMX = {"HX-Request": "true"}
PARTS = ["", "ledger", "ledger/check", "inspect", "charts", "panels", "labs", "highway", "adds", "worksheet"]
EXTREMES: dict[str, dict[str, Any]] = {
    "a point far out on a straight line": {
        "sentence": "a b c d", "hidden_size": 2, "bias": "none", "activation": "identity",
        "loss": "difference", "recurrent_radius": 1e6, "epochs": 5,
    },
    "a point at the end of all numbers": {
        "sentence": "a " * 45, "hidden_size": 1, "bias": "none", "activation": "relu", "loss": "difference",
        "recurrent_radius": 1e6, "edit": "left_to_right.W_hh.0.0|1000000", "initial_state": "1000000",
    },
    "a schedule that outgrows all numbers": {
        "sentence": "movie was not good", "hidden_size": 5, "cell": "gru", "bidirectional": "true",
        "bias": "none", "learning_rate": 1e6, "recurrent_radius": 3,
    },
    "gates shut for good": {
        "sentence": "a b c", "hidden_size": 1, "cell": "gru", "initial_state": "1000000",
    },
    "an lstm beyond its curves": {
        "sentence": "a b c", "cell": "lstm", "task": "next_word", "recurrent_radius": 1e6,
    },
    "a sure and wrong answer": {"sentence": "movie was bad", "edit": "readout.b_y.0|-1000000"},
    "no gradient at all": {
        "sentence": "a b", "activation": "relu", "initial_state": "-1000000,-1000000,-1000000",
    },
    "two chains that end at the largest numbers": {
        "sentence": "was fine was cat was was good fine was not fine bad so not movie bad it it fine it",
        "task": "next_word", "hidden_size": 3, "bidirectional": "true", "bias": "none",
        "activation": "identity", "initial_state": "1000000,1000000,1000000",
        "learning_rate": 1e6, "epochs": 1,
    },
    "bars shorter than float64 divides": {
        "sentence": "bad so", "task": "next_word", "hidden_size": 1, "bias": "none",
        "initial_state": "5e-324", "recurrent_radius": 1e6, "weights": "lecture", "seed": 2**32 - 1,
    },
    "a clip that leaves nothing": {"sentence": "a b", "clip_norm": 5e-324, "learning_rate": 1e-300},
}  # fmt: skip
NO_NUMBER = re.compile(r"(?<![\w=])(nan|NaN|inf|Infinity|None)(?!\w)")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("case", EXTREMES)
def test_every_part_of_an_extreme_run_answers_in_numbers_or_words(client, case: str, part: str) -> None:
    answer = client.get(f"/{part}?{urlencode(EXTREMES[case])}", headers=HTMX)
    assert answer.status_code == 200, answer.text[-400:]
    text = re.sub(r"<(script|style).*?</\1>", "", answer.text, flags=re.DOTALL)
    assert not NO_NUMBER.search(text), text[max(0, NO_NUMBER.search(text).start() - 200) :][:300]


@pytest.mark.parametrize("part", ["jac-2.0.0", "jac-2.0.1", "h-2.0", "gate_z-2.0", "dh-1.0"])
def test_a_shut_gate_is_nudged_without_a_warning(client, part: str) -> None:
    asked = {"sentence": "so it was", "cell": "gru", "edit": "left_to_right.W_hh.0.0|-1000000", "part": part}
    answer = client.get(f"/inspect?{urlencode(asked)}", headers=HTMX)
    assert answer.status_code == 200 and "finite difference" in answer.text
