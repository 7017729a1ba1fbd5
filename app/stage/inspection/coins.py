"""Coins: what one step adds to a gradient, its factors, and the totals they add up to."""

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.numerals import long, short, tint
from app.stage.chains import Chain, chain_of, chains_of
from app.stage.formulas import d, num, op, row, times, var
from app.stage.inspection import blame, gated, nudging, predictions, states
from app.stage.inspection.contents import Block, Inspection, Line, Term, at, display, line, quoted, sub
from app.stage.inspection.matrices import matrix
from app.stage.inspection.part import WHOLE, Part, stems
from app.stage.inspection.tongues import our_entry, term_names
from app.stage.inspection.units import unit
from app.stage.ledger_cells import cells
from app.stage.ledger_chain import by_weight, jacobians, pieces, walked
from app.stage.ledger_notes import cosine_of_last, size
from app.stage.ledger_rows import blamed, percent, right_factor, skips_f
from app.stage.numbers import GRADIENT_SCALE
from app.stage.weights import Weight

Array = NDArray[np.float64]
SHOWN = 8


def reading(run: Run, weight: Weight) -> Chain | None:
    """The chain that a weight belongs to; None for the readout."""
    return None if weight.role == "readout" else chain_of(run, weight.group)


def entered(run: Run, weight: Weight, t: int) -> Array:
    """What entered the product of a weight at step t, an entry for each of its rows."""
    if weight.letter.startswith("b"):
        return np.ones(1)
    if weight.role == "readout":
        return np.asarray(run.forward.readout_input[t - 1])
    if weight.role == "state":
        return np.asarray(chain_of(run, weight.group).forward.h_prev[t - 1])
    code = np.zeros(len(run.vocabulary))
    code[run.ids[t - 1]] = 1.0
    return code


def source(run: Run, weight: Weight, t: int, i: int) -> tuple[str, str]:
    """The symbol and the part of what entered at row i."""
    if weight.letter.startswith("b"):
        return "1, as for every bias", ""
    if weight.role == "words":
        return f"{sub('x', t)}, place {i + 1}", f"x-{t}"
    if weight.role == "state":
        lane = chain_of(run, weight.group).lane
        before = lane.before(t)
        return f"{lane.said('h', before)}, unit {i + 1}", f"{lane.name('h', before)}.{i}"
    chain = next(chain for chain in chains_of(run) if i < chain.reads_out.stop)
    k = i - chain.reads_out.start
    return f"{chain.lane.said('h', t)}, unit {k + 1}", f"{chain.lane.name('h', t)}.{k}"


def blame_of(run: Run, weight: Weight, t: int, j: int) -> tuple[str, str]:
    """The symbol and the part of what came back to column j."""
    chain = reading(run, weight)
    if chain is None:
        return f"∂L/∂{sub('z', t)}, word {j + 1}", f"dz-{t}.{j}"
    kind, said = blamed(chain, weight, t)
    return f"{said}, unit {j + 1}", f"{kind}-{t}.{j}"


def formula(run: Run, weight: Weight, t: int) -> str:
    """The chain of factors whose value is a step's contribution."""
    chain = reading(run, weight)
    if chain is not None:
        return display(*pieces(chain, weight, t))
    part = f"<msub>{row(op('('), by_weight(weight), op(')'))}<mn>{t}</mn></msub>"
    z = var("z", t)
    return display(part, op("="), d("<mi>L</mi>", z), op("·"), d(z, weight.math))


def term(run: Run, part: Part) -> Inspection:
    """One entry of one step's contribution: what entered times what came back."""
    weight, t, j = part.weight(run), part.t, part.column
    i = part.row if part.row >= 0 else run.ids[t - 1] if weight.role == "words" else 0
    left, right = float(entered(run, weight, t)[i]), float(right_factor(run, weight, t)[j])
    value = left * right + 0.0
    total = float(np.atleast_2d(weight.gradient(run).total)[i, j])
    from_, into = source(run, weight, t, i), blame_of(run, weight, t, j)
    product = display(num(left, "f"), op("·"), times(right, "b"), op("="), num(value))
    return Inspection(
        part.text,
        f"Step {t} and {our_entry(weight, i, j)}",
        f"What {quoted(run, t)} adds to the gradient of this one weight, had step {t} a copy of its own.",
        when=at(run, t),
        formulas=(formula(run, weight, t), product),
        blocks=(
            Block(
                "What entered × what came back",
                "bw",
                (
                    line(from_[0], left, from_[1]),
                    line(f"× {into[0]}", right, into[1]),
                    line("= this contribution", value, strong=True),
                    line("the whole entry, all steps", total, f"tot-{weight.key}-{i}.{j}"),
                ),
            ),
        ),
        proof=nudging.proof(
            "this contribution",
            value,
            nudging.of_own_copy(run, weight, t, i, j),
            f"only step {t}’s own copy moved up and down",
        ),
        names=term_names(reading(run, weight), run, weight, t, i, j),
        notes=tuple(_term_notes(run, weight, t)),
    )


def _term_notes(run: Run, weight: Weight, t: int) -> list[str]:
    chain = reading(run, weight)
    if chain is None:
        return ["The output’s weights act at every step, and no Jacobian lies between them and their loss."]
    before = chain.lane.said("h", chain.lane.before(t))
    crossed = jacobians(len(walked(chain, t)))
    notes = [f"Its chain crosses {crossed}. The notes’ label j = {t} counts from the first word (E10)."]
    if chain.per_step:
        notes = [f"The losses that reach it cross up to {crossed}."]
    if weight.role == "state" and not chain.forward.h_prev[t - 1].any():
        notes.append(f"E29: {before} = 0, so this is exactly 0, whatever comes back.")
    if skips_f(chain, weight, t):
        notes.append("The bias stands outside f at this step, so it skips f′.")
    notes.append(
        f"E9: it is the immediate derivative, {before} held still; taken as a total one it would "
        "count earlier steps twice."
    )
    return notes


