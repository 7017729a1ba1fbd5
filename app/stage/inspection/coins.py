"""Coins: what one step adds to a gradient, its factors, and the totals they add up to."""

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.stage.chains import chain_of, chains_of
from app.stage.formulas import d, num, op, row, times, var
from app.stage.inspection import blame, gated, nudging, predictions, states
from app.stage.inspection.blocks import rows
from app.stage.inspection.contents import SHOWN, Block, Inspection, Line, at, display, line, quoted, sub
from app.stage.inspection.part import WHOLE, Part, stems
from app.stage.inspection.tongues import our_entry, term_names
from app.stage.inspection.totals import reading, total
from app.stage.inspection.units import unit
from app.stage.ledger_cells import cells
from app.stage.ledger_chain import by_weight, jacobians, pieces, walked
from app.stage.ledger_notes import size
from app.stage.ledger_rows import blamed, percent, right_factor, skips_f
from app.stage.numbers import GRADIENT_SCALE
from app.stage.weights import Weight
from app.wording.catalogue import _

Array = NDArray[np.float64]

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
        return _("1, as for every bias"), ""
    if weight.role == "words":
        return _("{x_t}, place {i}", x_t=sub("x", t), i=i + 1), f"x-{t}"
    if weight.role == "state":
        lane = chain_of(run, weight.group).lane
        before = lane.before(t)
        return _(
            "{h_before}, unit {i}", h_before=lane.said("h", before), i=i + 1
        ), f"{lane.name('h', before)}.{i}"
    chain = next(chain for chain in chains_of(run) if i < chain.reads_out.stop)
    k = i - chain.reads_out.start
    return _("{h_t}, unit {k}", h_t=chain.lane.said("h", t), k=k + 1), f"{chain.lane.name('h', t)}.{k}"


def blame_of(run: Run, weight: Weight, t: int, j: int) -> tuple[str, str]:
    """The symbol and the part of what came back to column j."""
    chain = reading(run, weight)
    if chain is None:
        return _("∂L/∂{z_t}, word {j}", z_t=sub("z", t), j=j + 1), f"dz-{t}.{j}"
    kind, said = blamed(chain, weight, t)
    return _("{said}, unit {j}", said=said, j=j + 1), f"{kind}-{t}.{j}"


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
        _("Step {t} and {weight}", t=t, weight=our_entry(weight, i, j)),
        _(
            "What {word} adds to the gradient of this one weight, had step {t} a copy of its own.",
            word=quoted(run, t),
            t=t,
        ),
        when=at(run, t),
        formulas=(formula(run, weight, t), product),
        blocks=(
            Block(
                _("What entered × what came back"),
                "bw",
                (
                    line(from_[0], left, from_[1]),
                    line(f"× {into[0]}", right, into[1]),
                    line("= " + _("this contribution"), value, strong=True),
                    line(_("the whole entry, all steps"), total, f"tot-{weight.key}-{i}.{j}"),
                ),
            ),
        ),
        proof=nudging.proof(
            _("this contribution"),
            value,
            nudging.of_own_copy(run, weight, t, i, j),
            _("only step {t}’s own copy moved up and down", t=t),
        ),
        names=term_names(reading(run, weight), run, weight, t, i, j),
        notes=tuple(_term_notes(run, weight, t)),
    )


def _term_notes(run: Run, weight: Weight, t: int) -> list[str]:
    chain = reading(run, weight)
    if chain is None:
        return [
            _("The output’s weights act at every step, and no Jacobian lies between them and their loss.")
        ]
    before = chain.lane.said("h", chain.lane.before(t))
    crossed = jacobians(len(walked(chain, t)))
    notes = [
        _(
            "Its chain crosses {crossed}. The notes’ label j = {t} counts from the first word (E10).",
            crossed=crossed,
            t=t,
        )
    ]
    if chain.per_step:
        notes = [_("The losses that reach it cross up to {crossed}.", crossed=crossed)]
    if weight.role == "state" and not chain.forward.h_prev[t - 1].any():
        notes.append(_("E29: {before} = 0, so this is exactly 0, whatever comes back.", before=before))
    if skips_f(chain, weight, t):
        notes.append(_("The bias stands outside f at this step, so it skips f′."))
    notes.append(
        _(
            "E9: it is the immediate derivative, {before} held still; taken as a total one it "
            "would count earlier steps twice.",
            before=before,
        )
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
        _("The coin of step {t} for {symbol}", t=t, symbol=weight.symbol),
        _(
            "What {word} pays into ∂L/∂{symbol}: an outer product, so every entry is one number "
            "that entered times one that came back.",
            word=quoted(run, t),
            symbol=weight.symbol,
        ),
        when=at(run, t),
        formulas=(formula(run, weight, t),),
        blocks=(
            Block(
                _("Its size"),
                "bw",
                (
                    line(_size_of(run, weight, t), size(left)),
                    line(f"× ‖{into}‖", size(right)),
                    line(_("= ‖coin‖"), norm, strong=True),
                    Line(_("share of the total"), percent(share)),
                ),
            ),
            Block(_("Its numbers"), "bw", (), grid),
        ),
        notes=tuple(filter(None, (note, _empty(run, weight, t), _signed()))),
    )


def _size_of(run: Run, weight: Weight, t: int) -> str:
    """What entered, as a norm."""
    if weight.letter.startswith("b"):
        return "1"
    said = source(run, weight, t, 0)[0].rpartition(",")[0]
    return _("‖{said}‖, one 1", said=said) if weight.role == "words" else f"‖{said}‖"


def _empty(run: Run, weight: Weight, t: int) -> str:
    if weight.role != "state" or entered(run, weight, t).any():
        return ""
    return _("E29: {x} = 0, so this coin is empty.", x=source(run, weight, t, 0)[0].rpartition(",")[0])


def _signed() -> str:
    return _(
        "Shares are signed and add up to 100 %; the sizes do not add up, for coins may pull "
        "against each other."
    )


def _block(run: Run, weight: Weight, t: int, right: Array) -> tuple[str, str]:
    """The numbers of a coin, at most 8 by 8 of them, and what is left out."""
    left, shown = entered(run, weight, t), right[:SHOWN]
    across, columns = len(shown), len(right)
    if weight.role == "words" or weight.letter.startswith("b"):
        rest = _("All rows but that of {word} are 0.", word=quoted(run, t)) if weight.role == "words" else ""
        note = _("Shown are {count} of {count2} columns.", count=across, count2=columns)
        numbers = [f"in-{weight.key}-{t}.{j}" for j in range(across)]
        grid = cells(numbers, shown, min(4, across), _("coin of step {t}", t=t), GRADIENT_SCALE)
        return grid, f"{rest} {note if across < columns else ''}".strip()
    seen = left[:SHOWN]
    note = _(
        "Shown are {rows} of {rows2} rows and {count} of {count2} columns.",
        rows=len(seen),
        rows2=len(left),
        count=across,
        count2=columns,
    )
    cut = len(seen) < len(left) or across < columns
    return rows(f"in-{weight.key}-{t}-", np.outer(seen, shown), GRADIENT_SCALE), note if cut else ""
