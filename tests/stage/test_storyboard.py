"""The story: which frames there are, what they say, and that they name parts that exist."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

import pytest
from hypothesis import assume, given, settings

from app.experiments.errors import ExperimentError
from app.experiments.presets import presets
from app.experiments.run import run
from app.numerals import long, short
from app.stage.cells.elman_backward import chain
from app.stage.numbers import shorts
from app.stage.stage import Stage
from tests.stage.cases import (
    CAT,
    MOVIE,
    NAMES,
    TWENTY,
    by_id,
    cells,
    drawing,
    drawing_of,
    experiments,
    frames,
    named,
    plain,
    stage,
    stage_of,
)
from tests.stage.minted import minted

REVEALED = re.compile(
    r"(a|h|f|xw|hw|x|edge|da|dh|fp|norm|pulse|cross|again)-[1-9]\d*|edge-y|pulse-y|again-y|z|sigma|y|loss|dy|sp|dz|loss2"
    r"|(slot|bars)-(W_xh|W_hh|b_h)-\d+|slot-(W_hy|b_y)-whole|(total|tick)-(W_xh|W_hh|b_h)"
)


def told(name: str, phase: str, part: int, t: int | None = None) -> str:
    """The caption of a frame as it is read."""
    return next(plain(frame.caption) for frame in frames(name, phase, t) if frame.part == part)


def formula(name: str, phase: str, part: int, t: int | None = None) -> str:
    return next(plain(frame.formula) for frame in frames(name, phase, t) if frame.part == part)


@pytest.mark.parametrize("name", NAMES)
def test_every_part_that_a_frame_names_is_drawn(name: str) -> None:
    drawn = by_id(name).keys() | minted(drawing(name)).keys()
    for frame in stage(name).frames:
        assert named(frame) <= drawn, (frame.phase, frame.t, frame.part, named(frame) - drawn)


@pytest.mark.parametrize("name", NAMES)
def test_every_part_with_a_number_becomes_known_in_one_frame(name: str) -> None:
    """Nothing stays a ghost, and nothing is told twice."""
    fresh = [part for frame in stage(name).frames for part in frame.new]
    assert len(fresh) == len(set(fresh))
    assert {part for part in by_id(name) if REVEALED.fullmatch(part)} <= set(fresh)


@given(experiments())
@settings(max_examples=40, deadline=None)
def test_random_networks_have_no_part_without_a_frame_and_no_frame_without_its_parts(
    fields: dict[str, Any],
) -> None:
    try:
        found = stage_of(**fields)
    except ExperimentError:
        assume(False)
    tree = drawing_of(found)
    drawn = {element.attrib["id"] for element in tree.iter() if "id" in element.attrib} | minted(tree).keys()
    known = {part for frame in found.frames for part in frame.new}
    assert set().union(*(named(frame) for frame in found.frames)) <= drawn
    assert {part for part in drawn if REVEALED.fullmatch(part)} <= known


@pytest.mark.parametrize("name", NAMES)
def test_frames_stand_in_the_order_of_their_parts(name: str) -> None:
    for _, group in groupby(stage(name).frames, key=lambda frame: (frame.phase, frame.t)):
        found = list(group)
        assert [frame.part for frame in found] == list(range(1, found[0].parts + 1))
        assert {frame.parts for frame in found} == {found[0].parts}


def test_the_way_back_visits_the_loss_the_output_and_the_steps_from_the_last_to_the_first() -> None:
    """Backpropagation through time: loss, output, O3, O2, O1."""
    after = [frame for frame in stage("cat").frames if frame.phase in ("loss", "outback", "back")]
    visited = [key for key, _ in groupby((frame.phase, frame.t) for frame in after)]
    assert visited == [("loss", 3), ("outback", 3), ("back", 3), ("back", 2), ("back", 1)]


@pytest.mark.parametrize("name", NAMES)
def test_time_runs_forward_one_step_at_a_time_and_strictly_back(name: str) -> None:
    steps = stage(name).outline.steps
    assert [t for t, _ in groupby(frame.t for frame in frames(name, "forward"))] == list(range(1, steps + 1))
    assert [t for t, _ in groupby(frame.t for frame in frames(name, "back"))] == list(range(steps, 0, -1))


def test_there_is_one_output_and_only_after_the_last_word() -> None:
    """Many to one: one prediction, three states."""
    revealing = [frame for frame in stage("cat").frames if "y" in frame.new]
    assert [(frame.phase, frame.t) for frame in revealing] == [("output", 3)]
    assert (
        sum(part.startswith("h-") and part != "h-0" for frame in stage("cat").frames for part in frame.new)
        == 3
    )


def test_after_one_step_only_the_first_state_is_known() -> None:
    found = stage("cat").frames
    second = next(i for i, frame in enumerate(found) if (frame.phase, frame.t) == ("forward", 2))
    known = {part for frame in found[:second] for part in frame.new}
    assert {part for part in known if part.startswith("h-")} == {"h-1"}
    assert cells("cat", "h-1") == [short(value) for value in (0.53705, -0.37995, 0.37995)]
    assert formula("cat", "forward", 4, 1).endswith("[.537−.380.380]")


@pytest.mark.parametrize(
    ("name", "parts"),
    [("cat", [4, 4, 4]), ("cat, outside", [5, 5, 5]), ("cat, mixed", [5, 4, 4]), ("movie, no bias", [4] * 4)],
)
def test_a_step_has_four_frames_and_five_where_its_bias_comes_after_f(name: str, parts: list[int]) -> None:
    steps = range(1, stage(name).outline.steps + 1)
    assert [len(frames(name, "forward", t)) for t in steps] == parts


def test_outside_the_first_step_multiplies_squashes_and_then_adds_the_bias() -> None:
    titles = [frame.title for frame in frames("cat, outside", "forward", 1)]
    assert titles[-2:] == ["Through the activation.", "The bias lands after f."]
    assert formula("cat, outside", "forward", 5, 1) == "h1=[.462−.291.197]+[.100−.100.200]=[.562−.391.397]"
    assert "bh" not in formula("cat, outside", "forward", 3, 1)


def test_the_scalar_networks_three_products_are_its_three_coins() -> None:
    """dL/dw_i as a sum of three products: −0.013535, −0.031701, −0.053628 for cat, mat, rat."""
    unit = next(preset.experiment for preset in presets() if preset.name == "One unit")
    found = Stage(run(unit))
    assert found.sheet.cells["da"].texts == [short(value) for value in (-0.013535, -0.031701, -0.053628)]
    assert found.sheet.cells["norms W_xh"].texts == [".014", ".032", ".054"]
    paying = [frame for frame in found.frames if frame.phase == "back" and "coin-W_xh-1" in frame.on]
    assert [frame.t for frame in paying] == [1]


@pytest.mark.parametrize(("fields", "count"), [(MOVIE, 4), ({"sentence": TWENTY}, 20), (CAT, 3)])
def test_there_are_as_many_sets_of_derivatives_as_words(fields: dict[str, Any], count: int) -> None:
    found = stage_of(**fields)
    coins = {part for frame in found.frames for part in frame.on if part.startswith("coin-W_hh-")}
    assert len(coins) == count
    summing = next(frame for frame in found.frames if frame.phase == "accumulate")
    assert summing.title == f"{count} coins, one gradient."


@pytest.mark.parametrize("name", ["cat", "movie", "cat, outside", "typed state"])
def test_the_sum_over_the_steps_is_the_total_that_is_shown(name: str) -> None:
    for k, parameter in enumerate(stage(name).shape.shared, 1):
        outer = stage(name).run.gradients["left_to_right"][parameter]
        summed = outer.terms.sum(axis=0)
        assert summed == pytest.approx(outer.total, abs=1e-12)
        shown = formula(name, "accumulate", k).rpartition("=")[2]
        rows = [shorts(row) for row in summed.reshape(-1, 3)]
        kept = rows if len(rows) <= 5 else [*rows[:3], ["⋮"] * 3, rows[-1]]
        assert shown == f"[{''.join(text for row in kept for text in row)}]"


def test_the_chain_grows_by_one_factor_for_each_step_that_is_crossed() -> None:
    """Two Jacobians down to the first state of three words, none down to the last."""
    lane = stage("cat").shape.lanes[0]
    assert [chain(lane, t).count("<mfrac>") - 2 for t in (3, 2, 1)] == [0, 1, 2]
    assert plain(chain(lane, 1)) == "∂L∂y^·∂y^∂h3·∂h3∂h2·∂h2∂h1"
    walked = [formula("cat", "back", 3, t).rpartition("=")[2] for t in (3, 2)]
    assert walked == [plain(chain(lane, t)) for t in (2, 1)]


def test_the_first_coin_of_the_state_is_empty_when_it_starts_from_zeros() -> None:
    assert stage("cat").sheet.cells["norms W_hh"].texts == ["0", ".118", ".119"]
    assert "pays exactly 0 to Whh" in told("cat", "back", 2, 1)
    assert "pays exactly 0" not in told("typed state", "back", 2, 1)
    assert stage("typed state").sheet.cells["norms W_hh"].texts[0] != "0"


def test_folded_and_unrolled_have_the_same_parameters() -> None:
    one, many = frames("movie", "unfold")
    assert "It has 31 numbers to learn" in plain(one.caption)
    assert "4 copies" in plain(many.caption) and "still 31 parameters" in plain(many.caption)
    assert many.sweep == ("col-1", "col-2", "col-3", "col-4")


def test_the_folded_network_shows_what_its_cell_keeps() -> None:
    """An Elman cell and a GRU have one loop, an LSTM two; two directions have theirs, facing each other."""
    cells_ = (("elman", 1, ""), ("lstm", 2, "The other carries c past them"), ("gru", 1, "r opens"))
    for cell, loops, said in cells_:
        one = stage_of(sentence="movie was not good", cell=cell)
        two = stage_of(sentence="movie was not good", cell=cell, bidirectional=True)
        assert one.parts["folded"].decode().count('class="loop ') == loops
        drawn = two.parts["folded"].decode()
        assert drawn.count('class="loop ') == 2 * loops and drawn.count("scale(-1 1)") == 1
        assert "reads from 1 to 4" in drawn and "reads from 4 to 1" in drawn
        assert said in plain(one.frames[0].caption)
    lstm = stage_of(sentence="movie was not good", cell="lstm", bidirectional=True)
    assert "a state h and a road c of its own" in plain(lstm.frames[0].caption)
    assert "c is the road above the cells" in plain(lstm.frames[1].caption)


def test_each_step_reads_the_state_before_it() -> None:
    for t in range(1, 5):
        assert f"h-{t - 1},h-{t - 1},hw-{t}" in frames("movie", "forward", t)[1].fly[0]


def test_the_hidden_layer_feeds_back_along_nine_arrows() -> None:
    assert by_id("movie")["fan"].get("d", "").count("M") == 9
    assert "3 × 3 = 9 arrows" in plain(stage("movie").parts["folded"].decode())
    assert all(f"edge-{t}" in frames("movie", "forward", t)[1].lit for t in range(1, 5))


def test_the_first_state_is_zeros_or_what_was_typed() -> None:
    assert cells("cat", "h-0") == ["0", "0", "0"]
    assert "all zeros" in told("cat", "forward", 2, 1)
    assert "0.604485" in told("cat", "output", 2)
    typed = stage_of(**CAT, initial_state=[0.1, -0.2, 0.3])
    assert [text for text in typed.sheet.cells["h0"].texts] == [".100", "−.200", ".300"]
    assert "0.60736" in plain(
        next(frame.caption for frame in typed.frames if (frame.phase, frame.part) == ("output", 2))
    )


def test_the_words_are_told_by_their_place_in_the_vocabulary() -> None:
    assert told("movie", "forward", 1, 4).startswith("“good” is word 3 of 5 in the vocabulary.")
    assert told("movie", "forward", 1, 3).startswith("“not” is word 5 of 5 in the vocabulary.")


def test_every_step_lights_the_same_weights() -> None:
    assert all("W_hh-all" in frames("movie", "forward", t)[1].lit for t in range(1, 5))
    assert sum(part == "W_hh-all" for part in by_id("movie")) == 1


@pytest.mark.parametrize("words", ["movie was good", "movie was not good", "movie was not good " * 5])
def test_the_count_of_parameters_does_not_know_the_length_of_the_sentence(words: str) -> None:
    found = stage_of(sentence=words)
    assert "It has 31 numbers to learn; a longer sentence" in plain(found.frames[0].caption)


@pytest.mark.parametrize(
    "name", ["movie", "cat", "cat, outside", "eight units", "relu", "typed state", "one unit"]
)
def test_captions_tell_the_runs_numbers(name: str) -> None:
    found = stage(name).run
    forward, back, change = found.forward, found.backward, found.update
    assert f"z = {long(float(forward.logit[0]))}" in told(name, "output", 1)
    assert f"ŷ = {long(float(forward.y_hat[0]))}" in told(name, "output", 2)
    assert f"The loss is {long(found.loss)}." in told(name, "loss", 1)
    assert long(float(back.d_y_hat[0])) in told(name, "loss", 2)
    assert long(float(back.d_h_norm[-1])) in told(name, "outback", 3)
    for t in range(1, stage(name).outline.steps + 1):
        before, after = float(back.d_h_norm[t - 1]), float(back.d_preactivation_norm[t - 1])
        assert f"from {short(before)} to {short(after)}, a factor of" in told(name, "back", 1, t)
    assert change.loss is not None
    assert f"from {long(found.loss)} to {long(change.loss)}" in told(name, "again", 2)
    assert f"promised {long(change.predicted_loss)}" in told(name, "again", 2)


def test_a_step_that_makes_it_worse_is_called_an_overshoot() -> None:
    worse = stage_of(**MOVIE, learning_rate=10)
    said = [plain(frame.caption) for frame in worse.frames if frame.phase == "again"]
    assert "1.28468 to 3.52116" in said[1] and "Overshoot" in said[1]
    assert "It fell." in told("movie", "again", 2)


def test_a_step_that_leaves_the_domain_is_told_in_words() -> None:
    (only,) = frames("nothing left of the step", "again")
    problem = stage("nothing left of the step").run.update.problem
    assert (only.title, plain(only.caption)) == ("The step left the domain.", problem)


def test_the_clipping_of_the_gradient_is_told() -> None:
    scale = stage("clipped").run.update.clip_scale
    assert f"all of it times {long(scale)}" in told("clipped", "update", 1)
    assert "clipped" not in told("movie", "update", 1)


def test_a_gradient_of_zero_does_not_move_anything() -> None:
    assert "It did not move." in told("no gradient", "again", 2)


def test_one_word_is_told_in_the_singular() -> None:
    text = " ".join(plain(frame.title + " " + frame.caption) for frame in stage("one word").frames)
    assert "1 copy from" in text and "1 coin, one gradient." in text and "used 1 time:" in text
    assert not re.search(r"\b1 (copies|coins|times|words|units)\b", text)


def test_a_very_long_sentence_goes_a_step_a_frame() -> None:
    name = "seventy steps"
    assert len(frames(name, "forward")) == len(frames(name, "back")) == 70
    assert len(frames("fifty steps", "forward")) == 200


def test_a_late_bias_takes_its_blame_before_the_slope() -> None:
    assert any("dh-2,dh-2,in-b_h-2" in group for group in frames("cat, outside", "back", 2)[1].fly)
    assert any("da-2,da-2,in-b_h-2" in group for group in frames("cat", "back", 2)[1].fly)


def test_one_unit_is_told_in_the_singular() -> None:
    (told,) = [plain(frame.caption) for frame in frames("one unit", "output") if frame.part == 1]
    assert "Its one unit times its weight, plus the bias, makes the logit z = " in told
    (told,) = [plain(frame.caption) for frame in frames("movie, no bias", "output") if frame.part == 1]
    assert "Its 3 units, each times its weight, make the logit z = " in told


def test_the_second_reading_says_whose_the_loss_in_the_plot_is() -> None:
    label = next(text for text in drawing("movie").iter("text") if text.text == "before the step")
    assert label.attrib["class"] == "note again"


def test_two_chains_take_their_steps_at_the_same_time_in_opposite_order() -> None:
    """Forward 1, 2, 3, 4 above while 4, 3, 2, 1 below; back 4 to 1 above while 1 to 4 below."""
    for phase, upper in (("forward", (1, 2, 3, 4)), ("back", (4, 3, 2, 1))):
        told = [frame.at for frame in frames("two ways", phase) if frame.part == 1]
        assert told == [(f"col-{t}", f"col_r-{5 - t}") for t in upper]


def test_the_readout_of_two_chains_shows_the_last_state_of_each() -> None:
    run_ = stage("two ways").run
    chains = run_.forward.chains
    assert cells("two ways", "h-4") == shorts(chains["left_to_right"].h[3])
    assert cells("two ways", "end_r-1") == shorts(chains["right_to_left"].h[0])
    assert run_.forward.readout_input.tolist() == pytest.approx(
        [*chains["left_to_right"].h[3], *chains["right_to_left"].h[0]]
    )


def test_the_lower_lane_shows_the_numbers_of_its_own_chain() -> None:
    run_ = stage("two ways").run
    forward, back = run_.forward.chains["right_to_left"], run_.backward.chains["right_to_left"]
    for t in range(1, 5):
        assert cells("two ways", f"h_r-{t}") == shorts(forward.h[t - 1])
        assert cells("two ways", f"da_r-{t}") == shorts(back.d_preactivation[t - 1])


def test_the_caption_of_two_chains_tells_the_step_of_each_with_its_numbers() -> None:
    found = stage("two ways").run
    upper, lower = (found.forward.chains[name] for name in ("left_to_right", "right_to_left"))
    first = f"Above, unit 1 of h2\u2192 is {short(upper.h[1, 0])}; below, unit 1 of h3\u2190 is "
    assert told("two ways", "forward", 4, 2).endswith(first + f"{short(lower.h[2, 0])}.")
    pulse = found.backward.chains["right_to_left"]
    sizes = [short(norm[0]) for norm in (pulse.d_h_norm, pulse.d_preactivation_norm)]
    assert told("two ways", "back", 1, 4).endswith(
        f"Below, at \u201cmovie\u201d, step 1, the pulse goes from {sizes[0]} to {sizes[1]}."
    )


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("task", ["sentiment", "next_word"])
@pytest.mark.parametrize("steps", [4, 70])
def test_no_frame_of_two_chains_leaves_the_lower_one_untold(cell: str, task: str, steps: int) -> None:
    words = " ".join(["movie was not good"] * 18).split()[:steps]
    found = stage_of(sentence=" ".join(words), cell=cell, task=task, bidirectional=True)
    for frame in found.frames:
        if frame.phase in ("forward", "back"):
            lower = plain(frame.caption).rpartition("elow, ")[2]
            assert lower and re.search(r"\d", lower), frame
