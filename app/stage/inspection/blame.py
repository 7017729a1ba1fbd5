"""What comes back to a unit: dL/dh_t of any cell; of an Elman cell the slope of f and delta_t."""

from dataclasses import dataclass, field

from app.engine.activations import ACTIVATIONS
from app.experiments.run import Run
from app.stage.cells.elman_forward import FUNCTION
from app.stage.chains import Chain
from app.stage.ends import end_of, times_slope
from app.stage.formulas import d, num, op, row, times, upright, var, vector
from app.stage.gates import letter, marked
from app.stage.inspection import nudging
from app.stage.inspection.blocks import backward_block, bias_note, biased, every_unit, place
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Line,
    at,
    display,
    line,
    quoted,
    summands,
)
from app.stage.inspection.curve import curve
from app.stage.inspection.gated import back_block
from app.stage.inspection.part import Part
from app.stage.inspection.tongues import blame_names
from app.stage.numbers import GRADIENT_SCALE
from app.wording.catalogue import _


def blame(run: Run, part: Part) -> Inspection:
    """dL/dh_t, f′(a_t) or delta_t."""
    chain, t, i = part.of(run), part.t, part.column
    if i < 0:
        said = _blamed(chain, part.kind, t)
        scale = None if part.kind == "fp" else GRADIENT_SCALE
        values = chain.array(part.kind)[t - 1]
        return every_unit(chain, part, said, _("{said}, an entry for each unit.", said=said), values, scale)
    return {"dh": _on_state, "fp": _slope, "da": _delta}[part.kind](chain, part, t, i)


def _blamed(chain: Chain, kind: str, t: int) -> str:
    said = chain.lane.said
    return {"dh": f"∂L/∂{said('h', t)}", "fp": f"f′({said('a', t)})", "da": said("δ", t)}[kind]


@dataclass
class Sources:
    """Where dL/dh_t comes from: lines and a product for each way, in words, and what there is to note."""

    lines: list[Line] = field(default_factory=list)
    product: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    def plus(self, lines: tuple[Line, ...], product: tuple[str, ...], said: str) -> None:
        """One way more."""
        self.lines += lines
        self.product += (op("+"), *product) if self.product else product
        self.says.append(said)


def _sources(chain: Chain, t: int, i: int) -> Sources:
    found = Sources()
    if chain.per_step:
        _own_prediction(chain, t, i, found)
    elif t == chain.lane.last:
        _from_the_output(chain, t, i, found)
    if t != chain.lane.last:
        (from_the_gates if chain.gated else from_the_next_step)(chain, t, i, found)
    return found


def _on_state(chain: Chain, part: Part, t: int, i: int) -> Inspection:
    value, name = float(chain.backward.d_h[t - 1, i]), chain.lane.said("h", t)
    found = _sources(chain, t, i)
    left = d("<mi>L</mi>", chain.lane.var("h", f"{t},{i + 1}"))
    return Inspection(
        part.text,
        _("∂L/∂{name}, unit {i}", name=name, i=i + 1),
        _(
            "How much the loss would change if unit {i} after {word} were a little larger. {listed}",
            i=i + 1,
            word=quoted(chain.run, t),
            listed=" ".join(found.says),
        ),
        when=at(chain.run, t),
        formulas=(display(left, op("="), *found.product, op("="), num(value, "b")),),
        blocks=(
            Block(_("Backward"), "bw", (*found.lines, line(f"= ∂L/∂{name}", value, strong=True))),
            *([] if chain.gated else [backward_block(chain, t, i)]),
            *_onwards(chain, t, i),
        ),
        proof=nudging.proof(
            f"∂L/∂{name}",
            value,
            nudging.of_state(chain, t, i),
            _("{name} of this unit moved up and down", name=name),
        ),
        names=blame_names(chain, "dh", t, i),
        notes=found.notes,
    )


def _onwards(chain: Chain, t: int, i: int) -> list[Block]:
    """Where it goes inside a cell with gates: to the gates that h_t feeds by itself."""
    if not chain.gated:
        return []
    names = {"lstm": "o", "gru": "z"}
    return [back_block(chain, chain.cell.gate_names.index(names[chain.cell.name]), t, i)]


def _own_prediction(chain: Chain, t: int, i: int, found: Sources) -> None:
    value = float(chain.own[t - 1, i])
    said = _("∂L<sub>{t}</sub>/∂{h_t}, its own loss", t=t, h_t=chain.lane.said("h", t))
    source = _("Its own prediction asks for it") if value else _("Its own prediction asks nothing of it")
    more = _("; the rest comes from the losses beyond.") if t != chain.lane.last else "."
    found.plus((line(said, value, place(chain, "own", t, i)),), (num(value, "b"),), source + more)


def _from_the_output(chain: Chain, t: int, i: int, found: Sources) -> None:
    """For the state that is read last: dL/dz W_hy."""
    run, back, first = chain.run, chain.run.backward, chain.reads_out.start
    d_z, weight = float(back.d_logit[0]), float(run.parameters["readout"]["W_hy"][first + i, 0])
    lines = (
        line("∂L/∂z", d_z, "dz.0"),
        line(f"× W<sub>hy</sub>[{first + i + 1}]", weight, f"W_hy-{first + i}.0"),
    )
    name = chain.lane.said("h", t)
    found.plus(
        lines,
        (num(d_z, "b"), op("·"), times(weight)),
        _("It comes straight from the output, through the one weight that carried this unit out."),
    )
    found.notes = (
        _(
            "E13: ∂L/∂ŷ = {long} is one number, ∂L/∂{name} a vector with {hidden} entries. The "
            "notes set them equal; between them stands ∂ŷ/∂{name}, here {long2} for this unit.",
            long=end_of(run).d_prediction.long,
            name=name,
            hidden=chain.hidden,
            long2=times_slope(run, weight).long,
        ),
    )


