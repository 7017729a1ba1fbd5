"""The ledger: for one parameter a row for each step, last step first, with every factor of the chain rule.

The gradient travels from the last step to the first, so the rows stand in that order. They sum to dL/dW, and
the largest gap between the sum of the rows and the gradient of the engine is computed here, not promised.
"""

from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run
from app.stage import ledger_notes
from app.stage.ledger_cells import Window, window
from app.stage.ledger_chain import general
from app.stage.ledger_check import gap_of
from app.stage.ledger_end import at_the_end_of_time
from app.stage.ledger_notes import gap_text
from app.stage.ledger_rows import (
    headings,
    of,
    rows,
    total_block,
)
from app.stage.ledger_views import (
    DEFAULT,
    PAGE,
    Ledger,
    Link,
    left_out,
    names,
    norm_of,
    page_count,
    pairs_for,
    span,
    tabs,
    whole_of,
    windows,
)


def ledger(run: Run, parameter: str = DEFAULT, page: int = 1, into: int = 0, out: int = 0) -> Ledger:
    """The ledger of one parameter.

    page : which rows, when the sentence is longer than a page
    into, out : the first hidden unit shown of h_{t-1} and of h_t, in networks too large to be shown whole

    Raises ExperimentError naming "parameter" or "page".
    """
    known = names(run)
    if parameter not in known:
        raise ExperimentError([fault("parameter", f"one of {', '.join(known)}", parameter)])
    if known[parameter] == "readout":
        return at_the_end_of_time(run, parameter, window(run.experiment.hidden_size, into, out))
    return _through_time(run, parameter, page, window(run.experiment.hidden_size, into, out))


def _through_time(run: Run, name: str, page: int, view: Window) -> Ledger:
    steps, count = len(run.words), page_count(run)
    if not 1 <= page <= count:
        raise ExperimentError([fault("page", f"1 to {count}", page)])
    last = steps - (page - 1) * PAGE
    shown = list(range(last, max(0, last - PAGE), -1))
    words = sorted({run.ids[t - 1] for t in shown})
    gap = gap_of(run, name)
    pages = (
        [Link(span(steps, k), pairs_for(name, k, view), k == page) for k in range(1, count + 1)]
        if count > 1
        else []
    )
    return Ledger(
        parameter=name,
        group="left_to_right",
        name=of(name),
        steps=steps,
        general=general(name, steps),
        lead="One row for each step, the last step first: that is the way the gradient travels.",
        headings=headings(run, name),
        rows=rows(run, name, shown, view),
        total=tuple(total_block(run, name, words, view)),
        norm=norm_of(run, "left_to_right", name),
        whole=whole_of(run, "left_to_right", name),
        sums=f"The {steps} contribution{'s' if steps > 1 else ''} of all steps, added entry by entry, "
        f"give ∂L/∂{of(name)}: "
        f"the largest gap is {gap_text(gap)}.",
        tabs=tabs(run, name, view),
        pages=tuple(pages),
        windows=tuple(windows(name, page, view)),
        left_out=tuple(left_out(run, name, shown, words, view)),
        notes=tuple(ledger_notes.shared(run, name)),
        pairs=pairs_for(name, page, view),
    )
