"""The states of a cell with gates: c_t on its road, h_t, the product kept apart, and their gradients."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.stage.chains import Chain
from app.stage.formulas import d, num, op, times
from app.stage.gates import RESET, letter, marked, marked_math
from app.stage.inspection import nudging
from app.stage.inspection.blocks import every_unit, place
from app.stage.inspection.contents import Block, Inspection, Line, Proof, at, display, line, quoted, summands
from app.stage.inspection.part import Part
from app.stage.inspection.tongues import blame_names, gate_names, state_names
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE
from app.wording.catalogue import N_, _

Array = NDArray[np.float64]
LOSS = "<mi>L</mi>"


@dataclass(frozen=True)
class Term:
    """A product: symbols as HTML and MathML, numbers, and where each is explained."""

    html: tuple[str, ...]
    math: tuple[str, ...]
    numbers: tuple[float, ...]
    parts: tuple[str, ...]

    @property
    def value(self) -> float:
        return float(np.prod(self.numbers))


def sum_of_products(left: str, terms: list[Term], total: float, cls: str) -> tuple[str, str]:
    """left = a · b + ..., and the same with numbers."""
    symbols, numbers = ([left, op("=")] if left else []), [op("=")]
    for k, term in enumerate(terms):
        if k:
            symbols.append(op("+"))
            numbers.append(op("+"))
        for n, (symbol, number) in enumerate(zip(term.math, term.numbers, strict=True)):
            symbols += [*([op("·")] if n else []), symbol]
            numbers += [*([op("·")] if n else []), times(number, cls)]
    return display(*symbols), display(*numbers, op("="), num(total, cls))


def lines_of(terms: list[Term], said: str, total: float, part: str) -> tuple[Line, ...]:
    """The factors and products line by line."""
    lines = []
    for k, term in enumerate(terms):
        lines += [
            line(("× " if n else "+ " if k else "") + symbol, number, where)
            for n, (symbol, number, where) in enumerate(zip(term.html, term.numbers, term.parts, strict=True))
        ]
        if len(terms) > 1 and len(term.html) > 1:
            lines.append(line("= " + " · ".join(term.html), term.value))
    return (*lines, line(said, total, part, strong=True))


def factor(chain: Chain, kind: str, t: int, i: int, name: str = "", value: float | None = None) -> Term:
    """One number of an array as a product of itself alone."""
    gate = chain.cell.gate_names.index(name) if name else 0
    number = float(chain.array(kind, gate)[t - 1, i]) if value is None else value
    symbol = name if kind == "gate" else kind
    part = place(chain, f"{kind}_{name}" if name else kind, t, i)
    index = f"{t},{i + 1}"
    if kind == "th":
        said, math = f"tanh({chain.lane.said('c', t)})", op("tanh") + chain.lane.var("c", index)
    elif kind in ("dh", "dc"):
        said, math = f"∂L/∂{chain.lane.said(kind[1:], t)}", d(LOSS, chain.lane.var(kind[1:], index))
    else:
        said, math = chain.lane.said(symbol, t), chain.lane.var(symbol, index)
    return Term((said,), (math,), (number,), (part,))


def times_(*terms: Term) -> Term:
    """The product of several."""
    return Term(
        tuple(html for term in terms for html in term.html),
        tuple(math for term in terms for math in term.math),
        tuple(number for term in terms for number in term.numbers),
        tuple(part for term in terms for part in term.parts),
    )


def _plain(html: str, math: str, number: float) -> Term:
    return Term((html,), (math,), (number,), ("",))


def old_cell_state(chain: Chain, t: int, i: int) -> Term:
    """c_{t-1}."""
    old = chain.forward.c_prev
    assert old is not None
    return factor(chain, "c", chain.lane.before(t), i, value=float(old[t - 1, i]))


def old_state(chain: Chain, t: int, i: int) -> Term:
    """h_{t-1}."""
    return factor(chain, "h", chain.lane.before(t), i, value=float(chain.forward.h_prev[t - 1, i]))


def rest(chain: Chain, t: int, i: int) -> Term:
    """1 - z, what a GRU takes of its candidate."""
    z, symbol = float(chain.array("gate", 1)[t - 1, i]), chain.lane.var("z", f"{t},{i + 1}")
    math = f"{op('(')}<mn>1</mn>{op('−')}{symbol}{op(')')}"
    return _plain(f"(1 − {chain.lane.said('z', t)})", math, 1.0 - z)


def squashed_slope(chain: Chain, t: int, i: int) -> Term:
    """tanh'(c_t)."""
    squashed, c = float(chain.array("th")[t - 1, i]), chain.lane.var("c", f"{t},{i + 1}")
    math = f"{op('tanh′')}{op('(')}{c}{op(')')}"
    return _plain(f"tanh′({chain.lane.said('c', t)})", math, 1.0 - squashed**2)


