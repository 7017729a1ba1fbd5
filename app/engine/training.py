"""Gradient descent on a corpus: epochs of steps, what is measured on the way, and why it ended."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.blank import blank_backward
from app.engine.bptt import refill
from app.engine.errors import EngineError
from app.engine.finite import LARGEST, all_finite
from app.engine.initialise import stream
from app.engine.network import Network, Parameters
from app.engine.norms import norm
from app.engine.onehot import PADDING, OneHot
from app.engine.optimisers import OPTIMISERS
from app.engine.plan import Epoch, Example, Plan, Stop, Training
from app.engine.readout import loss_of
from app.engine.scan import run_forward
from app.engine.softmax import NO_TARGET
from app.engine.sweep import Backward
from app.engine.trace import Trace, blank_trace
from app.engine.update import clip_scale, global_norm
from app.engine.weights import Weights

Array = NDArray[np.float64]


class Diverged(Exception):
    """Carries a Stop out of the loop."""

    def __init__(self, stop: Stop) -> None:
        super().__init__(stop.message)
        self.stop = stop


def train(
    network: Network,
    parameters: Parameters,
    vocabulary_size: int,
    examples: Sequence[Example],
    plan: Plan,
    held_out: Sequence[Example] = (),
    h_0: Array | None = None,
    progress: Callable[[Epoch], object] | None = None,
    enough: Callable[[], bool] | None = None,
) -> Training:
    """Gradient steps from the given parameters, which are left as they are.

    progress : called with every record; training is cancelled when it answers False
    enough : asked between any two epochs; training is cancelled, and the first of them recorded, when it
        answers True

    The same question gives the same bytes. Raises EngineError for an empty corpus and for targets that do not
    fit; a run that diverges is an answer and says so.
    """
    weights = Weights.of(network, parameters)
    generator = stream(plan.seed, "batches")
    batches = [
        blank_backward(
            blank_of(weights, part, vocabulary_size, h_0),
            targets_of(network, part),
            mean=True,
            window=plan.window,
            norms=False,
        )
        for part in parts_of(list(examples), plan, generator)
    ]
    judged = [
        (blank_of(weights, part, vocabulary_size, h_0), targets_of(network, part))
        for part in ([list(held_out)] if held_out else [])
    ]
    loop = Loop(weights, plan, batches, judged, generator, progress, enough)
    with np.errstate(all="ignore"):
        stop = loop.run()
    return Training(weights.parameters(), loop.records, loop.steps, stop)


def parts_of(examples: list[Example], plan: Plan, generator: np.random.Generator) -> Iterator[list[Example]]:
    """The corpus in batches, in an order of its own when shuffled."""
    if not examples:
        raise EngineError("examples must hold at least 1 sentence, got 0", field="examples", value=0)
    size = plan.batch_size or len(examples)
    if plan.shuffle:
        examples = [examples[k] for k in generator.permutation(len(examples))]
    for start in range(0, len(examples), size):
        yield examples[start : start + size]


def blank_of(weights: Weights, examples: list[Example], vocabulary_size: int, h_0: Array | None) -> Trace:
    """A trace of sentences side by side."""
    return blank_trace(weights, OneHot.batch([example.ids for example in examples], vocabulary_size), h_0)


def targets_of(network: Network, examples: list[Example]) -> NDArray[Any]:
    """Their targets side by side, as `backward` takes them."""
    if not network.per_step:
        return np.array([example.target for example in examples], np.float64)
    for example in examples:
        if len(example.target) != len(example.ids):
            message = (
                f"target must name a word for each of {len(example.ids)} steps, got {len(example.target)}"
            )
            raise EngineError(message, field="target", value=len(example.target))
    assert PADDING == NO_TARGET
    return OneHot.batch([example.target for example in examples], network.outputs).ids


class Loop:
    """The state of a run: the weights it moves, what it has recorded, how many steps it has taken."""

    def __init__(
        self,
        weights: Weights,
        plan: Plan,
        batches: list[Backward],
        judged: list[tuple[Trace, NDArray[Any]]],
        generator: np.random.Generator,
        progress: Callable[[Epoch], object] | None,
        enough: Callable[[], bool] | None,
    ) -> None:
        self.plan, self.batches, self.judged = plan, batches, judged
        self.generator, self.progress, self.enough = generator, progress, enough
        self.weights = weights
        self.kept = weights.flat.copy()
        self.rate = np.array(plan.learning_rate)  # to multiply by it takes half the time of a plain number
        self.move = OPTIMISERS[plan.optimiser].begin([weights.flat])
        self.sentences = sum(batch.loss.size for batch in batches)
        self.records: list[Epoch] = []
        self.steps = 0
        self.best, self.best_epoch = float("inf"), 0

    def run(self) -> Stop | None:
        """All epochs, or why not all."""
        for epoch in range(1, self.plan.epochs + 1):
            try:
                loss, scale = self.descend()
            except Diverged as diverged:
                return diverged.stop
            stop = self.look(epoch, loss, scale)
            if stop:
                return stop
        return None

    def descend(self) -> tuple[float, float]:
        """One step for each batch: the mean loss of the sentences, and the last step's clipping."""
        order = self.batches
        if self.plan.shuffle:
            places = list(range(len(order)))
            self.generator.shuffle(places)
            order = [order[k] for k in places]
        total, scale = 0.0, 1.0
        for batch in order:
            self.steps += 1
            try:
                refill(batch)
            except EngineError as error:
                raise Diverged(self.left(error)) from error
            total += sum(batch.loss.tolist())
            scale = self.step(batch)
        self.last = order[-1]
        return total / self.sentences, scale

    def step(self, batch: Backward) -> float:
        """One step downhill; how much its gradient was scaled."""
        scale, gradient, flat = 1.0, batch.gradient.flat, self.weights.flat
        if self.plan.clip_norm is not None:
            scale = clip_scale(global_norm(batch), self.plan.clip_norm)
            if scale < 1.0:
                gradient = scale * gradient
        self.kept[...] = flat
        self.move([gradient], self.rate)
        if not all_finite(flat) and not np.isfinite(flat).all():
            raise Diverged(self.outgrown())
        return scale

    def left(self, error: EngineError) -> Stop:
        """A pass had no finite answer: the largest weight is named, and the weights of the last that had one
        are brought back."""
        found = named_entries(self.weights)
        name, value = max(found, key=lambda entry: abs(entry[1]))
        self.bring_back()
        where = "" if error.step is None else f" at word {error.step}"
        message = (
            f"training must stay finite, step {self.steps} did not{where}: {error.message}; "
            f"the largest weight was {name}, {value:.6g}"
        )
        return Stop("diverged", message, self.steps, name, f"{value:.6g}")

    def outgrown(self) -> Stop:
        """A step left the finite numbers itself: the weights before it are brought back."""
        found = named_entries(self.weights)
        name, value = next(entry for entry in found if not np.isfinite(entry[1]))
        self.bring_back()
        message = f"training must stay finite, step {self.steps} made {name} {value:g}"
        return Stop("diverged", message, self.steps, name, f"{value:g}")

    def bring_back(self) -> None:
        """The weights as they were before the last step."""
        np.copyto(self.weights.flat, self.kept)

    def look(self, epoch: int, loss: float, scale: float) -> Stop | None:
        """Record an epoch, and say whether it is to be the last."""
        plan = self.plan
        late = self.enough is not None and epoch < plan.epochs and self.enough()
        due = late or epoch % plan.record_every == 0 or epoch in (1, plan.epochs)
        reached = plan.stop_below is not None and loss < plan.stop_below
        watched = plan.patience is not None
        held_out = self.held_out_loss() if (due or reached or watched) and self.judged else None
        tired = watched and self.impatient(epoch, loss if held_out is None else held_out)
        if due or reached or tired:
            self.records.append(self.record(epoch, loss, held_out, scale))
            if self.progress is not None and self.progress(self.records[-1]) is False:
                return cancelled(epoch)
        if reached:
            return Stop("reached", f"the loss fell below {plan.stop_below:g} in epoch {epoch}")
        if tired:
            message = f"no better loss in the {plan.patience} epochs before epoch {epoch}"
            return Stop("patience", message)
        return cancelled(epoch) if late else None

    def impatient(self, epoch: int, loss: float) -> bool:
        """Whether the loss has not improved for too long."""
        if loss < self.best:
            self.best, self.best_epoch = loss, epoch
        return epoch - self.best_epoch >= (self.plan.patience or 0)

    def held_out_loss(self) -> float:
        """Mean loss of sentences that are not learned from; the largest float where it has none."""
        losses = []
        for trace, targets in self.judged:
            try:
                run_forward(trace)
                losses.append(loss_of(trace, targets))
            except EngineError:
                return LARGEST
        return float(np.concatenate(losses).mean())

    def record(self, epoch: int, loss: float, held_out: float | None, scale: float) -> Epoch:
        """What the last step's gradient looked like."""
        back = self.last
        return Epoch(
            epoch,
            loss,
            held_out,
            global_norm(back),
            scale,
            {
                group: {name: norm(gradient.total) for name, gradient in named.items()}
                for group, named in back.gradients.items()
            },
            {name: step_norms(chain.d_h) for name, chain in back.chains.items()},
        )


def cancelled(epoch: int) -> Stop:
    """Somebody had enough after this epoch."""
    return Stop("cancelled", f"training was cancelled after epoch {epoch}")


def step_norms(d_h: Array) -> Array:
    """|dL/dh_t| over all sentences, (T,)."""
    return np.array([norm(row) for row in d_h])


def named_entries(weights: Weights) -> Iterator[tuple[str, float]]:
    """Every weight by its name, "left_to_right.W_hh[0, 1]"."""
    for group, named in weights.parameters().items():
        for name, values in named.items():
            for place, value in np.ndenumerate(values):
                yield f"{group}.{name}[{', '.join(map(str, place))}]", float(value)
