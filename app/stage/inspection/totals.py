"""The gradient of a parameter: its size and who made it."""

from app.experiments.run import Run
from app.numerals import long, short, tint
from app.stage.chains import Chain, chain_of
from app.stage.formulas import op, row
from app.stage.inspection.contents import Inspection, Term, display
from app.stage.inspection.matrices import matrix
from app.stage.inspection.part import Part
from app.stage.ledger_chain import by_weight
from app.stage.ledger_notes import cosine_of_last, size
from app.stage.ledger_rows import percent
from app.stage.weights import Weight
from app.wording.catalogue import _, n_


def reading(run: Run, weight: Weight) -> Chain | None:
    """The chain that a weight belongs to; None for the readout."""
    return None if weight.role == "readout" else chain_of(run, weight.group)


def total(run: Run, part: Part) -> Inspection:
    """The gradient of a parameter: its size and who made it."""
    weight, steps = part.weight(run), len(run.words)
    whole = matrix(run, Part(part.text, "matrix", "tot", weight.key, 0, -1, -1))
    if weight.role == "readout" and not run.network.per_step:
        return whole
    outer, chain = weight.gradient(run), reading(run, weight)
    shares = outer.shares.tolist()
    order = range(steps, 0, -1) if chain is None else [chain.lane.at(tick) for tick in range(steps, 0, -1)]
    parts = tuple(Term(t, tint(t, steps), percent(shares[t - 1]), f"slot-{weight.key}-{t}") for t in order)
    cosine = None if chain is None else cosine_of_last(chain, weight)
    alone = (
        ""
        if cosine is None
        else _(
            "E14: the last step alone (truncated, k = 1) points cos = {cosine} along it.",
            cosine=short(cosine),
        )
    )
    norms = [float(n) for n in outer.norms]
    return Inspection(
        part.text,
        whole.title,
        n_(
            "The gradient of {symbol}: the sum of {count} coin, entry by entry.",
            "The gradient of {symbol}: the sum of {count} coins, entry by entry.",
            steps,
            symbol=weight.symbol,
        ),
        formulas=(display(_sum(weight, steps)),),
        blocks=whole.blocks,
        terms=parts,
        terms_heading=_("Share of each step"),
        terms_note=_(
            "The norms of the coins add up to {norms}, the norm of their sum is {total}.",
            norms=long(sum(norms)),
            total=long(size(outer.total)),
        ),
        notes=tuple(filter(None, (alone, *whole.notes))),
    )


def _sum(weight: Weight, steps: int) -> str:
    """dL/dW = the sum of what every step pays."""
    whole = by_weight(weight)
    each = f"<msub>{row(op('('), whole, op(')'))}<mi>t</mi></msub>"
    first = row("<mi>t</mi>", op("="), "<mn>1</mn>")
    return row(whole, op("="), f"<munderover>{op('∑')}{first}<mn>{steps}</mn></munderover>", each)
