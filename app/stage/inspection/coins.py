"""Coins: what one step adds to a gradient, its factors, and the totals they add up to."""

import numpy as np

from app.experiments.run import Run
from app.numerals import long, short, tint
from app.stage.formulas import num, op, row, times
from app.stage.inspection import nudging
from app.stage.inspection.blame import blame
from app.stage.inspection.blocks import biased
from app.stage.inspection.contents import Block, Inspection, Line, Term, at, display, line, of, quoted, sub
from app.stage.inspection.matrices import matrix
from app.stage.inspection.part import CHAIN, WHOLE, Part
from app.stage.inspection.tongues import term_names
from app.stage.inspection.units import unit
from app.stage.inspection.weights import entry_name
from app.stage.ledger_cells import cells
from app.stage.ledger_chain import by_weight, jacobians, pieces
from app.stage.ledger_notes import cosine_of_last, size
from app.stage.ledger_rows import percent, right_factor
from app.stage.numbers import GRADIENT_SCALE

SHOWN = 8


def _left(run: Run, name: str, t: int, i: int) -> float:
    """What entered the product at row i."""
    if name == "W_hh":
        return float(run.forward.h_prev[t - 1, i])
    return 1.0 if name == "b_h" or run.ids[t - 1] == i else 0.0


def term(run: Run, part: Part) -> Inspection:
    """One entry of one step's contribution: what entered times what came back."""
    name, t, j = part.name, part.t, part.column
    i = part.row if part.row >= 0 else run.ids[t - 1] if name == "W_xh" else 0
    left, right = _left(run, name, t, i), float(right_factor(run, name, t)[j])
    value = left * right + 0.0
    total = float(
        run.gradients[CHAIN][name].total[..., j] if name == "b_h" else run.gradients[CHAIN][name].total[i, j]
    )
    place = f"{i}.{j}"
    outside = name == "b_h" and biased(run, t) == "outside"
    blamed = (f"∂L/∂{sub('h', t)}", f"dh-{t}.{j}") if outside else (sub("δ", t), f"da-{t}.{j}")
    entered = {
        "W_hh": (f"{sub('h', t - 1)}, unit {i + 1}", f"h-{t - 1}.{i}"),
        "W_xh": (f"{sub('x', t)}, place {i + 1}", f"x-{t}"),
        "b_h": ("1, as for every bias", ""),
    }[name]
    product = display(num(left, "f"), op("·"), times(right, "b"), op("="), num(value))
    steps = len(run.words)
    return Inspection(
        part.text,
        f"Step {t} and {entry_name(name, i, j)}",
        f"What {quoted(run, t)} adds to the gradient of this one weight, had step {t} a copy of its own.",
        when=at(run, t),
        formulas=(display(*pieces(name, steps, t)), product),
        blocks=(
            Block(
                "What entered × what came back",
                "bw",
                (
                    line(entered[0], left, entered[1]),
                    line(f"× {blamed[0]}, unit {j + 1}", right, blamed[1]),
                    line("= this contribution", value, strong=True),
                    line("the whole entry, all steps", total, f"tot-{name}-{place}"),
                ),
            ),
        ),
        proof=nudging.proof(
            "this contribution",
            value,
            nudging.of_own_copy(run, name, t, i, j),
            f"only step {t}’s own copy moved up and down",
        ),
        names=term_names(run, name, t, i, j),
        notes=tuple(_term_notes(run, name, t, outside)),
    )


def _term_notes(run: Run, name: str, t: int, outside: bool) -> list[str]:
    steps = len(run.words)
    notes = [
        f"Its chain crosses {jacobians(steps - t)}. The notes’ label j = {t} counts from the first word "
        "(E10)."
    ]
    if name == "W_hh" and not run.forward.h_prev[t - 1].any():
        notes.append(f"E29: {sub('h', t - 1)} = 0, so this is exactly 0, whatever comes back.")
    if outside:
        notes.append("The bias stands outside f at this step, so it skips f′.")
    notes.append(
        f"E9: it is the immediate derivative, {sub('h', t - 1)} held still; taken as a total one it would "
        "count earlier steps twice."
    )
    return notes


def factor(run: Run, part: Part) -> Inspection:
    """A margin of a coin: the number above or beside it is one that stands on the stage too."""
    if part.kind == "left":
        if part.name == "W_hh":
            return unit(run, Part(part.text, "step", "h", "", part.t - 1, -1, part.row))
        return term(run, Part(part.text, "term", "in", part.name, part.t, part.row, 0))
    outside = part.name == "b_h" and biased(run, part.t) == "outside"
    return blame(run, Part(part.text, "step", "dh" if outside else "da", "", part.t, -1, part.column))


