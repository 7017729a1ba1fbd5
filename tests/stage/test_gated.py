"""LSTM and GRU on the stage: columns, opened cells, frames. The numbers are the engine's."""

from __future__ import annotations

import re

import numpy as np
import pytest

from app.engine.norms import row_norms
from app.stage.numbers import short, shorts
from tests.stage.cases import GATED, GOLDEN, by_id, cells, drawing, frames, named, plain, stage
from tests.stage.minted import minted

GATES = {"lstm": "ifgo", "gru": "rzn"}
OPEN = [name for name in GATED if "closed" not in name]
NUMBERED = [name for name in OPEN if "nine" not in name]
NUMERIC = re.compile(
    r"(?!again|cell|col|word|a2|h1|h2|n2)[a-z]\w*-[1-9]\d*|(slot|bars)-\w+-\d+"
)
LSTM, GRU = "lstm, golden", "gru, golden"


def cell_of(name: str) -> str:
    return stage(name).run.experiment.cell


def formula(name: str, phase: str, title: str, t: int) -> str:
    return next(plain(frame.formula) for frame in frames(name, phase, t) if frame.title == title)


def told(name: str, phase: str, title: str, t: int) -> str:
    return next(plain(frame.caption) for frame in frames(name, phase, t) if frame.title == title)


@pytest.mark.parametrize("name", GATED)
def test_every_part_that_a_frame_names_is_drawn(name: str) -> None:
    drawn = by_id(name).keys() | minted(drawing(name)).keys()
    for frame in stage(name).frames:
        missing = (named(frame) | set(frame.at)) - drawn
        assert not missing, (frame.phase, frame.t, frame.part, missing)


@pytest.mark.parametrize("name", GATED)
def test_every_number_becomes_known_in_exactly_one_frame(name: str) -> None:
    fresh = [part for frame in stage(name).frames for part in frame.new]
    assert len(fresh) == len(set(fresh))
    weights = {f"{key}-" for key in stage(name).shape.weights}
    drawn = {
        part
        for part in by_id(name)
        if NUMERIC.fullmatch(part) and f"{part.rpartition('-')[0]}-" not in weights
    }
    given = {lane.name("h", lane.origin) for lane in stage(name).shape.lanes}
    assert drawn - given <= set(fresh)


@pytest.mark.parametrize("name", GATED)
def test_a_step_has_a_frame_for_every_gate_unless_it_is_told_at_once(name: str) -> None:
    letters = GATES[cell_of(name)]
    for phase in ("forward", "back"):
        for t in range(1, stage(name).outline.steps + 1):
            step = frames(name, phase, t)
            assert [frame.part for frame in step] == list(range(1, len(step) + 1))
            if name in OPEN:
                assert {frame.gate for frame in step} - {""} == set(letters)
                lanes = [(lane, lane.at(t)) for lane in stage(name).shape.lanes]
                here = tuple(lane.name(kind, at) for lane, at in lanes for kind in ("col", "cell"))
                assert all(frame.at == here for frame in step)
            else:
                assert len(step) == 1 and step[0].at == (f"col-{t}",)


@pytest.mark.parametrize("name", NUMBERED)
def test_the_opened_cell_shows_the_gates_of_the_run(name: str) -> None:
    run, hidden = stage(name).run, stage(name).shape.units
    forward, back = run.forward, run.backward
    for t in (1, stage(name).outline.steps):
        for k, letter in enumerate(GATES[cell_of(name)]):
            block = slice(k * hidden, (k + 1) * hidden)
            shown = {
                "gate": forward.gates[letter][t - 1],
                "a": forward.preactivation[t - 1, block],
                "xw": forward.input_term[t - 1, block],
                **({} if letter == "n" else {"hw": forward.recurrent_term[t - 1, block]}),
                "da": back.d_preactivation[t - 1, block],
                "s": back.slope[t - 1, block],
            }
            for kind, numbers in shown.items():
                assert cells(name, f"{kind}_{letter}-{t}") == shorts(numbers), (kind, letter, t)


