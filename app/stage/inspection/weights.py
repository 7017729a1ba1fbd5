"""Single weights: their value, gradient, step and new value, and the form that types one over."""

import numpy as np

from app.experiments import places
from app.experiments.query import to_query
from app.experiments.run import Run
from app.numerals import long, tint
from app.stage.chains import chain_of, chains_of
from app.stage.formulas import num, op, row, times, var
from app.stage.gates import gate_of, letter
from app.stage.inspection import nudging
from app.stage.inspection.coins import entered
from app.stage.inspection.contents import Block, Edit, Inspection, Line, Term, display, line, named
from app.stage.inspection.part import Part
from app.stage.inspection.tongues import gradient_names, our_entry, weight_names
from app.stage.ledger_chain import by_weight
from app.stage.ledger_notes import read_last, slopes_told, state_moves
from app.stage.weights import Weight
from app.wording.catalogue import _, n_


def place(run: Run, weight: Weight, row_: int, column: int) -> str:
    """Which entry, in words: from what to what."""
    into = _("unit {column}", column=column + 1)
    if weight.role == "readout":
        into = (
            _("the word {word}", word=named(run.vocabulary[column]))
            if run.network.per_step
            else _("the output")
        )
        return (
            _("of {into}", into=into)
            if weight.key == "b_y"
            else _("from {run} to {into}", run=_read(run, row_), into=into)
        )
    chain = chain_of(run, weight.group)
    if chain.gated:
        gate = weight.gate if weight.gate is not None else chain.cell.apart or 0
        into = _(
            "the {says} {chain} of {into}",
            says=_(gate_of(chain, gate).says),
            chain=letter(chain, gate),
            into=into,
        )
    if weight.role == "words":
        return _("from {word} to {into}", word=named(run.vocabulary[row_]), into=into)
    if weight.role == "state":
        return _(
            "from unit {row} to {into} of the next step{way}", row=row_ + 1, into=into, way=chain.lane.way
        )
    return (
        _("of {into}", into=into)
        if weight.gate is not None or not chain.gated
        else _("of {into}, under the reset gate", into=into)
    )


def _read(run: Run, row_: int) -> str:
    """The unit, and the chain, that a row of W_hy reads."""
    chain = next(chain for chain in chains_of(run) if row_ < chain.reads_out.stop)
    return _("unit {row}{way}", row=row_ - chain.reads_out.start + 1, way=chain.lane.way)


def entry(run: Run, part: Part) -> Inspection:
    """A weight, its gradient, its step or its new value: one number seen from four sides."""
    kind = "tot" if part.kind == "g" else part.kind
    weight, i, j = part.weight(run), part.row, part.column
    value = float(weight.of(run.parameters, run.experiment.hidden_size)[i, j])
    total = float(np.atleast_2d(weight.gradient(run).total)[i, j])
    step = -run.experiment.learning_rate * run.update.clip_scale * total
    title = {"": _("Weight"), "tot": _("Gradient"), "step": _("Step"), "new": _("New weight")}[kind]
    gradient, summed = f"∂L/∂{weight.symbol}", not _once(run, weight)
    return Inspection(
        part.text,
        f"{title} {our_entry(weight, i, j)}",
        _what(run, kind, weight, i, j),
        formulas=tuple(_formulas(run, kind, weight, value, total, step)),
        blocks=(Block(_("Weight and step"), "wt", tuple(_lines(run, part, value, total, step))),),
        terms=terms(run, weight, i, j) if summed else (),
        terms_heading=_("{gradient} here: one number from each step", gradient=gradient) if summed else "",
        terms_note=_terms_note(run, weight, i, total) if summed else "",
        proof=nudging.proof(
            _("{gradient}, this entry", gradient=gradient),
            total,
            nudging.of_weight(run, weight, i, j),
            _("this one shared weight moved up and down"),
        ),
        names=(gradient_names if kind in ("tot", "step") else weight_names)(run, weight, i, j),
        notes=tuple(_notes(run, weight)),
        edit=_edit(run, part, value),
    )


def _once(run: Run, weight: Weight) -> bool:
    """Whether a weight acts once, after the last word."""
    return weight.role == "readout" and not run.network.per_step


def _what(run: Run, kind: str, weight: Weight, i: int, j: int) -> str:
    where, steps, once = place(run, weight, i, j), len(run.words), _once(run, weight)
    if kind == "tot":
        how = (
            _("It acts once, so its gradient arrives whole") if once else _("the sum of what every step adds")
        )
        return _(
            "How the loss changes with the weight {where}{more}{how}.",
            where=where,
            more=". " if once else ": ",
            how=how,
        )
    if kind == "step":
        return _(
            "What the update adds to the weight {where}: against the gradient, scaled by η.", where=where
        )
    if kind == "new":
        return _("The weight {where} after one update.", where=where)
    if weight.role == "words":
        used = run.ids.count(i)
        times_ = (
            _("not used by this sentence, so its gradient is exactly 0")
            if not used
            else n_("used {count} time in this sentence", "used {count} times in this sentence", used)
        )
        return _("The weight {where}: {times}.", where=where, times=times_)
    thing = _("bias") if weight.letter.startswith("b") else _("weight")
    shared = (
        _("used once, after the last word")
        if once
        else _("one number, shared by all {steps} steps", steps=steps)
    )
    return _("The {thing} {where}: {shared}.", thing=thing, where=where, shared=shared)


