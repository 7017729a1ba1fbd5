"""What an opened cell shows between its gates and states: products of two numbers, and what they carry."""

from collections.abc import Callable

import numpy as np

from app.experiments.run import Run
from app.stage.chains import Chain
from app.stage.formulas import op
from app.stage.gates import letter
from app.stage.inspection.blocks import every_unit
from app.stage.inspection.contents import Block, Inspection, at, quoted
from app.stage.inspection.matrices import matrix
from app.stage.inspection.part import Part
from app.stage.inspection.states import (
    Term,
    factor,
    lines_of,
    old_cell_state,
    old_state,
    rest,
    squashed_slope,
    sum_of_products,
    times_,
)
from app.stage.inspection.weights import entry
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE
from app.wording.catalogue import N_, _

Make = Callable[[Chain, int, int], Term]


def _gate(name: str) -> Make:
    return lambda chain, t, i: factor(chain, "gate", t, i, name)


def _of(kind: str) -> Make:
    return lambda chain, t, i: factor(chain, kind, t, i)


def _later(chain: Chain, t: int, i: int) -> Term:
    """What the step read after this one sends back along the road."""
    if t == chain.lane.last:
        return Term((_("nothing: it is the last"),), (op("0"),), (0.0,), ("",))
    after = chain.after(t)
    return times_(factor(chain, "dc", after, i), factor(chain, "gate", after, i, "f"))


def _through_the_gates(chain: Chain, t: int, i: int) -> Term:
    """What the gates of a step send back to a unit of the state before, by the products of all of them."""
    total = sum(
        float(chain.array("du" if k == chain.cell.apart else "da", k)[t - 1] @ chain.matrix("state", k)[i])
        for k in range(chain.cell.gates)
    )
    named = " + ".join(
        f"δ<sup>{'u' if k == chain.cell.apart else letter(chain, k)}</sup> "
        f"{chain.weights['state', k].symbol}<sup>⊤</sup>"
        for k in range(chain.cell.gates)
    )
    return Term((named,), (op("∑"),), (total,), ("",))


def _times(*makers: Make) -> Make:
    return lambda chain, t, i: times_(*(make(chain, t, i) for make in makers))


PRODUCTS: dict[str, tuple[Make, str, bool]] = {
    "cp": (old_cell_state, N_("the cell state that this step was entered with"), False),
    "fc": (_times(_gate("f"), old_cell_state), N_("what stays on the road"), False),
    "ig": (_times(_gate("i"), _gate("g")), N_("the on-ramp: what is added to the road"), False),
    "oc": (_times(_gate("o"), squashed_slope), N_("how h moves with the road: ∂h/∂c"), False),
    "out": (_times(_of("dh"), _gate("o"), squashed_slope), N_("what reaches the road from h"), True),
    "later": (_later, N_("what reaches the road from the step read after this one"), True),
    "fdc": (_times(_of("dc"), _gate("f")), N_("what goes on along the road, to the step before"), True),
    "hp": (old_state, N_("the state that this step was entered with"), False),
    "mz": (rest, N_("how much of the candidate is taken"), False),
    "zh": (_times(_gate("z"), old_state), N_("what is kept of the old state"), False),
    "zn": (_times(rest, _gate("n")), N_("what is taken of the candidate"), False),
    "ru": (_times(_gate("r"), lambda chain, t, i: factor(chain, "u", t, i, "n")),
           N_("the past, as far as the reset gate shows it to the candidate"), False),
    "zdh": (_times(_of("dh"), _gate("z")), N_("what goes past the gates, to the state before"), True),
    "wdh": (_through_the_gates, N_("what goes through the gates, to the state before"), True),
}  # fmt: skip
"""By kind: what it is the product of, what it is, and whether it runs backward."""
KINDS = tuple(PRODUCTS)


def product(run: Run, part: Part) -> Inspection:
    """One of these, of one unit or of all."""
    chain, t, i = part.of(run), part.t, part.column
    make, english, back = PRODUCTS[part.kind]
    says = _(english)
    title = " · ".join(make(chain, t, max(i, 0)).html)
    if i < 0:
        values = np.array([make(chain, t, k).value for k in range(chain.hidden)])
        scale = GRADIENT_SCALE if back else FORWARD_SCALE
        return every_unit(chain, part, title, f"{says.capitalize()}.", values, scale)
    term = make(chain, t, i)
    formulas: tuple[str, ...] = ()
    if len(term.math) > 1:
        symbols, numbers = sum_of_products("", [term], term.value, "b" if back else "f")
        formulas = (symbols, numbers)
    return Inspection(
        part.text,
        _("{title}, unit {i}", title=title, i=i + 1),
        _("At {word}, {says}.", word=quoted(run, t), says=says),
        when=at(run, t),
        formulas=formulas,
        blocks=(
            Block(
                _("Backward") if back else _("Forward"),
                "bw" if back else "fw",
                lines_of([term], "= " + title, term.value, ""),
            ),
        ),
    )


def inner_bias(run: Run, part: Part) -> Inspection:
    """b_hn: the weight itself."""
    weight = part.of(run).weights["inner", part.gate]
    if part.column < 0:
        return matrix(run, Part(part.text, "matrix", "", weight.key, 0, -1, -1))
    return entry(run, Part(part.text, "entry", "", weight.key, 0, 0, part.column))
