"""A word as numbers, and the terms that add up to a_t."""

from app.experiments.run import Run
from app.stage.formulas import num, op, row, times, upright, var, vector
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
    of,
    quoted,
    sub,
    summands,
)
from app.stage.inspection.part import CHAIN, Part
from app.stage.inspection.tongues import hidden_bias
from app.stage.ledger_cells import cells
from app.stage.numbers import FORWARD_SCALE


def word_part(run: Run, part: Part) -> Inspection:
    """x_t: a word as a one-hot code."""
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
    row_of = run.parameters[CHAIN]["W_xh"][hot]
    grid = cells(
        [f"W_xh-{hot}.{k}" for k in range(len(row_of))],
        row_of,
        min(4, len(row_of)),
        "row of W_xh",
        FORWARD_SCALE,
        trim=True,
    )
    return Inspection(
        part.text,
        f"{quoted(run, t)} as numbers",
        f"Word {t} of the sentence is word {hot + 1} of the {size} in the vocabulary: its code has a "
        f"single 1, so it picks row {hot + 1} "
        f"of {of('W_xh')}.",
        when=at(run, t),
        formulas=(display(var("x", t), var("W", "xh"), op("="), vector(row_of, "f")),),
        blocks=(
            Block("The code", "fw", (Line(sub("x", t), shown),)),
            Block(f"The row it picks from {of('W_xh')}", "wt", (), grid),
        ),
        names=Names(
            f"x<sub>1{t}</sub>",
            f"x<sub>{t}</sub>, row {hot + 1}",
            code(f"x[{t - 1}]"),
            code(f"x[0, {t - 1}]"),
        ),
        notes=folded,
    )


def addend(run: Run, part: Part) -> Inspection:
    """One of the terms of a_t: the word's row, the state's product, the bias."""
    t, i = part.t, part.column
    forward = run.forward
    if i < 0:
        bias = run.parameters[CHAIN].get("b_h")
        values = {"xw": forward.input_term[t - 1], "hw": forward.recurrent_term[t - 1], "bb": bias}[part.kind]
        return many(
            run,
            part,
            f"A term of {sub('a', t)}",
            f"One of the terms that add up to {sub('a', t)}.",
            values,
            FORWARD_SCALE,
        )
    return {"xw": _row_term, "hw": _memory_term, "bb": _bias_term}[part.kind](run, part, t, i)


def _row_term(run: Run, part: Part, t: int, i: int) -> Inspection:
    hot, value = run.ids[t - 1], float(run.forward.input_term[t - 1, i])
    return Inspection(
        part.text,
        f"{sub('x', t)} {of('W_xh')}, unit {i + 1}",
        f"What the word {quoted(run, t)} says to unit {i + 1}: entry {i + 1} of its row of {of('W_xh')}.",
        when=at(run, t),
        formulas=(
            display(
                row(var("x", t), var("W", "xh")),
                op("="),
                num(1),
                op("·"),
                times(value),
                op("="),
                num(value, "f"),
            ),
        ),
        blocks=(forward_block(run, t, i),),
        names=Names(
            f"x<sub>1{t}</sub> · w<sub>i</sub>",
            f"x<sub>{t}</sub> W<sub>xh</sub>",
            code(f"x[{t - 1}] @ rnn.weight_ih_l0[{i}]"),
        ),
        notes=(f"It is the weight in row {hot + 1}, column {i + 1} itself: the code’s other places are 0.",),
    )


def _memory_term(run: Run, part: Part, t: int, i: int) -> Inspection:
    before, column = run.forward.h_prev[t - 1], run.parameters[CHAIN]["W_hh"][:, i]
    value = float(run.forward.recurrent_term[t - 1, i])
    terms = [
        (
            f"{'+ ' if k else ''}{sub('h', f'{t - 1},{k + 1}')} · {of('W_hh')}[{k + 1}, {i + 1}]",
            float(before[k] * column[k]),
            f"W_hh-{k}.{i}",
        )
        for k in range(len(before))
    ]
    return Inspection(
        part.text,
        f"{sub('h', t - 1)} {of('W_hh')}, unit {i + 1}",
        f"What the network remembers from before {quoted(run, t)}, as unit {i + 1} hears it: every old "
        "unit times its weight.",
        when=at(run, t),
        formulas=(
            display(
                row(var("h", t - 1), var("W", "hh")),
                op("="),
                vector(before, "f"),
                upright(column),
                op("="),
                num(value, "f"),
            ),
        ),
        blocks=(Block("Forward", "fw", (*summands(terms), line("sum", value, strong=True))),),
        names=Names(
            f"O<sub>{t - 1}</sub> · w<sub>h</sub>",
            f"h<sub>{t - 1}</sub> W<sub>hh</sub>",
            code(f"output[{t - 2}] @ rnn.weight_hh_l0[{i}]")
            if t > 1
            else code(f"h_0 @ rnn.weight_hh_l0[{i}]"),
        ),
    )


def _bias_term(run: Run, part: Part, t: int, i: int) -> Inspection:
    place = biased(run, t)
    return Inspection(
        part.text,
        f"{of('b_h')}, unit {i + 1}, at step {t}",
        f"The bias of unit {i + 1}: added {place} f, the same number at every step.",
        when=at(run, t),
        blocks=(forward_block(run, t, i),),
        names=Names(
            f"b<sub>{t}</sub>",
            f"b<sub>h</sub>[{i + 1}]",
            hidden_bias(run, code(f"rnn.bias_ih_l0[{i}] + rnn.bias_hh_l0[{i}]")),
            hidden_bias(run, code(f"bias[{i}]")),
        ),
        notes=(
            "E2: the notes write a bias for each step (b₁, b₂, b₃). It is one vector with an entry for "
            "each unit, shared by all steps.",
            *bias_note(run, t),
        ),
    )
