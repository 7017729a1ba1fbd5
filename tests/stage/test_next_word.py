"""A word predicted at every step, on the stage: whatever cell reads, whatever the sizes."""

from __future__ import annotations

from functools import cache
from itertools import groupby, pairwise
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from app.experiments.experiment import Experiment
from app.experiments.run import run
from app.numerals import long, short
from app.stage.bands import by_distance
from app.stage.frame import PHASES
from app.stage.next_word.reading import chances, losses_again
from app.stage.numbers import shorts
from app.stage.stage import Stage
from tests.stage.cases import HOSTILE, LECTURE, TWELVE, directly, drawing_of, named, plain
from tests.stage.minted import minted

MOVIE = {"sentence": "movie was not good", **LECTURE}
CASES: dict[str, dict[str, Any]] = {
    "movie": MOVIE,
    "two words": {"sentence": "good bad", "hidden_size": 1},
    "outside": {"sentence": "movie was bad", "bias": "outside"},
    "no bias": {"sentence": "movie was bad", "bias": "none"},
    "one word over and over": {"sentence": "a a a", "corpus": "custom", "vocabulary": ["a"]},
    "many words": {"sentence": TWELVE, "hidden_size": 4},
    "many units": {"sentence": TWELVE, "hidden_size": 12, "activation": "relu"},
    "seventy steps": {"sentence": " ".join(f"w{k % 60}" for k in range(70)), "hidden_size": 2},
    "hostile": {"sentence": HOSTILE},
    "lstm": {"sentence": "movie was not good", "cell": "lstm"},
    "gru": {"sentence": "movie was not good", "cell": "gru"},
    "gru, long": {"sentence": TWELVE * 2, "cell": "gru", "hidden_size": 9},
    "two chains": {"sentence": "movie was not good", "bidirectional": True},
    "two lstm chains": {"sentence": TWELVE, "bidirectional": True, "cell": "lstm"},
    "sure": {"sentence": "good bad good", "edits": [
        {"name": "readout.b_y", "index": [3], "value": 900}]},
}  # fmt: skip
NAMES = tuple(CASES)


@cache
def stage(name: str) -> Stage:
    return Stage(run(Experiment(task="next_word", **CASES[name])))


@cache
def by_id(name: str) -> dict[str, ElementTree.Element]:
    page = drawing_of(stage(name))
    found = [element for element in page.iter() if "id" in element.attrib]
    assert len({element.attrib["id"] for element in found}) == len(found)
    return {element.attrib["id"]: element for element in found}


