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
from app.wording.catalogue import _

PICKED = 4  # rows of gates that a word's part shows


def _folded(run: Run, t: int) -> tuple[str, ...]:
    """That a word was read in lower case, where it was."""
    typed, token = run.words[t - 1], run.tokens[t - 1]
    if typed == token:
        return ()
    said = _(
        "Typed {typed}, read as {read}: upper and lower case count as one word.",
        typed=named(typed),
        read=named(token),
    )
    return (said,)


def word_part(run: Run, part: Part) -> Inspection:
    """x_t: a word as a one-hot code, and the row it picks from every matrix that reads words."""
    t = part.t
    hot, size = run.ids[t - 1], len(run.vocabulary)
    shown = (
        " ".join("1" if k == hot else "0" for k in range(size))
        if size <= 24
        else _("a 1 at place {hot}, {size} zeros", hot=hot + 1, size=size - 1)
    )
    readers = [
        weight for chain in _readers(run, part) for weight in chain.weights.values() if weight.role == "words"
    ]
    first = readers[0]
    row_of = first.of(run.parameters, run.experiment.hidden_size)[hot]
    return Inspection(
        part.text,
        _("{word} as numbers", word=quoted(run, t)),
        _(
            "Word {t} of the sentence is word {hot} of the {size} in the vocabulary: its code "
            "has a single 1, so it picks row {hot} of {listed}.",
            t=t,
            hot=hot + 1,
            size=size,
            listed=", ".join(weight.symbol for weight in readers),
        ),
        when=at(run, t),
        formulas=(display(var("x", t), first.math, op("="), vector(row_of, "f")),),
        blocks=(
            Block(_("The code"), "fw", (Line(sub("x", t), shown),)),
            *(
                Block(
                    _("The row it picks from {symbol}", symbol=weight.symbol),
                    "wt",
                    (),
                    _picked(run, weight, hot),
                )
                for weight in readers[:PICKED]
            ),
        ),
        names=Names(
            f"x<sub>1{t}</sub>",
            f"x<sub>{t}</sub>, row {hot + 1}",
            code(f"x[{t - 1}]"),
            code(f"x[0, {t - 1}]"),
        ),
        notes=_folded(run, t),
    )


def _readers(run: Run, part: Part) -> tuple[Chain, ...]:
    """Whose words they are: of a column its own chain, of a word all chains."""
    return (part.of(run),) if part.kind == "col" else chains_of(run)


def _picked(run: Run, weight: Weight, hot: int) -> str:
    row_of = weight.of(run.parameters, run.experiment.hidden_size)[hot]
    numbers = [f"{weight.key}-{hot}.{k}" for k in range(len(row_of))]
    label = _("row of {key}", key=weight.key)
    return cells(numbers, row_of, min(4, len(row_of)), label, FORWARD_SCALE, trim=True)


def addend(run: Run, part: Part) -> Inspection:
    """One of the terms of a_t: the word's row, the state's product, the bias."""
    chain, t, i = part.of(run), part.t, part.column
    summed = marked(chain, "a", t, letter(chain, part.gate))
    if i < 0:
        bias = chain.matrix("bias", part.gate)[0] if part.kind in ("bb", "bias") else None
        values = chain.array(part.kind, part.gate)[t - 1] if bias is None else bias
        said = _("One of the terms that add up to {summed}.", summed=summed)
        return many(chain, part, _("A term of {summed}", summed=summed), said, values, FORWARD_SCALE)
    return {"xw": _row_term, "hw": _memory_term, "bb": _bias_term, "bias": _bias_term}[part.kind](
        chain, part, t, i
    )


def _unit(chain: Chain, part: Part, i: int) -> str:
    """Which unit, or gate of which unit."""
    return (
        _("gate {chain} of unit {i}", chain=letter(chain, part.gate), i=i + 1)
        if chain.gated
        else f"unit {i + 1}"
    )


def _sum(chain: Chain, part: Part, t: int, i: int) -> Block:
    """The sum that the term is in."""
    return sum_block(chain, part.gate, t, i) if chain.gated else forward_block(chain, t, i)


def _row_term(chain: Chain, part: Part, t: int, i: int) -> Inspection:
    run, weight = chain.run, chain.weights["words", part.gate]
    hot, value = run.ids[t - 1], float(chain.array("xw", part.gate)[t - 1, i])
    entry, _part = weight_place(run, weight, hot, i)
    numbers = (num(1), op("·"), times(value), op("="), num(value, "f"))
    return Inspection(
        part.text,
        _("{x_t} {symbol}, unit {i}", x_t=sub("x", t), symbol=weight.symbol, i=i + 1),
        _(
            "What the word {word} says to {chain}: entry {i} of its row of {symbol}.",
            word=quoted(run, t),
            chain=_unit(chain, part, i),
            i=i + 1,
            symbol=weight.symbol,
        ),
        when=at(run, t),
        formulas=(display(row(var("x", t), weight.math), op("="), *numbers),),
        blocks=(_sum(chain, part, t, i),),
        names=Names(
            f"x<sub>1{t}</sub> · w<sub>i</sub>" if not chain.gated else UNNAMED,
            f"x<sub>{t}</sub> {weight.symbol}",
            entry,
        ),
        notes=(
            _(
                "It is the weight in row {hot}, column {i} itself: the code’s other places are 0.",
                hot=hot + 1,
                i=i + 1,
            ),
        ),
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
    rows, _part = weight_place(run, weight, 0, i)
    state = "h_0" if old == lane.origin else f"output[{old - 1}]"
    return Inspection(
        part.text,
        _("{h_old} {symbol}, unit {i}", h_old=lane.said("h", old), symbol=weight.symbol, i=i + 1),
        _(
            "What the network remembers from {after} {word}, as {chain} hears it: every old unit "
            "times its weight.",
            after=after,
            word=quoted(run, t),
            chain=_unit(chain, part, i),
        ),
        when=at(run, t),
        formulas=(display(row(lane.var("h", old), weight.math), op("="), *factors),),
        blocks=(Block(_("Forward"), "fw", (*summands(terms), line("sum", value, strong=True))),),
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
        _("{symbol}, unit {i}, at step {t}", symbol=weight.symbol, i=i + 1, t=t),
        _(
            "The bias of {chain}: added {chain2} f, the same number at every step.",
            chain=_unit(chain, part, i),
            chain2=biased(chain, t),
        ),
        when=at(run, t),
        blocks=(_sum(chain, part, t, i),),
        names=Names(f"b<sub>{t}</sub>", f"{weight.symbol}[{i + 1}]", torch, keras),
        notes=(
            _(
                "E2: the notes write a bias for each step (b₁, b₂, b₃). It is one vector with an "
                "entry for each unit, shared by all steps."
            ),
            *bias_note(chain, t),
        ),
    )
