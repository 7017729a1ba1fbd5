"""The ordinary network that has no state: a sentence padded to a fixed length, or as a bag of words.

h = f(x W_ih + b_h),  y_hat = sigma(h W_hy + b_y)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.engine.errors import EngineError
from app.engine.finite import require_finite_total
from app.engine.initialise import draw, stream
from app.engine.losses import HEADS, LOSSES, sigmoid
from app.engine.network import require
from app.engine.optimisers import OPTIMISERS

Array = NDArray[np.float64]
Values = dict[str, Array]


@dataclass(frozen=True)
class Feedforward:
    """An ordinary network.

    slots : the longest sentence it takes, L: its input is (L V,); None for a bag of words, whose input (V,)
        counts them
    """

    vocabulary_size: int
    slots: int | None = None
    hidden_size: int = 3
    activation: str = "tanh"
    loss: str = "bce"

    def __post_init__(self) -> None:
        require("activation", self.activation, ACTIVATIONS)
        require("loss", self.loss, LOSSES)
        for field in ("vocabulary_size", "slots", "hidden_size"):
            size = getattr(self, field)
            if size is not None and size < 1:
                raise EngineError(f"{field} must be at least 1, got {size}", field=field, value=size)

    @property
    def inputs(self) -> int:
        """Numbers it takes in."""
        return self.vocabulary_size * (self.slots or 1)

    @property
    def parameter_count(self) -> int:
        """Of W_ih, b_h, W_hy and b_y."""
        return (self.inputs + 1) * self.hidden_size + self.hidden_size + 1


@dataclass(frozen=True)
class Products:
    """Multiplications of the first layer over some sentences."""

    total: int
    on_padding: int
    on_zeros: int


@dataclass(frozen=True)
class FeedforwardPass:
    """Both passes. x (B, I), preactivation, h, d_h, d_preactivation (B, H), the rest (B, 1); gradients are of
    the mean loss."""

    x: Array
    preactivation: Array
    h: Array
    logit: Array
    y_hat: Array
    loss: Array
    d_logit: Array
    d_h: Array
    d_preactivation: Array
    gradients: Values


def encode(network: Feedforward, sentences: Sequence[Sequence[int]]) -> Array:
    """Inputs (B, I): one-hot words one after another with zeros behind, or how often each word occurs.

    Raises EngineError for a sentence that is longer than the network.
    """
    size, slots = network.vocabulary_size, network.slots
    x = np.zeros((len(sentences), network.inputs))
    for row, ids in zip(x, sentences, strict=True):
        if slots is not None and len(ids) > slots:
            message = f"sentence must have at most {slots} words, the slots of this network, got {len(ids)}"
            raise EngineError(message, field="sentence", value=len(ids))
        for place, word in enumerate(ids):
            row[word if slots is None else place * size + word] += 1.0
    return x


def products(network: Feedforward, sentences: Sequence[Sequence[int]]) -> Products:
    """How many multiplications the first layer makes, how many of them on padding, and on zeros at all."""
    x, hidden = encode(network, sentences), network.hidden_size
    words = sum(len(ids) for ids in sentences)
    padding = 0 if network.slots is None else len(sentences) * network.slots - words
    return Products(
        x.size * hidden,
        padding * network.vocabulary_size * hidden,
        int((x == 0.0).sum()) * hidden,
    )


def draw_feedforward(network: Feedforward, seed: int) -> Values:
    """U(-1/sqrt(n), 1/sqrt(n)) for n inputs of a layer, each parameter from a stream of its own."""
    shapes = {
        "W_ih": (network.inputs, network.hidden_size),
        "b_h": (network.hidden_size,),
        "W_hy": (network.hidden_size, 1),
        "b_y": (1,),
    }
    inputs = {"W_ih": network.inputs, "b_h": network.inputs}
    return {
        name: draw(stream(seed, f"feedforward.{name}"), shape, inputs.get(name, network.hidden_size) ** -0.5)
        for name, shape in shapes.items()
    }


def run_feedforward(network: Feedforward, parameters: Values, x: Array, target: Any) -> FeedforwardPass:
    """Forwards and backwards.

    target : a number or ndarray of shape (B,)

    Raises DivergenceError when a number outgrows float64.
    """
    activation, head = ACTIVATIONS[network.activation], HEADS[network.loss, True]
    y = np.broadcast_to(np.asarray(target, np.float64), (len(x),))[:, None]
    with np.errstate(all="ignore"):
        a = x @ parameters["W_ih"] + parameters["b_h"]
        h = activation.f(a, np.empty_like(a))
        logit = h @ parameters["W_hy"] + parameters["b_y"]
        require_finite_total(logit, "logit")
        loss, d_logit = head.pull(logit, 0.0, y, np)
        d_logit = d_logit / len(x)
        d_h = d_logit @ parameters["W_hy"].T
        d_a = d_h * activation.slope(a, np.empty_like(a))
        gradients = {
            "W_ih": x.T @ d_a,
            "b_h": d_a.sum(axis=0),
            "W_hy": h.T @ d_logit,
            "b_y": d_logit.sum(axis=0),
        }
    for name, gradient in gradients.items():
        require_finite_total(gradient, f"gradient of {name}")
    return FeedforwardPass(x, a, h, logit, sigmoid(logit, np), loss[:, 0], d_logit, d_h, d_a, gradients)


def train_feedforward(
    network: Feedforward,
    parameters: Values,
    x: Array,
    target: Any,
    epochs: int,
    learning_rate: float,
    optimiser: str = "sgd",
) -> tuple[Values, list[float]]:
    """The weights after full-batch steps, and the mean loss before each of them.

    Raises DivergenceError when a number outgrows float64, naming the weight.
    """
    require("optimiser", optimiser, OPTIMISERS)
    values = {name: array.copy() for name, array in parameters.items()}
    move = OPTIMISERS[optimiser].begin(list(values.values()))
    losses = []
    for _ in range(epochs):
        found = run_feedforward(network, values, x, target)
        losses.append(float(found.loss.mean()))
        with np.errstate(all="ignore"):
            move(list(found.gradients.values()), np.array(learning_rate))
        for name, array in values.items():
            require_finite_total(array, name)
    return values, losses
