"""The numbers and phrases of a GRU chain: what its columns, opened cells and frames are filled with."""

import numpy as np

from app.engine.finite import held_product
from app.engine.norms import row_norms
from app.experiments.passes import ForwardChain
from app.experiments.run import Run
from app.stage import comeback
from app.stage.cells import gates
from app.stage.cells.gates import Array, Gate, Named, product
from app.stage.lanes import Lane
from app.stage.layout import Geometry
from app.stage.sheet import Numbers
from app.wording.catalogue import N_, _

RESET = Gate("r", N_("reset"), N_("how far n sees back"))
UPDATE = Gate("z", N_("update"), N_("how much h stays"))
CANDIDATE = Gate("n", N_("candidate"), N_("what is new"), "tanh", past="ru")
GATES = (RESET, UPDATE, CANDIDATE)
STATES = frozenset(("h", "h0", "mz", "zh", "zn", "u_n", "ru", "bias_hn", "n2", "h2", "hp"))
BLAMES = frozenset(("dh", "zdh", "du_n", "wdh"))
VECTORS = STATES | BLAMES | gates.names(GATES)
COLOURLESS = gates.slopes(GATES) | {"mz"}


def mixed(chain: ForwardChain) -> tuple[Array, Array, Array]:
    """z_t, n_t and h_{t-1}."""
    return chain.gates["z"], chain.gates["n"], chain.h_prev


def past(chain: ForwardChain) -> Array:
    """u_n = h_{t-1} W_hn + b_hn, what the reset gate opens to the candidate, (T, H)."""
    assert chain.recurrent is not None
    return chain.recurrent[:, -chain.h.shape[1] :]


def crossed(run: Run, lane: Lane) -> Array:
    """dL/d(h_{t-1} W_h) of all gates side by side, (T, 3H): the candidate's as far as the reset let it."""
    found: Array = run.gradients[lane.chain]["W_hh"].right[:, 0]
    return found


def forward(run: Run, lane: Lane) -> Named:
    """What runs forward, (T, H) over time; and the slopes."""
    chain = run.forward.chains[lane.chain]
    z, n, h_prev = mixed(chain)
    found = {"h": chain.h, "mz": 1.0 - z, "gate_z": z, "gate_n": n}
    if not gates.opens(lane):
        return found
    u = past(chain)
    found |= {"hp": h_prev, "zh": z * h_prev, "zn": (1.0 - z) * n, "u_n": u, "ru": chain.gates["r"] * u}
    bias = run.parameters[lane.chain].get("b_hn")
    found |= {} if bias is None else {"bias_hn": bias.reshape(1, -1)}
    return found | gates.forward_of_gates("gru", run, lane)


def again(chain: ForwardChain) -> Named:
    """The second forward pass."""
    return {"n2": chain.gates["n"], "h2": chain.h}


@np.errstate(over="ignore")
def backward(run: Run, lane: Lane) -> Named:
    """What runs backward, (T, H) over time."""
    chain, back = run.forward.chains[lane.chain], run.backward.chains[lane.chain]
    z, n, h_prev = mixed(chain)
    pulled = crossed(run, lane)
    found = gates.blocks("da", back.d_preactivation, "gru")
    found |= {"dh": back.d_h, "du_n": pulled[:, -n.shape[1] :], "dg_n": product(back.d_h, 1.0 - z)}
    if not gates.opens(lane):
        return found
    return found | {
        "zdh": product(z, back.d_h),
        "wdh": held_product(pulled, run.parameters[lane.chain]["W_hh"].T),
        "dg_z": product(back.d_h, h_prev - n),
        "dg_r": product(found["da_n"], past(chain)),
    }


@np.errstate(over="ignore")
def norms(run: Run, lane: Lane) -> Named:
    """The pulses at each step, (T,): at h_t, beyond the gates; on the road at h_t, and beyond the valve."""
    chain, back = run.forward.chains[lane.chain], run.backward.chains[lane.chain]
    return {
        "norm": back.d_h_norm,
        "norm a": back.d_preactivation_norm,
        "norm c": back.d_h_norm,
        "norm road": row_norms(product(chain.gates["z"], back.d_h)),
        **comeback.sizes(run, lane),
    }


def places(run: Run, lane: Lane, geo: Geometry, x: float) -> Named:
    """The valves' openings and the ends of the bars."""
    chain = run.forward.chains[lane.chain]
    found = gates.fills("z", chain.gates["z"])
    if not gates.opens(lane):
        return found
    for letter in "rz":
        found |= gates.openings(letter, chain.gates[letter], geo.cell_height)
    return found | gates.bars(GATES, chain.gates)


def lines(run: Run, lane: Lane, numbers: Numbers) -> dict[str, list[str]]:
    """Phrases, one a step."""
    chain, back = run.forward.chains[lane.chain], run.backward.chains[lane.chain]
    if not gates.opens(lane):
        return {}
    parts = (f"{name}{lane.suffix}" for name in ("gate_z", "hp", "mz", "gate_n", "h"))
    first = zip(*map(numbers.firsts, parts), strict=True)
    whole, straight = (numbers.texts(f"{name}{lane.suffix}") for name in ("norm", "norm road"))
    return {
        "mixed": [
            _(
                "Unit 1 takes {old} of {before}, which it was, and {new} of {fresh}, which is "
                "proposed: {now}.",
                old=old,
                before=before,
                new=new,
                fresh=fresh,
                now=now,
            )
            for old, before, new, fresh, now in first
        ],
        "straight": [
            _("The road takes the pulse from {a} to {b}.", a=a, b=b)
            for a, b in zip(whole, straight, strict=True)
        ],
        **gates.coins(lane, GATES, chain, gates.blocks("da", back.d_preactivation, "gru")),
    }
