"""Inside a cell with gates: the sum of a gate, the gate, and what it is blamed for."""

import numpy as np

from app.experiments.run import Run
from app.stage.chains import Array, Chain
from app.stage.formulas import d, num, op, plus, row, times, upright, var, vector
from app.stage.gates import (
    Factor,
    gate_of,
    letter,
    local,
    marked,
    marked_math,
    slope_factor,
    source,
    source_values,
)
from app.stage.inspection import nudging
from app.stage.inspection.blocks import every_unit, place
from app.stage.inspection.contents import Block, Inspection, Line, Names, at, display, line, named, quoted
from app.stage.inspection.curve import curve
from app.stage.inspection.part import Part
from app.stage.inspection.tongues import blame_names, gate_names, gate_rows
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE
from app.wording.catalogue import _

CURVES = {"σ": "sigmoid", "tanh": "tanh"}
LOSS = "<mi>L</mi>"


def sum_block(chain: Chain, gate: int, t: int, i: int) -> Block:
    """What adds up to the sum of a gate, and the gate."""
    name, f, words = letter(chain, gate), gate_of(chain, gate).f, chain.weights["words", gate]
    run, bias, summed = chain.run, chain.weight("bias", gate), marked(chain, "a", t, name)
    lines = [
        line(
            _("row of {word} in {symbol}", word=named(run.tokens[t - 1]), symbol=words.symbol),
            float(chain.array("xw", gate)[t - 1, i]),
            f"{words.key}-{run.ids[t - 1]}.{i}",
        ),
        _remembered(chain, gate, t, i),
    ]
    if bias is not None:
        lines.append(line(f"+ {bias.symbol}", float(chain.matrix("bias", gate)[0, i]), f"{bias.key}-0.{i}"))
    a, y = (float(chain.array(kind, gate)[t - 1, i]) for kind in ("a", "gate"))
    lines.append(line(summed, a, place(chain, f"a_{name}", t, i), strong=True))
    lines.append(
        line(
            f"{chain.lane.said(name, t)} = {f}({summed})", y, place(chain, f"gate_{name}", t, i), strong=True
        )
    )
    return Block(_("Forward"), "fw", tuple(lines))


def _remembered(chain: Chain, gate: int, t: int, i: int) -> Line:
    """What the state before adds to the sum of a gate; of one kept apart through the reset gate."""
    name, states = letter(chain, gate), chain.weights["state", gate]
    value = float(chain.array("hw", gate)[t - 1, i])
    if gate != chain.cell.apart:
        before = chain.lane.said("h", chain.lane.before(t))
        said = f"+ {before} · {states.symbol}, " + _("column {unit}", unit=i + 1)
        return line(said, value, place(chain, f"hw_{name}", t, i))
    reset, product = chain.array("gate", chain.cell.reset or 0), chain.array("u", gate)
    said = f"+ {chain.lane.said('r', t)} · {chain.lane.said('u', t)}"
    return line(said, float(reset[t - 1, i] * product[t - 1, i]), place(chain, f"u_{name}", t, i))


def _sum_formula(chain: Chain, gate: int, t: int, i: int) -> tuple[str, ...]:
    name, words, states = letter(chain, gate), chain.weights["words", gate], chain.weights["state", gate]
    bias, lane = chain.weight("bias", gate), chain.lane
    x = float(chain.array("xw", gate)[t - 1, i])
    memory = row(lane.var("h", lane.before(t)), states.math)
    numbers = [vector(chain.forward.h_prev[t - 1], "f"), upright(chain.matrix("state", gate)[:, i])]
    if gate == chain.cell.apart:
        reset, product = (
            float(array[t - 1, i]) for array in (chain.array("gate", 0), chain.array("u", gate))
        )
        memory, numbers = (
            row(lane.var("r", t), op("·"), lane.var("u", t)),
            [num(reset), op("·"), times(product)],
        )
    terms = [row(var("x", t), words.math), op("+"), memory, *((op("+"), bias.math) if bias else ())]
    tail = plus(float(chain.matrix("bias", gate)[0, i])) if bias else ()
    a = num(float(chain.array("a", gate)[t - 1, i]), "f")
    return (
        display(marked_math(chain, "a", t, name), op("="), *terms),
        display(op("="), num(x), op("+"), *numbers, *tail, op("="), a),
    )


