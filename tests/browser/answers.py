"""What a stage has to show, made from the API's answers alone: the name of a part, and its numbers.

A part of the right-to-left chain has _r after its name, one of a gate the gate's letter: gate_f_r-2. The
second pass is the API's answer to the same question with the weights of the update.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import httpx

GATES = {"elman": "", "lstm": "ifgo", "gru": "rzn"}
SUFFIX = {"left_to_right": "", "right_to_left": "_r"}
Numbers = list[float]


def asked(url: str, query: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The run, and the run after its update."""
    run = httpx.get(f"{url}/api/v1/run?{query}").raise_for_status().json()
    moved = {**run["experiment"], "parameters": run["update"]["parameters"], "weights": "drawn"}
    return run, httpx.post(f"{url}/api/v1/run", json=moved).raise_for_status().json()


def parts(run: dict[str, Any], again: dict[str, Any]) -> dict[str, Numbers]:
    """The numbers of every part that the API knows."""
    return {name: numbers for found in (_states, _ends, _weights) for name, numbers in found(run, again)}


def chains(run: dict[str, Any]) -> list[str]:
    return [name for name in SUFFIX if name in run["forward"]]


def size(run: dict[str, Any]) -> int:
    return int(run["experiment"]["hidden_size"])


def block(run: dict[str, Any], row: Numbers, gate: str) -> Numbers:
    """The columns of one gate, of a row that has those of all."""
    H, letters = size(run), GATES[run["experiment"]["cell"]]
    k = letters.index(gate) if gate else 0
    return row[k * H : (k + 1) * H]


def _states(run: dict[str, Any], again: dict[str, Any]) -> Iterator[tuple[str, Numbers]]:
    letters = GATES[run["experiment"]["cell"]]
    for chain in chains(run):
        forward, back, s = run["forward"][chain], run["backward"][chain], SUFFIX[chain]
        for i in range(len(run["words"])):
            t = i + 1
            yield f"h{s}-{t}", forward["h"][i]
            yield f"h2{s}-{t}", again["forward"][chain]["h"][i]
            yield f"dh{s}-{t}", back["dL_dh"][i]
            if not letters:
                yield f"a{s}-{t}", forward["preactivation"][i]
                yield f"a2{s}-{t}", again["forward"][chain]["preactivation"][i]
                yield f"da{s}-{t}", back["dL_dpreactivation"][i]
            if "c" in forward:
                yield f"c{s}-{t}", forward["c"][i]
                yield f"dc{s}-{t}", back["dL_dc"][i]
            for gate in letters:
                yield f"gate_{gate}{s}-{t}", forward["gates"][gate][i]
                yield f"a_{gate}{s}-{t}", block(run, forward["preactivation"][i], gate)
                yield f"da_{gate}{s}-{t}", block(run, back["dL_dpreactivation"][i], gate)


def _ends(run: dict[str, Any], again: dict[str, Any]) -> Iterator[tuple[str, Numbers]]:
    readout, back, second = run["forward"]["readout"], run["backward"]["readout"], again["forward"]["readout"]
    H = size(run)
    if "losses" not in run:
        yield from {"z": readout["logit"], "y": readout["y_hat"], "dz": back["dL_dlogit"]}.items()
        yield from {"dy": back["dL_dy_hat"], "z2": second["logit"], "y2": second["y_hat"]}.items()
        if len(chains(run)) == 2:  # at the readout the state of the lower one stands once more
            yield "end_r-1", readout["input"][H:]
        return
    for i in range(len(run["words"])):
        t = i + 1
        yield from {f"z-{t}": readout["logit"][i], f"y-{t}": readout["y_hat"][i]}.items()
        yield from {f"dz-{t}": back["dL_dlogit"][i], f"y2-{t}": second["y_hat"][i]}.items()
        for k, chain in enumerate(chains(run)):
            yield f"own{SUFFIX[chain]}-{t}", back["dL_dinput"][i][k * H : (k + 1) * H]


def _weights(run: dict[str, Any], again: dict[str, Any]) -> Iterator[tuple[str, Numbers]]:
    del again
    letters = GATES[run["experiment"]["cell"]]
    for group, names in run["parameters"].items():
        for name, rows in names.items():
            gradient = run["gradients"][group][name]
            moved = run["update"]["parameters"][group][name]
            for gate in letters if name in ("W_xh", "W_hh", "b_h") and letters else [""]:
                key = (name[:-1] + gate if gate else name) + SUFFIX.get(group, "")

                def of(values: Any, gate: str = gate) -> list[Numbers]:
                    matrix = values if isinstance(values[0], list) else [values]
                    return [block(run, row, gate) if gate else row for row in matrix]

                yield from _card(key, of(rows), of(gradient["total"]), of(moved))
                if "contributions" in gradient:
                    coins = [of(coin) for coin in gradient["contributions"]]
                    yield from _coins(run, key, coins)


def _card(
    key: str, old: list[Numbers], total: list[Numbers], new: list[Numbers]
) -> Iterator[tuple[str, Numbers]]:
    for i, row in enumerate(old):
        yield f"{key}-{i}", row
        yield f"tot-{key}-{i}", total[i]
        yield f"new-{key}-{i}", new[i]
        yield f"step-{key}-{i}", [b - a for a, b in zip(row, new[i], strict=True)]


def _coins(run: dict[str, Any], key: str, coins: list[list[Numbers]]) -> Iterator[tuple[str, Numbers]]:
    for i, coin in enumerate(coins):
        yield f"slot-{key}-{i + 1}", [math.sqrt(sum(x * x for row in coin for x in row))]
        if key.startswith("W_x"):  # of a word's coin one row is not zero, and that is shown
            yield f"in-{key}-{i + 1}", coin[run["vocabulary"].index(run["tokens"][i])]
        elif key.startswith("b"):
            yield f"in-{key}-{i + 1}", coin[0]
        else:
            yield from ((f"in-{key}-{i + 1}-{k}", row) for k, row in enumerate(coin))
