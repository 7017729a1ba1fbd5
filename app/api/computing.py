"""Work for the worker processes. It knows no web framework, so that a worker starts quickly."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from time import monotonic
from typing import Any

import orjson

from app.api.answer import answer
from app.engine import Parameters
from app.engine.norms import largest_of
from app.engine.plan import Epoch, Stop
from app.engine.training import train
from app.experiments.course import Course
from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.fields import LIMITS, ParameterValues
from app.experiments.learning import examples
from app.experiments.run import Run, engine_faults, run, run_with
from app.experiments.weights import Origins, apply_edits, first_state, initial
from app.serving.worker import Send


def compute(experiment: Experiment, parts: Collection[str], omitted: list[str], root_path: str) -> bytes:
    """The answer of a run. Raises ExperimentError."""
    return answer(run(experiment), parts, omitted, root_path)


def compute_job(send: Send, *asked: Any) -> bytes:
    """The same for a worker, which has nothing to send on the way."""
    return compute(*asked)


def teach(
    send: Send,
    course: Course,
    experiment: Experiment,
    parts: Collection[str],
    omitted: list[str],
    root_path: str,
    seconds: float,
) -> bytes:
    """The events of a course: progress on the way, and last `final` or `diverged`.

    seconds : after which it ends with what has been learned by then
    """
    end = monotonic() + seconds

    def report(epoch: Epoch) -> None:
        send(event("progress", progress(epoch)))

    network, reviews = experiment.network, experiment.labelled.reviews
    with engine_faults():
        state = first_state(experiment, network)
        parameters, origins = initial(experiment, network)
        found = train(
            network, parameters, len(experiment.entries), examples(experiment, reviews),
            course.plan(experiment), examples(experiment, course.held_out), state, report,
            lambda: monotonic() >= end,
        )  # fmt: skip
    updates = -(-len(examples(experiment, reviews)) // (course.batch_size or len(reviews)))
    diverged = found.stop is not None and found.stop.reason == "diverged"
    epochs = (found.steps - diverged) // updates
    outcome = {**ending(found.stop, seconds), "epochs": epochs, "steps": found.steps}
    try:
        learned = after(course, experiment, epochs, found.parameters, origins)
        body: bytes | None = answer(learned, parts, omitted, root_path)
    except ExperimentError:
        if not diverged:
            raise
        body = None  # the weights before the fall have no answer for this sentence either
    run = None if body is None else orjson.Fragment(body)
    return event("diverged" if diverged else "final", {"course": course.canonical(), **outcome, "run": run})


def progress(epoch: Epoch) -> dict[str, Any]:
    """An epoch as it is reported."""
    return {name: getattr(epoch, name) for name in Epoch.__dataclass_fields__}


def ending(stop: Stop | None, seconds: float) -> dict[str, Any]:
    """Why a course ended; a step, a parameter and its value where it diverged."""
    if stop is None:
        return {"reason": "epochs", "message": None}
    if stop.reason == "cancelled":
        return {"reason": "time", "message": f"training ended after {seconds:g} seconds"}
    told = {"reason": stop.reason, "message": stop.message}
    if stop.reason != "diverged":
        return told
    return {**told, "step": stop.step, "parameter": stop.parameter, "value": stop.value}


def after(
    course: Course, experiment: Experiment, epochs: int, parameters: Parameters, origins: Origins
) -> Run:
    """The run after a course. Its experiment asks for this very run again: by its epochs where it can have as
    many of the kind, else by the parameters themselves. Raises ExperimentError."""
    if course.plain:
        with suppress(ExperimentError):
            again = experiment.changed(epochs=epochs)
            told = {name: f"{origin} and trained" for name, origin in origins.items()} if epochs else origins
            apply_edits(again, parameters, told)
            return run_with(again, parameters, told)
    given = {
        group: {name: array.tolist() for name, array in names.items()}
        for group, names in parameters.items()
    }
    changes: dict[str, Any] = {"parameters": given, "recurrent_radius": None, "weights": "drawn"}
    found = [largest_of(array) for names in parameters.values() for array in names.values()]
    if max(found) <= LIMITS.max_absolute_number:
        return run(experiment.changed(**changes))
    # Nobody may give such weights, but what was learned is not to be lost: its permalink alone is refused.
    changes["parameters"] = unchecked(given)
    again = experiment.model_copy(update=changes)
    told = dict.fromkeys(origins, "given")
    apply_edits(again, parameters, told)
    return run_with(again, parameters, told)


def unchecked(given: dict[str, dict[str, Any]]) -> ParameterValues:
    """Parameters beyond what an experiment may be given."""
    groups = {name: field.annotation for name, field in ParameterValues.model_fields.items()}
    return ParameterValues.model_construct(
        **{group: kind.model_construct(**given.get(group, {})) for group, kind in groups.items() if kind}
    )


def event(name: str, data: dict[str, Any]) -> bytes:
    """A server-sent event; JSON has no line breaks of its own."""
    written = orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY)
    return b"event: " + name.encode() + b"\ndata: " + written + b"\n\n"
