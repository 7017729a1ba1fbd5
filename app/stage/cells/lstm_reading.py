"""The numbers and phrases of an LSTM chain: what its columns, opened cells and frames are filled with."""

from functools import partial

import numpy as np

from app.engine.norms import row_norms
from app.experiments.passes import ForwardChain
from app.experiments.run import Run
from app.stage import comeback
from app.stage.cells import gates
from app.stage.cells.gates import Array, Gate, Named, product
from app.stage.lanes import Lane
from app.stage.layout import Geometry
from app.stage.paths import dots, hollow
from app.stage.sheet import Numbers
from app.wording.catalogue import N_, _

FORGET = Gate("f", N_("forget"), N_("how much c stays"))
INPUT = Gate("i", N_("input"), N_("how much may enter"))
CANDIDATE = Gate("g", N_("candidate"), N_("what would enter"), "tanh")
OUTPUT = Gate("o", N_("output"), N_("how much is shown"))
GATES = (FORGET, INPUT, CANDIDATE, OUTPUT)
STATES = frozenset(("c", "cp", "fc", "ig", "th", "h", "h0", "oc", "a2", "h2"))
BLAMES = frozenset(("dh", "dc", "out", "later", "fdc"))
VECTORS = STATES | BLAMES | gates.names(GATES)
COLOURLESS = gates.slopes(GATES) | {"oc"}


def road(run: Run, lane: Lane) -> tuple[Array, Array, Array]:
    """c_t, c_{t-1} and dL/dc_t of a chain that has them."""
    chain, back = run.forward.chains[lane.chain], run.backward.chains[lane.chain]
    assert chain.c is not None
    assert chain.c_prev is not None
    assert back.d_c is not None
    return chain.c, chain.c_prev, back.d_c


def onto(run: Run, lane: Lane) -> Array:
    """dh_t/dc_t = o tanh'(c_t)."""
    found = run.backward.chains[lane.chain].chain.local.onto
    assert found is not None
    return found[:, 0]


def tanh_c(run: Run, lane: Lane) -> Array:
    found = run.forward.chains[lane.chain].chain.tanh_c
    assert found is not None
    return np.asarray(found[:, 0])


def forward(run: Run, lane: Lane) -> Named:
    """What runs forward, (T, H) over time; and the slopes."""
    chain = run.forward.chains[lane.chain]
    c, c_prev, _ = road(run, lane)
    found = {"c": c, "h": chain.h, "oc": onto(run, lane), "gate_o": chain.gates["o"]}
    if not gates.opens(lane):
        return found
    g = chain.gates
    found |= {"cp": c_prev, "fc": g["f"] * c_prev, "ig": g["i"] * g["g"], "th": tanh_c(run, lane)}
    return found | gates.forward_of_gates("lstm", run, lane)


def again(chain: ForwardChain) -> Named:
    """The second forward pass."""
    assert chain.c is not None
    return {"a2": chain.c, "h2": chain.h}


@np.errstate(over="ignore")
def backward(run: Run, lane: Lane) -> Named:
    """What runs backward, (T, H) over time."""
    chain, back = run.forward.chains[lane.chain], run.backward.chains[lane.chain]
    _, c_prev, d_c = road(run, lane)
    found = {"dh": back.d_h, "dc": d_c} | gates.blocks("da", back.d_preactivation, "lstm")
    if not gates.opens(lane):
        return found
    g, carried = chain.gates, product(chain.gates["f"], d_c)
    return found | {
        "out": product(back.d_h, onto(run, lane)),
        "later": gates.later(lane, carried),
        "fdc": carried,
        "dg_f": product(d_c, c_prev),
        "dg_i": product(d_c, g["g"]),
        "dg_g": product(d_c, g["i"]),
        "dg_o": product(back.d_h, tanh_c(run, lane)),
    }


@np.errstate(over="ignore")
def norms(run: Run, lane: Lane) -> Named:
    """The pulses at each step, (T,): at h_t, beyond the gates; on the road at c_t, and beyond the valve."""
    chain, back = run.forward.chains[lane.chain], run.backward.chains[lane.chain]
    d_c = road(run, lane)[2]
    return {
        "norm": back.d_h_norm,
        "norm a": back.d_preactivation_norm,
        "norm c": row_norms(d_c),
        "norm road": row_norms(product(chain.gates["f"], d_c)),
        **comeback.sizes(run, lane),
    }


def places(run: Run, lane: Lane, geo: Geometry, x: float) -> Named:
    """The valves' openings, the ends of the bars, and the dots on the curves of tanh."""
    chain, height = run.forward.chains[lane.chain], geo.cell_height
    found = gates.fills("o", chain.gates["o"])
    if not gates.opens(lane):
        return found
    c = road(run, lane)[0]
    for letter in "fo":
        found |= gates.openings(letter, chain.gates[letter], height)
    found |= gates.bars(GATES, chain.gates)
    return found | dots(c, tanh_c(run, lane), "tanh", geo, 0.0)


def lines(run: Run, lane: Lane, numbers: Numbers) -> dict[str, list[str]]:
    """Phrases, one a step."""
    chain, back = run.forward.chains[lane.chain], run.backward.chains[lane.chain]
    if not gates.opens(lane):
        return {}
    c, c_prev, _d_c = road(run, lane)
    told = zip(*(numbers.firsts(f"{name}{lane.suffix}") for name in ("gate_f", "cp", "ig")), strict=True)
    turned = (np.sign(c[:, 0]) * np.sign(c_prev[:, 0]) < 0).tolist()
    whole, straight = (numbers.texts(f"{name}{lane.suffix}") for name in ("norm c", "norm road"))
    seen = np.any(c_prev, axis=1).tolist()
    return {
        "kept": list(map(partial(_kept, lane), range(1, lane.steps + 1), told, seen, turned)),
        "straight": [
            _("The road takes the pulse from {a} to {b}.", a=a, b=b)
            for a, b in zip(whole, straight, strict=True)
        ],
        "off": hollow(c),
        **gates.coins(lane, GATES, chain, gates.blocks("da", back.d_preactivation, "lstm")),
    }


def _kept(lane: Lane, t: int, texts: tuple[str, ...], seen: bool, turned: bool) -> str:
    """What happens to the first unit's memory. texts : f, c_{t-1} and i g"""
    f, old, new = texts
    if not seen:
        before = lane.said("c", lane.before(t))
        return _(
            "{before} is all zeros: there is nothing to keep yet, so unit 1 starts with {new}.",
            before=before,
            new=new,
        )
    turn = _(": its memory changes sign.") if turned else "."
    return _("Unit 1 keeps {f} of {old} and adds {new}{turn}", f=f, old=old, new=new, turn=turn)
