"""What is asked of a training run, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.errors import EngineError
from app.engine.network import Parameters, require
from app.engine.optimisers import OPTIMISERS

Array = NDArray[np.float64]
Norms = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Example:
    """A sentence and what it teaches.

    ids : the words
    target : its label, or where every step predicts the ids of the next words, -1 for none
    """

    ids: Sequence[int]
    target: Any


@dataclass(frozen=True)
class Plan:
    """How to train.

    epochs : the most passes over the corpus
    batch_size : sentences a step; all of them when None, 1 for one at a time
    shuffle : whether batches are made up, and taken in every epoch, in an order drawn from the seed
    clip_norm : the global norm gradients are clipped to, or None
    window : steps the gradient is walked back at most, or None
    stop_below : the training loss at which to stop, or None
    patience : epochs without a better held-out loss (training loss when nothing is held out) after which to
        stop, or None
    record_every : epochs from one record to the next; the first and the last are always recorded
    """

    epochs: int = 100
    learning_rate: float = 0.1
    optimiser: str = "sgd"
    batch_size: int | None = None
    shuffle: bool = False
    clip_norm: float | None = None
    window: int | None = None
    stop_below: float | None = None
    patience: int | None = None
    record_every: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        require("optimiser", self.optimiser, OPTIMISERS)
        least = {"epochs": 0, "batch_size": 1, "window": 1, "patience": 1, "record_every": 1}
        for field, smallest in least.items():
            value = getattr(self, field)
            if value is not None and value < smallest:
                raise EngineError(
                    f"{field} must be at least {smallest}, got {value}", field=field, value=value
                )


@dataclass(frozen=True)
class Epoch:
    """One pass over the corpus.

    epoch : counted from 1
    loss : mean over the sentences, each as its step found it
    held_out : mean loss of the held-out sentences after the epoch, or None
    gradient_norm : global norm of the last step's gradient, before clipping
    clip_scale : what that was multiplied by
    parameter_norms : norms of the last step's gradient by group and name
    step_norms : by chain |dL/dh_t| over the sentences of the last step's batch, (T,)
    """

    epoch: int
    loss: float
    held_out: float | None
    gradient_norm: float
    clip_scale: float
    parameter_norms: Norms
    step_norms: dict[str, Array]


@dataclass(frozen=True)
class Stop:
    """Why a run ended before its time.

    reason : "diverged", "reached", "patience" or "cancelled"
    message : the same in words
    step : the gradient step that diverged, counted from 1, or None
    parameter : the weight that left the finite numbers, "left_to_right.W_hh[0, 1]", or the quantity, or None
    value : what it became, in words: "inf", "-inf" or "nan", or None
    """

    reason: str
    message: str
    step: int | None = None
    parameter: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Training:
    """What came of it. A run that diverged keeps the last weights that were finite.

    steps : gradient steps taken
    """

    parameters: Parameters
    epochs: list[Epoch]
    steps: int
    stop: Stop | None
