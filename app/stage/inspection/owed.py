"""What a state owes: to its own loss, and to the losses of the steps read after it."""

from app.experiments.run import Run
from app.stage.inspection.blame import Sources, from_the_gates, from_the_next_step
from app.stage.inspection.blocks import every_unit, many, place
from app.stage.inspection.contents import (
    Block,
    Inspection,
    at,
    line,
    quoted,
    summands,
)
from app.stage.inspection.part import Part
from app.stage.numbers import GRADIENT_SCALE
from app.wording.catalogue import _


def own(run: Run, part: Part) -> Inspection:
    """What of dL/dh_t the prediction asks for that reads h_t itself."""
    chain, t, i = part.of(run), part.t, part.column
    name = (
        f"∂L<sub>{t}</sub>/∂{chain.lane.said('h', t)}" if chain.per_step else f"∂L/∂{chain.lane.said('h', t)}"
    )
    says = _(
        "What the prediction that reads this state asks of it, by its share in L; no other step is in it."
    )
    if i < 0:
        return every_unit(chain, part, name, says, chain.own[t - 1], GRADIENT_SCALE)
    weights = run.parameters["readout"]["W_hy"][chain.reads_out.start + i]
    asked = run.backward.d_logit[t - 1] if chain.per_step else run.backward.d_logit
    row_ = chain.reads_out.start + i
    terms = [
        (f"{'+ ' if k else ''}∂L/∂z[{k + 1}] · W<sub>hy</sub>[{row_ + 1}, {k + 1}]",
         float(asked[k] * weights[k]), f"dz-{t}.{k}" if chain.per_step else f"dz.{k}")
        for k in range(len(weights))
    ]  # fmt: skip
    lines = (*summands(terms), line(f"= {name}", float(chain.own[t - 1, i]), strong=True))
    return Inspection(
        part.text,
        _("{name}, unit {i}", name=name, i=i + 1),
        says,
        when=at(run, t),
        blocks=(Block(_("Backward"), "bw", lines),),
    )


def beyond(run: Run, part: Part) -> Inspection:
    """What of dL/dh_t comes from the losses of the steps read after it."""
    chain, t, i = part.of(run), part.t, part.column
    name, carried = chain.lane.said("h", t), chain.carried[t - 1]
    says = _("What comes back to {name} from the losses of the steps read after it.", name=name)
    if i < 0:
        return many(
            chain,
            part,
            _("From the losses beyond {word}", word=quoted(run, t)),
            says,
            carried,
            GRADIENT_SCALE,
        )
    found = Sources()
    if t != chain.lane.last:
        (from_the_gates if chain.gated else from_the_next_step)(chain, t, i, found)
    lines = (*found.lines, line("= " + _("from the losses beyond"), float(carried[i]), strong=True))
    said = _("∂L/∂{name}, with its own loss", name=name)
    own_ = line(said, float(chain.array("dh")[t - 1, i]), place(chain, "dh", t, i))
    return Inspection(
        part.text,
        _("From the losses beyond {word}, unit {i}", word=quoted(run, t), i=i + 1),
        says if found.lines else _("{name} is read last: no loss lies beyond it.", name=name),
        when=at(run, t),
        blocks=(Block(_("Backward"), "bw", (*lines, own_)),),
    )
