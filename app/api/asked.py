"""Parts of an answer that come only when asked for: what would have been, had one thing been otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.engine.schedules import SCHEDULES, update_by
from app.experiments.run import Run
from app.labs.batch import Batch, Way, batch

Plain = dict[str, Any]


def schedules(run: Run) -> Plain:
    """By schedule, how far each gradient is off; what is not finite is written as null."""
    target, rate = run.backward.back.target[0], run.experiment.learning_rate
    made = [update_by(name, run.forward.trace, target, rate) for name in SCHEDULES]
    return {each.schedule: {"errors": each.errors, "loss": each.loss} for each in made}


def block(run: Run) -> Plain:
    """The reviews of the corpus as one block, read in every way, and what it costs an ordinary network."""
    found = batch(run)
    return {
        "shape": found.shape,
        "reviews": [{"text": one.text, "label": one.label, "ids": one.ids} for one in found.slices],
        "left_out": found.left_out,
        "alone": _way(found.alone),
        "ways": [{"padding": way.padding, "masked": way.masked, **_way(way)} for way in found.ways],
        "ordinary": _ordinary(found),
    }


def _way(way: Way) -> Plain:
    problem = way.problem or None
    return {"y_hat": way.y_hat, "losses": way.losses, "gradient_gap": way.gap, "problem": problem}


def _ordinary(found: Batch) -> Plain:
    products, counts = found.ordinary.products, found.ordinary.counts
    return {
        "products": {name: getattr(products, name) for name in ("total", "on_padding", "on_zeros")},
        "parameter_counts": [{"longest": longest, "parameters": count} for longest, count in counts],
        "refusal": found.ordinary.refusal,
    }


ASKED: dict[str, Callable[[Run], Plain]] = {"schedules": schedules, "batch": block}
