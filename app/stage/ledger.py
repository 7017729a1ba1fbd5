"""The ledger: for one weight a row for each step, last step first, with every factor of the chain rule.

The gradient travels from the step that was read last to the one that was read first, so the rows stand so.
They sum to dL/dW, and the largest gap between the sum of the rows and the gradient of the engine is
computed here, not promised.
"""

from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run
from app.stage import ledger_notes
from app.stage.chains import chain_of
from app.stage.ledger_cells import Window, window
from app.stage.ledger_chain import general
from app.stage.ledger_check import gap_of
from app.stage.ledger_end import at_the_end_of_time
from app.stage.ledger_every_end import at_every_step
from app.stage.ledger_rows import columns, rows, total_block
from app.stage.ledger_views import (
    Ledger,
    choices,
    default,
    left_out,
    norm_of,
    page_links,
    pairs_for,
    shown_steps,
    sums_told,
    tabs,
    whole_of,
    windows,
)
from app.stage.weights import Weight, weights_in


def ledger(run: Run, parameter: str = "", page: int = 1, into: int = 0, out: int = 0) -> Ledger:
    """The ledger of one weight.

    parameter : its key on the page; a recurrent one when empty
    page : which rows, when the sentence is longer than a page
    into, out : the first hidden unit shown of h_{t-1} and of h_t, in networks too large to be shown whole

    Raises ExperimentError naming "parameter" or "page".
    """
    known, key = weights_in(run), parameter or default(run)
    if key not in known:
        raise ExperimentError([fault("parameter", f"one of {', '.join(known)}", key)])
    view = window(run.experiment.hidden_size, into, out)
    if known[key].role != "readout":
        return _through_time(run, known[key], page, view)
    return (at_every_step if run.network.per_step else at_the_end_of_time)(run, known[key], page, view)


def _through_time(run: Run, weight: Weight, page: int, view: Window) -> Ledger:
    chain = chain_of(run, weight.group)
    shown = shown_steps(run, page, chain.lane)
    words = sorted({run.ids[t - 1] for t in shown})
    made = columns(chain, weight, view)
    return Ledger(
        parameter=weight.key,
        group=weight.group,
        name=weight.symbol,
        steps=len(run.words),
        general=general(chain, weight),
        lead=ledger_notes.lead(chain),
        headings=tuple(column.heading for column in made),
        rows=rows(chain, weight, shown, made),
        total=tuple(total_block(chain, weight, words, view)),
        norm=norm_of(run, weight),
        whole=whole_of(run, weight),
        sums=sums_told(run, weight, gap_of(run, weight)),
        choices=choices(run, weight, view),
        tabs=tabs(run, weight, view),
        pages=page_links(run, weight.key, page, view, chain.lane),
        windows=tuple(windows(weight.key, page, view, chain.lane)),
        left_out=tuple(left_out(run, weight, shown, words, view)),
        notes=tuple(ledger_notes.shared(chain, weight)),
        pairs=pairs_for(weight.key, page, view),
    )
