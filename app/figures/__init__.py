"""Charts of a run as plain Plotly dicts, each with the sentence that reads it and its table."""

from app.experiments.run import Run
from app.figures import contributions, hidden_states, norms, opposed, predictions
from app.figures.chart import Chart, Figure, Option, Switch, Table


def charts(run: Run) -> tuple[Chart, ...]:
    """The charts of a run in the order they are read."""
    drawn = [hidden_states.chart]
    if run.network.per_step:
        drawn += [predictions.losses, predictions.credit]
    if len(run.forward.chains) > 1:
        drawn.append(opposed.chart)
    return tuple(draw(run) for draw in (*drawn, contributions.chart, norms.chart))


__all__ = ["Chart", "Figure", "Option", "Switch", "Table", "charts"]