def _formulas(run: Run, kind: str, weight: Weight, value: float, total: float, step: float) -> list[str]:
    eta, scale = run.experiment.learning_rate, run.update.clip_scale
    clip = (op("·"), num(scale)) if scale < 1.0 else ()
    if kind in ("step", "new", ""):
        return [
            display(
                weight.math,
                op("←"),
                weight.math,
                op("−"),
                var("η"),
                by_weight(weight),
                op("="),
                num(value),
                op("−"),
                num(eta),
                *clip,
                op("·"),
                times(total, "b"),
                op("="),
                num(value + step, "f"),
            )
        ]
    if weight.key == "W_hy" and _once(run, weight):
        by_z = f"<mfrac>{row('<mo>∂</mo><mi>L</mi>')}{row('<mo>∂</mo><mi>z</mi>')}</mfrac>"
        states = chains_of(run)
        read = states[0].lane.var("h", len(run.words), "⊤") if len(states) == 1 else var("h", "", "⊤")
        return [display(by_weight(weight), op("="), read, op("·"), by_z, op("="), num(total, "b"))]
    return []


def _lines(run: Run, part: Part, value: float, total: float, step: float) -> list[Line]:
    weight, spot = part.weight(run), f"{part.row}.{part.column}"
    source = run.weights_from.get(f"{weight.group}.{weight.name}", "")
    said = f"{weight.symbol} <small>({source})</small>" if source else weight.symbol
    lines = [
        Line(said, long(value), f"{weight.key}-{spot}"),
        line(f"∂L/∂{weight.symbol}", total, f"tot-{weight.key}-{spot}"),
    ]
    if run.update.clip_scale < 1.0:
        lines.append(line(_("clipped, all of it ×"), run.update.clip_scale))
    rate = _("−η × gradient, η = {learning_rate}", learning_rate=long(run.experiment.learning_rate))
    lines.append(line(rate, step, f"step-{weight.key}-{spot}"))
    lines.append(line(_("new value"), value + step, f"new-{weight.key}-{spot}", strong=True))
    return lines


def terms(run: Run, weight: Weight, i: int, j: int) -> tuple[Term, ...]:
    """What each step adds to one entry, the step read last first; of words, the steps reading them."""
    steps, right = len(run.words), weight.gradient(run).right[:, 0, j]
    order = list(range(steps, 0, -1))
    if weight.role != "readout" and chain_of(run, weight.group).lane.reverse:
        order.reverse()
    found = []
    for t in order:
        if weight.role == "words" and run.ids[t - 1] != i:
            continue
        left = float(entered(run, weight, t)[i])
        lying = weight.role == "words" or weight.letter.startswith("b")
        spot = f"in-{weight.key}-{t}.{j}" if lying else f"in-{weight.key}-{t}-{i}.{j}"
        found.append(Term(t, tint(t, steps), long(left * float(right[t - 1]) + 0.0), spot))
    return tuple(found)


def _terms_note(run: Run, weight: Weight, i: int, total: float) -> str:
    silent = len(run.words) - run.ids.count(i) if weight.role == "words" else 0
    others = (
        _("The other step reads another word and adds")
        if silent == 1
        else (_("The other {silent} steps read other words and add", silent=silent))
    )
    rest = " " + _("{others} exactly 0.", others=others) if silent else ""
    return _("Together: <b>{total}</b>.{rest}", total=long(total), rest=rest)


def _notes(run: Run, weight: Weight) -> list[str]:
    if weight.role == "readout":
        return [] if run.network.per_step else [_direct(run, weight)]
    if weight.role == "words":
        return [
            _(
                "E12: w<sub>i</sub><sup>0</sup>, w<sub>i</sub><sup>1</sup>, "
                "w<sub>i</sub><sup>2</sup> of the notes are one matrix; its copies exist in the "
                "derivation only."
            ),
            _(
                "A row of {symbol} hears its own word alone: all other steps add 0 to it.",
                symbol=weight.symbol,
            ),
        ]
    chain = chain_of(run, weight.group)
    if weight.role == "state":
        start, lane = chain.lane.start, chain.lane
        silent = not chain.forward.h_prev[start - 1].any()
        return (
            [
                _(
                    "E29: {h_origin} = 0, so step {start} adds exactly 0.",
                    h_origin=lane.said("h", lane.origin),
                    start=start,
                )
            ]
            if silent
            else []
        )
    return [_("E2: one bias for each unit, shared by all steps, not one for each step.")]


def _direct(run: Run, weight: Weight) -> str:
    """E7: no state lies between the output's weights and the answer."""
    moved, last = state_moves(run, weight.name), read_last(run)
    zero = _("exactly 0") if moved == 0.0 else long(moved)
    return _(
        "E7: {last} does not depend on {symbol}: by finite difference ∂{last}/∂{symbol} = "
        "{zero}. The notes’ box holds that factor; the chain is ∂L/∂ŷ · ∂ŷ/∂{symbol} with "
        "∂ŷ/∂{symbol} = [{run}].",
        last=last,
        symbol=weight.symbol,
        zero=zero,
        run=slopes_told(run, weight.name),
    )


def _edit(run: Run, part: Part, value: float) -> Edit | None:
    """The form for this weight, with the way back when it was typed over before."""
    experiment, weight = run.experiment, part.weight(run)
    name = f"{weight.group}.{weight.name}"
    index = weight.address(experiment.hidden_size, part.row, part.column)
    place = places.worded(experiment, name, index)
    kept = tuple(edit for edit in experiment.edits if (edit.name, edit.index) != (name, place))
    undo = to_query(experiment.changed(edits=kept)) if len(kept) < len(experiment.edits) else ""
    shown = (part.column,) if weight.letter.startswith("b") else (part.row, part.column)
    label = _("New value for {key}[{listed}]", key=weight.key, listed=", ".join(str(k + 1) for k in shown))
    return Edit(places.written(name, place), places.written(name, index), repr(value), label, undo)
