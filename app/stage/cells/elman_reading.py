"""The numbers and phrases of an Elman chain: what its columns and its frames are filled with."""

import numpy as np
from numpy.typing import NDArray

from app.experiments.passes import ForwardChain
from app.experiments.run import Run
from app.numerals import short
from app.stage import comeback
from app.stage.lanes import Lane
from app.stage.layout import Geometry
from app.stage.paths import dots, hollow
from app.stage.sheet import Numbers
from app.wording.catalogue import N_, _, kept_by_language

Named = dict[str, NDArray[np.float64]]
Lines = dict[str, list[str]]
Size = tuple[float, str]  # a norm and its text


def forward(run: Run, lane: Lane) -> Named:
    """What runs forward, (T, H) over time, and the slopes; the bias, (1, H)."""
    chain, bias = run.forward.chains[lane.chain], run.parameters[lane.chain].get("b_h")
    return {
        **({} if bias is None else {"b": bias.reshape(1, -1)}),
        "a": chain.preactivation,
        "f": chain.activated,
        "h": chain.h,
        "xw": chain.input_term,
        "hw": chain.recurrent_term,
        "fp": run.backward.chains[lane.chain].slope,
    }


def again(chain: ForwardChain) -> Named:
    """The second forward pass."""
    return {"a2": chain.preactivation, "h2": chain.h}


def backward(run: Run, lane: Lane) -> Named:
    """What runs backward, (T, H) over time."""
    chain = run.backward.chains[lane.chain]
    return {"dh": chain.d_h, "da": chain.d_preactivation}


def norms(run: Run, lane: Lane) -> Named:
    """The pulse at each step, (T,): at h_t, beyond f', and as it came back to h_t from the steps after it."""
    chain = run.backward.chains[lane.chain]
    return {
        "norm": chain.d_h_norm,
        "norm a": chain.d_preactivation_norm,
        **comeback.sizes(run, lane),
    }


def places(run: Run, lane: Lane, geo: Geometry, x: float) -> Named:
    """Where the dots stand on the curves of f; x : the left edge of a curve."""
    chain = run.forward.chains[lane.chain]
    return dots(chain.preactivation, chain.activated, run.experiment.activation, geo, x)


def lines(run: Run, lane: Lane, numbers: Numbers) -> Lines:
    """Phrases, one a step; and whether a dot is beyond its curve."""
    chain = run.forward.chains[lane.chain]
    pulse, beyond = (_sizes(numbers, f"{name}{lane.suffix}") for name in ("norm", "norm a"))
    came = _sizes(numbers, f"norm owed{lane.suffix}") if run.network.per_step else pulse
    if lane.reverse:
        crossed = [*map(_crossed, beyond[:-1], came[1:]), ""]
    else:
        crossed = ["", *map(_crossed, beyond[1:], came[:-1])]
    seen, paid = np.any(chain.h_prev, axis=1).tolist(), (size > 0.0 for size, _text in beyond)
    return {
        "shrunk": list(map(_shrunk, pulse, beyond)),
        "crossed": crossed,
        **_remembered(lane, tuple(seen), tuple(paid)),
        "off": hollow(chain.preactivation),
    }


def _sizes(numbers: Numbers, name: str) -> list[Size]:
    return list(zip(numbers.values(name), numbers.texts(name), strict=True))


# What W_hh^T does to the pulse, by its sign.
CROSSED = {
    1: N_("The pulse grows from {before} to {after}."),
    -1: N_("The pulse shrinks from {before} to {after}."),
    0: N_("The pulse stays as it is, from {before} to {after}."),
}


def _shrunk(before: Size, after: Size) -> str:
    """What f' does to the pulse."""
    (entering, before_text), (leaving, after_text) = before, after
    if entering == 0.0:
        return _("Nothing comes back to this step: the pulse is 0.")
    if leaving == 0.0:
        return _("Every slope is 0 here, so the pulse of {size} ends.", size=before_text)
    return _(
        "The pulse goes from {before} to {after}, a factor of {factor}.",
        before=before_text,
        after=after_text,
        factor=short(leaving / entering),
    )


def _crossed(before: Size, after: Size) -> str:
    """What W_hh^T does to the pulse."""
    (entering, before_text), (leaving, after_text) = before, after
    if entering == 0.0:
        return _("The pulse stays 0.")
    return _(CROSSED[(leaving > entering) - (leaving < entering)], before=before_text, after=after_text)


@kept_by_language(256)
def _remembered(lane: Lane, seen: tuple[bool, ...], paid: tuple[bool, ...]) -> Lines:
    """What is said of each step's past and coin. seen, paid : whether h before it, and δ, is not 0."""
    steps = range(1, lane.steps + 1)
    return {
        "memory": [_memory(lane, t, not seen[t - 1]) for t in steps],
        "coin": [_coin(lane, t, not seen[t - 1], not paid[t - 1]) for t in steps],
    }


def _memory(lane: Lane, t: int, empty: bool) -> str:
    before, start = lane.said("h", lane.before(t)), t == lane.start
    if empty and start:
        return _(
            "{before} is all zeros, so it adds nothing yet: there is no past to remember.", before=before
        )
    if empty:
        return _(
            "{before} is all zeros: no unit was left on, so nothing of the words before comes along.",
            before=before,
        )
    past = _("{before} is everything the network remembers of the words before.", before=before)
    if lane.reverse:
        past = _("{before} is everything the network remembers of the words after this one.", before=before)
    if start:
        past = _("{before} is where the network starts from.", before=before)
    return past + " " + _("Every old unit feeds every new one through W<sub>hh</sub>.")


def _coin(lane: Lane, t: int, empty: bool, blameless: bool) -> str:
    before, delta = lane.said("h", lane.before(t)), lane.said("δ", t)
    if blameless:
        return _(
            "{delta} is 0 here, so the coins for W<sub>xh</sub> and W<sub>hh</sub> are empty.", delta=delta
        )
    if empty:
        return _(
            "{before} is zero, so this step pays exactly 0 to W<sub>hh</sub>: its coin is empty.",
            before=before,
        )
    return _(
        "What it saw, {before}, times what it is blamed for, {delta}, is its coin for W<sub>hh</sub>.",
        before=before,
        delta=delta,
    )