def back_block(chain: Chain, gate: int, t: int, i: int) -> Block:
    """From the gradient of what the gate acts on to that of its sum."""
    kind, said = source(chain, gate, t)
    lines = [line(said, float(source_values(chain, gate)[t - 1, i]), place(chain, kind, t, i))]
    for factor in local(chain, gate):
        lines.append(
            line(f"× {factor.html(chain, t)}", float(factor.values(chain, t)[i]), factor.part(chain, t, i))
        )
    name = letter(chain, gate)
    value = float(chain.array("da", gate)[t - 1, i])
    lines.append(
        line(f"= {marked(chain, 'δ', t, name)}", value, place(chain, f"da_{name}", t, i), strong=True)
    )
    return Block(_("Backward"), "bw", tuple(lines))


def _what(chain: Chain, part: Part) -> str:
    """What a number of a gate is."""
    t, k = part.t, part.gate
    known, name = gate_of(chain, k), letter(chain, k)
    says = _(known.says)
    return {
        "a": _("the sum that goes into the {says}", says=says),
        "gate": _("the {says}: {does}", says=says, does=_(known.does)),
        "s": _("the slope of {f} where the {says} stands", f=known.f, says=says),
        "local": _(
            "what {before} is multiplied by to become {delta}",
            before=source(chain, k, t)[1],
            delta=marked(chain, "δ", t, name),
        ),
        "da": _("what the sum of the {says} is blamed for: the right factor of all its weights", says=says),
    }[part.kind]


def gate(run: Run, part: Part) -> Inspection:
    """A gate, the sum it is a function of, that function's slope, its derivative, what it is blamed for."""
    chain, t, i, k = part.of(run), part.t, part.column, part.gate
    name, known = letter(chain, k), gate_of(chain, k)
    summed = marked(chain, "a", t, name)
    titles = {
        "a": summed,
        "gate": chain.lane.said(name, t),
        "s": f"{known.f}′({summed})",
        "local": _("the {says}’s own derivative", says=_(known.says)),
        "da": marked(chain, "δ", t, name),
    }
    what = _what(chain, part)
    title = titles[part.kind]
    if i < 0:
        values = _whole(chain, part.kind, k)[t - 1]
        scale = GRADIENT_SCALE if part.kind == "da" else FORWARD_SCALE
        return every_unit(chain, part, title, f"{title}: {what}.", values, scale)
    return Inspection(
        part.text,
        _("{title}, unit {i}", title=title, i=i + 1),
        _("At {word}, {what}.", word=quoted(run, t), what=what),
        when=at(run, t),
        formulas=_formulas(chain, part.kind, k, t, i),
        blocks=(sum_block(chain, k, t, i), back_block(chain, k, t, i)),
        curve=_curve(chain, k, t, i) if part.kind in ("a", "gate", "s") else "",
        proof=nudging.proof(
            f"∂L/∂{summed}",
            float(chain.array("da", k)[t - 1, i]),
            nudging.of_preactivation(chain, t, i, k),
            _("{summed} of this unit moved up and down", summed=summed),
        ),
        names=_names(chain, part.kind, name, t, i),
        notes=(_("PyTorch keeps the gates one under the other: {chain}.", chain=gate_rows(chain, k)),),
    )


