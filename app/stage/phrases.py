"""What the scenes say about this run's numbers: the numbers, and the turns of phrase that depend on them."""

from html import escape

from app.experiments.run import Run
from app.numerals import long
from app.stage.rack import LISTED, Named
from app.stage.shape import Shape
from app.stage.sheet import Numbers
from app.wording.catalogue import N_, _

OVERSHOOT = N_("Overshoot: it rose. The slope is only true close by; a smaller η would do.")


def phrase_lines(run: Run, shape: Shape, paid: Named, numbers: Numbers) -> dict[str, list[str]]:
    """Lines for the scenes; one for each step, or one. paid : the norm of what each step paid, by weight."""
    return {
        **{f"adding {name}": [_adding(name, paid[name].tolist(), numbers)] for name in shape.listed},
        "count": [str(run.parameter_count["total"])],
        "clipped": [_clipped(run)],
        "clip factor": [_clip_factor(run)],
        "moving": [_moving(run, shape)],
        **_scalars(run),
        **_outcome(run, shape),
    }


def _scalars(run: Run) -> dict[str, list[str]]:
    """Single numbers, long."""
    return {
        "long L": [long(run.loss)],
        "long eta": [long(run.experiment.learning_rate)],
    }


def sub(name: str, index: str | int) -> str:
    return f"{name}<sub>{index}</sub>"


def _adding(name: str, each: list[float], numbers: Numbers) -> str:
    """How the coins of a weight go together: norms add up only where all coins pull one way."""
    paying = [t for t, norm in enumerate(each, 1) if norm > 0.0]
    if not paying:
        return " " + _("Every coin is empty here: the gradient is 0.")
    if len(each) == 1:
        return ""
    if len(paying) == 1:
        return " " + _("Only step {step} has paid: its coin is the gradient.", step=paying[0])
    (total,), (whole,) = numbers.values(f"norm {name}"), numbers.texts(f"norm {name}")
    told = numbers.texts(f"norms {name}")
    listed = ", ".join(told if len(each) <= LISTED else [*told[:3], "\u2026", told[-1]])
    if sum(each) - total < 1e-9 * total:
        return " " + _(
            "All coins pull the same way here: their norms {listed} add up to {total}.",
            listed=listed,
            total=whole,
        )
    return " " + _(
        "Coins pull against each other, so the norms {listed} do not add up to {total}.",
        listed=listed,
        total=whole,
    )


def _clip_factor(run: Run) -> str:
    scale = run.update.clip_scale
    return f"<mo>\u00b7</mo><mn>{long(scale)}</mn>" if scale < 1.0 else ""


def _moving(run: Run, shape: Shape) -> str:
    """Who is moved by the update."""
    if run.experiment.learning_rate == 0.0:
        return _("η is 0, so they are the old ones: nothing moves.")
    if run.update.gradient_norm == 0.0:
        return _("The gradient is 0, so nothing moves.")
    if shape.steps == 1:
        return _("The one copy reads them next.")
    return _("All {steps} copies read the same card, so all of them change at once.", steps=shape.steps)


def _clipped(run: Run) -> str:
    scale = run.update.clip_scale
    return (
        " " + _("The gradient was clipped first: all of it times {scale}.", scale=long(scale))
        if scale < 1.0
        else ""
    )


def _outcome(run: Run, shape: Shape) -> dict[str, list[str]]:
    """What the second forward pass says about the step."""
    change = run.update
    if not shape.again or change.loss is None:
        return {"problem": [escape(str(change.problem))]}
    said = _("It fell.") if change.loss < run.loss else _(OVERSHOOT)
    if change.loss == run.loss:
        said = _("It did not move.") + (
            " " + _("The gradient is zero here.") if change.gradient_norm == 0.0 else ""
        )
    return {
        "long L2": [long(change.loss)],
        "promised": [long(change.predicted_loss)],
        "outcome": [said],
    }
