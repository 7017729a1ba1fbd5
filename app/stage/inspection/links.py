"""What lies between the units: bundles of edges, the pulse, the Jacobians, and the folded network."""

from app.experiments.run import Run
from app.stage.chains import Chain, chains_of
from app.stage.formulas import d, op, row, var
from app.stage.gates import letter
from app.stage.inspection.contents import (
    SHOWN,
    Block,
    Inspection,
    Line,
    Names,
    at,
    code,
    display,
    line,
    quoted,
    sub,
)
from app.stage.inspection.matrices import matrix
from app.stage.inspection.part import Part
from app.stage.inspection.tongues import UNNAMED, module
from app.stage.ledger_notes import read_last, size
from app.wording.catalogue import _, n_


def edge(run: Run, part: Part) -> Inspection:
    """The bundle h_{t-1} -> a_t: the entries of W_hh, or of the W_h of every gate."""
    chain, t = part.of(run), part.t
    states = [weight for weight in chain.weights.values() if weight.role == "state"]
    wholes = [matrix(run, Part(part.text, "matrix", "", weight.key, 0, -1, -1)) for weight in states]
    count = chain.hidden * chain.hidden * len(states)
    before, named = chain.lane.said("h", chain.lane.before(t)), ", ".join(weight.symbol for weight in states)
    zero = not chain.forward.h_prev[t - 1].any()
    end = "_reverse" if chain.lane.reverse else ""
    where = "after" if chain.lane.reverse else "before"
    return Inspection(
        part.text,
        _("{before} → {a_t}, through {named}", before=before, a_t=chain.lane.said("a", t), named=named),
        n_("{count} edge", "{count} edges", count)
        + ": "
        + _(
            "every unit of the state {where} {word} feeds {what} of this step. Each carries one entry of the "
            "same matrix at every step.",
            where=where,
            word=quoted(run, t),
            what=_("every gate of every unit") if chain.gated else _("every unit"),
        ),
        when=at(run, t),
        blocks=tuple(block for whole in wholes for block in whole.blocks),
        names=Names(
            "w<sub>h</sub>" if chain.alone and not chain.gated else UNNAMED,
            named,
            code(f"{module(run)}.weight_hh_l0{end}") + _(", transposed"),
            code("recurrent_kernel"),
        ),
        notes=(
            _("E12: the notes draw a weight for each step; it is one matrix, cloned for the derivation."),
            *((_("{before} = 0: nothing comes along these edges yet.", before=before),) if zero else ()),
            *wholes[0].notes,
        ),
    )


def edge_out(run: Run, part: Part) -> Inspection:
    """The bundle h_T -> z: W_hy."""
    steps = len(run.words)
    whole = matrix(run, Part(part.text, "matrix", "", "W_hy", 0, -1, -1))
    both = len(chains_of(run)) > 1
    slip = (
        _(
            "E22: each chain is read after its last word: the right-to-left one at step 1. At "
            "step {steps} it has read one word only.",
            steps=steps,
        ),
    )
    return Inspection(
        part.text,
        _("{run} → z, through W<sub>hy</sub>", run=read_last(run)),
        _("The last state of each chain reaches the output: many to one.")
        if both
        else _("Only the last state reaches the output: many to one."),
        when=at(run, steps),
        blocks=whole.blocks,
        names=Names(
            "w<sub>k</sub>", "W<sub>hy</sub>", code("fc.weight") + _(", transposed"), code("dense.kernel")
        ),
        notes=(*whole.notes, *(slip if both else ())),
    )