def _memory(chain: Chain, t: int, i: int) -> list[Term]:
    """c_t = f c_{t-1} + i g."""
    on_ramp = times_(factor(chain, "gate", t, i, "i"), factor(chain, "gate", t, i, "g"))
    return [times_(factor(chain, "gate", t, i, "f"), old_cell_state(chain, t, i)), on_ramp]


def _lstm_state(chain: Chain, t: int, i: int) -> list[Term]:
    """h_t = o tanh(c_t)."""
    return [times_(factor(chain, "gate", t, i, "o"), factor(chain, "th", t, i))]


def _gru_state(chain: Chain, t: int, i: int) -> list[Term]:
    """h_t = z h_{t-1} + (1 - z) n."""
    fresh = times_(rest(chain, t, i), factor(chain, "gate", t, i, "n"))
    return [times_(factor(chain, "gate", t, i, "z"), old_state(chain, t, i)), fresh]


def _cell_blame(chain: Chain, t: int, i: int) -> list[Term]:
    """dL/dc_t = dL/dh_t o tanh'(c_t) + dL/dc_{t+1} f_{t+1}."""
    through_h = times_(
        factor(chain, "dh", t, i), factor(chain, "gate", t, i, "o"), squashed_slope(chain, t, i)
    )
    if t == chain.lane.last:
        return [through_h]
    later = chain.after(t)
    return [through_h, times_(factor(chain, "dc", later, i), factor(chain, "gate", later, i, "f"))]


def _on_the_road(chain: Chain, t: int, i: int) -> list[Term]:
    """c_t, of which tanh(c_t) is."""
    return [factor(chain, "c", t, i)]


STATES = {"lstm": _lstm_state, "gru": _gru_state}
SAYS = {
    "c": N_("the cell state: the road that runs past the gates"),
    "h": N_("the state: what this unit shows of the sentence so far"),
    "th": N_("the cell state, pressed between −1 and 1, before the output gate"),
    "dc": N_("how much the loss would change if this number on the road were a little larger"),
}


def state(run: Run, part: Part) -> Inspection:
    """h_t, c_t, tanh(c_t) or dL/dc_t of one unit, or of all when none is named."""
    chain, t, i, kind = part.of(run), part.t, part.column, part.kind
    symbols = {"th": f"tanh({chain.lane.said('c', t)})", "dc": f"∂L/∂{chain.lane.said('c', t)}"}
    symbol = symbols.get(kind, chain.lane.said(kind, t))
    if i < 0:
        scale = GRADIENT_SCALE if kind == "dc" else FORWARD_SCALE
        said = f"{symbol}: {_(SAYS[kind])}."
        return every_unit(chain, part, symbol, said, chain.array(kind)[t - 1], scale)
    makers = {
        "c": _memory,
        "h": STATES[chain.cell.name],
        "dc": _cell_blame,
        "th": _on_the_road,
    }
    terms, total = makers[kind](chain, t, i), float(chain.array(kind)[t - 1, i])
    left = (d(LOSS, chain.lane.var("c", f"{t},{i + 1}")) if kind == "dc" else
            f"{op('tanh')}{chain.lane.var('c', f'{t},{i + 1}')}" if kind == "th" else
            chain.lane.var(kind, f"{t},{i + 1}"))  # fmt: skip
    back = kind == "dc"
    formulas = sum_of_products(left, terms, total, "b" if back else "f") if kind != "th" else ()
    said = f"= {symbol}" if len(terms) > 1 else symbol
    lines = lines_of(terms, said, total, place(chain, kind, t, i))
    block = Block(_("Backward"), "bw", lines) if back else Block(_("Forward"), "fw", lines)
    return Inspection(
        part.text,
        _("{symbol}, unit {i}", symbol=symbol, i=i + 1),
        _("At {word}, {says}.", word=quoted(run, t), says=_(SAYS[kind])),
        when=at(run, t),
        formulas=formulas,
        blocks=(block,),
        proof=_proof(chain, kind, t, i),
        names=state_names(chain, "h", t, i) if kind == "h" else
        blame_names(chain, "dc", t, i) if back else gate_names(chain, kind, "c", t, i),
        notes=_notes(chain, kind, t),
    )  # fmt: skip