def from_the_next_step(chain: Chain, t: int, i: int, found: Sources) -> None:
    """For an earlier state of an Elman cell: delta_{t+1} W_hh^T."""
    next_, weight = chain.after(t), chain.weights["state", 0]
    later, weights = chain.backward.d_preactivation[next_ - 1], chain.matrix("state")[i]
    terms = [
        (
            f"{'+ ' if k else ''}{chain.lane.said('δ', f'{next_},{k + 1}')} · {weight.symbol}[{i + 1}, "
            f"{k + 1}]",
            float(later[k] * weights[k]),
            place(chain, "da", next_, k),
        )
        for k in range(len(later))
    ]
    source = _(
        "It comes from step {next}: every unit there that listened to this one sends its share back.",
        next=next_,
    )
    found.plus(summands(terms), (vector(later, "b"), upright(weights)), source)


def from_the_gates(chain: Chain, t: int, i: int, found: Sources) -> None:
    """The same of a cell with gates: each gate's delta through its own W_h, and along the road past them."""
    next_ = chain.after(t)
    lines, product = [], []
    for k in range(chain.cell.gates):
        weight, apart = chain.weights["state", k], k == chain.cell.apart
        kind, name = "du" if apart else "da", letter(chain, k)
        value = float(chain.array(kind, k)[next_ - 1] @ chain.matrix("state", k)[i])
        delta = marked(chain, "δ", next_, "u" if apart else name)
        part = place(chain, f"{kind}_{name}", next_, 0).rpartition(".")[0]
        said = _("{product}, row {i}", product=f"{delta} · {weight.symbol}", i=i + 1)
        lines.append(line(f"+ {said}" if k else said, value, part))
        product += [*([op("+")] if k else []), times(value, "b")]
    if not chain.cell.remembers and chain.cell.road is not None:
        kept = float(chain.array("gate", chain.cell.road)[next_ - 1, i])
        later, name = float(chain.backward.d_h[next_ - 1, i]), letter(chain, chain.cell.road)
        said = _(
            "+ ∂L/∂{h_next} · {name_next}, past the gates",
            h_next=chain.lane.said("h", next_),
            name_next=chain.lane.said(name, next_),
        )
        lines.append(line(said, later * kept, place(chain, "dh", next_, i)))
        product += [op("+"), times(later, "b"), op("·"), times(kept)]
    source = _(
        "It comes from step {next}: every gate there that listened to this unit sends its share back.",
        next=next_,
    )
    found.plus(tuple(lines), tuple(product), source)


def _slope(chain: Chain, part: Part, t: int, i: int) -> Inspection:
    activation = chain.run.experiment.activation
    a, y, value = (float(chain.array(kind)[t - 1, i]) for kind in ("a", "f", "fp"))
    largest = ACTIVATIONS[activation].largest_slope
    symbolic = row(var("f", "", "′"), op("("), chain.lane.var("a", f"{t},{i + 1}"), op(")"))
    numbers = {
        "tanh": row(num(1), op("−"), f"<msup>{row(op('('), num(y), op(')'))}<mn>2</mn></msup>"),
        "sigmoid": row(num(y), op("("), num(1), op("−"), num(y), op(")")),
    }.get(activation)
    middle = (op("="), numbers) if numbers else ()
    return Inspection(
        part.text,
        _("f′({a_t}), unit {i}", a_t=chain.lane.said("a", t), i=i + 1),
        _(
            "The slope of f where unit {i} stands at {word}. The gradient is multiplied by it on "
            "its way back.",
            i=i + 1,
            word=quoted(chain.run, t),
        ),
        when=at(chain.run, t),
        formulas=(display(symbolic, *middle, op("="), num(value)),),
        blocks=(backward_block(chain, t, i),),
        curve=curve(activation, a, y, value),
        names=blame_names(chain, "fp", t, i),
        notes=(
            _(
                "E15: f′ of {FUNCTION} is never above {largest}, so f alone never makes a gradient "
                "explode; {symbol} can. The notes blame ReLU’s derivative, which is 0 or 1.",
                FUNCTION=FUNCTION[activation],
                largest=f"{largest:g}",
                symbol=chain.weights["state", 0].symbol,
            ),
            *bias_note(chain, t)[: 1 if biased(chain, t) == "outside" else 0],
        ),
    )


def _delta(chain: Chain, part: Part, t: int, i: int) -> Inspection:
    d_h, slope, value = (float(chain.array(kind)[t - 1, i]) for kind in ("dh", "fp", "da"))
    lane = chain.lane
    formula = display(
        lane.var("δ", f"{t},{i + 1}"),
        op("="),
        d("<mi>L</mi>", lane.var("a", f"{t},{i + 1}")),
        op("="),
        num(d_h, "b"),
        op("·"),
        num(slope),
        op("="),
        num(value, "b"),
    )
    return Inspection(
        part.text,
        _("{delta_t}, unit {i}", delta_t=lane.said("δ", t), i=i + 1),
        _(
            "What unit {i} is blamed for at {word}, before f: the right factor of every weight "
            "that leads into it.",
            i=i + 1,
            word=quoted(chain.run, t),
        ),
        when=at(chain.run, t),
        formulas=(formula,),
        blocks=(backward_block(chain, t, i),),
        proof=nudging.proof(
            f"∂L/∂{lane.said('a', t)}",
            value,
            nudging.of_preactivation(chain, t, i),
            _("{a_t} of this unit moved up and down", a_t=lane.said("a", t)),
        ),
        names=blame_names(chain, "da", t, i),
    )