def pulse(run: Run, part: Part) -> Inspection:
    """The size of the gradient at one step, before and after the cell."""
    chain = part.of(run)
    t, back, lane = (part.t or chain.lane.last), chain.backward, chain.lane
    before, after = float(back.d_h_norm[t - 1]), float(back.d_preactivation_norm[t - 1])
    last, name = float(back.d_h_norm[lane.last - 1]), f"‖∂L/∂{lane.said('h', t)}‖"
    through = _("the gates") if chain.gated else "f′"
    beyond = _("{size}, after {through}", size=f"‖{lane.said('δ', t)}‖", through=through)
    lines = [line(name, before, strong=True), line(beyond, after)]
    verb = _("made it ×")
    lines.append(
        line(f"{through} {verb}", after / before) if before > 0 else Line(f"{through} {verb}", _("0 of 0"))
    )
    if t != lane.last and last > 0:
        lines.append(line(_("of {size}", size=f"‖∂L/∂{lane.said('h', lane.last)}‖"), before / last))
    return Inspection(
        part.text,
        _("{name}, the pulse at {word}", name=name, word=quoted(run, t)),
        _(
            "How much of the loss’s message reaches step {t}. The ribbon is 12 px wide for every "
            "factor of ten above .001.",
            t=t,
        ),
        when=at(run, t),
        blocks=(Block(_("Backward"), "bw", tuple(lines)), *_road_block(chain, t)),
        names=Names(
            f"‖∂L/∂{sub('O', t)}‖" if chain.alone and not chain.gated else UNNAMED, name, _("not kept")
        ),
        notes=(
            _(
                "E16: when this vanishes, early words are not learned; that is why the network seems "
                "to have little memory."
            ),
        ),
    )


def _road_block(chain: Chain, t: int) -> list[Block]:
    """Of a cell that remembers: the road beside the whole way."""
    highway = chain.forward.highway
    if highway is None:
        return []
    lane = chain.lane
    name = _("Πf from step {t} to step {last}", t=t, last=lane.last)
    shown = enumerate(highway[t - 1][:SHOWN].tolist(), 1)
    lines = [line(_("{name}, unit {i}", name=name, i=i), value) for i, value in shown]
    whole = _("‖∂{h_last}/∂{h_t}‖, road and gates", h_last=lane.said("h", lane.last), h_t=lane.said("h", t))
    return [Block(_("The road alone"), "bw", (*lines, line(whole, float(chain.backward.dhT_dh_norm[t - 1]))))]


def cross(run: Run, part: Part) -> Inspection:
    """The step back in time: delta_t through W_hh transposed, and past the cell where there is a road."""
    chain, t = part.of(run), part.t
    lane, back = chain.lane, chain.backward
    earlier = lane.before(t)
    before = float(back.d_preactivation_norm[t - 1])
    after = float(back.d_h_norm[earlier - 1]) if earlier != lane.origin else size(back.d_h_0)
    named = ", ".join(weight.symbol for weight in chain.weights.values() if weight.role == "state")
    lines = [
        line(f"‖{lane.said('δ', t)}‖", before),
        line(f"‖∂L/∂{lane.said('h', earlier)}‖", after, strong=True),
    ]
    if before > 0 and not chain.gated:
        lines.append(line(f"{named}<sup>⊤</sup> " + _("made it ×"), after / before))
    formula = display(d("<mi>L</mi>", lane.var("h", earlier)), op("="), *_crossing(chain, t, earlier))
    return Inspection(
        part.text,
        _("From step {t} back to step {earlier}", t=t, earlier=earlier),
        _("What step {t} is blamed for crosses the recurrent weights the other way.", t=t),
        when=at(run, t),
        formulas=(formula,),
        blocks=(Block(_("Backward"), "bw", tuple(lines)),),
        notes=(
            _(
                "E15: this factor has no bound but the size of {named}; gradients explode here, not in f′.",
                named=named,
            ),
        ),
    )


def _crossing(chain: Chain, t: int, earlier: int) -> list[str]:
    """The terms of dL/dh_{t-1}."""
    lane, found = chain.lane, []
    for k in range(chain.cell.gates):
        weight, above = chain.weights["state", k], "u" if k == chain.cell.apart else letter(chain, k)
        found += [
            *([op("+")] if k else []),
            row(lane.var("δ", t, above), var(weight.letter, weight.index, "⊤")),
        ]
    if not chain.cell.remembers and chain.cell.road is not None:
        kept = lane.var(letter(chain, chain.cell.road), t)
        found += [op("+"), d("<mi>L</mi>", lane.var("h", t)), op("·"), kept]
    if chain.per_step and earlier != lane.origin:
        found += [op("+"), d(var("L", earlier), lane.var("h", earlier))]
    return found