@pytest.mark.parametrize("name", [name for name in NUMBERED if name.startswith("gru")])
def test_what_stands_below_the_candidate_adds_up_to_its_argument(name: str) -> None:
    run, hidden = stage(name).run, stage(name).shape.units
    whole = {key: array for kept in stage(name).reading.arrays for key, array in kept.whole.items()}
    biases = run.parameters["left_to_right"].get("b_h")
    bias = np.zeros(hidden) if biases is None else biases[2 * hidden :]
    summed = run.forward.preactivation[:, 2 * hidden :]
    assert whole["xw_n"] + whole["ru"] + bias == pytest.approx(summed, abs=1e-14)
    for t in (1, stage(name).outline.steps):
        assert cells(name, f"xw_n-{t}") == shorts(whole["xw_n"][t - 1])
        assert cells(name, f"same_ru-{t}") == shorts(whole["ru"][t - 1])
        assert biases is None or cells(name, f"bb_n-{t}") == shorts(bias)
        assert "hw_n-" + str(t) not in by_id(name)


@pytest.mark.parametrize("name", NUMBERED)
def test_what_a_gate_is_blamed_for_times_its_slope_is_delta(name: str) -> None:
    numbers = stage(name).reading.arrays
    whole = {key: array for kept in numbers for key, array in kept.whole.items()}
    for letter in GATES[cell_of(name)]:
        product = whole[f"dg_{letter}"] * whole[f"s_{letter}"]
        assert product == pytest.approx(whole[f"da_{letter}"], rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("name", [name for name in NUMBERED if name.startswith("lstm")])
def test_the_road_of_an_lstm_adds_up_forwards_and_back(name: str) -> None:
    run = stage(name).run
    whole = {key: array for kept in stage(name).reading.arrays for key, array in kept.whole.items()}
    assert whole["fc"] + whole["ig"] == pytest.approx(run.forward.c, abs=1e-14)
    assert whole["later"] + whole["out"] == pytest.approx(run.backward.d_c, rel=1e-9, abs=1e-300)
    assert whole["later"][:-1] == pytest.approx(whole["fdc"][1:]) and not whole["later"][-1].any()
    for t in range(1, stage(name).outline.steps + 1):
        assert cells(name, f"c-{t}") == cells(name, f"same_c-{t}") == shorts(run.forward.c[t - 1])
        assert cells(name, f"dc-{t}") == cells(name, f"same_dc-{t}") == shorts(run.backward.d_c[t - 1])


@pytest.mark.parametrize("name", [name for name in NUMBERED if name.startswith("gru")])
def test_the_mixer_of_a_gru_adds_up_forwards_and_back(name: str) -> None:
    run = stage(name).run
    whole = {key: array for kept in stage(name).reading.arrays for key, array in kept.whole.items()}
    assert whole["zh"] + whole["zn"] == pytest.approx(run.forward.h, abs=1e-14)
    assert whole["ru"] == pytest.approx(run.forward.gates["r"] * whole["u_n"])
    back = whole["zdh"] + whole["wdh"]
    assert back[1:] == pytest.approx(run.backward.d_h[:-1], rel=1e-9, abs=1e-300)
    assert back[0] == pytest.approx(run.backward.d_h_0, rel=1e-9, abs=1e-300)
    assert whole["du_n"] == pytest.approx(run.forward.gates["r"] * whole["da_n"])


@pytest.mark.parametrize("name", [LSTM, GRU])
def test_the_cell_shows_the_golden_states(name: str) -> None:
    expected = GOLDEN[cell_of(name)]["expect"]["forward"]["left_to_right"]["h"]
    for t, numbers in enumerate(expected, 1):
        assert cells(name, f"h-{t}") == cells(name, f"same_h-{t}") == shorts(np.array(numbers))


def test_valves_are_open_to_scale() -> None:
    f = stage(LSTM).run.forward.gates["f"][2]
    drawn = [
        path.get("d", "") for path in by_id(LSTM)["valve_f-3"].iter("path") if path.get("class") == "open"
    ]
    edges = [re.fullmatch(r"M-39 ([\d.]+)h28V([\d.]+)h-28z", path) for path in drawn]
    heights = [float(edge[2]) - float(edge[1]) for edge in edges if edge]
    assert heights == pytest.approx(f * 20, abs=0.11)  # of a row 24 high, less 2 at either border


def test_a_gates_formula_has_its_numbers_in_it() -> None:
    run, block = stage(LSTM).run, slice(3, 6)
    terms = (run.forward.input_term, run.forward.recurrent_term)
    numbers = ["".join(shorts(term[2, block])) for term in terms]
    bias, gate = "".join(shorts(np.ones(3))), "".join(shorts(run.forward.gates["f"][2]))
    shown = formula(LSTM, "forward", "The forget gate.", 3)
    assert shown.startswith("f3=σ(x3Wxf+h2Whf+bf)")
    assert shown.endswith(f"=σ([{numbers[0]}]+[{numbers[1]}]+[{bias}])=[{gate}]")


def test_the_reset_comes_after_the_recurrent_product() -> None:
    assert formula(GRU, "forward", "The candidate.", 3).startswith("n3=tanh(x3Wxn+bn+r3⊙(h2Whn+bhn))")
    shown = stage(GRU).run
    bias = shown.parameters["left_to_right"]["b_hn"]
    past = shown.forward.recurrent_term[2, 6:] + bias
    assert cells(GRU, "u_n-3") == shorts(past)


def test_the_road_is_told_with_the_first_units_numbers() -> None:
    assert "Unit 1 keeps .641 of −.064 and adds .172: its memory changes sign." in told(
        LSTM, "forward", "Keep some, add some.", 3
    )
    assert "c0 is all zeros" in told(LSTM, "forward", "Keep some, add some.", 1)


@pytest.mark.parametrize(("name", "gate"), [(LSTM, "f"), (GRU, "z")])
def test_the_straight_road_passes_the_gradient_through_one_valve_alone(name: str, gate: str) -> None:
    back, open_ = stage(name).run.backward, stage(name).run.forward.gates[gate]
    blame = back.d_h if back.d_c is None else back.d_c
    for t in (4, 3, 2):
        a, b = (short(float(row_norms(array[t - 1]))) for array in (blame, blame * open_))
        assert f"from {a} to {b}." in told(name, "back", "On along the road.", t)
    assert not [frame for frame in frames(name, "back", 1) if frame.title == "On along the road."]


@pytest.mark.parametrize("name", [LSTM, GRU])
def test_a_frame_about_a_gate_pays_the_coins_of_that_gate_alone(name: str) -> None:
    shape = stage(name).shape
    for frame in frames(name, "back", 2):
        coins = {part for part in frame.on if part.startswith("coin-")}
        assert coins == {f"coin-{key}-2" for key in shape.of_gate(frame.gate)}


@pytest.mark.parametrize("name", [LSTM, GRU])
def test_the_sum_over_the_steps_is_the_gradient_of_each_gates_weight(name: str) -> None:
    found = stage(name)
    adding = [frame for frame in found.frames if frame.phase == "accumulate"]
    assert tuple(frame.gate for frame in adding) == found.shape.gates
    for frame in adding:
        keys = found.shape.of_gate(frame.gate)
        assert {f"tot-{key}-all" for key in keys} <= {*frame.lit} & {*frame.on}
        assert frame.title.endswith(f"4 coins each, {len(keys)} gradients.")
        weight = found.shape.weights[f"W_h{frame.gate}"]
        summed = weight.gradient(found.run).terms.sum(axis=0).reshape(-1, 3)
        rows = [shorts(row) for row in summed]
        assert plain(frame.formula).endswith(f"[{''.join(text for row in rows for text in row)}]")


def test_a_bias_that_the_past_has_of_its_own_is_paid_through_the_reset() -> None:
    assert {"b_n", "b_hn"} <= set(stage(GRU).shape.of_gate("n"))
    assert any("du_n-2,du_n-2,in-b_hn-2" in group for frame in frames(GRU, "back", 2) for group in frame.fly)
    assert any("da_n-2,da_n-2,in-b_n-2" in group for frame in frames(GRU, "back", 2) for group in frame.fly)


def test_a_long_sentence_keeps_its_cells_closed() -> None:
    assert not stage("lstm, closed").outline.opens and stage(LSTM).outline.opens
    assert len(frames("gru, closed", "forward")) == len(frames("gru, closed", "back")) == 40


def test_many_units_are_strips_in_the_cell_too() -> None:
    gate = by_id("lstm, nine units")["gate_f-3"]
    assert not list(gate.iter("text")) and len(list(gate.iter("path"))) > 1