def coin(run: Run, part: Part) -> Inspection:
    """The whole contribution of one step to one parameter."""
    name, t = part.name, part.t
    if t == WHOLE or part.group != CHAIN:
        return total(run, part)
    outer = run.gradients[CHAIN][name]
    norm, share = float(outer.norms[t - 1]), float(outer.shares[t - 1])
    right = right_factor(run, name, t)
    left_norm = size(run.forward.h_prev[t - 1]) if name == "W_hh" else 1.0
    grid, note = _block(run, name, t, right)
    entered = {"W_hh": f"‖{sub('h', t - 1)}‖", "W_xh": f"‖{sub('x', t)}‖, one 1", "b_h": "1"}[name]
    blamed = f"‖∂L/∂{sub('h', t)}‖" if name == "b_h" and biased(run, t) == "outside" else f"‖{sub('δ', t)}‖"
    zero = name == "W_hh" and not run.forward.h_prev[t - 1].any()
    return Inspection(
        part.text,
        f"The coin of step {t} for {of(name)}",
        f"What {quoted(run, t)} pays into ∂L/∂{of(name)}: an outer product, so every entry is "
        "one number that entered times one that came back.",
        when=at(run, t),
        formulas=(display(*pieces(name, len(run.words), t)),),
        blocks=(
            Block(
                "Its size",
                "bw",
                (
                    line(entered, left_norm),
                    line(f"× {blamed}", size(right)),
                    line("= ‖coin‖", norm, strong=True),
                    Line("share of the total", percent(share)),
                ),
            ),
            Block("Its numbers", "bw", (), grid),
        ),
        notes=tuple(
            filter(
                None,
                (
                    note,
                    f"E29: {sub('h', t - 1)} = 0, so this coin is empty." if zero else "",
                    "Shares are signed and add up to 100 %; the sizes do not add up, for coins may pull "
                    "against each other.",
                ),
            )
        ),
    )


def _block(
    run: Run, name: str, t: int, right: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> tuple[str, str]:
    """The numbers of a coin, at most 8 by 8 of them, and what is left out."""
    shown = right[:SHOWN]
    width = min(4, len(shown))
    note = f"Shown are {len(shown)} of {len(right)} units." if len(shown) < len(right) else ""
    if name != "W_hh":
        rest = "" if name == "b_h" else f"All rows but that of {quoted(run, t)} are 0."
        numbers = [f"in-{name}-{t}.{j}" for j in range(len(shown))]
        return cells(numbers, shown, width, f"coin of step {t}", GRADIENT_SCALE), f"{rest} {note}".strip()
    before = run.forward.h_prev[t - 1][:SHOWN]
    rows = [
        cells(
            [f"in-W_hh-{t}-{i}.{j}" for j in range(len(shown))],
            h * shown,
            width,
            f"row {i + 1}",
            GRADIENT_SCALE,
        )
        for i, h in enumerate(before)
    ]
    return "".join(
        f'<span class="line"><small>{i}</small> {html}</span>' for i, html in enumerate(rows, 1)
    ), note


def total(run: Run, part: Part) -> Inspection:
    """The gradient of a parameter: its size and who made it."""
    name = part.name
    outer = run.gradients[part.group][name]
    whole = matrix(run, Part(part.text, "matrix", "tot", name, 0, -1, -1))
    steps = len(run.words)
    if part.group != CHAIN:
        return whole
    shares = outer.shares.tolist()
    parts = tuple(
        Term(t, tint(t, steps), percent(shares[t - 1]), f"slot-{name}-{t}") for t in range(steps, 0, -1)
    )
    cosine = cosine_of_last(run, name)
    alone = (
        ""
        if cosine is None
        else f"E14: the last step alone (truncated, k = 1) points cos = {short(cosine)} along it."
    )
    norms = [float(n) for n in outer.norms]
    return Inspection(
        part.text,
        whole.title,
        f"The gradient of {of(name)}: the sum of {steps} coin{'s' if steps > 1 else ''}, entry by entry.",
        formulas=(display(_sum(name, steps)),),
        blocks=whole.blocks,
        terms=parts,
        terms_heading="Share of each step",
        terms_note=f"The norms of the coins add up to {long(sum(norms))}, the norm of their sum is "
        f"{long(size(outer.total))}.",
        notes=tuple(filter(None, (alone, *whole.notes))),
    )


def _sum(name: str, steps: int) -> str:
    """dL/dW = the sum of what every step pays."""
    whole = by_weight(name)
    each = f"<msub>{row(op('('), whole, op(')'))}<mi>t</mi></msub>"
    first = row("<mi>t</mi>", op("="), "<mn>1</mn>")
    return row(whole, op("="), f"<munderover>{op('∑')}{first}<mn>{steps}</mn></munderover>", each)
