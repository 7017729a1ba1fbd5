"""Runs to take along, of every kind of network."""

from __future__ import annotations

from itertools import product
from typing import Any

from app.experiments.experiment import Experiment
from app.experiments.run import Run, run

MOVIE: dict[str, Any] = {"sentence": "movie was not good", "target": 0, "weights": "lecture"}
HOSTILE = (
    "=SUM(A1) @x {a} \\end{document} $5 50% #1 a_b x^y ~ \"\"\" ''' \\u0041 मराठी भाषा 👩\u200d🏫 電影 naïve"
)
ELMAN: dict[str, dict[str, Any]] = {
    "the lecture": MOVIE,
    "one word": {"sentence": "good", "hidden_size": 1},
    "outside": {**MOVIE, "bias": "outside", "loss": "mse"},
    "outside, a probability": {**MOVIE, "bias": "outside"},
    "mixed": {**MOVIE, "bias": "mixed", "loss": "mse"},
    "one word, mixed": {"sentence": "good", "bias": "mixed", "loss": "mse"},
    "no bias": {**MOVIE, "bias": "none"},
    "relu": {"sentence": "the movie was not good but the end was great", "activation": "relu",
        "hidden_size": 5},
    "sigmoid": {**MOVIE, "activation": "sigmoid", "target": 1},
    "identity": {**MOVIE, "activation": "identity", "loss": "mse"},
    "difference": {**MOVIE, "loss": "difference"},
    "given state": {**MOVIE, "initial_state": [0.1, -0.2, 0.3], "clip_norm": 0.1},
    "wide": {"sentence": "good bad " * 9, "hidden_size": 12, "seed": 4, "learning_rate": 0.0},
    "a large vocabulary": {"sentence": "good bad good", "corpus": "custom", "hidden_size": 20,
        "vocabulary": [*(f"w{k}" for k in range(1500)), "good", "bad"]},
    "hostile": {"sentence": HOSTILE},
}  # fmt: skip


def elman(name: str) -> Run:
    return run(Experiment(**ELMAN[name]))


OTHERS = [
    {"cell": cell, "bidirectional": two, "task": task, "bias": bias}
    for cell, two, task, bias in product(
        ("elman", "lstm", "gru"), (False, True), ("sentiment", "next_word"), ("inside", "none")
    )
] + [
    {"bidirectional": True, "bias": "outside", "loss": "mse"},
    {"bidirectional": True, "bias": "mixed", "loss": "mse"},
]


def label(fields: dict[str, Any]) -> str:
    return " ".join("two chains" if value is True else str(value) for value in fields.values() if value)


def of_network(fields: dict[str, Any], **others: Any) -> Run:
    question = {"sentence": "the movie was not good was it not", "initial_state": [0.1, -0.2, 0.3],
        "clip_norm": 0.2, "seed": 5, **fields, **others}  # fmt: skip
    return run(Experiment(**question))
