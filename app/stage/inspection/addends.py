"""A word as numbers, and the terms that add up to a_t, the sum of a unit or of a gate."""

from app.experiments.run import Run
from app.stage.chains import Chain, chains_of
from app.stage.formulas import num, op, row, times, upright, var, vector
from app.stage.gates import letter, marked
from app.stage.inspection.blocks import bias_note, biased, forward_block, many
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Line,
    Names,
    at,
    code,
    display,
    line,
    named,
    quoted,
    sub,
    summands,
)
from app.stage.inspection.gated import sum_block
from app.stage.inspection.part import Part
from app.stage.inspection.tongues import UNNAMED, weight_place
from app.stage.ledger_cells import cells
from app.stage.numbers import FORWARD_SCALE
from app.stage.weights import Weight

PICKED = 4  # rows of gates that a word's part shows


def word_part(run: Run, part: Part) -> Inspection:
    """x_t: a word as a one-hot code, and the row it picks from every matrix that reads words."""
    t = part.t
    hot, size = run.ids[t - 1], len(run.vocabulary)
    shown = (
        " ".join("1" if k == hot else "0" for k in range(size))
        if size <= 24
        else f"a 1 at place {hot + 1}, {size - 1} zeros"
    )
    typed, token = run.words[t - 1], run.tokens[t - 1]
    folded = (
        ()
        if typed == token
        else (f"Typed {named(typed)}, read as {named(token)}: upper and lower case count as one word.",)
    )
    readers = [
        weight for chain in _readers(run, part) for weight in chain.weights.values() if weight.role == "words"
    ]
    first = readers[0]
    row_of = first.of(run.parameters, run.experiment.hidden_size)[hot]
    return Inspection(
        part.text,
        f"{quoted(run, t)} as numbers",
        f"Word {t} of the sentence is word {hot + 1} of the {size} in the vocabulary: its code has a "
        f"single 1, so it picks row {hot + 1} of {', '.join(weight.symbol for weight in readers)}.",
        when=at(run, t),
        formulas=(display(var("x", t), first.math, op("="), vector(row_of, "f")),),
        blocks=(
            Block("The code", "fw", (Line(sub("x", t), shown),)),
            *(
                Block(f"The row it picks from {weight.symbol}", "wt", (), _picked(run, weight, hot))
                for weight in readers[:PICKED]
            ),
        ),
        names=Names(
            f"x<sub>1{t}</sub>",
            f"x<sub>{t}</sub>, row {hot + 1}",
            code(f"x[{t - 1}]"),
            code(f"x[0, {t - 1}]"),
        ),
        notes=folded,
    )


def _readers(run: Run, part: Part) -> tuple[Chain, ...]:
    """Whose words they are: of a column its own chain, of a word all chains."""
    return (part.of(run),) if part.kind == "col" else chains_of(run)


def _picked(run: Run, weight: Weight, hot: int) -> str:
    row_of = weight.of(run.parameters, run.experiment.hidden_size)[hot]
    numbers = [f"{weight.key}-{hot}.{k}" for k in range(len(row_of))]
    label = f"row of {weight.key}"
    return cells(numbers, row_of, min(4, len(row_of)), label, FORWARD_SCALE, trim=True)


def addend(run: Run, part: Part) -> Inspection:
    """One of the terms of a_t: the word's row, the state's product, the bias."""
    chain, t, i = part.of(run), part.t, part.column
    summed = marked(chain, "a", t, letter(chain, part.gate))
    if i < 0:
        bias = chain.matrix("bias", part.gate)[0] if part.kind in ("bb", "bias") else None
        values = chain.array(part.kind, part.gate)[t - 1] if bias is None else bias
        said = f"One of the terms that add up to {summed}."
        return many(chain, part, f"A term of {summed}", said, values, FORWARD_SCALE)
    return {"xw": _row_term, "hw": _memory_term, "bb": _bias_term, "bias": _bias_term}[part.kind](
        chain, part, t, i
    )