def _proof(chain: Chain, kind: str, t: int, i: int) -> Proof:
    of_h = kind == "h"
    name = chain.lane.said("h" if of_h else "c", t)
    numeric = (nudging.of_state if of_h else nudging.of_cell_state)(chain, t, i)
    value = float(chain.array("dh" if of_h else "dc")[t - 1, i])
    return nudging.proof(f"∂L/∂{name}", value, numeric, _("{name} of this unit moved up and down", name=name))


def _notes(chain: Chain, kind: str, t: int) -> tuple[str, ...]:
    if kind in ("c", "dc"):
        return (
            _(
                "E17: along the road the gradient is multiplied by f alone; that lets it last where "
                "f is near 1. It eases vanishing, not exploding, and the gates’ side ways come on "
                "top."
            ),
        )
    return ()


def apart(run: Run, part: Part) -> Inspection:
    """u_t = h_{t-1} W_hn + b_hn, the product that the reset gate multiplies, or dL/du_t."""
    chain, t, i, k = part.of(run), part.t, part.column, part.gate
    back, u = part.kind == "du", chain.lane.said("u", t)
    symbol = marked(chain, "δ", t, "u") if back else u
    says = {
        "u": _("what the candidate would hear of the past, before the reset gate"),
        "du": _("what {u} is blamed for: the right factor of the candidate’s recurrent weights", u=u),
    }[part.kind]
    if i < 0:
        scale = GRADIENT_SCALE if back else FORWARD_SCALE
        return every_unit(chain, part, symbol, f"{symbol}: {says}.", chain.array(part.kind, k)[t - 1], scale)
    name = letter(chain, k)
    value = float(chain.array("du", k)[t - 1, i])
    delta = float(chain.array("da", k)[t - 1, i])
    reset = float(RESET.values(chain, t)[i])
    formula = display(
        marked_math(chain, "δ", f"{t},{i + 1}", "u"), op("="), marked_math(chain, "δ", f"{t},{i + 1}", name),
        op("·"), RESET.math(chain, t, i), op("="), num(delta, "b"), op("·"), num(reset), op("="),
        num(value, "b"),
    )  # fmt: skip
    lines = (
        line(marked(chain, "δ", t, name), delta, place(chain, f"da_{name}", t, i)),
        line(f"× {RESET.html(chain, t)}", reset, place(chain, "gate_r", t, i)),
        line(f"= {marked(chain, 'δ', t, 'u')}", value, place(chain, f"du_{name}", t, i), strong=True),
    )
    return Inspection(
        part.text,
        _("{symbol}, unit {i}", symbol=symbol, i=i + 1),
        _("At {word}, {says}.", word=quoted(run, t), says=says),
        when=at(run, t),
        formulas=(formula,) if back else (),
        blocks=(_product(chain, k, t, i), Block(_("Backward"), "bw", lines)),
        proof=nudging.proof(
            f"∂L/∂{u}",
            value,
            nudging.of_preactivation(chain, t, i, k, inner=True),
            _("{u} of this unit moved up and down", u=u),
        ),
        names=blame_names(chain, "du", t, i, "u") if back else gate_names(chain, "u", "u", t, i),
        notes=(_("The reset multiplies the product, not the state: so do PyTorch and Keras."),),
    )


def _product(chain: Chain, k: int, t: int, i: int) -> Block:
    """h_{t-1} W_hn + b_hn, unit by unit."""
    weight, before = chain.weights["state", k], chain.lane.before(t)
    seen, column = chain.forward.h_prev[t - 1], chain.matrix("state", k)[:, i]
    terms = [
        (f"{'+ ' if n else ''}{chain.lane.said('h', f'{before},{n + 1}')} · "
         f"{weight.symbol}[{n + 1}, {i + 1}]",
         float(seen[n] * column[n]), f"{weight.key}-{n}.{i}")
        for n in range(len(seen))
    ]  # fmt: skip
    inner = chain.weight("inner", k)
    lines = list(summands(terms))
    if inner is not None:
        lines.append(line(f"+ {inner.symbol}", float(chain.matrix("inner", k)[0, i]), f"{inner.key}-0.{i}"))
    lines.append(line(chain.lane.said("u", t), float(chain.array("u", k)[t - 1, i]), strong=True))
    return Block(_("Forward"), "fw", tuple(lines))
