"""Charts of a run as plain Plotly dicts, each with the sentence that reads it and its table."""

from app.experiments.run import Run
from app.figures import contributions, hidden_states, norms
from app.figures.chart import Chart, Figure, Option, Switch, Table

CHARTS = (hidden_states.chart, contributions.chart, norms.chart)


def charts(run: Run) -> tuple[Chart, ...]:
    """The charts of a many-to-one run in the order they are read."""
    return tuple(draw(run) for draw in CHARTS)


__all__ = ["CHARTS", "Chart", "Figure", "Option", "Switch", "Table", "charts"]