def _unit(chain: Chain, part: Part, i: int) -> str:
    """Which unit, or gate of which unit."""
    return f"gate {letter(chain, part.gate)} of unit {i + 1}" if chain.gated else f"unit {i + 1}"


def _sum(chain: Chain, part: Part, t: int, i: int) -> Block:
    """The sum that the term is in."""
    return sum_block(chain, part.gate, t, i) if chain.gated else forward_block(chain, t, i)


def _row_term(chain: Chain, part: Part, t: int, i: int) -> Inspection:
    run, weight = chain.run, chain.weights["words", part.gate]
    hot, value = run.ids[t - 1], float(chain.array("xw", part.gate)[t - 1, i])
    entry, _ = weight_place(run, weight, hot, i)
    numbers = (num(1), op("·"), times(value), op("="), num(value, "f"))
    return Inspection(
        part.text,
        f"{sub('x', t)} {weight.symbol}, unit {i + 1}",
        f"What the word {quoted(run, t)} says to {_unit(chain, part, i)}: entry {i + 1} of its row of "
        f"{weight.symbol}.",
        when=at(run, t),
        formulas=(display(row(var("x", t), weight.math), op("="), *numbers),),
        blocks=(_sum(chain, part, t, i),),
        names=Names(
            f"x<sub>1{t}</sub> · w<sub>i</sub>" if not chain.gated else UNNAMED,
            f"x<sub>{t}</sub> {weight.symbol}",
            entry,
        ),
        notes=(f"It is the weight in row {hot + 1}, column {i + 1} itself: the code’s other places are 0.",),
    )


def _memory_term(chain: Chain, part: Part, t: int, i: int) -> Inspection:
    run, weight, lane = chain.run, chain.weights["state", part.gate], chain.lane
    before, column = chain.forward.h_prev[t - 1], chain.matrix("state", part.gate)[:, i]
    value, old = float(chain.array("hw", part.gate)[t - 1, i]), lane.before(t)
    terms = [
        (
            f"{'+ ' if k else ''}{lane.said('h', f'{old},{k + 1}')} · {weight.symbol}[{k + 1}, {i + 1}]",
            float(before[k] * column[k]),
            f"{weight.key}-{k}.{i}",
        )
        for k in range(len(before))
    ]
    after = "after" if lane.reverse else "before"
    factors = (vector(before, "f"), upright(column), op("="), num(value, "f"))
    rows, _ = weight_place(run, weight, 0, i)
    state = "h_0" if old == lane.origin else f"output[{old - 1}]"
    return Inspection(
        part.text,
        f"{lane.said('h', old)} {weight.symbol}, unit {i + 1}",
        f"What the network remembers from {after} {quoted(run, t)}, as {_unit(chain, part, i)} hears it: "
        "every old "
        "unit times its weight.",
        when=at(run, t),
        formulas=(display(row(lane.var("h", old), weight.math), op("="), *factors),),
        blocks=(Block("Forward", "fw", (*summands(terms), line("sum", value, strong=True))),),
        names=Names(
            f"O<sub>{old}</sub> · w<sub>h</sub>" if chain.alone and not chain.gated else UNNAMED,
            f"{lane.said('h', old)} {weight.symbol}",
            f"{code(state)} @ {rows.replace('[0]</code>', '</code>')}",
        ),
    )


def _bias_term(chain: Chain, part: Part, t: int, i: int) -> Inspection:
    run, weight = chain.run, chain.weights["bias", part.gate]
    torch, keras = weight_place(run, weight, 0, i)
    return Inspection(
        part.text,
        f"{weight.symbol}, unit {i + 1}, at step {t}",
        f"The bias of {_unit(chain, part, i)}: added {biased(chain, t)} f, the same number at every step.",
        when=at(run, t),
        blocks=(_sum(chain, part, t, i),),
        names=Names(f"b<sub>{t}</sub>", f"{weight.symbol}[{i + 1}]", torch, keras),
        notes=(
            "E2: the notes write a bias for each step (b₁, b₂, b₃). It is one vector with an entry for "
            "each unit, shared by all steps.",
            *bias_note(chain, t),
        ),
    )