def on_gate(run: Run, part: Part) -> Inspection:
    """dL/d(a gate): what it acts on is blamed for, times what it is multiplied with there."""
    chain, t, i, k = part.of(run), part.t, part.column, part.gate
    name, known = letter(chain, k), gate_of(chain, k)
    symbol = f"∂L/∂{chain.lane.said(name, t)}"
    values = _on_gates(chain, k, t)
    if i < 0:
        said = _("{symbol}: what the {says} itself is blamed for.", symbol=symbol, says=_(known.says))
        return every_unit(chain, part, symbol, said, values, GRADIENT_SCALE)
    start, value = _start(chain, k, t, i), float(values[i])
    left = d(LOSS, chain.lane.var(name, f"{t},{i + 1}"))
    kind, said = source(chain, k, t)
    lines = [line(said, start[1], place(chain, kind, t, i))]
    for factor in known.times:
        number = float(factor.values(chain, t)[i])
        lines.append(line(f"× {factor.html(chain, t)}", number, factor.part(chain, t, i)))
    lines.append(line(f"= {symbol}", value, strong=True))
    return Inspection(
        part.text,
        _("{symbol}, unit {i}", symbol=symbol, i=i + 1),
        _(
            "At {word}, what the {says} itself is blamed for; × the slope of its {f} it is {delta}.",
            word=quoted(run, t),
            says=_(known.says),
            f=known.f,
            delta=marked(chain, "δ", t, name),
        ),
        when=at(run, t),
        formulas=(product_formula(chain, left, list(known.times), t, i, start),),
        blocks=(Block(_("Backward"), "bw", tuple(lines)), back_block(chain, k, t, i)),
        names=gate_names(chain, "dg", f"∂L/∂{name}", t, i),
    )


def _on_gates(chain: Chain, k: int, t: int) -> Array:
    found: Array = source_values(chain, k)[t - 1]
    for factor in gate_of(chain, k).times:
        found = found * factor.values(chain, t)
    return found


def _whole(chain: Chain, kind: str, k: int) -> Array:
    if kind != "local":
        return chain.array(kind, k)
    steps = range(1, chain.lane.steps + 1)
    return np.stack([np.prod([factor.values(chain, t) for factor in local(chain, k)], axis=0) for t in steps])


def _names(chain: Chain, kind: str, name: str, t: int, i: int) -> Names | None:
    if kind in ("s", "da"):
        return blame_names(chain, kind, t, i, name)
    if kind == "local":
        return None
    return gate_names(chain, kind, "a" if kind == "a" else name, t, i, name if kind == "a" else "")


def _curve(chain: Chain, k: int, t: int, i: int) -> str:
    a, y, slope = (float(chain.array(kind, k)[t - 1, i]) for kind in ("a", "gate", "s"))
    return curve(CURVES[gate_of(chain, k).f], a, y, slope)


def _formulas(chain: Chain, kind: str, k: int, t: int, i: int) -> tuple[str, ...]:
    name, f = letter(chain, k), gate_of(chain, k).f
    a, y = (float(chain.array(kind, k)[t - 1, i]) for kind in ("a", "gate"))
    if kind == "a":
        return _sum_formula(chain, k, t, i)
    if kind == "gate":
        left = chain.lane.var(name, f"{t},{i + 1}")
        return (display(left, op("="), var(f), op("("), num(a), op(")"), op("="), num(y, "f")),)
    if kind == "s":
        return (product_formula(chain, "", [slope_factor(chain, k)], t, i),)
    if kind == "local":
        return (product_formula(chain, "", list(local(chain, k)), t, i),)
    left = marked_math(chain, "δ", f"{t},{i + 1}", name)
    return (product_formula(chain, left, list(local(chain, k)), t, i, _start(chain, k, t, i)),)


def _start(chain: Chain, k: int, t: int, i: int) -> tuple[str, float]:
    """What a gate's gradient starts from, in symbols and as a number."""
    kind, _, above = source(chain, k, t)[0].partition("_")
    index, value = f"{t},{i + 1}", float(source_values(chain, k)[t - 1, i])
    return (
        marked_math(chain, "δ", index, above) if above else d(LOSS, chain.lane.var(kind[1:], index))
    ), value


def product_formula(
    chain: Chain, left: str, factors: list[Factor], t: int, i: int, start: tuple[str, float] | None = None
) -> str:
    """left = start · factors = the same in numbers = its value."""
    symbols, numbers, value = [], [], 1.0
    if start is not None:
        symbols, numbers, value = [start[0]], [num(start[1], "b")], start[1]
    for factor in factors:
        number = float(factor.values(chain, t)[i])
        symbols += [*([op("·")] if symbols else []), factor.math(chain, t, i)]
        numbers += [*([op("·")] if numbers else []), times(number)]
        value *= number
    end = num(value, "b" if start else "")
    begin = (left, op("=")) if left else ()
    middle = (*numbers, op("=")) if len(numbers) > 1 else ()
    return display(*begin, *symbols, op("="), *middle, end)