def factor(run: Run, part: Part) -> Inspection:
    """A margin of a coin: the number above or beside it is one that stands on the stage too."""
    weight, t = part.weight(run), part.t
    chain = reading(run, weight)
    if part.kind == "left":
        if weight.role != "state" or chain is None:
            return term(run, Part(part.text, "term", "in", part.name, t, part.row, 0))
        before = chain.lane.before(t)
        return unit(run, Part(part.text, "step", "h", "", before, -1, part.row, 0, weight.group))
    if chain is None:
        return predictions.prediction(run, Part(part.text, "step", "dz_t", "", t, -1, part.column))
    stem = stems(chain.cell.name, tuple(run.forward.chains), chain.per_step)[blamed(chain, weight, t)[0]]
    into = Part(part.text, "step", stem.kind, "", t, -1, part.column, stem.gate, stem.chain)
    if stem.kind == "du":
        return states.apart(run, into)
    return (gated.gate if chain.gated else blame.blame)(run, into)


def coin(run: Run, part: Part) -> Inspection:
    """The whole contribution of one step to one parameter."""
    weight, t = part.weight(run), part.t
    if t == WHOLE:
        return total(run, part)
    outer, right = weight.gradient(run), right_factor(run, weight, t)
    left = entered(run, weight, t)
    norm, share = float(outer.norms[t - 1]), float(outer.shares[t - 1])
    grid, note = _block(run, weight, t, right)
    into = blame_of(run, weight, t, 0)[0].rpartition(",")[0]
    return Inspection(
        part.text,
        f"The coin of step {t} for {weight.symbol}",
        f"What {quoted(run, t)} pays into ∂L/∂{weight.symbol}: an outer product, so every entry is "
        "one number that entered times one that came back.",
        when=at(run, t),
        formulas=(formula(run, weight, t),),
        blocks=(
            Block(
                "Its size",
                "bw",
                (
                    line(_size_of(run, weight, t), size(left)),
                    line(f"× ‖{into}‖", size(right)),
                    line("= ‖coin‖", norm, strong=True),
                    Line("share of the total", percent(share)),
                ),
            ),
            Block("Its numbers", "bw", (), grid),
        ),
        notes=tuple(filter(None, (note, _empty(run, weight, t), _signed()))),
    )


def _size_of(run: Run, weight: Weight, t: int) -> str:
    """What entered, as a norm."""
    if weight.letter.startswith("b"):
        return "1"
    said = source(run, weight, t, 0)[0].rpartition(",")[0]
    return f"‖{said}‖, one 1" if weight.role == "words" else f"‖{said}‖"


def _empty(run: Run, weight: Weight, t: int) -> str:
    if weight.role != "state" or entered(run, weight, t).any():
        return ""
    return f"E29: {source(run, weight, t, 0)[0].rpartition(',')[0]} = 0, so this coin is empty."


def _signed() -> str:
    return (
        "Shares are signed and add up to 100 %; the sizes do not add up, for coins may pull against "
        "each other."
    )


def _block(run: Run, weight: Weight, t: int, right: Array) -> tuple[str, str]:
    """The numbers of a coin, at most 8 by 8 of them, and what is left out."""
    shown = right[:SHOWN]
    width = min(4, len(shown))
    note = f"Shown are {len(shown)} of {len(right)} columns." if len(shown) < len(right) else ""
    if weight.role == "words" or weight.letter.startswith("b"):
        rest = f"All rows but that of {quoted(run, t)} are 0." if weight.role == "words" else ""
        numbers = [f"in-{weight.key}-{t}.{j}" for j in range(len(shown))]
        return cells(numbers, shown, width, f"coin of step {t}", GRADIENT_SCALE), f"{rest} {note}".strip()
    seen = entered(run, weight, t)[:SHOWN]
    rows = [
        cells(
            [f"in-{weight.key}-{t}-{i}.{j}" for j in range(len(shown))],
            value * shown,
            width,
            f"row {i + 1}",
            GRADIENT_SCALE,
        )
        for i, value in enumerate(seen)
    ]
    return "".join(
        f'<span class="line"><small>{i}</small> {html}</span>' for i, html in enumerate(rows, 1)
    ), note


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
        else f"E14: the last step alone (truncated, k = 1) points cos = {short(cosine)} along it."
    )
    norms = [float(n) for n in outer.norms]
    return Inspection(
        part.text,
        whole.title,
        f"The gradient of {weight.symbol}: the sum of {steps} coin{'s' if steps > 1 else ''}, entry by "
        "entry.",
        formulas=(display(_sum(weight, steps)),),
        blocks=whole.blocks,
        terms=parts,
        terms_heading="Share of each step",
        terms_note=f"The norms of the coins add up to {long(sum(norms))}, the norm of their sum is "
        f"{long(size(outer.total))}.",
        notes=tuple(filter(None, (alone, *whole.notes))),
    )


def _sum(weight: Weight, steps: int) -> str:
    """dL/dW = the sum of what every step pays."""
    whole = by_weight(weight)
    each = f"<msub>{row(op('('), whole, op(')'))}<mi>t</mi></msub>"
    first = row("<mi>t</mi>", op("="), "<mn>1</mn>")
    return row(whole, op("="), f"<munderover>{op('∑')}{first}<mn>{steps}</mn></munderover>", each)