def numbers(name: str, group: str) -> list[str]:
    return [
        cell.findtext("text") or ""
        for cell in by_id(name)[group].iter("g")
        if "c" in cell.get("class", "").split()
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_part_that_a_frame_names_is_drawn(name: str) -> None:
    drawn = by_id(name).keys() | minted(drawing_of(stage(name))).keys()
    for frame in stage(name).frames:
        missing = {*named(frame), *frame.at} - drawn
        assert not missing, (frame.phase, frame.t, frame.part)


@pytest.mark.parametrize("name", NAMES)
def test_every_number_becomes_known_in_one_frame(name: str) -> None:
    fresh = [part for frame in stage(name).frames for part in frame.new]
    assert len(fresh) == len(set(fresh))
    steps = range(1, len(stage(name).run.words) + 1)
    kinds = ("h", "z", "y", "dz", "own", "beyond", "dh", "norm", "loss", "pulse", "slot-W_hy", "x")
    assert {f"{kind}-{t}" for kind in kinds for t in steps} <= set(fresh)


@pytest.mark.parametrize("name", NAMES)
def test_frames_stand_in_the_order_of_their_parts_and_time_runs_both_ways(name: str) -> None:
    found = stage(name).frames
    for _, group in groupby(found, key=lambda frame: (frame.phase, frame.t)):
        frames = list(group)
        assert [frame.part for frame in frames] == list(range(1, frames[0].parts + 1))
        assert {frame.parts for frame in frames} == {frames[0].parts}
    steps = len(stage(name).run.words)
    there, back = list(range(1, steps + 1)), list(range(steps, 0, -1))
    order = {"forward": there, "output": there, "loss": there, "outback": back, "back": back}
    for phase, expected in order.items():
        assert [t for t, _ in groupby(frame.t for frame in found if frame.phase == phase)] == expected
    assert {frame.phase for frame in found} == set(PHASES)


@pytest.mark.parametrize("name", NAMES)
def test_a_filled_blank_is_what_is_drawn_from_the_numbers_themselves(name: str) -> None:
    found = stage(name)
    assert {part: body.decode() for part, body in found.parts.items()} == directly(found)


def test_runs_of_a_shape_share_a_blank_whatever_their_target() -> None:
    one, other = (
        Stage(run(Experiment(task="next_word", sentence=text, target=target)))
        for text, target in (("movie was good", 0), ("good was bad", 1))
    )
    assert one.blank is other.blank and one.parts != other.parts


@pytest.mark.parametrize("name", ["movie", "lstm", "gru"])
def test_a_foot_shows_the_runs_numbers(name: str) -> None:
    found = stage(name).run
    for t in range(1, 5):
        assert numbers(name, f"z-{t}") == shorts(found.forward.logit[t - 1])
        assert numbers(name, f"y-{t}") == shorts(found.forward.y_hat[t - 1])
        assert numbers(name, f"dz-{t}") == shorts(found.backward.d_logit[t - 1])
        assert numbers(name, f"own-{t}") == shorts(found.backward.d_input[t - 1])
    assert plain(ElementTree.tostring(by_id(name)["loss-2"], "unicode")).endswith(
        short(found.losses[1]) + f"L2 = {short(found.losses[1])} \u2192 {short(losses_again(found)[1])}"
    )


def test_a_large_vocabulary_shows_the_likeliest_words_and_the_one_that_comes() -> None:
    found = stage("many words").run
    for t, word in enumerate(found.ids[1:], 1):
        rows = [cell.get("data-part") for cell in by_id("many words")[f"y-{t}"].iter("g") if "c" in
                cell.get("class", "").split()]  # fmt: skip
        ranked = np.argsort(-found.forward.y_hat[t - 1], kind="stable")[:5]
        assert {f"y-{t}.{best}" for best in ranked} <= set(rows) and f"y-{t}.{word}" in rows
        aimed = [cell for cell in by_id("many words")[f"y-{t}"].iter("g") if "aim" in cell.get("class", "")]
        assert [cell.get("data-part") for cell in aimed] == [f"y-{t}.{word}"]


@pytest.mark.parametrize("name", NAMES)
def test_the_blame_of_a_state_is_its_own_losss_and_what_comes_back(name: str) -> None:
    found = stage(name).run
    for k, (chain, back) in enumerate(found.backward.chains.items()):
        units = back.d_h.shape[1]
        own = found.backward.d_input[:, k * units : (k + 1) * units]
        assert own + back.d_h_carried == pytest.approx(back.d_h, abs=1e-14), chain
    assert not found.backward.d_h_carried[-1].any() and not found.backward.d_input[-1].any()


def test_a_chain_from_right_to_left_hears_later_losses_from_its_left() -> None:
    carried = stage("two chains").run.backward.chains["right_to_left"].d_h_carried
    assert not carried[0].any() and carried[1:].any(axis=1).all()


def test_what_comes_back_from_later_losses_is_what_they_alone_would_bring() -> None:
    """Only one later loss reaches the second state, and it counts a third in their mean."""
    found = stage("movie").run
    assert 3 * np.linalg.norm(found.backward.d_h_carried[1]) == pytest.approx(
        found.credit["left_to_right"][2, 1], rel=1e-12
    )


def test_the_second_pass_is_judged_word_by_word() -> None:
    found = stage("movie").run
    again = found.update.forward
    assert again is not None
    expected = [-np.log(again.y_hat[t, word]) for t, word in enumerate(found.ids[1:])]
    assert losses_again(found) == pytest.approx([*expected, 0.0])
    assert losses_again(found).sum() / 3 == pytest.approx(found.update.loss)


def told(name: str, phase: str, t: int, part: int) -> str:
    frames = stage(name).frames
    frame = next(f for f in frames if (f.phase, f.t, f.part) == (phase, t, part))
    return plain(frame.caption) + plain(frame.formula)


def test_the_frames_tell_the_runs_numbers() -> None:
    found = stage("movie").run
    assert found.losses is not None
    share = float(chances(found)[0])
    assert f"−lny^1,y=−ln{long(share)}={long(float(found.losses[0]))}" in told("movie", "loss", 1, 1)
    assert told("movie", "loss", 4, 2).endswith(f"={long(found.loss)}")
    assert "no loss" in told("movie", "loss", 4, 1)
    own, later = (short(float(np.linalg.norm(part[1]))) for part in
                  (found.backward.d_input, found.backward.d_h_carried))  # fmt: skip
    assert f"its own loss with {own}, by later ones with {later}" in told("movie", "back", 2, 1)


def test_a_share_that_rounds_to_one_is_judged_by_its_logits() -> None:
    assert "ln∑kez1,k−(" in told("sure", "loss", 1, 1)


def test_the_pulse_in_a_gap_is_as_wide_as_what_comes_back() -> None:
    found = stage("movie")
    norms, back = found.sheet.cells["norm owed"].texts, found.run.backward
    assert norms == shorts(np.linalg.norm(back.d_h_carried, axis=1))
    edges = [float(text) for text in found.sheet.lines["band over"]]
    assert edges[0] == edges[3] or edges == sorted(edges[:4]) + edges[4:]
    for t in range(1, 4):
        over = edges[4 * t : 4 * t + 4]
        assert over == sorted(over)


def test_bands_gather_a_steps_losses_by_their_distance() -> None:
    found = stage("seventy steps")
    credit, lane = found.run.credit["left_to_right"], found.shape.lanes[0]
    lengths = by_distance(credit, lane)
    assert lengths.sum(axis=1) == pytest.approx(credit.sum(axis=0))
    assert lengths[:, 0] == pytest.approx(np.diagonal(credit))
    assert lengths[3, 3] == pytest.approx(credit[6:, 3].sum())


@pytest.mark.parametrize("name", ["movie", "lstm"])
def test_the_readout_pays_step_by_step(name: str) -> None:
    found = stage(name)
    assert {"W_hy", "b_y"} <= set(found.shape.shared) and not found.shape.whole
    norms = found.run.gradients["readout"]["W_hy"].norms
    assert found.sheet.cells["norms W_hy"].texts == shorts(norms)
    paid = [frame.t for frame in found.frames if "coin-W_hy-2" in frame.on]
    assert paid == [2]
    assert found.sheet.cells["in-W_hy"].texts == shorts(found.run.gradients["readout"]["W_hy"].terms)


def test_losses_do_not_reach_the_future_and_no_frame_says_so() -> None:
    credit = stage("movie").run.credit["left_to_right"]
    assert not np.triu(credit, 1).any()


@pytest.mark.parametrize("name", NAMES)
def test_no_number_is_missing(name: str) -> None:
    text = b"".join(stage(name).parts.values()).decode().lower()
    assert ">nan<" not in text and ">inf<" not in text and "\x02" not in text
    for one, other in pairwise(stage(name).frames):
        assert (one.phase, one.t, one.part) != (other.phase, other.t, other.part)
