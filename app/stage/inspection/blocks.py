"""What several parts say alike: the sum that is a_t, the way back through f, a whole vector."""

from app.engine.network import Array
from app.stage.cells.elman_forward import FUNCTION
from app.stage.chains import Chain
from app.stage.inspection.contents import Block, Inspection, at, line, named, quoted
from app.stage.inspection.part import Part
from app.stage.ledger_cells import cells
from app.wording.catalogue import _

SLOPES = {"tanh": "1 − f(a)²", "sigmoid": "f(a)(1 − f(a))", "relu": "1 above 0, else 0", "identity": "1"}


def biased(chain: Chain, t: int) -> str:
    """Where step t has its bias: inside, outside or none."""
    if chain.weight("bias") is None:
        return "none"
    return "inside" if chain.inside(t) else "outside"


def place(chain: Chain, kind: str, t: int, unit: int) -> str:
    """The name of one number of a chain."""
    return f"{chain.lane.name(kind, t)}.{unit}"


def forward_block(chain: Chain, t: int, unit: int) -> Block:
    """The sum that is a_t, and f of it."""
    forward, lane, i, where = chain.forward, chain.lane, t - 1, biased(chain, t)
    name, words, states = (
        FUNCTION[chain.run.experiment.activation],
        chain.weights["words", 0],
        chain.weights["state", 0],
    )
    lines = [
        line(
            _("row of {word} in {symbol}", word=named(chain.run.tokens[i]), symbol=words.symbol),
            float(forward.input_term[i, unit]),
            f"{words.key}-{chain.run.ids[i]}.{unit}",
        ),
        line(
            f"+ {lane.said('h', lane.before(t))} · {states.symbol}, " + _("column {unit}", unit=unit + 1),
            float(forward.recurrent_term[i, unit]),
            place(chain, "hw", t, unit),
        ),
    ]
    a, h = lane.said("a", t), lane.said("h", t)
    bias = chain.weight("bias")
    number = float(chain.matrix("bias")[0, unit]) if bias is not None else 0.0
    b_h, part = (bias.symbol, f"{bias.key}-0.{unit}") if bias is not None else ("", "")
    if where == "inside":
        lines.append(line(f"+ {b_h}", number, part))
    lines.append(line(a, float(forward.preactivation[i, unit]), place(chain, "a", t, unit), strong=True))
    if where == "outside":
        lines.append(line(f"{name}({a})", float(forward.activated[i, unit]), place(chain, "f", t, unit)))
        lines.append(line(f"+ {b_h}, " + _("outside f"), number, part))
    after = f"{h} = {name}({a})" + (f" + {b_h}" if where == "outside" else "")
    lines.append(line(after, float(forward.h[i, unit]), place(chain, "h", t, unit), strong=True))
    return Block(_("Forward"), "fw", tuple(lines))


def backward_block(chain: Chain, t: int, unit: int) -> Block:
    """What came back to the unit, times its slope."""
    back, lane, i = chain.backward, chain.lane, t - 1
    slope = f"× f′({lane.said('a', t)}) = {slope_words(chain, t)}"
    return Block(
        _("Backward"),
        "bw",
        (
            line(f"∂L/∂{lane.said('h', t)}", float(back.d_h[i, unit]), place(chain, "dh", t, unit)),
            line(slope, float(back.slope[i, unit]), place(chain, "fp", t, unit)),
            line(
                f"= {lane.said('δ', t)}",
                float(back.d_preactivation[i, unit]),
                place(chain, "da", t, unit),
                strong=True,
            ),
        ),
    )


def slope_words(chain: Chain, t: int) -> str:
    """f′ by what is on the stage: with the bias outside, h is not f(a)."""
    if biased(chain, t) == "outside":
        return {"tanh": "1 − (h − b)²", "sigmoid": "(h − b)(1 − h + b)"}.get(
            chain.run.experiment.activation, SLOPES[chain.run.experiment.activation]
        )
    return {"tanh": "1 − h²", "sigmoid": "h(1 − h)"}.get(
        chain.run.experiment.activation, SLOPES[chain.run.experiment.activation]
    )


def bias_note(chain: Chain, t: int) -> tuple[str, ...]:
    """E3 and E4: the notes put the bias in three places."""
    if biased(chain, t) == "outside":
        return (
            _(
                "E3: the bias stands outside f here, as on the notes’ BPTT page, so h may leave the "
                "range of f, and f′ is {chain}, not of h alone (E4).",
                chain=slope_words(chain, t),
            ),
        )
    return (
        (
            _(
                "E3: the notes write the bias outside f at t = 1 and inside later. Here it is inside "
                "at every step."
            ),
        )
        if (t == chain.lane.start and chain.run.experiment.bias == "inside")
        else ()
    )


def many(chain: Chain, part: Part, title: str, what: str, values: Array, scale: float | None) -> Inspection:
    """A whole vector: every number opens."""
    numbers = [f"{part.text}.{k}" for k in range(len(values))]
    grid = cells(
        numbers, values, min(4, len(values)), _("{kind} at step {t}", kind=part.kind, t=part.t), scale
    )
    return Inspection(
        part.text,
        title,
        what,
        when=at(chain.run, part.t),
        blocks=(Block(_("{count} units", count=len(values)), "", (), grid),),
    )


def every_unit(
    chain: Chain, part: Part, name: str, what: str, values: Array, scale: float | None
) -> Inspection:
    """A whole vector of one step, by its name."""
    title = _("{symbol} at {word}", symbol=name, word=quoted(chain.run, part.t))
    return many(chain, part, title, what, values, scale)


def rows(prefix: str, table: Array, scale: float, first: int = 0, trim: bool = False) -> str:
    """A matrix (N, M), each row with its number; the first is row `first`, from 0.

    prefix : the name of every number's part, without row and column
    """
    lines = []
    for i, values in enumerate(table, first):
        numbers = [f"{prefix}{i}.{j}" for j in range(len(values))]
        found = cells(numbers, values, min(4, len(values)), _("row {i}", i=i + 1), scale, trim=trim)
        lines.append(f'<span class="line"><small>{i + 1}</small> {found}</span>')
    return "".join(lines)
